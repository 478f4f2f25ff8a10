/**
 * Puts together the frames that a stream of bytes brings in pieces. A session that gets each long frame by itself takes the short way; most
 * lie in one chunk and are not copied, the others once, and not at each of their pieces.
 */
import { EMPTY, Frame, headerCheck, headSum, join, slice, Sync, u16, u8 } from "../protocols/index.js";
import type { Bytes } from "../protocols/index.js";

/** Frames shorter than this are handed on with their neighbours. */
const LONG = 4096;

const SYNC: number = Sync.word;
const HEADER: number = Frame.header;
const MAC: number = Frame.mac;

export class Reassembly {
  /** A frame that is not whole, and how much of it there is. */
  private frame: Uint8Array | undefined;
  private filled = 0;
  /** Where the last one was put together, if that is free again: with a key, what a frame holds is decrypted to memory of its own. */
  private memory: Uint8Array = EMPTY;
  /** The beginning of a frame whose length is not known. */
  private front: Bytes = EMPTY;

  /**
   * @param max longest payload that is put together here
   * @param check bytes behind a payload, but for a handshake's: Frame.check or Frame.mac
   * @param take gets whole frames, and whatever is none as it came
   */
  constructor(
    private readonly max: number,
    private readonly check: number,
    private readonly take: (bytes: Bytes) => void,
  ) {}

  push(chunk: Bytes): void {
    if (this.frame) chunk = this.fill(this.frame, chunk);
    else if (this.front.length > 0) chunk = join(this.front, chunk);
    this.front = EMPTY;
    let from = 0;
    let at = 0;
    const pass = (to: number): void => {
      if (to > from) this.take(slice(chunk, from, to));
      from = at = to;
    };
    while (chunk.length - at >= HEADER) {
      const total = this.total(chunk, at);
      // What begins with no frame is for the decoder to judge.
      if (total === 0) return pass(chunk.length);
      if (total >= LONG) pass(at);
      if (at + total > chunk.length) break;
      at += total;
      if (total >= LONG) pass(at);
    }
    pass(at);
    if (at < chunk.length) this.keep(slice(chunk, at, chunk.length));
  }

  /** @returns what follows the frame in this chunk */
  private fill(frame: Uint8Array, chunk: Bytes): Bytes {
    const n = Math.min(frame.length - this.filled, chunk.length);
    frame.set(slice(chunk, 0, n), this.filled);
    this.filled += n;
    if (this.filled === frame.length) {
      this.frame = undefined;
      this.take(frame);
    }
    return slice(chunk, n, chunk.length);
  }

  /** The beginning of a frame, if it is one. */
  private keep(rest: Bytes): void {
    const total = rest.length < HEADER ? 0 : this.total(rest, 0);
    if (total > 0) {
      const { memory } = this;
      this.frame = memory.length >= total ? memory.subarray(0, total) : Buffer.allocUnsafe(total);
      if (this.check === MAC && total >= LONG && total > memory.length) this.memory = this.frame;
      this.frame.set(rest);
      this.filled = rest.length;
    } else if (rest.length < HEADER && begins(rest)) this.front = rest;
    else this.take(rest);
  }

  /** Bytes of the whole frame that begins at `at`, or 0 when none does. */
  private total(chunk: Bytes, at: number): number {
    const length = u16(chunk, at + 2);
    const last = u16(chunk, at + 6);
    if (
      u16(chunk, at) !== SYNC ||
      length > this.max ||
      headerCheck(headSum(length, u16(chunk, at + 4)), last >> 5) !== (last & 31)
    )
      return 0;
    return length + HEADER + (u8(chunk, at + 4) >> 5 ? this.check : Frame.check);
  }
}

/** Whether a frame may begin with these bytes. */
function begins(rest: Bytes): boolean {
  return u8(rest, 0) === SYNC >> 8 && (rest.length === 1 || u8(rest, 1) === (SYNC & 255));
}
