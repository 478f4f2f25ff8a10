/** Everything that came over the wire, in order, with times: what a test compares a job with. */
import { closeSync, openSync, writeSync } from "node:fs";

/** A request for status as the printer recognised it on reception. */
export interface Poll {
  /** Position of its first byte in the log. */
  at: number;
  /** The n of DLE EOT n. */
  n: number;
  /** It lay within the data or the parameters of another command. */
  within: boolean;
  /** ms. */
  time: number;
}

/** Bytes that are kept: of more, the newest. */
export const LONGEST_LOG = 64 * 1024 * 1024;
/** Requests for status that are kept: of more, the newest. */
export const MOST_POLLS = 100_000;

/** Two bytes this close have one time, ms. */
const SAME_TIME = 1;

export class WireLog {
  private buffer = Buffer.alloc(4096);
  private length = 0;
  /** Position of the oldest byte that is kept. */
  start = 0;
  polls: Poll[] = [];
  /** Times of bytes, for those that came later than the one before. */
  private marks: { at: number; time: number }[] = [];
  private file: number | undefined;

  /** @param path where the bytes are also written, as they come */
  constructor(path?: string) {
    if (path !== undefined) this.file = openSync(path, "w");
  }

  /** The bytes that are kept, from position `start`. */
  get bytes(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  /** Position of the next byte. */
  get end(): number {
    return this.start + this.length;
  }

  append(data: Uint8Array, time: number): void {
    if (this.file !== undefined) writeSync(this.file, data);
    const last = this.marks.at(-1);
    if (!last || time - last.time >= SAME_TIME) this.marks.push({ at: this.end, time });
    if (this.length + data.length > LONGEST_LOG) this.drop(Math.max(data.length, LONGEST_LOG / 2));
    if (this.length + data.length > this.buffer.length) {
      const larger = Buffer.alloc(Math.max(2 * this.buffer.length, this.length + data.length));
      this.bytes.copy(larger);
      this.buffer = larger;
    }
    this.buffer.set(data, this.length);
    this.length += data.length;
  }

  poll(poll: Poll): void {
    this.polls.push(poll);
    if (this.polls.length > MOST_POLLS) this.polls = this.polls.slice(MOST_POLLS / 2);
  }

  private drop(count: number): void {
    const gone = Math.min(count, this.length);
    this.buffer.copyWithin(0, gone, this.length);
    this.start += gone;
    this.length -= gone;
    this.marks = this.marks.filter((mark, i) => (this.marks[i + 1]?.at ?? Infinity) > this.start);
  }

  /** When the byte at a position came, to 1 ms. */
  timeAt(position: number): number {
    let [low, high] = [0, this.marks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.marks[middle]!.at <= position) low = middle + 1;
      else high = middle;
    }
    return this.marks[low - 1]?.time ?? NaN;
  }

  /** The log file is complete. */
  close(): void {
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
  }
}
