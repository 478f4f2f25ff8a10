/** Time in the simulator: the machine's own, or a virtual one that jumps from event to event. */

export interface Timer {
  cancel(): void;
}

/** Milliseconds, possibly fractional, and callbacks in the future. */
export interface Clock {
  now(): number;
  after(ms: number, run: () => void): Timer;
  /** As `after`, for what wakes nobody outside the simulator: promises need not settle behind it. */
  within?(ms: number, run: () => void): Timer;
}

/** Node rounds shorter timeouts up to 1 ms; an immediate is nearer. */
const SHORTEST_TIMEOUT = 0.25;

/** The machine's clock. */
export const realClock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    if (ms < SHORTEST_TIMEOUT) {
      const immediate = setImmediate(run);
      return { cancel: () => clearImmediate(immediate) };
    }
    const timer = setTimeout(run, Math.ceil(ms));
    return { cancel: () => clearTimeout(timer) };
  },
};

/** The same for a board whose callbacks take parts of a ms: it is looked at again and again until their time has come. */
export const patientClock: Clock = {
  now: () => realClock.now(),
  after: (ms, run) => realClock.after(ms < 2 ? 0 : Math.floor(ms), run),
};

interface Entry {
  at: number;
  order: number;
  run: () => void;
  /** Promises settle after it. */
  settles: boolean;
}

/**
 * Deterministic time: events run in the order of their time, then of their making. Between two events promises
 * and immediates settle, so that host code written with promises lives in virtual time too.
 */
export class VirtualClock implements Clock {
  private time = 0;
  private made = 0;
  private readonly heap: Entry[] = [];

  now(): number {
    return this.time;
  }

  after(ms: number, run: () => void): Timer {
    return this.add(ms, run, true);
  }

  within(ms: number, run: () => void): Timer {
    return this.add(ms, run, false);
  }

  private add(ms: number, run: () => void, settles: boolean): Timer {
    const entry: Entry = { at: this.time + Math.max(0, ms), order: this.made++, run, settles };
    this.push(entry);
    return { cancel: () => void (entry.run = nothing) };
  }

  /** Runs for `ms` of virtual time. */
  async run(ms: number): Promise<void> {
    await this.runUntil(() => false, ms, true);
  }

  /**
   * Runs until the predicate holds.
   * @throws Error when `limit` ms of virtual time pass first (unless `quiet`)
   */
  async runUntil(done: () => boolean, limit: number, quiet = false): Promise<void> {
    const end = this.time + limit;
    for (let settles = true; ;) {
      if (settles) await settle();
      if (done()) return;
      const next = this.heap[0];
      if (!next || next.at > end) break;
      this.pop();
      this.time = Math.max(this.time, next.at);
      next.run();
      settles = next.settles;
      settles = this.runCoincident() || settles;
    }
    await settle();
    this.time = end;
    if (!quiet) throw new Error(`still waiting after ${limit} ms of virtual time`);
  }

  /** Events of the same instant that are already there run without a settle in between. @returns whether one settles */
  private runCoincident(): boolean {
    let settles = false;
    while (this.heap[0] && this.heap[0].at <= this.time) {
      const entry = this.heap[0];
      this.pop();
      entry.run();
      settles ||= entry.settles;
    }
    return settles;
  }

  private push(entry: Entry): void {
    const { heap } = this;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (!before(heap[at]!, heap[up]!)) break;
      [heap[at], heap[up]] = [heap[up]!, heap[at]!];
      at = up;
    }
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    heap[0] = last;
    for (let at = 0; ;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < heap.length && before(heap[child]!, heap[least]!)) least = child;
      if (least === at) return;
      [heap[at], heap[least]] = [heap[least]!, heap[at]!];
      at = least;
    }
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function nothing(): void {}

/**
 * Lets pending promises and immediates run. Two rounds: a promise may queue an immediate that resolves another.
 * Files are read in no time: what Node's threads are doing for the program ends before the clock moves on.
 */
async function settle(): Promise<void> {
  do {
    await immediate();
    await immediate();
  } while (process.getActiveResourcesInfo().some(isFileRequest));
}

function immediate(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function isFileRequest(resource: string): boolean {
  return resource.startsWith("FSReq");
}
