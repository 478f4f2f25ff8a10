/** One seed: as many plans as make up its hours, and the smallest that fails. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { carryOut, MINUTES, plans } from "./plan.js";

/** Making a failing plan smaller ends after so long, in ms. */
const SHRINKING = 60_000;

export interface Soaked {
  /** Virtual hours. */
  hours: number;
  runs: number;
  frames: number;
  /** SHA-256 of all that happened. */
  digest: string;
  failure?: { text: string; plan: string };
}

export function soak(seed: number, hours: number): Soaked {
  const hash = createHash("sha256");
  const done = { hours: 0, runs: 0, frames: 0 };
  let failed = 0;
  const result = fc.check(
    fc.property(plans, (plan) => {
      if (failed && performance.now() > failed) return;
      try {
        const outcome = carryOut(plan);
        if (failed) return;
        hash.update(outcome.digest);
        done.hours += outcome.time / 3_600_000;
        done.runs++;
        done.frames += outcome.frames;
      } catch (error) {
        failed ||= performance.now() + SHRINKING;
        throw error;
      }
    }),
    { seed, numRuns: Math.max(1, Math.round((hours * 60) / MINUTES)) },
  );
  const digest = hash.digest("hex");
  if (!result.failed) return { ...done, digest };
  const error = result.errorInstance;
  return {
    ...done,
    digest,
    failure: {
      text: error instanceof Error ? (error.name === "Error" ? error.message : (error.stack ?? "")) : String(error),
      plan: JSON.stringify(result.counterexample?.[0]),
    },
  };
}
