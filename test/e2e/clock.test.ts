import assert from "node:assert/strict";
import type { Duplex } from "node:stream";
import { AF_NETLINK, connect, SO_TIMESTAMP, SOCK_STREAM, socketsOf, SOL_SOCKET } from "../../host/index.js";
import type { BoardClock } from "../../host/index.js";
import { severed } from "../support/severed.js";
import { everyByte } from "./payloads.js";
import { linkKinds, Rig, withFirmware } from "./rig.js";

const KEY = Uint8Array.from({ length: 32 }, (_, i) => 255 - i);

/** Between power-on and the moment from which the firmware counts, at the most, in ms. */
const START = 0.3;

const DRIFTS = [50e-6, -0.01, 0.01];

/** Which way, and what the median and the most of what is stated in the first seconds may be, in ms. */
const BULK = { "to the host": [8, 10], "to the board": [8, 10], "both ways": [12, 14] };

/** Within what the clock says, at a moment up to 10 s ago? @returns how wrong it says it may be, in ms */
function check(rig: Rig, clock: BoardClock, started: number, age: number): number {
  const tick = rig.boardClock.now() - started - age;
  const truth = rig.clock.now() - (age * rig.clock.now()) / rig.boardClock.now();
  const { utc, uncertainty } = clock.toUtc(tick);
  assert.ok(Math.abs(utc - truth) <= uncertainty + START, `${utc - truth} ms off, ${uncertainty} ms said`);
  return uncertainty;
}

/** Writes for ever. */
function fill(socket: Duplex): void {
  const write = (): void => {
    while (socket.write(Buffer.alloc(4096)));
  };
  socket.on("error", () => undefined).on("drain", write);
  write();
}

/** Twice a second. @returns the median of what is said */
async function watch(...all: Parameters<typeof watched>): Promise<number> {
  const said = await watched(...all);
  return said[said.length >> 1]!;
}

/** @returns what is said, the least first */
async function watched(rig: Rig, clock: BoardClock, ms: number, started = 0): Promise<number[]> {
  const said: number[] = [];
  for (const end = rig.clock.now() + ms; rig.clock.now() < end;) {
    await rig.run(473);
    for (const age of [0, 30, 10_000 * Math.abs(Math.sin(end - rig.clock.now()))])
      if (age < rig.boardClock.now() - started) said.push(check(rig, clock, started, age));
  }
  return said.sort((a, b) => a - b);
}

describe("end to end: the board's clock", function () {
  this.timeout(60_000);
  withFirmware();

  for (const kind of linkKinds)
    it(`${kind}: holds what it says, with a key or none, at every drift, while a page prints`, async function () {
      const medians: number[] = [];
      for (const [seed, drift] of DRIFTS.entries()) {
        const network = { latency: 2, faults: kind === "udp" ? { loss: 0.05, duplicate: 0.05, reorder: 0.05 } : {} };
        const rig = new Rig({ drift, seed: seed + 1, network, ...(seed > 0 && { key: KEY }) });
        const host = await rig.connect(kind);
        const clock = await rig.during(host.clock());
        medians.push(await watch(rig, clock, 30_000));
        const job = host.printer("printer0").print(everyByte(60_000));
        medians.push(await watch(rig, clock, 6000));
        await rig.during(job);
        clock.dispose();
        if (rig.network.faults.loss) Object.assign(rig.network.faults, { loss: 0, duplicate: 0, reorder: 0 });
        await rig.finish(kind === "udp" ? { discarded: { least: 0 }, forged: { least: 0 } } : {});
      }
      const worst = Math.max(...medians);
      this.test!.title += `: ± ${worst.toFixed(1)} ms (median)`;
      assert.ok(worst < (kind === "serial" ? 10 : 5), medians.join());
    });

  for (const [how, [usual, most]] of Object.entries(BULK))
    it(`serial, 115200 baud, full of bulk ${how}: holds what it says`, async function () {
      const serial = { uart: "Serial2", baud: 115_200, path: "/dev/null" };
      const medians: number[] = [];
      for (const [seed, drift] of [50e-6, -0.01].entries()) {
        const rig = new Rig({ drift, seed: seed + 1, links: ["serial"], config: { links: { serial } } });
        const host = await rig.connect("serial");
        const clock = await rig.during(host.clock());
        if (how !== "to the board") (await rig.during(host.open(":chargen"))).resume();
        if (how !== "to the host") fill(await rig.during(host.open(":discard")));
        await rig.run(1000);
        const said = await watched(rig, clock, 8000);
        assert.ok(said.at(-1)! < most!, `seed ${seed + 1}: ${said.at(-1)} ms`);
        medians.push(said[said.length >> 1]!);
        clock.dispose();
        await rig.finish();
      }
      const worst = Math.max(...medians);
      this.test!.title += `: ± ${worst.toFixed(1)} ms (median)`;
      assert.ok(worst < usual!, medians.join());
    });

  it("serial, at the speed of espruino-wifi, while a page prints: a frame that is made behind an answer shifts nothing", async () => {
    const rig = new Rig({ like: "espruino-wifi", links: ["serial"] });
    const host = await rig.connect("serial");
    const clock = await rig.during(host.clock());
    const job = host.printer("printer0").print(everyByte(20_000));
    const start = { least: -Infinity, most: Infinity };
    for (let i = 0; i < 20; i++) {
      await rig.run(237);
      const { utc, uncertainty } = clock.toUtc(0);
      start.least = Math.max(start.least, utc - uncertainty);
      start.most = Math.min(start.most, utc + uncertainty);
      assert.ok(start.least <= start.most, `${start.least - start.most} ms apart`);
    }
    assert.equal(clock.counters.contradictions, 0);
    clock.dispose();
    await rig.during(job);
    // A queue that was full may have cut a frame, which goes again.
    await rig.finish({ discarded: { least: 0 } });
  });

  it("goes on over another link: kill TCP, carry on over serial, and back", async () => {
    const rig = new Rig({ drift: 0.01, key: KEY });
    const tcp = severed(rig.transport("tcp"));
    const line = severed(rig.transport("serial"));
    const host = await rig.during(connect([tcp.transport, line.transport], { clock: rig.clock, key: KEY }));
    const clock = await rig.during(host.clock());
    await watch(rig, clock, 20_000);
    const { boot } = clock;
    const dial = rig.network.dial.bind(rig.network);
    for (const [cut, dialled] of [
      [tcp, () => assert.fail("ECONNREFUSED")],
      [line, dial],
    ] as const) {
      rig.network.dial = dialled;
      cut.cut();
      await watch(rig, clock, 20_000);
    }
    assert.equal(clock.boot, boot);
    assert.deepEqual([clock.counters.restarts, clock.counters.contradictions], [0, 0]);
    assert.ok(clock.measuredAt > rig.clock.now() - 16_000);
    clock.dispose();
    await rig.during(host.close());
  });

  it("a board that lost its power has another clock, and no tick of it is taken for one of the old", async () => {
    const rig = new Rig({ drift: -0.01 });
    const host = await rig.connect("udp");
    const clock = await rig.during(host.clock());
    await watch(rig, clock, 5000);
    rig.board.powerCycle();
    const started = rig.boardClock.now();
    // The session that the board has forgotten has to be given up first.
    await rig.until(() => clock.counters.restarts === 1);
    await watch(rig, clock, 5000, started);
    clock.dispose();
    await rig.finish({ discarded: { least: 1 } });
  });

  it("netlink's records have their time in UTC, record by record", async () => {
    const rig = new Rig({ drift: 0.01 });
    const host = await rig.connect("serial");
    await rig.run(1000);
    const work = async (): Promise<void> => {
      const bsd = socketsOf(host);
      const s = bsd.socket(AF_NETLINK, SOCK_STREAM);
      await bsd.connect(s, "");
      await bsd.setsockopt(s, SOL_SOCKET, SO_TIMESTAMP, true);
      const records = [];
      for (let i = 0; i < 3; i++) records.push((await bsd.recvmsg(s, 10_000))!);
      assert.deepEqual(
        records.map(({ data }) => Object.keys(JSON.parse(String(data)) as object).find((key) => key !== "at")),
        ["config", "device", "counters"],
      );
      await rig.run(5000);
      await bsd.send(s, "\n");
      const asked = rig.clock.now();
      const { time, uncertainty } = (await bsd.recvmsg(s, 10_000))!.control.timestamp!;
      assert.ok(uncertainty !== null && uncertainty < 10, `${uncertainty} ms`);
      assert.ok(time > asked - uncertainty && time < rig.clock.now() + uncertainty, `${time - asked} ms after it`);
      await bsd.close(s);
    };
    await rig.during(work());
    await rig.finish();
  });
});
