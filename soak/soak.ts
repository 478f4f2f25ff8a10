/** One seed: as many plans as make up its hours, and the smallest that fails. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { Violation } from "./checker.js";
import { carryOut, MINUTES, plans } from "./plan.js";
import type { Plan } from "./plan.js";
import { smallest } from "./smallest.js";
import { Tally } from "./tally.js";
import type { Counts } from "./tally.js";

/** Making a failing plan smaller ends after so long, in ms. */
const SHRINKING = 30_000;

export interface Soaked {
  /** Virtual hours. */
  hours: number;
  runs: number;
  frames: number;
  /** SHA-256 of all that happened. */
  digest: string;
  /** What happened, and how often. */
  counts: Counts;
  failure?: { text: string; plan: string };
}

export function soak(seed: number, hours: number): Soaked {
  const hash = createHash("sha256");
  const tally = new Tally();
  const done = { hours: 0, runs: 0, frames: 0, counts: tally.counts };
  const result = fc.check(
    fc.property(plans, (plan) => {
      const outcome = carryOut(plan);
      hash.update(outcome.digest);
      done.hours += outcome.time / 3_600_000;
      done.runs++;
      done.frames += outcome.frames;
      tally.add(outcome.counts);
    }),
    // What fast-check leaves out moves all that comes after: it seldom fails then.
    { seed, numRuns: Math.max(1, Math.round((hours * 60) / MINUTES)), endOnFailure: true },
  );
  const digest = hash.digest("hex");
  if (!result.failed) return { ...done, digest };
  const plan = result.counterexample![0];
  const text = failureOf(plan);
  const until = performance.now() + SHRINKING;
  const fails = (other: Plan): boolean => performance.now() < until && kindOf(failureOf(other)) === kindOf(text);
  return { ...done, digest, failure: { text, plan: JSON.stringify(smallest(plan, fails)) } };
}

/** What a plan fails with, or "". */
function failureOf(plan: Plan): string {
  try {
    carryOut(plan);
    return "";
  } catch (error) {
    if (!(error instanceof Error)) return String(error);
    return error instanceof Violation ? error.message : (error.stack ?? error.message);
  }
}

/** The same for failures that differ in when, and in numbers, alone. */
function kindOf(text: string): string {
  return text.replace(/\d+/g, "#");
}
