/**
 * The length of each ESC/POS command once more, written as the manuals print it: one line a command, each a whole
 * match from its first byte. Slow and plain, it judges the scanner.
 */

/** Letters stand for bytes: any two hex digits are that byte, `n` any byte, and the rest is told by `data`. */
interface Form {
  head: string;
  data?: (p: number[]) => number;
}

const le = (...b: number[]): number => b.reduce((sum, byte, i) => sum + byte * 256 ** i, 0);
const block: Form["data"] = (p) => le(p.at(-2)!, p.at(-1)!);

/** Where n is a parameter, and data(p) is the number of bytes after them, p being all the n. */
const FORMS: Form[] = [
  ...["10 04 07 n", "10 04 08 n", "10 04 12 n", "10 04 n", "10 05 n"].map((head) => ({ head })),
  ...["10 14 01 n n", "10 14 02 n n", "10 14 03 n n n n n", "10 14 07 n"].map((head) => ({ head })),
  ...["10 14 08 n n n n n n n", "10 14 n"].map((head) => ({ head })),
  ..."0c 32 3c 40 4c 53 69 6d 6f 71 76".split(" ").map((code) => ({ head: `1b ${code}` })),
  ..."20 21 25 2d 33 3d 3f 45 47 4a 4b 4d 52 54 55 56 61 64 65 72 74 75 7b"
    .split(" ")
    .map((c) => ({ head: `1b ${c} n` })),
  ..."24 5c 63 66".split(" ").map((code) => ({ head: `1b ${code} n n` })),
  { head: "1b 70 n n n" },
  { head: "1b 57 n n n n n n n n" },
  { head: "1b 28 n n n", data: block },
  { head: "1b 2a 00 n n", data: block },
  { head: "1b 2a 01 n n", data: block },
  { head: "1b 2a 20 n n", data: (p) => 3 * le(p[0]!, p[1]!) },
  { head: "1b 2a 21 n n", data: (p) => 3 * le(p[0]!, p[1]!) },
  { head: "1b 2a n" },
  { head: "1c 26" },
  { head: "1c 2e" },
  ..."21 2d 43 57".split(" ").map((code) => ({ head: `1c ${code} n` })),
  ..."53 3f 70".split(" ").map((code) => ({ head: `1c ${code} n n` })),
  { head: "1c 28 n n n", data: block },
  { head: "1c 32 n n", data: () => 72 },
  { head: "1c 67 31 n n n n n n n", data: block },
  { head: "1c 67 n n n n n n n n" },
  ..."0c 3a 63 79".split(" ").map((code) => ({ head: `1d ${code}` })),
  ..."21 2f 42 45 46 48 49 54 61 62 66 68 6a 6e 72 77".split(" ").map((code) => ({ head: `1d ${code} n` })),
  ..."24 41 4c 50 57 5c".split(" ").map((code) => ({ head: `1d ${code} n n` })),
  { head: "1d 5e n n n" },
  { head: "1d 28 n n n", data: block },
  { head: "1d 2a n n", data: (p) => p[0]! * p[1]! * 8 },
  { head: "1d 38 n n n n n", data: (p) => le(...p.slice(1)) },
  { head: "1d 43 30 n n" },
  { head: "1d 43 31 n n n n n n" },
  { head: "1d 43 32 n n" },
  { head: "1d 43 n" },
  { head: "1d 44 n n n n n n n n n n n n n", data: (p) => Math.max(0, le(...p.slice(9)) - 6) },
  { head: "1d 51 30 n n n n n", data: (p) => le(p[1]!, p[2]!) * le(p[3]!, p[4]!) },
  { head: "1d 76 30 n n n n n", data: (p) => le(p[1]!, p[2]!) * le(p[3]!, p[4]!) },
  { head: "1d 51 n" },
  { head: "1d 76 n" },
  ..."41 42 61 62 67 68".split(" ").map((m) => ({ head: `1d 56 ${m} n` })),
  { head: "1d 56 n" },
  { head: "1d 67 n n n n" },
  { head: "1d 7a n n n" },
  ...Array.from({ length: 15 }, (_, i) => ({ head: `1d 6b ${(65 + i).toString(16)} n`, data: (p: number[]) => p[0]! })),
  { head: "1d 6b n" },
];

export interface Boundaries {
  /** Offsets after a command: known once its last byte is there. */
  after: number[];
  /** Offsets before a control code: known once that is there. They end text that may be of two bytes a character. */
  before: number[];
}

/** Every offset of a stream that lies between two commands, and in no text with a byte above 7F hex before it. */
export function naiveBoundaries(stream: Uint8Array): Boundaries {
  const found: Boundaries = { after: [0], before: [] };
  let wide = false;
  let dropped = false;
  for (let at = 0; at < stream.length;) {
    const length = naiveLength(stream.subarray(at));
    const text = stream[at]! >= 0x20;
    if (!text && !dropped) found.before.push(at);
    if (length === 0) break;
    wide = text && (wide || stream[at]! >= 0x80);
    dropped = isDropped(stream, at, length);
    if (!wide && !dropped) found.after.push(at + length);
    at += length;
  }
  return found;
}

/** A prefix without a command after it: nobody knows before the next byte. */
function isDropped(stream: Uint8Array, at: number, length: number): boolean {
  return length === 1 && [0x10, 0x1b, 0x1c, 0x1d].includes(stream[at]!);
}

/** Length of the command at the start of `b`, or 0 when it goes on past its end. */
function naiveLength(b: Uint8Array): number {
  if (b.length === 0) return 0;
  if (b[0] !== 0x10 && b[0] !== 0x1b && b[0] !== 0x1c && b[0] !== 0x1d) return 1;
  if (b.length === 1) return 0;
  const special = specialLength(b);
  if (special >= 0) return special;
  for (const form of FORMS) {
    const length = match(form, b);
    if (length >= 0) return length > b.length ? 0 : length;
  }
  return b[0] === 0x10 || b[1]! < 0x20 ? 1 : 2;
}

/** The commands whose end is not said by a number. -1 for the others. */
function specialLength(b: Uint8Array): number {
  const starts = (...head: number[]): boolean => head.every((byte, i) => b[i] === byte);
  if (starts(0x1b, 0x44)) return nth(b, 2, 0, 1);
  if (starts(0x1d, 0x43, 0x3b)) return nth(b, 3, 0x3b, 5);
  if (starts(0x1d, 0x6b) && b.length > 2 && b[2]! <= 6) return nth(b, 3, 0, 1);
  if (starts(0x1b, 0x26)) return b.length < 5 ? 0 : groups(b, 5, b[4]! - b[3]! + 1, 1, (g) => g[0]! * b[2]!);
  if (starts(0x1c, 0x71))
    return b.length < 3 ? 0 : groups(b, 3, b[2]!, 4, (g) => le(g[0]!, g[1]!) * le(g[2]!, g[3]!) * 8);
  return -1;
}

function nth(b: Uint8Array, from: number, value: number, count: number): number {
  for (let i = from; i < b.length; i++) if (b[i] === value && --count === 0) return i + 1;
  return 0;
}

function groups(b: Uint8Array, from: number, count: number, head: number, data: (g: Uint8Array) => number): number {
  let at = from;
  for (let i = 0; i < count; i++) {
    if (at + head > b.length) return 0;
    at += head + data(b.subarray(at, at + head));
  }
  return at > b.length ? 0 : at;
}

/** -1: another command. Infinity: this one, or one with the same start, and its header is not all there. */
function match(form: Form, b: Uint8Array): number {
  const head = form.head.split(" ");
  const p: number[] = [];
  for (let i = 0; i < head.length; i++) {
    if (i === b.length) return Infinity;
    if (head[i] === "n") p.push(b[i]!);
    else if (Number.parseInt(head[i]!, 16) !== b[i]) return -1;
  }
  return head.length + (form.data?.(p) ?? 0);
}
