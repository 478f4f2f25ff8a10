/** ESC/POS, where in a stream something can be put between two commands. */
import { u8 } from "../../bytes/index.js";
import type { Bytes } from "../../bytes/index.js";
import { CommandCursor } from "./cursor.js";
import { Code } from "./grammar.js";

/** ASCII ends here; a byte from here on may be the first half of a two-byte character. */
const HIGH = 0x80;

/**
 * Finds the boundaries between the commands of a job, chunk by chunk, so that a request for status is sent only
 * there: between the bytes of a command the printer would take it for a parameter.
 *
 * Text is a boundary after each byte up to the first one above 7F hex; from there to the next control code it may be
 * of two bytes a character, in several code pages, and there is none.
 */
export class CommandScanner {
  private readonly cursor = new CommandCursor();
  /** In text that may be of two bytes a character. */
  private wide = false;

  /** Something put here lies between commands. */
  get atBoundary(): boolean {
    return this.cursor.atBoundary && !this.wide;
  }

  /**
   * Reads the next bytes of the job.
   * @returns offset in `bytes` of its last boundary: 0 is before the first byte, `bytes.length` after the last one;
   * -1 when there is none
   */
  push(bytes: Bytes): number {
    let last = this.atBoundary ? 0 : -1;
    for (let i = 0; i < bytes.length;) {
      const blind = Math.min(this.cursor.blind, bytes.length - i);
      this.cursor.pass(blind);
      i += blind;
      if (i === bytes.length) break;
      const b = u8(bytes, i);
      if (this.cursor.atBoundary && b < Code.text) {
        this.wide = false;
        last = i;
      }
      const ended = this.cursor.take(b);
      i++;
      if (ended) this.wide = this.cursor.text && (this.wide || b >= HIGH);
      if (this.atBoundary) last = i;
    }
    return last;
  }
}
