/** Time as the host library sees it; tests put a virtual one in its place. */

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since some moment, possibly fractional. */
  now(): number;
  after(ms: number, run: () => void): Timer;
  /** UTC in ms since 1970, possibly fractional; without it `now` is that. */
  utc?(): number;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, Math.max(0, ms));
    return { cancel: () => clearTimeout(timer) };
  },
  utc() {
    // Finer than Date, but it does not know when the clock was set.
    const fine = performance.timeOrigin + performance.now();
    const coarse = Date.now() + 0.5;
    return Math.abs(fine - coarse) < 2 ? fine : coarse;
  },
};

export function utcOf(clock: Clock): number {
  return clock.utc ? clock.utc() : clock.now();
}
