import assert from "node:assert/strict";
import { be32, join, Op, Session, Socket, Sockets, Type, u32 } from "../../protocols/index.js";
import type { Bytes } from "../../protocols/index.js";
import { flowOf } from "../../soak/flows.js";
import { carryOut } from "../../soak/plan.js";
import type { Deed, Plan } from "../../soak/plan.js";
import { EventQueue } from "../../soak/queue.js";
import { random } from "../../soak/random.js";
import { smallest } from "../../soak/smallest.js";
import { soak } from "../../soak/soak.js";
import type { Soaked } from "../../soak/soak.js";
import { Tally } from "../../soak/tally.js";
import { CLEAN } from "../../soak/wire.js";

const FIRST = 1_000;

describe("the soak", () => {
  const seeds = Array.from({ length: 12 }, (_, i) => FIRST + i);
  let done: Soaked[];
  before(function () {
    this.timeout(60_000);
    done = seeds.map((seed) => soak(seed, 1));
  });

  for (const [i, seed] of seeds.entries())
    it(`breaks no promise in an hour of seed ${seed}`, () => {
      const { failure, hours } = done[i]!;
      assert.equal(failure, undefined);
      assert.ok(hours >= 1);
    });

  it("does the same for the same seed, with a key and without, and something else for another", () => {
    const [first, again, other] = [7, 7, 8].map((seed) => soak(seed, 0.5));
    assert.equal(first!.digest, again!.digest);
    assert.notEqual(first!.digest, other!.digest);
    const { counts } = first!;
    assert.ok(counts["sessions with a key"] && counts["sessions without a key"], JSON.stringify(counts));
  });

  it("lets everything happen that befalls a link", () => {
    const tally = new Tally();
    for (const { counts } of done) tally.add(counts);
    const expected = [
      ...[
        "frames lost",
        "frames doubled",
        "frames overtaken",
        "bits flipped",
        "bytes left out",
        "bytes put in",
        "noise",
      ],
      ...["silences of the host", "silences of the board", "pieces into silence", "kills", "kills that one is told of"],
      ...["switches to tcp", "switches to udp", "switches to serial", "reboots of the host", "reboots of the board"],
      ...["slow readers", "dead readers", "plans with drifting clocks", "sessions that went on", "resets"],
      ...[
        "urgent bytes",
        "urgent marks",
        "options answered",
        "crowds",
        "sessions with a key",
        "sessions without a key",
      ],
      ...["streams", "datagram sockets", "raw sockets", "rdm sockets", "seqpacket sockets"],
    ];
    for (const what of expected) assert.ok(tally.counts[what], `${what}: ${String(tally)}`);
  });
});

/** A plan in which streams and messages go both ways through a bad link. */
function plan(medium: Plan["medium"]): Plan {
  const faults = { ...CLEAN, drop: 0.1, corrupt: 0.1, double: 0.1, delay: 5 };
  const open = (type: Type): Deed => ({
    after: 300,
    do: "open",
    opening: { by: "host", type, priority: 0, receiveBuffer: 2000, answer: "accept", pace: "at once", source: false },
  });
  const send = (socket: number): Deed => ({ after: 400, do: "send", socket, by: "host", bytes: 3000 });
  const deeds: Deed[] = [
    { after: 500, do: "suffer", side: "host", faults },
    ...[Type.stream, Type.rdm, Type.seqpacket].map(open),
    ...[0, 1, 2, 0, 1, 2].map(send),
    ...[true, false, true].map((byte): Deed => ({ after: 300, do: "urge", socket: 0, by: "host", byte })),
    { after: 300, do: "ask", socket: 1, by: "host", times: 8 },
    { after: 10_000, do: "end", socket: 0, by: "host" },
  ];
  return { seed: 5, medium, keyed: false, rates: { host: 1, board: 1.01 }, deeds };
}

/** Runs with one method of a class replaced. */
function sabotaged<T extends object>(of: T, method: keyof T, make: (real: any) => any, run: () => void): void {
  const real = of[method];
  of[method] = make(real);
  try {
    run();
  } finally {
    of[method] = real;
  }
}

describe("the soak's checker", () => {
  it("finds nothing wrong with a plan that runs as it should", () => {
    for (const medium of ["tcp", "udp", "serial"] as const) carryOut(plan(medium));
  });

  let calls = 0;
  const nth = (n: number): boolean => ++calls % n === 0;
  const faults: [string, object, string, (real: any) => any, RegExp][] = [
    [
      "bytes are left out",
      Sockets.prototype,
      "frame",
      (real) =>
        function (this: Sockets, word: number, ...rest: unknown[]) {
          if (word >> 13 !== 2 || !nth(5)) real.call(this, word, ...rest);
        },
      /are not what was sent|the end came after|are open after|was to end at/,
    ],
    [
      "bytes come twice",
      Sockets.prototype,
      "frame",
      (real) =>
        function (this: Sockets, word: number, ...rest: unknown[]) {
          real.call(this, word, ...rest);
          if (word >> 13 === 2 && nth(5)) real.call(this, word, ...rest);
        },
      /are not what was sent|but only \d+ were sent|sent more than its credit|goes beyond/,
    ],
    [
      "a session ends without a reason",
      Session.prototype,
      "receive",
      (real) =>
        function (this: Session, chunk: unknown, now: number) {
          if (nth(50)) this.endSession("ETIMEDOUT: nothing was heard for 30 s");
          real.call(this, chunk, now);
        },
      /a session ended with .* but the other side was heard/,
    ],
    ["an urgent byte is lost", Socket.prototype, "urgent", () => () => true, /the end came before urgent byte/],
    [
      "an urgent byte has another place",
      Socket.prototype,
      "urgent",
      (real) =>
        function (this: Socket, data: Bytes) {
          const taken: unknown = real.call(this, data);
          this.oob = join(be32(u32(this.oob!, 0) + 1), data);
          return taken;
        },
      /urgent byte 0 at \d+ was not sent, or came twice/,
    ],
    [
      "an option is not answered",
      Sockets.prototype,
      "tell",
      (real) =>
        function (this: Sockets, channel: number, control: Bytes) {
          if (control[0] !== Number(Op.answer) || !nth(3)) real.call(this, channel, control);
        },
      /answer \d came, but \d is next/,
    ],
    ["nobody is told of the end", Sockets.prototype, "abandoned", () => () => undefined, /are open after/],
  ];
  for (const [what, of, method, make, expected] of faults)
    it(`notices when ${what}`, () => {
      calls = 0;
      const run = (): void => {
        const { deeds, ...rest } = plan("serial");
        carryOut({ ...rest, deeds: [...deeds, { after: 3000, do: "reboot", side: "host", ms: 100 }] });
      };
      sabotaged(of as never, method as never, make, () => assert.throws(run, expected));
    });

  const flows: [string, Type, (send: (n: number) => Uint8Array) => Uint8Array[], RegExp][] = [
    ["a stream that lost a byte", Type.stream, (send) => [send(300).subarray(1)], /are not what was sent/],
    ["a stream that lost its beginning", Type.stream, (send) => [send(3), send(3), send(1)].slice(1), /not what/],
    ["a raw socket out of turn", Type.raw, (send) => [send(9), send(9)].reverse(), /came as the one after/],
    ["an rdm message that comes twice", Type.rdm, (send) => Array<Uint8Array>(2).fill(send(9)), /came twice/],
    ["half a message", Type.datagram, (send) => [send(9).subarray(0, 5)], /instead of 9/],
  ];
  for (const [what, type, make, expected] of flows)
    it(`notices ${what}`, () => {
      const flow = flowOf(type, 1);
      const said = make((n) => flow.make(n)).map((data) => flow.came(data));
      assert.match(said.join(), expected);
    });

  it("notices an urgent byte that comes twice", () => {
    const flow = flowOf(Type.stream, 1);
    flow.make(7);
    const data = flow.urge(true);
    assert.equal(flow.cameUrgent(data, 7), "");
    assert.match(flow.cameUrgent(data, 7), /urgent byte 0 at 7 was not sent, or came twice/);
  });

  it("knows where a record ends", () => {
    const flow = flowOf(Type.seqpacket, 1);
    const data = flow.make(10);
    assert.equal(flow.mark(), 10);
    assert.equal(flow.came(data.subarray(0, 9)), "");
    assert.match(flow.cameMark(9), /was to end at 10/);
  });
});

describe("a plan that fails", () => {
  it("is made as small as it can be, and its deeds stay where they are in time", () => {
    const kinds = (deeds: Deed[]): string => deeds.map((deed) => deed.do).join(" ");
    const when = (deeds: Deed[]): number => deeds.reduce((sum, { after }) => sum + after, 0);
    const whole = plan("udp");
    const deeds = whole.deeds.flatMap((deed): Deed[] => [deed, { after: 50, do: "close" }, deed]);
    const at = when(deeds);
    // It fails with what opens a socket, and later ends one at this time.
    const small = smallest({ ...whole, deeds, keyed: true }, (other) => {
      const [last, ...before] = other.deeds.toReversed();
      return last?.do === "end" && when(other.deeds) === at && before.some((deed) => deed.do === "open");
    });
    assert.equal(kinds(small.deeds), "open end");
    assert.deepEqual([small.keyed, small.rates.board], [false, 1]);
  });
});

describe("the event queue", () => {
  it("keeps the order of time, and of putting in", () => {
    const queue = new EventQueue();
    const rand = random(3);
    const ran: [number, number][] = [];
    for (let i = 0; i < 2000; i++) {
      const at = Math.floor(rand() * 50);
      queue.put(at, () => ran.push([at, i]));
    }
    while (queue.step());
    assert.equal(ran.length, 2000);
    assert.ok(
      ran.every(([at, i], n) => n === 0 || at > ran[n - 1]![0] || (at === ran[n - 1]![0] && i > ran[n - 1]![1])),
    );
  });
});
