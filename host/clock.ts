/** Time as the host library sees it; tests put a virtual one in its place. */

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since some moment, possibly fractional. */
  now(): number;
  after(ms: number, run: () => void): Timer;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, Math.max(0, ms));
    return { cancel: () => clearTimeout(timer) };
  },
};
