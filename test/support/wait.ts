/** Waiting in real time, for programs and interpreters that know no other. */

const POLL_MS = 10;

/** @throws Error saying what did not happen */
export async function until(done: () => boolean, what: () => string, limit: number): Promise<void> {
  const end = Date.now() + limit;
  while (!done()) {
    if (Date.now() > end) throw new Error(`after ${limit / 1000} s: ${what()}`);
    await pause(POLL_MS);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
