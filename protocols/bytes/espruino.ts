/**
 * Bytes on the board: a binary string, the interpreter's natural buffer. Its whole-string operations are native and
 * cost 20 to 400 instructions a byte, where a loop in JavaScript costs 20,000. The build inlines each of these calls.
 */

declare const E: {
  CRC32(data: string): number;
  sum(data: string): number;
  toString(data: ArrayBufferLike): string;
};

/** Where a number becomes its bytes: half the cost of four shifted arguments. */
const WORD = /* @__PURE__ */ new Uint32Array(1);
const WORD_BYTES = WORD.buffer;

/** Binary data: one character a byte. */
export type Bytes = string;

export const EMPTY: Bytes = "";

export function isEmpty(b: Bytes): boolean {
  return !b;
}

export function fills(_b: Bytes, _n: number): boolean {
  return true;
}

export function nameOf(b: Bytes, from: number, to: number): string {
  return b.substring(from, to);
}

export function u8(b: Bytes, i: number): number {
  return b.charCodeAt(i);
}

export function u16(b: Bytes, i: number): number {
  return (b.charCodeAt(i) << 8) | b.charCodeAt(i + 1);
}

export function u32(b: Bytes, i: number): number {
  return (
    ((b.charCodeAt(i) << 24) | (b.charCodeAt(i + 1) << 16) | (b.charCodeAt(i + 2) << 8) | b.charCodeAt(i + 3)) >>> 0
  );
}

export function slice(b: Bytes, from: number, to: number): Bytes {
  return b.substring(from, to);
}

export function own(b: Bytes): Bytes {
  return b;
}

export function keepable(payload: Bytes, _frame: Bytes): Bytes {
  return payload;
}

export function recycle(kept: (number | Bytes)[]): (number | Bytes)[] {
  return kept;
}

export function same(a: Bytes, b: Bytes): boolean {
  return a == b;
}

export function join(a: Bytes, b: Bytes): Bytes {
  return a + b;
}

export function startFrame(a: Bytes, b: Bytes): Bytes {
  return a + b;
}

export function frameAround(a: Bytes, crypted: Bytes): Bytes {
  return a + crypted;
}

export function endFrame(begun: Bytes, trailer: Bytes): Bytes {
  return begun + trailer;
}

export function findPair(b: Bytes, b0: number, b1: number, from: number): number {
  return b.indexOf(String.fromCharCode(b0, b1), from);
}

export function find(b: Bytes, b0: number, from: number): number {
  return b.indexOf(String.fromCharCode(b0), from);
}

export function crc32(b: Bytes): number {
  return E.CRC32(b);
}

/** The interpreter's characters have a sign on some machines: below the lowest byte that makes no difference. */
export function sum8(b: Bytes): number {
  return E.sum(b) & 0xff;
}

export function words(a: number, b: number, c: number, d: number): Bytes {
  return String.fromCharCode(a >> 8, a, b >> 8, b, c >> 8, c, d >> 8, d);
}

export function byte(n: number): Bytes {
  return String.fromCharCode(n);
}

export function pair(a: number, b: number): Bytes {
  return String.fromCharCode(a, b);
}

export function be16(n: number): Bytes {
  return String.fromCharCode(n >> 8, n);
}

export function be32(n: number): Bytes {
  return String.fromCharCode(n >> 24, n >> 16, n >> 8, n);
}

export function le32(n: number): Bytes {
  return ((WORD[0] = n), E.toString(WORD_BYTES));
}

export function binary(text: string): Bytes {
  return text;
}

export function fromText(text: string): Bytes {
  return text;
}

export function toText(b: Bytes): string {
  return b;
}
