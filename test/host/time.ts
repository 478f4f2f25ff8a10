import type { VirtualClock } from "../../simulator/clock.js";

/** Runs `work` in virtual time. */
export async function inTime<T>(clock: VirtualClock, work: Promise<T>, limit = 600_000): Promise<T> {
  let done = false;
  const watched = work.finally(() => (done = true));
  watched.catch(() => undefined);
  await clock.runUntil(() => done, limit);
  return watched;
}
