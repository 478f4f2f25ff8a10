/**
 * Bytes on Node: Uint8Array, of which Buffer is one kind. Its twin for the board is espruino.ts; the firmware build
 * puts that one in this one's place. Both give the same dozen operations, held to the same tests.
 */
import { crc32 as zlibCrc32 } from "node:zlib";

/** Binary data. Never changed after it was made. */
export type Bytes = Uint8Array;

/** What is around a frame's payload (Frame of link/frame.ts): before it, and behind it a CRC, or what else there may be. */
const HEADER = 8;
const CRC = 4;
export const TRAILER = 8;

/** A block of the cipher: more than what is before any payload. */
export const FRONT = 16;

/** From so many bytes on it pays not to have memory filled with zeros first. */
const LARGE = 1024;

/** No bytes. */
export const EMPTY: Bytes = new Uint8Array(0);

/** Whether there are none: on the board far cheaper than asking for the length. */
export function isEmpty(b: Bytes): boolean {
  return b.length === 0;
}

/**
 * Whether these are `n` bytes, for a caller that will check them by their CRC: there the board, which would have to
 * count them, says yes.
 */
export function fills(b: Bytes, n: number): boolean {
  return b.length === n;
}

/** The bytes from `from` up to, not including, `to`, as the name of an object's member. */
export function nameOf(b: Bytes, from: number, to: number): string {
  return String.fromCharCode(...b.subarray(from, to));
}

/** Byte `i`. */
export function u8(b: Bytes, i: number): number {
  return b[i]!;
}

/** Big-endian 16 bits at `i`. */
export function u16(b: Bytes, i: number): number {
  return (b[i]! << 8) | b[i + 1]!;
}

/** Big-endian 32 bits at `i`, unsigned. */
export function u32(b: Bytes, i: number): number {
  return ((b[i]! << 24) | (b[i + 1]! << 16) | (b[i + 2]! << 8) | b[i + 3]!) >>> 0;
}

/** The bytes from `from` up to, not including, `to`. */
export function slice(b: Bytes, from: number, to: number): Bytes {
  return b.subarray(from, to);
}

/** The same bytes, whatever becomes of the memory that they lie in. */
export function own(b: Bytes): Bytes {
  const out = fresh(b.length);
  out.set(b);
  return out;
}

/** A copy with `FRONT` bytes before it and `TRAILER` behind it, which are anything. */
export function roomy(b: Bytes): Bytes {
  const out = slotted(FRONT + b.length + TRAILER);
  out.set(b, FRONT);
  last = slice(out, FRONT, FRONT + b.length);
  lastOf = b;
  return last;
}

/** What `roomy` gave last, and what it is a copy of. */
let last = EMPTY;
let lastOf = EMPTY;

/**
 * The payload of the frame that was just made of it, whatever becomes of the payload's own memory: as it lies in the
 * frame, as it was copied to be encrypted, or a copy.
 */
export function keepable(payload: Bytes, frame: Bytes): Bytes {
  if (frame.length === HEADER + payload.length + CRC) return slice(frame, HEADER, HEADER + payload.length);
  if (lastOf !== payload) return own(payload);
  const copy = last;
  last = lastOf = EMPTY;
  return copy;
}

/** Whether both are the same bytes. For secrets there is `sameTag`. */
export function same(a: Bytes, b: Bytes): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** One after the other. */
export function join(a: Bytes, b: Bytes): Bytes {
  return joined(fresh(a.length + b.length), a, b);
}

/** The same for a frame that is not whole yet: `endFrame` puts the rest behind it, where there is room for it. */
export function startFrame(a: Bytes, b: Bytes): Bytes {
  const n = a.length + b.length;
  return slice(joined(fresh(n + TRAILER), a, b), 0, n);
}

/** The same for a payload that `encrypt` gave, or an empty one. */
export function frameAround(a: Bytes, crypted: Bytes): Bytes {
  if (!crypted.length) return startFrame(a, crypted);
  const out = new Uint8Array(crypted.buffer, crypted.byteOffset - a.length, a.length + crypted.length);
  out.set(a);
  return out;
}

/** What `startFrame` gave, with the frame's last bytes, 8 at most, behind it. */
export function endFrame(begun: Bytes, trailer: Bytes): Bytes {
  const out = new Uint8Array(begun.buffer, begun.byteOffset, begun.length + trailer.length);
  out.set(trailer, begun.length);
  return out;
}

/** Offset of the byte pair `b0 b1` at or after `from`, or -1. */
export function findPair(b: Bytes, b0: number, b1: number, from: number): number {
  for (let i = b.indexOf(b0, from); i >= 0; i = b.indexOf(b0, i + 1)) if (b[i + 1] === b1) return i;
  return -1;
}

/** Offset of the byte `b0` at or after `from`, or -1. */
export function find(b: Bytes, b0: number, from: number): number {
  return b.indexOf(b0, from);
}

/** CRC-32 (ISO-HDLC, the one of Ethernet and zip), unsigned. */
export function crc32(b: Bytes): number {
  return zlibCrc32(b);
}

/** The lowest byte of all bytes added up. */
export function sum8(b: Bytes): number {
  return b.reduce((all, one) => all + one, 0) & 0xff;
}

/** Four big-endian 16-bit words. */
export function words(a: number, b: number, c: number, d: number): Bytes {
  return Uint8Array.of(a >> 8, a, b >> 8, b, c >> 8, c, d >> 8, d);
}

/** One byte. */
export function byte(n: number): Bytes {
  return Uint8Array.of(n);
}

/** Two bytes. */
export function pair(a: number, b: number): Bytes {
  return Uint8Array.of(a, b);
}

/** 16 bits, big-endian. */
export function be16(n: number): Bytes {
  return Uint8Array.of(n >> 8, n);
}

/** 32 bits, big-endian. */
export function be32(n: number): Bytes {
  return Uint8Array.of(n >> 24, n >> 16, n >> 8, n);
}

/** 32 bits, little-endian: the order in which a CRC is sent. */
export function le32(n: number): Bytes {
  return Uint8Array.of(n, n >> 8, n >> 16, n >> 24);
}

/** A text that has one character a byte. */
export function binary(text: string): Bytes {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** Text as UTF-8. */
export function fromText(text: string): Bytes {
  return new TextEncoder().encode(text);
}

/** UTF-8 as text. */
export function toText(b: Bytes): string {
  return new TextDecoder().decode(b);
}

/**
 * Memory of acknowledged payloads for those that follow: without it a fast stream has the collector free and the system
 * clear as much as it sends. It is of one size, for frames between hosts. Only what `roomy` gave is used again, which no
 * connection ever sees: a frame itself may still wait to be sent when a peer that lies acknowledges it.
 */
const SLOT = 36_864;
const slots: ArrayBufferLike[] = [];
const MOST_SLOTS = 128;

/** The payloads, behind their tags, in this list are acknowledged. Gives the list. */
export function recycle(kept: (number | Bytes)[]): (number | Bytes)[] {
  for (let i = 1; i < kept.length; i += 2) {
    const { buffer, byteOffset } = kept[i] as Bytes;
    if (buffer.byteLength === SLOT && byteOffset === FRONT && slots.length < MOST_SLOTS) slots.push(buffer);
  }
  return kept;
}

/** Memory for `n` bytes, to be filled at once. */
function fresh(n: number): Uint8Array {
  return n < LARGE ? new Uint8Array(n) : new Uint8Array(Buffer.allocUnsafeSlow(n).buffer);
}

/** The same, where memory is used again. */
function slotted(n: number): Uint8Array {
  if (n < SLOT / 2 || n > SLOT) return fresh(n);
  return new Uint8Array(slots.pop() ?? Buffer.allocUnsafeSlow(SLOT).buffer, 0, n);
}

function joined(out: Uint8Array, a: Bytes, b: Bytes): Uint8Array {
  out.set(a);
  out.set(b, a.length);
  return out;
}
