/** A plan: a world, and what happens in it. Made and made smaller by fast-check. */
import fc from "fast-check";
import { Type } from "../protocols/index.js";
import type { Side } from "./checker.js";
import type { Opening } from "./programs.js";
import type { Pace } from "./programs.js";
import type { Counts } from "./tally.js";
import { CLEAN } from "./wire.js";
import type { Faults, Medium } from "./wire.js";
import { SIDES, World } from "./world.js";
import type { Setting } from "./world.js";

/** Virtual minutes of a plan, before everything comes to its end. */
export const MINUTES = 6;

/** One thing that happens, `after` ms after the one before it. */
export type Deed = { after: number } & (
  | { do: "open"; opening: Opening }
  | { do: "crowd"; opening: Opening; count: number }
  | { do: "send"; socket: number; by: Side; bytes: number }
  | { do: "end" | "reset"; socket: number; by: Side }
  | { do: "urge"; socket: number; by: Side; byte: boolean }
  | { do: "ask"; socket: number; by: Side; times: number }
  | { do: "read"; socket: number; by: Side; pace: Pace }
  | { do: "suffer"; side: Side; faults: Faults }
  | { do: "deaden"; sides: readonly Side[]; ms: number }
  | { do: "kill"; told: readonly Side[] }
  | { do: "switch"; to: Medium["name"] }
  | { do: "reboot"; side: Side; ms: number }
  | { do: "close" }
);

export interface Plan extends Setting {
  deeds: Deed[];
}

const side = fc.constantFrom(...SIDES);
const socket = fc.nat(7);
const medium = fc.constantFrom<Medium["name"]>("tcp", "udp", "serial");
const after = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 6, arbitrary: fc.nat(60) },
  { weight: 6, arbitrary: fc.nat(3000) },
  { weight: 1, arbitrary: fc.nat(40_000) },
);
const pace = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Pace>("at once") },
  { weight: 1, arbitrary: fc.constant<Pace>("never") },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 2000 }) },
);
/** Whole percents shrink fast. */
function percent(most: number): fc.Arbitrary<number> {
  return fc.nat(most).map((n) => n / 100);
}

const seldom = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: percent(10) },
  { weight: 1, arbitrary: percent(50) },
);
const wait = fc.oneof(fc.constant(0), fc.nat(30), fc.nat(300));
const faults: fc.Arbitrary<Faults> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(CLEAN) },
  {
    weight: 3,
    arbitrary: fc.record({
      drop: seldom,
      double: seldom,
      corrupt: seldom,
      noise: seldom,
      delay: wait,
      jitter: wait,
      split: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 70 })),
    }),
  },
);
const opening: fc.Arbitrary<Opening> = fc.record({
  by: side,
  type: fc.constantFrom(Type.stream, Type.stream, Type.datagram, Type.raw, Type.rdm, Type.seqpacket),
  priority: fc.nat(3),
  receiveBuffer: fc.oneof(fc.constant(1024), fc.integer({ min: 64, max: 4000 }), fc.constant(16_384)),
  answer: fc.constantFrom<Opening["answer"]>("accept", "accept", "accept", "later", "refuse"),
  pace,
  source: fc.boolean(),
});
const silence = fc.oneof(fc.nat(2000), fc.nat(40_000));

const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ after, do: fc.constant("open"), opening }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ after, do: fc.constant("crowd"), opening, count: fc.integer({ min: 9, max: 50 }) }),
  },
  {
    weight: 14,
    arbitrary: fc.record({
      after,
      do: fc.constant("send"),
      socket,
      by: side,
      bytes: fc.oneof(fc.integer({ min: 1, max: 700 }), fc.integer({ min: 1, max: 20_000 })),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ after, do: fc.constant("end"), socket, by: side }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ after, do: fc.constant("reset"), socket, by: side }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ after, do: fc.constant("urge"), socket, by: side, byte: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ after, do: fc.constant("ask"), socket, by: side, times: fc.integer({ min: 1, max: 16 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      after,
      do: fc.constant("read"),
      socket,
      by: side,
      pace,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ after, do: fc.constant("suffer"), side, faults }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      after,
      do: fc.constant("deaden"),
      sides: fc.subarray([...SIDES], { minLength: 1 }),
      ms: silence,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      after,
      do: fc.constant("kill"),
      told: fc.subarray([...SIDES]),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ after, do: fc.constant("switch"), to: medium }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      after,
      do: fc.constant("reboot"),
      side,
      ms: fc.nat(5000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ after, do: fc.constant("close") }) },
);

/** Clocks of cheap boards are off by up to 1 %. */
const rate = fc.oneof(
  fc.constant(1),
  fc.integer({ min: -10, max: 10 }).map((n) => 1 + n / 1000),
);

export const plans: fc.Arbitrary<Plan> = fc.record({
  seed: fc.nat(),
  medium,
  keyed: fc.constantFrom(false, false, true),
  rates: fc.record({ host: rate, board: rate }),
  deeds: fc.array(deed, { maxLength: 80, size: "max" }),
});

/** What came of a plan. */
export interface Outcome {
  /** Virtual time in ms. */
  time: number;
  frames: number;
  digest: string;
  /** What happened, and how often. */
  counts: Counts;
}

/** @throws Violation when a promise was broken */
export function carryOut(plan: Plan): Outcome {
  const world = new World(plan);
  let at = 0;
  for (const deed of plan.deeds) {
    at += deed.after;
    if (at > MINUTES * 60_000) break;
    world.run(at);
    perform(world, deed);
  }
  world.run(MINUTES * 60_000);
  world.finish();
  return {
    time: world.queue.now,
    frames: world.frames,
    digest: world.digest(),
    counts: world.tally.counts,
  };
}

function perform(world: World, deed: Deed): void {
  const { programs } = world;
  switch (deed.do) {
    case "open":
      return programs.open(deed.opening);
    case "crowd":
      // A board has places for eight.
      for (let i = 0; i < deed.count; i++) programs.open({ ...deed.opening, by: "host" });
      return world.tally.count("crowds");
    case "send":
      return programs.pick(deed.socket, deed.by)?.write(deed.bytes);
    case "end":
      return programs.pick(deed.socket, deed.by)?.finish();
    case "reset":
      return programs.pick(deed.socket, deed.by)?.reset();
    case "urge":
      return programs.pick(deed.socket, deed.by, Type.stream)?.urge(deed.byte);
    case "ask":
      for (let i = 0; i < deed.times; i++) programs.pick(deed.socket, deed.by)?.ask();
      return;
    case "read":
      return programs.pick(deed.socket, deed.by)?.read(deed.pace);
    case "suffer":
      return world.suffer(deed.side, deed.faults);
    case "deaden":
      return deed.sides.forEach((side) => world.deaden(side, deed.ms));
    case "kill":
      return world.kill(deed.told);
    case "switch":
      return world.switch(deed.to);
    case "reboot":
      return world.reboot(deed.side, deed.ms);
    case "close":
      return world.close();
  }
}
