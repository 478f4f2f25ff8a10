/** Counts by name of what happens seldom: one that is still 0 takes no memory. docs/netlink.md has the names. */

/** Counts by name. */
export interface Counters {
  [name: string]: number;
}

export const counts: Counters = {};

export function increase(name: string, by: number): void {
  counts[name] = (counts[name] || 0) + by;
}
