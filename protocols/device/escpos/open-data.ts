/** ESC/POS, what a driver has to know of a job's bytes: how many the command under way still wants. Board and host. */
import { EMPTY, find, join, slice, u8 } from "../../bytes/index.js";
import type { Bytes } from "../../bytes/index.js";
import { bytesPerColumn, Code } from "./grammar.js";

/** Result of `length`: the header, or what ends with NUL, is not all there. */
const SHORT = -1;

/** Commands of a fixed length are over after so many bytes. */
const FIXED = 10;

/** No tabs and no barcode are longer. */
const LONGEST = 300;

/**
 * Counts the data of the commands that have much of it: pictures (`GS v 0`, `GS Q 0`, `GS ( x`, `GS 8 x`, `GS *`,
 * `ESC *`), barcodes (`GS k`) and what ends with NUL (`ESC D`). Data is passed over by arithmetic and text by a native
 * search: a board can afford it, where `CommandCursor` looks at each byte. docs/devices/escpos.md says what is missed.
 */
export class OpenData {
  /** Data bytes still to come. */
  left = 0;
  /** A short command has begun so near to the end that it may be under way. */
  near = false;
  /** A command that the end of a piece has cut, while its length is not known. */
  private _head: Bytes = EMPTY;

  /** A command is under way. */
  get open(): boolean {
    return this.left > 0 || this._head.length > 0;
  }

  /** The next bytes of the job. */
  push(data: Bytes): void {
    if (this.left >= data.length) {
      this.left -= data.length;
      return;
    }
    let from = this.left;
    this.left = 0;
    if (this._head.length) data = join(this._head, data);
    this._head = EMPTY;
    let gs = 0;
    let esc = 0;
    for (;;) {
      if (gs >= 0 && gs <= from) gs = find(data, Code.gs, from);
      if (esc >= 0 && esc <= from) esc = find(data, Code.esc, from);
      const at = gs < 0 || (esc >= 0 && esc < gs) ? esc : gs;
      if (at < 0) {
        this.near = from > 0 && data.length - from < FIXED;
        return;
      }
      const n = length(data, at);
      if (n == SHORT) {
        this._head = slice(data, at, data.length);
        return;
      }
      from = at + n;
      if (from > data.length) {
        this.left = from - data.length;
        return;
      }
    }
  }
}

function le16(b: Bytes, at: number): number {
  return u8(b, at) + 256 * u8(b, at + 1);
}

function untilNul(b: Bytes, at: number): number {
  const end = find(b, 0, at);
  return end >= 0 ? end + 1 - at : b.length - at > LONGEST ? 1 : SHORT;
}

/** Length of the command at `at`, which begins with GS or ESC: 1 where it has no such data, or SHORT. */
function length(b: Bytes, at: number): number {
  const n = b.length - at;
  if (n < 2) return SHORT;
  const second = u8(b, at + 1);
  if (u8(b, at) == Code.esc) {
    if (second == 0x44) return untilNul(b, at);
    if (second != 0x2a) return 1;
    return n < 5 ? SHORT : 5 + le16(b, at + 3) * bytesPerColumn(u8(b, at + 2));
  }
  if (second == 0x28) return n < 5 ? SHORT : 5 + le16(b, at + 3);
  if (second == 0x2a) return n < 4 ? SHORT : 4 + 8 * u8(b, at + 2) * u8(b, at + 3);
  if (second == 0x38) return n < 7 ? SHORT : 7 + le16(b, at + 3) + 65536 * le16(b, at + 5);
  if (second != 0x76 && second != 0x51 && second != 0x6b) return 1;
  if (n < 3) return SHORT;
  const m = u8(b, at + 2);
  if (second == 0x6b) return m <= 6 ? untilNul(b, at + 3) : m < 65 || m > 79 ? 1 : n < 4 ? SHORT : 4 + u8(b, at + 3);
  return m != 0x30 ? 1 : n < 8 ? SHORT : 8 + le16(b, at + 4) * le16(b, at + 6);
}
