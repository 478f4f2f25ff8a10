/** Frames that came before one that is missing. docs/protocol/session.md, section 3. */
import { isEmpty } from "../bytes/index.js";
import type { Bytes } from "../bytes/index.js";
import { Frame } from "../link/frame.js";

/** @see Early @later lossy */
export function early(): Early {
  return new Early();
}

export class Early {
  count = 0;
  /** What was delivered at once is EMPTY here. */
  private _payloads: { [sequence: number]: Bytes } = {};
  /** Their tags. */
  words: { [sequence: number]: number } = {};

  /** @returns false when it is there already */
  put(sequence: number, word: number, payload: Bytes): boolean {
    if (this.words[sequence]) return false;
    this.words[sequence] = word;
    this._payloads[sequence] = payload;
    this.count++;
    return true;
  }

  /** The payload of the frame with this number, which is forgotten here. */
  take(sequence: number): Bytes {
    const payload = this._payloads[sequence]!;
    delete this._payloads[sequence];
    delete this.words[sequence];
    this.count--;
    return payload;
  }

  clear(): void {
    this._payloads = {};
    this.words = {};
    this.count = 0;
  }

  /**
   * For an acknowledgement: bit i says that the frame `expected` + 1 + i is here [SES-9].
   * @param delivered only those that were delivered at once
   * @resident udp serial
   */
  bitmap(expected: number, delivered: boolean): number {
    let bits = 0;
    if (this.count)
      for (let i = 0; i < 16; i++) {
        const sequence = (expected + 1 + i) & (Frame.sequences - 1);
        if (this.words[sequence] && !(delivered && !isEmpty(this._payloads[sequence]!))) bits |= 1 << i;
      }
    return bits;
  }
}
