/** How settings of the command line are read: undefined, or NaN, is no value for one. */

export function count(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

export function number(text: string): number | undefined {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

/** From 0 to 1. */
export function fraction(text: string): number | undefined {
  const value = number(text);
  return value !== undefined && value >= 0 && value <= 1 ? value : undefined;
}

export function oneOf(...values: string[]): (text: string) => string | undefined {
  return (text) => values.find((value) => value === text);
}

/** Stretches of time in ms as `5000+2000/9000+100`: from 5 s on for 2 s, and from 9 s on for 0.1 s. */
export function spans(text: string): Span[] | undefined {
  const parts = text.split("/").map((part) => /^(\d+)\+(\d+)$/.exec(part));
  if (parts.includes(null)) return undefined;
  return parts.map((part) => ({ from: Number(part![1]), ms: Number(part![2]) }));
}

export interface Span {
  /** ms since the device was connected. */
  from: number;
  ms: number;
}
