/** Cuts a stream of bytes into frames and finds its way back after damage. docs/protocol/link.md, section 3. */
import { EMPTY, findPair, join, slice, u16, u8 } from "../bytes/index.js";
import type { Bytes } from "../bytes/index.js";
import { Frame, headerCheck, headSum, Sync } from "./frame.js";

/** Why bytes were thrown away. */
export const enum Discard {
  /** No frame began here. */
  noise = "noise",
  /** A header whose check or length is impossible. */
  header = "header",
  /** A frame whose CRC or MAC is of no session known here: damage, a session that is gone, or a forgery. */
  crc = "crc",
  /** A frame that never got its end. */
  timeout = "timeout",
}

export interface FrameSink {
  /**
   * A candidate with a valid header; whether it is whole its CRC or MAC will say.
   * @returns whether the frame was taken; if not, the search goes on one byte further [LINK-8]
   */
  frame(frame: Bytes, now: number): boolean;
  /** Bytes that belong to no frame, with the reason. */
  ondiscard(reason: Discard, bytes: number): void;
}

export class Decoder {
  /** Bytes of a frame that is not complete. At most one frame of the longest size plus one chunk. */
  rest: Bytes = EMPTY;
  /** Whether there are any. */
  half = false;
  /** When the last byte came: the end of a half frame is counted from here. */
  touched = 0;

  /**
   * @param max longest payload taken [LINK-3]; a longer one in a header is damage
   * @param check bytes behind a payload, but for a handshake's: Frame.check, or Frame.mac on a link with a key
   */
  constructor(
    private readonly _sink: FrameSink,
    public max: number,
    public check: number = Frame.check,
  ) {}

  /** Takes bytes as they come, cut anywhere. */
  push(chunk: Bytes, now: number): void {
    this.touched = now;
    if (this.half) chunk = join(this.rest, chunk);
    // Many a chunk is exactly one frame.
    else if (
      chunk.length >= Frame.overhead &&
      chunk.length <= this.max + Frame.header + this.check &&
      findPair(chunk, Sync.first, Sync.second, 0) == 0 &&
      u16(chunk, 2) == chunk.length - Frame.header - this._behind(chunk, 0) &&
      this._sink.frame(chunk, now)
    )
      return;
    this._scan(chunk, now);
  }

  /** What is left can never be completed: a datagram has ended, or the line was silent too long [LINK-9]. */
  flush(now: number): void {
    while (this.half) {
      const rest = this.rest;
      this._sink.ondiscard(Discard.timeout, 1);
      this._scan(slice(rest, 1, rest.length), now);
    }
  }

  /** Bytes behind the payload of the frame at `at`: a handshake has no key yet. */
  private _behind(chunk: Bytes, at: number): number {
    return u8(chunk, at + 4) >> 5 ? this.check : Frame.check;
  }

  /** @resident udp serial */
  private _scan(chunk: Bytes, now: number): void {
    let at = 0;
    const end = chunk.length;
    while (at < end) {
      if (u8(chunk, at) != Sync.first || (at + 1 < end && u8(chunk, at + 1) != Sync.second)) {
        let next = findPair(chunk, Sync.first, Sync.second, at);
        if (next < 0) next = u8(chunk, end - 1) == Sync.first ? end - 1 : end;
        this._sink.ondiscard(Discard.noise, next - at);
        at = next;
        continue;
      }
      if (at + Frame.header > end) break;
      const length = u16(chunk, at + 2);
      const last = u16(chunk, at + 6);
      if (length > this.max || headerCheck(headSum(length, u16(chunk, at + 4)), last >> 5) != (last & 31)) {
        this._sink.ondiscard(Discard.header, 1);
        at++;
        continue;
      }
      const stop = at + length + Frame.header + this._behind(chunk, at);
      if (stop > end) break;
      const frame = slice(chunk, at, stop);
      if (this._sink.frame(frame, now)) at = stop;
      else {
        this._sink.ondiscard(Discard.crc, 1);
        at++;
      }
    }
    this.half = at < end;
    this.rest = this.half ? slice(chunk, at, end) : EMPTY;
  }
}
