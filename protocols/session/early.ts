/** Frames that came before one that is missing. docs/protocol/session.md, section 3. */
import type { Bytes } from "../bytes/index.js";
import { Frame } from "../link/frame.js";

export class Early {
  count = 0;
  private _frames: { [sequence: number]: Bytes } = {};

  /** @returns false when it is there already */
  put(sequence: number, frame: Bytes): boolean {
    if (this._frames[sequence]) return false;
    this._frames[sequence] = frame;
    this.count++;
    return true;
  }

  /** The frame with this number, which is forgotten here. */
  take(sequence: number): Bytes | undefined {
    const frame = this._frames[sequence];
    if (frame) {
      delete this._frames[sequence];
      this.count--;
    }
    return frame;
  }

  clear(): void {
    this._frames = {};
    this.count = 0;
  }

  /** For an acknowledgement: bit i says that the frame `expected` + 1 + i is here [SES-9]. */
  bitmap(expected: number): number {
    let bits = 0;
    if (this.count)
      for (let i = 0; i < 16; i++) if (this._frames[(expected + 1 + i) & (Frame.sequences - 1)]) bits |= 1 << i;
    return bits;
  }
}
