/** Counts what really befell a world: a plan may call for what then has no occasion. */

export type Counts = Record<string, number>;

export class Tally {
  readonly counts: Counts = {};

  count(what: string, times = 1): void {
    this.counts[what] = (this.counts[what] ?? 0) + times;
  }

  add(counts: Counts): void {
    for (const [what, times] of Object.entries(counts)) this.count(what, times);
  }

  /** In words, what happened most first. */
  toString(): string {
    return Object.entries(this.counts)
      .sort(([, a], [, b]) => b - a)
      .map(([what, times]) => `${what} ${times}`)
      .join(", ");
  }
}
