import assert from "node:assert/strict";
import type { Board, BoardClock, Transport } from "../../host/index.js";
import { AF_DEVICE, connect, SO_TIMESTAMP, SOCK_DGRAM, socketsOf, SOL_SOCKET } from "../../host/index.js";
import { faulty } from "../../host/transport/faulty.js";
import { VirtualClock } from "../../simulator/clock.js";
import { random } from "../protocols/pair.js";
import { severed } from "../support/severed.js";
import type { Severed } from "../support/severed.js";
import { FakeBoard, SERIAL, TCP, UDP } from "./fake-board.js";
import { inTime } from "./time.js";

/** Bytes a ms of 115200 baud, 8N1. */
const LINE = 11.52;

/** The same of a network link of a small board: 60 kB a second. */
const RATE = 60;

/** What the host's clock says more than the world's: it is another clock. */
const AHEAD = 5_000_000;

/** The board's speed at a moment, against the host's. */
type Drift = (now: number) => number;

const DRIFTS: Record<string, Drift> = {
  none: () => 0,
  "50 ppm": () => 50e-6,
  "-50 ppm": () => -50e-6,
  "1 %": () => 0.01,
  "-1 %": () => -0.01,
  "50 ppm that wander": (now) => 50e-6 * Math.sin(now / 250_000),
};

/** Beside bulk, which takes long to simulate. */
const BULK_DRIFTS = ["-1 %", "50 ppm that wander"];

interface Line {
  transport(fake: FakeBoard, clock: VirtualClock, seed: number): Transport;
  /** The most that the median of the stated uncertainty may be, in ms: alone, and beside bulk. */
  median: [number, number];
}

const LINES: Record<string, Line> = {
  tcp: {
    transport: (fake, clock, seed) => jittery(fake.line(TCP, { delay: 1.5, rate: RATE }).transport, clock, seed, 2),
    median: [4, 8],
  },
  "udp, 5 % lost": {
    transport: (fake, clock, seed) =>
      faulty(
        fake.line(UDP, { delay: 1.5, rate: RATE }).transport,
        { drop: 0.05, reorder: 0.05, double: 0.05, seed },
        clock,
      ),
    median: [4, 8],
  },
  serial: {
    transport: (fake, clock, seed) =>
      jittery(fake.line({ ...SERIAL, byteTime: 1 / LINE }, { rate: LINE, waiting: 0 }).transport, clock, seed, 0.5),
    median: [5, 12],
  },
};

/** What arrives is late by up to `most` ms, in order. */
function jittery(inner: Transport, clock: VirtualClock, seed: number, most: number): Transport {
  const rand = random(seed);
  return {
    ...inner,
    open: (events, signal) => {
      let last = 0;
      const data = (bytes: Uint8Array): void => {
        last = Math.max(last, clock.now() + rand() * most);
        clock.after(last - clock.now(), () => events.data(bytes));
      };
      return inner.open({ ...events, data }, signal);
    },
  };
}

/** A world with a board whose clock is its own, and what it said when. */
class World {
  readonly clock = new VirtualClock();
  readonly fake = new FakeBoard(this.clock);
  /** A moment of the world and what the board's clock said then, every 10 ms. */
  private readonly ticks: [number, number][] = [];
  private tick = 3000;

  constructor(drift: Drift) {
    let at = this.clock.now();
    const advance = (now: number): number => {
      this.tick += (now - at) * (1 + drift(now));
      at = now;
      return this.tick;
    };
    this.fake.tick = () => advance(this.clock.now());
    const note = (): void => {
      this.ticks.push([this.clock.now(), this.fake.tick()]);
      this.clock.within(10, note);
    };
    note();
  }

  /** The host's clock: UTC is the world's time and five thousand seconds. */
  get hostClock() {
    const { clock } = this;
    return { now: () => clock.now(), after: clock.after.bind(clock), utc: () => clock.now() + AHEAD };
  }

  /** What the board's clock said `age` ms ago, and when that was. */
  past(age: number): { tick: number; utc: number } {
    const [at, tick] = this.ticks[Math.max(0, this.ticks.length - 1 - Math.round(age / 10))]!;
    return { tick, utc: at + AHEAD };
  }

  /** The board is started again. */
  restart(): void {
    for (const session of this.fake.sessions) session.die();
    this.fake.boot++;
    this.set(-this.fake.tick());
  }

  /** The board's clock is set forward by so many ms. */
  set(ms: number): void {
    this.tick += ms;
  }

  connect(transport: Transport): Promise<Board> {
    return inTime(this.clock, connect(transport, { clock: this.hostClock }));
  }
}

/** How far from the truth it was, and how far it said it might be, at moments of the next minutes and before them. */
async function watched(
  world: World,
  clock: BoardClock,
  ms: number,
  seed: number,
): Promise<{ off: number; said: number }[]> {
  const rand = random(seed);
  const checks: { off: number; said: number }[] = [];
  for (let end = world.clock.now() + ms; world.clock.now() < end;) {
    await world.clock.run(rand() * 400);
    for (const age of [0, rand() * 200, rand() * 20_000]) {
      const { tick, utc } = world.past(age);
      const said = clock.toUtc(tick);
      checks.push({ off: Math.abs(said.utc - utc), said: said.uncertainty });
    }
  }
  return checks;
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

describe("a board's clock", function () {
  this.timeout(60_000);

  for (const [name, line] of Object.entries(LINES))
    for (const bulk of [false, true])
      it(`${name}${bulk ? ", full of bulk" : ""}: the truth lies within the stated uncertainty`, async function () {
        const said: number[] = [];
        let worst = 0;
        const drifts = bulk ? BULK_DRIFTS : Object.keys(DRIFTS);
        for (const [seed, name] of drifts.entries()) {
          const world = new World(DRIFTS[name]!);
          const board = await world.connect(line.transport(world.fake, world.clock, seed + 1));
          const clock = await inTime(world.clock, board.clock());
          await world.clock.run(bulk ? 20_000 : 0);
          if (bulk) (await inTime(world.clock, board.open(":chargen"))).resume();
          const checks = await watched(world, clock, bulk ? 40_000 : 120_000, seed + 1);
          for (const check of checks) assert.ok(check.off <= check.said, `seed ${seed + 1}: ${JSON.stringify(check)}`);
          said.push(...checks.map((check) => check.said));
          worst = Math.max(worst, ...checks.map((check) => check.off));
          clock.dispose();
          await inTime(world.clock, board.close());
        }
        const usual = median(said);
        this.test!.title += ` in each of ${said.length} cases; median ${usual.toFixed(2)} ms, off by ${worst.toFixed(2)} at most`;
        assert.ok(usual <= line.median[bulk ? 1 : 0], `${usual} ms`);
      });

  describe("over a link without faults", () => {
    const LONG = 900_000;
    let world: World;
    let board: Board;
    let link: Severed;

    beforeEach(async () => {
      world = new World(() => 50e-6);
      link = severed(world.fake.line(TCP, { delay: 1 }).transport);
      board = await world.connect(link.transport);
    });
    afterEach(() => inTime(world.clock, board.close()));

    const asked = (): Promise<BoardClock> => inTime(world.clock, board.clock());
    const asksOf = (): number => world.fake.opened.filter((address) => address === ":clock").length;
    const truly = (clock: BoardClock): boolean => {
      const { tick, utc } = world.past(0);
      const said = clock.toUtc(tick);
      return Math.abs(said.utc - utc) <= said.uncertainty && said.uncertainty < 5;
    };

    it("tells the offset, the drift, and how wrong both may be", async () => {
      const clock = await asked();
      await world.clock.run(60_000);
      const { tick, utc } = world.past(0);
      assert.ok(Math.abs(clock.offset - (utc - tick)) <= clock.uncertainty, `${clock.offset - (utc - tick)}`);
      assert.ok(clock.uncertainty < 2, `${clock.uncertainty} ms`);
      assert.ok(Math.abs(clock.drift - 50e-6) <= clock.driftUncertainty && clock.driftUncertainty < 200e-6);
      assert.ok(utc - clock.measuredAt < 16_000 && clock.roundTrip >= 2 && clock.roundTrip < 2.2);
    });

    it("knows an answer that took the board 40 ms to send from the next one", async () => {
      world.fake.answering = 40;
      const clock = await asked();
      assert.ok(clock.uncertainty > 20, `${clock.uncertainty} ms`);
      await world.clock.run(60_000);
      const { tick, utc } = world.past(0);
      assert.ok(Math.abs(clock.offset - (utc - tick)) <= clock.uncertainty, `${clock.offset - (utc - tick)}`);
      assert.ok(clock.uncertainty < 2.5, `${clock.uncertainty} ms`);
      assert.ok(clock.counters.requests <= 31, JSON.stringify(clock.counters));
    });

    it("asks 20 times in the first 15 s and every 8 to 15 s in the end, however many want to know, and nothing when nobody does", async () => {
      const clocks = [await asked(), await asked(), await asked()];
      const { counters } = clocks[0]!;
      await world.clock.run(15_000 - 10);
      assert.ok(clocks[0]!.counters.requests - counters.requests <= 20, JSON.stringify(clocks[0]!.counters));
      await world.clock.run(60_000);
      const before = clocks[0]!.counters.requests;
      await world.clock.run(LONG);
      const during = clocks[0]!.counters.requests - before;
      assert.ok(during <= LONG / 8000 && during >= LONG / 15_000 - 1, `${during}`);
      clocks[0]!.dispose();
      clocks[1]![Symbol.dispose]();
      clocks[1]!.dispose();
      await world.clock.run(60_000);
      assert.ok(truly(clocks[2]!), "the last one is still served");
      clocks[2]!.dispose();
      const { requests } = clocks[2]!.counters;
      await world.clock.run(LONG);
      assert.equal(clocks[2]!.counters.requests, requests);
      assert.equal(asksOf(), 1);
      assert.ok(truly(await asked()), "and one that comes later");
    });

    it("asks seldom where what is known may become wrong by 10 ms, as for images, and at once when somebody wants to know it better", async () => {
      const coarse = await inTime(world.clock, board.clock(undefined, 10));
      await world.clock.run(15_000);
      assert.ok(coarse.counters.requests <= 10, JSON.stringify(coarse.counters));
      assert.ok(coarse.uncertainty < 12, `${coarse.uncertainty} ms`);
      await world.clock.run(40_000);
      const before = coarse.counters.requests;
      await world.clock.runUntil(() => coarse.counters.requests > before, 20_000);
      await world.clock.run(5000);
      const { requests } = coarse.counters;
      await world.clock.run(1000);
      assert.equal(coarse.counters.requests, requests, "in the middle of a long wait");
      const fine = await asked();
      await world.clock.run(10);
      assert.equal(fine.counters.requests, requests + 1);
      assert.ok(truly(fine));
      await world.clock.run(60_000);
      assert.ok(fine.counters.requests - requests >= 5, JSON.stringify(fine.counters));
      assert.ok(truly(coarse), "both have the same");
      await inTime(world.clock, assert.rejects(board.clock(undefined, NaN), { code: "EINVAL" }));
    });

    it("does not take the time of a board that was started again for that of the old one", async () => {
      const clock = await asked();
      await world.clock.run(10_000);
      const { tick, utc } = world.past(0);
      const { boot } = clock;
      world.restart();
      link.cut();
      const wrong: string[] = [];
      for (let i = 0; i < 100; i++) {
        await world.clock.run(20);
        const { tick, utc } = world.past(0);
        const said = clock.toUtc(tick);
        if (Math.abs(said.utc - utc) > said.uncertainty) wrong.push(JSON.stringify({ i, truth: utc, ...said }));
      }
      assert.deepEqual(wrong, []);
      assert.notEqual(clock.boot, boot);
      assert.equal(clock.counters.restarts, 1);
      assert.ok(truly(clock));
      assert.ok(utc - tick !== world.past(0).utc - world.past(0).tick);
    });

    it("sees that a clock was set: what came before counts no more", async () => {
      const clock = await asked();
      await world.clock.run(30_000);
      world.set(7);
      await world.clock.run(16_000);
      assert.equal(clock.counters.contradictions, 1);
      await world.clock.run(2000);
      assert.ok(truly(clock));
    });

    it("waits no longer than its signal says, and says when the board has no clock to tell", async () => {
      const gaveUp = new AbortController();
      world.fake.hidden.add(":clock");
      await inTime(world.clock, assert.rejects(board.clock(), { code: "ENODEV" }));
      world.fake.hidden.clear();
      const late = board.clock(gaveUp.signal);
      gaveUp.abort();
      await inTime(world.clock, assert.rejects(late, { code: "ECANCELED" }));
      await world.clock.run(60_000);
      assert.equal(world.fake.sessions[0]!.sockets.count, 0, "nobody is asked on its account");
      assert.ok(truly(await asked()));
    });

    it("messages bear the time of their making, which SO_TIMESTAMP tells in UTC", async () => {
      const bsd = socketsOf(board);
      const work = async (): Promise<void> => {
        const s = bsd.socket(AF_DEVICE, SOCK_DGRAM);
        await bsd.connect(s, ":clock");
        await bsd.setsockopt(s, SOL_SOCKET, SO_TIMESTAMP, true);
        for (let i = 0; i < 20; i++) {
          await bsd.send(s, "who");
          const before = world.past(0).utc;
          const { data, control } = (await bsd.recvmsg(s, 100))!;
          assert.equal(data.subarray(-3).toString(), "who");
          const { time, uncertainty } = control.timestamp!;
          // The board answered 1 ms after it was asked.
          assert.ok(Math.abs(time - before - 1) <= uncertainty! + 10, `${time - before}`);
          assert.ok(uncertainty! <= 1.5, `${uncertainty}`);
        }
        await bsd.close(s);
      };
      await inTime(world.clock, work());
      const socket = await inTime(world.clock, board.connect(":clock", { type: SOCK_DGRAM }));
      socket.send("you");
      const message = (await inTime(world.clock, socket.recv()))!;
      const [tick, now] = [message.from.tick!, world.past(0).tick];
      assert.ok(tick > now - 12 && tick <= now + 10, `${tick} ${now}`);
      assert.equal(message.data.length, 16 + 3);
      socket.close();
    });
  });
});
