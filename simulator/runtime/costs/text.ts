/** A program's tokens, and what reading a stretch of it takes. */
import { tokTypes } from "acorn";
import type { Token } from "acorn";
import type { Counts } from "./operations.js";

export class Text {
  private readonly starts: number[] = [];
  /** Letters before each token. */
  private readonly letters: number[] = [];

  constructor(tokens: readonly Token[]) {
    let letters = 0;
    for (const token of tokens) {
      this.starts.push(token.start);
      this.letters.push(letters);
      // Reserved words are one byte.
      if (token.type === tokTypes.name || token.type === tokTypes.num || token.type === tokTypes.string)
        letters += token.end - token.start;
    }
    this.starts.push(Infinity);
    this.letters.push(letters);
  }

  /** Reading from one place in the text to another. */
  read(start: number, end: number): Counts {
    const from = this.indexOf(start);
    const to = Math.max(from, this.indexOf(end));
    return { token: to - from, letter: this.letters[to]! - this.letters[from]! };
  }

  /** The same for an expression or statement that is parsed and not run. */
  parsed(start: number, end: number): Counts {
    const read = this.read(start, end);
    return { ...read, skipped: read.token! };
  }

  /** The first token that begins there or later. */
  private indexOf(at: number): number {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.starts[middle]! < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
