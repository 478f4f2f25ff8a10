/**
 * The receive ring: between pieces that an interrupt brings and one reader that comes for them when it has time. One writer, one reader, a fixed
 * bound. Whatever the source, a piece is copied, counted and stamped here and nothing else; what does not fit is counted, and
 * becomes a gap record.
 */
import { EMPTY, join } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";

export class Ring {
  /** Bytes that found no room since they were last told. */
  over = 0;
  /** Most bytes that ever waited. */
  high = 0;
  /** When the first and the last piece that wait came, in seconds. */
  since = 0;
  at = 0;
  data: Bytes = EMPTY;

  /** @param size most bytes that wait */
  constructor(readonly size: number) {}

  put(piece: Bytes, at: number): void {
    const length = this.data.length + piece.length;
    // Nor does what comes behind it, until that is told: what is lost has one place.
    if (this.over || length > this.size) {
      this.over += piece.length;
      return;
    }
    if (!this.data.length) this.since = at;
    this.data = join(this.data, piece);
    this.at = at;
    if (length > this.high) this.high = length;
  }

  take(): Bytes {
    const data = this.data;
    this.data = EMPTY;
    return data;
  }
}
