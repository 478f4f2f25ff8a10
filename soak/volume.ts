/** One stream of so many GiB over a link that corrupts, drops, doubles and reorders: every byte is compared. */
import { Type } from "../protocols/index.js";
import { CLEAN } from "./wire.js";
import { SIDES, World } from "./world.js";

const GIB = 2 ** 30;

/** Written at once, in bytes. */
const PORTION = 2 ** 20;

/** Chances for each frame: about one in ten does not come as it was sent. */
const FAULTS = { ...CLEAN, drop: 0.03, corrupt: 0.04, double: 0.03, jitter: 4, delay: 2 };

export interface Carried {
  bytes: number;
  frames: number;
  /** Frames that were lost, changed or doubled. */
  hurt: number;
  /** Virtual hours. */
  hours: number;
  digest: string;
}

/** @throws Violation for the first byte that is not what was sent */
export function carry(gib: number, seed: number): Carried {
  const world = new World({ seed, medium: "udp", keyed: false, rates: { host: 1, board: 1 } });
  world.run(2000);
  for (const side of SIDES) world.suffer(side, FAULTS);
  const { programs } = world;
  programs.open({
    by: "host",
    type: Type.stream,
    priority: 0,
    receiveBuffer: 16_384,
    answer: "accept",
    pace: "at once",
    source: false,
  });
  world.run(4000);
  const writer = programs.pick(0, "host")!;
  const flow = world.checker.talks[0]!.flows.host;
  const all = Math.round(gib * GIB);
  for (let left = all; left > 0; left -= PORTION) {
    writer.write(Math.min(left, PORTION));
    world.until(() => writer.waiting < PORTION / 8, 600_000, "a portion is under way");
  }
  world.until(() => flow.received >= all, 600_000, "the last bytes are under way");
  const { hurt } = world;
  world.finish();
  return {
    bytes: flow.received,
    frames: world.frames,
    hurt,
    hours: world.queue.now / 3_600_000,
    digest: world.digest(),
  };
}
