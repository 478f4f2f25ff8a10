/** Frames that came before one that is missing. docs/protocol/session.md, section 3. */
import { isEmpty } from "../bytes/index.js";
import type { Bytes } from "../bytes/index.js";
import { Frame } from "../link/frame.js";

export class Early {
  count = 0;
  /** What was delivered at once is EMPTY here. */
  private _payloads: { [sequence: number]: Bytes } = {};
  private _words: { [sequence: number]: number } = {};

  /** @returns false when it is there already */
  put(sequence: number, word: number, payload: Bytes): boolean {
    if (this._words[sequence]) return false;
    this._words[sequence] = word;
    this._payloads[sequence] = payload;
    this.count++;
    return true;
  }

  /** The tag of the frame with this number, or undefined. */
  word(sequence: number): number | undefined {
    return this._words[sequence];
  }

  /** The payload of the frame with this number, which is forgotten here. */
  take(sequence: number): Bytes {
    const payload = this._payloads[sequence]!;
    delete this._payloads[sequence];
    delete this._words[sequence];
    this.count--;
    return payload;
  }

  clear(): void {
    this._payloads = {};
    this._words = {};
    this.count = 0;
  }

  /**
   * For an acknowledgement: bit i says that the frame `expected` + 1 + i is here [SES-9].
   * @param delivered only those that were delivered at once
   */
  bitmap(expected: number, delivered: boolean): number {
    let bits = 0;
    if (this.count)
      for (let i = 0; i < 16; i++) {
        const sequence = (expected + 1 + i) & (Frame.sequences - 1);
        if (this._words[sequence] && !(delivered && !isEmpty(this._payloads[sequence]!))) bits |= 1 << i;
      }
    return bits;
  }
}
