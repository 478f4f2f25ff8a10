/** Gives all targets so many inputs. */
import { random } from "../random.js";
import { targets } from "./targets.js";

/** A target that takes longer for one input hangs, in ms. */
const LONGEST = 2000;

/** Bytes by which the heap may have grown at the end. */
const GROWTH = 64 * 1024 * 1024;

export interface Fuzzed {
  inputs: number;
  /** Inputs of each target. */
  each: number;
  targets: string[];
  /** What went wrong, with the seed of the target's inputs and the number of the one that did it. */
  failures: string[];
}

/** @param inputs for all targets together */
export async function fuzz(inputs: number, seed: number): Promise<Fuzzed> {
  const failures: string[] = [];
  const all = targets();
  const each = Math.ceil(inputs / all.length);
  const before = process.memoryUsage().heapUsed;
  let done = 0;
  for (const target of all) {
    const rand = random(seed);
    for (let i = 0; i < each; i++) {
      const start = performance.now();
      try {
        const trying = target.try(rand);
        if (trying) await trying;
      } catch (error) {
        failures.push(
          `${target.name}, seed ${seed}, input ${i}: ${error instanceof Error ? error.stack : String(error)}`,
        );
        break;
      }
      if (performance.now() - start > LONGEST)
        failures.push(`${target.name}, seed ${seed}, input ${i}: it took too long`);
      done++;
    }
  }
  const grown = process.memoryUsage().heapUsed - before;
  if (grown > GROWTH) failures.push(`the heap grew by ${(grown / 1024 / 1024).toFixed(0)} MiB`);
  return { inputs: done, each, targets: all.map(({ name }) => name), failures };
}
