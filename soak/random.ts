/** Repeatable chance. */

/** Gives numbers in [0, 1). */
export type Random = () => number;

/** A small generator of repeatable numbers (mulberry32). */
export function random(seed: number): Random {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = a;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A whole number from 0 up to, not including, `n`. */
export function below(rand: Random, n: number): number {
  return Math.floor(rand() * n);
}
