/** ESC/POS, what a driver has to know of a job's bytes: how many the command under way still wants. Board and host. */
import { EMPTY, find, findPair, join, slice, u8 } from "../../bytes/index.js";
import type { Bytes } from "../../bytes/index.js";
import { bytesPerColumn, Code } from "./grammar.js";

/** Result of `length`: the header, or what ends with NUL, is not all there. */
const SHORT = -1;

/** No barcode is longer. */
const LONGEST = 300;

/** Commands of a fixed length are over after so many bytes. */
const FIXED = 10;

/** The second byte of a bit image, ESC *. */
const STAR = 0x2a;

/**
 * Counts the data of the commands that have much of it: pictures (`GS v 0`, `GS Q 0`, `GS ( x`, `GS 8 x`, `GS *`,
 * `ESC *`) and barcodes (`GS k`). Data is passed over by arithmetic and text by a native search: a board can afford it,
 * where `CommandCursor` looks at each byte. docs/devices/escpos.md says what is missed.
 */
export class OpenData {
  /** Data bytes still to come. */
  left = 0;
  /** A command that the end of a piece has cut, while its length is not known. */
  private _head: Bytes = EMPTY;
  /** The last bytes that were no data. */
  private _tail: Bytes = EMPTY;

  /** A command is under way. */
  isOpen(): boolean {
    return this.left > 0 || this._head.length > 0;
  }

  /** A short command has begun so near to the end that it may be under way. */
  mayBeOpen(): boolean {
    return find(this._tail, Code.esc, 0) >= 0 || find(this._tail, Code.gs, 0) >= 0;
  }

  /** The next bytes of the job. */
  push(data: Bytes): void {
    const end = data.length;
    if (this.left >= end) {
      this.left -= end;
      return;
    }
    const from = this.left;
    this.left = 0;
    this._tail = slice(end < FIXED ? join(this._tail, data) : data, Math.max(0, end - FIXED), end + FIXED);
    if (this._head.length) {
      data = join(this._head, data);
      this._head = EMPTY;
    }
    const gs = find(data, Code.gs, from);
    const esc = findStar(data, from);
    if (gs >= 0 || esc >= 0) this._commands(data, gs, esc);
  }

  /** @param gs offset of the first GS or -1 @param esc of the first ESC * or -1 @resident */
  private _commands(data: Bytes, gs: number, esc: number): void {
    for (;;) {
      const at = gs < 0 || (esc >= 0 && esc < gs) ? esc : gs;
      if (at < 0) return;
      const n = length(data, at);
      if (n == SHORT) {
        this._head = slice(data, at, data.length);
        return;
      }
      const from = at + n;
      if (from > data.length) {
        this.left = from - data.length;
        return;
      }
      if (gs == at || (gs >= 0 && gs < from)) gs = find(data, Code.gs, from);
      if (esc >= 0 && esc < from) esc = findStar(data, from);
    }
  }
}

/** Offset of the next ESC *, or of an ESC at the end, or -1. @resident */
function findStar(b: Bytes, from: number): number {
  const at = findPair(b, Code.esc, STAR, from);
  const last = b.length - 1;
  return at < 0 && last >= from && u8(b, last) == Code.esc ? last : at;
}

function le16(b: Bytes, at: number): number {
  return u8(b, at) + 256 * u8(b, at + 1);
}

/** Length of the command at `at`, which begins with GS or is ESC *: 1 where it has no such data, or SHORT. @resident */
function length(b: Bytes, at: number): number {
  const n = b.length - at;
  if (n < 2) return SHORT;
  const second = u8(b, at + 1);
  if (second == STAR && u8(b, at) == Code.esc)
    return n < 5 ? SHORT : 5 + le16(b, at + 3) * bytesPerColumn(u8(b, at + 2));
  if (second == 0x28) return n < 5 ? SHORT : 5 + le16(b, at + 3);
  if (second == STAR) return n < 4 ? SHORT : 4 + 8 * u8(b, at + 2) * u8(b, at + 3);
  if (second == 0x38) return n < 7 ? SHORT : 7 + le16(b, at + 3) + 65536 * le16(b, at + 5);
  if (second != 0x76 && second != 0x51 && second != 0x6b) return 1;
  if (n < 3) return SHORT;
  const m = u8(b, at + 2);
  if (second == 0x6b) {
    if (m > 6) return m < 65 || m > 79 ? 1 : n < 4 ? SHORT : 4 + u8(b, at + 3);
    const nul = find(b, 0, at + 3);
    return nul >= 0 ? nul + 1 - at : n > LONGEST ? 1 : SHORT;
  }
  return m != 0x30 ? 1 : n < 8 ? SHORT : 8 + le16(b, at + 4) * le16(b, at + 6);
}
