/** How settings of the command line are read: undefined is no value for one. */

export interface Setting<Value = unknown> {
  (text: string): Value | undefined;
  /** What it takes, in words. */
  takes: string;
}

function setting<Value>(takes: string, read: (text: string) => Value | undefined): Setting<Value> {
  return Object.assign(read, { takes });
}

export const text = setting("text", (text) => text);

export const count = setting("a whole number, 0 or more", (text) => (/^\d+$/.test(text) ? Number(text) : undefined));

export const number = setting("a number", toNumber);

export const fraction = setting("a number from 0 to 1", (text) => {
  const value = toNumber(text);
  return value !== undefined && value >= 0 && value <= 1 ? value : undefined;
});

export const flag = setting("true or false", (text) => (/^(true|false)$/.test(text) ? text === "true" : undefined));

export function oneOf(...values: string[]): Setting<string> {
  return setting(`one of ${values.join(", ")}`, (text) => values.find((value) => value === text));
}

export const sizes = setting("sizes, such as 320x240/160x120", (text) =>
  /^\d+x\d+(\/\d+x\d+)*$/.test(text) ? text.split("/") : undefined,
);

/** Stretches of time in ms as `5000+2000/9000+100`: from 5 s on for 2 s, and from 9 s on for 0.1 s. */
export const spans = setting("when it begins and for how long, in ms, such as 5000+2000/9000+100", (text) => {
  const parts = text.split("/").map((part) => /^(\d+)\+(\d+)$/.exec(part));
  if (parts.includes(null)) return undefined;
  return parts.map((part): Span => ({ from: Number(part![1]), ms: Number(part![2]) }));
});

function toNumber(text: string): number | undefined {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

export interface Span {
  /** ms since the device was connected. */
  from: number;
  ms: number;
}
