/**
 * Frames of a fixed length in what a serial line brings, unit by unit. Begun or damaged in the middle, it looks for the next frame byte by
 * byte; two in a row are one, for a single check of eight bits is right by chance every 256 times. What is skipped is told as damage,
 * a frame's length each, so that frames and damage together are what the device has sent.
 */
import { u8 } from "../../bytes/index.js";
import type { Bytes } from "../../bytes/index.js";

export interface FrameListener {
  /** @returns why these bytes are no frame; empty if they are one */
  check(frame: readonly number[]): string;
  /** Of frames without a check: whether a byte begins one. A frame counts when the byte behind it does: no byte came too many. */
  begins?: (byte: number) => boolean;
  /** @param unit that completed it; below 0 for one of the batch before */
  frame(unit: number, frame: readonly number[]): void;
  damaged(unit: number, cause: string): void;
}

export class Framer {
  /** Not more than two frames. */
  private held: number[] = [];
  private aligned = false;
  /** It was aligned, and all bytes since then are here or counted: it is known which of them begin a frame. */
  private counted = false;
  private cause = "framing";
  /** Bytes skipped since it was aligned or a gap ended, and frames that were told of them; the first half frame of a line is nobody's. */
  private skipped = 0;
  private told = 1;
  /** Bytes to come of a frame whose beginning is missing. */
  private rest = 0;
  /** Bytes that are wanted behind a frame. */
  private readonly ahead: number;

  constructor(
    private readonly length: number,
    private readonly listener: FrameListener,
  ) {
    this.ahead = listener.begins ? 1 : 0;
  }

  push(data: Bytes): void {
    for (let unit = 0; unit < data.length; unit++) {
      if (this.rest > 0) {
        this.rest--;
        continue;
      }
      this.held.push(u8(data, unit));
      while (this.held.length >= (this.aligned ? this.length + this.ahead : 2 * this.length)) {
        if (this.aligned) this.next(unit);
        else this.search(unit);
      }
    }
  }

  /**
   * Bytes are missing: half a frame is none. Where it is known how many, so is where the next frame begins.
   * @returns frames that are missing with them; null where nobody knows
   */
  drop(lost: number | null): number | null {
    const { length } = this;
    const held = this.held.length;
    this.held = [];
    if (this.counted && lost !== null) {
      // Of a damaged frame that was told of some bytes are missing, too.
      const missing = this.skipped + held + lost - this.told * length - this.rest;
      const frames = Math.max(0, Math.ceil(missing / length));
      this.rest = frames * length - missing;
      this.skipped = this.told = 0;
      return frames;
    }
    // A whole frame that waited for its proof is damage: nobody else knows of it.
    for (let frames = Math.floor(held / length); frames > 0; frames--) this.listener.damaged(0, "framing");
    this.rest = 0;
    this.aligned = this.counted = false;
    this.skipped = 0;
    this.told = 1;
    return lost === null ? null : Math.ceil(lost / length);
  }

  private next(unit: number): void {
    const frame = this.held.slice(0, this.length);
    const after = this.held[this.length];
    const { listener } = this;
    const surplus = after !== undefined && listener.begins && !listener.begins(after);
    const cause = listener.check(frame) || (surplus ? "framing" : "");
    if (!cause) {
      this.held = this.held.slice(this.length);
      this.listener.frame(unit - this.ahead, frame);
      return;
    }
    this.aligned = false;
    this.cause = cause;
    this.skip(unit);
  }

  private search(unit: number): void {
    const [first, second] = [this.held.slice(0, this.length), this.held.slice(this.length)];
    if (this.listener.check(first) || this.listener.check(second)) {
      this.skip(unit);
      return;
    }
    this.aligned = this.counted = true;
    this.skipped = this.told = 0;
    this.cause = "framing";
    this.held = second;
    this.listener.frame(unit - this.length, first);
    if (this.ahead === 0) this.next(unit);
  }

  private skip(unit: number): void {
    this.held.shift();
    this.skipped++;
    if (this.told > 0 && this.skipped < (this.told + 0.5) * this.length) return;
    this.told++;
    this.listener.damaged(unit, this.cause);
  }
}
