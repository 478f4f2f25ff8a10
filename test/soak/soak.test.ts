import assert from "node:assert/strict";
import { Session, Sockets, Type } from "../../protocols/index.js";
import { flowOf } from "../../soak/flows.js";
import { carryOut } from "../../soak/plan.js";
import type { Deed, Plan } from "../../soak/plan.js";
import { EventQueue } from "../../soak/queue.js";
import { random } from "../../soak/random.js";
import { smallest } from "../../soak/smallest.js";
import { soak } from "../../soak/soak.js";
import { CLEAN } from "../../soak/wire.js";

const FIRST = 1_000;

describe("the soak", () => {
  for (let seed = FIRST; seed < FIRST + 12; seed++)
    it(`breaks no promise in an hour of seed ${seed}`, () => {
      const { failure, hours } = soak(seed, 1);
      assert.equal(failure, undefined);
      assert.ok(hours >= 1);
    });

  it("does the same for the same seed, and something else for another", () => {
    const [first, again, other] = [7, 7, 8].map((seed) => soak(seed, 0.5).digest);
    assert.equal(first, again);
    assert.notEqual(first, other);
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
          if (nth(50)) this.end("ETIMEDOUT: nothing was heard for 30 s");
          real.call(this, chunk, now);
        },
      /a session ended with .* but the other side was heard/,
    ],
    ["nobody is told of the end", Sockets.prototype, "closed", () => () => undefined, /are open after/],
  ];
  for (const [what, of, method, make, expected] of faults)
    it(`notices when ${what}`, () => {
      calls = 0;
      const run = (): void => {
        const { deeds, ...rest } = plan("serial");
        carryOut({ ...rest, deeds: [...deeds, { after: 100, do: "reboot", side: "host", ms: 100 }] });
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
