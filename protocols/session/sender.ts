/** The sending half of a session: the window of frames not yet acknowledged, and when to send one again. */
import { EMPTY } from "../bytes/index.js";
import type { Bytes } from "../bytes/index.js";
import { Frame } from "../link/frame.js";

/** Bounds of the adaptive resend timer, in ms [SES-12]. */
export const enum Resend {
  initial = 500,
  least = 200,
  most = 3000,
}

export class Sender {
  /** Sequence number of the next new frame, and of the oldest that the peer has not acknowledged. */
  next = 0;
  oldest = 0;
  /** Most frames under way. */
  window = 1;
  /** Counts frames sent again. */
  resent = 0;
  /** Frames under way, oldest first; EMPTY where the peer has it already but not one before it. */
  private _frames: Bytes[] = [];
  /** When each was last sent; 0 = send again now. */
  private _sentAt: number[] = [];
  /** Whether each was sent more than once: its round trip says nothing (Karn). */
  private _again: number[] = [];
  /** Whether anything under way was sent again: then an acknowledgement may show further losses. */
  private _resending = 0;
  private _rtt = 0;
  private _variance = 0;
  private _timer: number = Resend.initial;

  /** A new session: nothing is under way. */
  reset(window: number): void {
    this.next = this.oldest = this._resending = this._rtt = this._variance = 0;
    this._timer = Resend.initial;
    this.window = window;
    this._frames = [];
    this._sentAt = [];
    this._again = [];
  }

  /** Frames under way. */
  under(): number {
    return (this.next - this.oldest) & (Frame.sequences - 1);
  }

  /** Keeps a frame that went out until it is acknowledged. */
  keep(frame: Bytes, now: number): void {
    this._frames.push(frame);
    this._sentAt.push(now || 1);
    this._again.push(0);
  }

  /**
   * Takes an acknowledgement's number.
   * @param cumulative the sequence number that the peer expects next
   * @returns how many frames leave the window, or -1 when the acknowledgement is old, or impossible
   */
  passed(cumulative: number): number {
    const gone = (cumulative - this.oldest) & (Frame.sequences - 1);
    if (gone > this.under()) return -1;
    this.oldest = cumulative;
    return gone;
  }

  /**
   * Takes an acknowledgement where frames are kept [SES-9].
   * @param bitmap bit i: the peer has frame cumulative + 1 + i
   */
  acknowledge(cumulative: number, bitmap: number, now: number): void {
    const frames = this._frames;
    const gone = this.passed(cumulative);
    if (gone < 0) return;
    let newest = 0;
    if (gone) {
      newest = this._sentAt[gone - 1]!;
      if (newest && !this._again[gone - 1]) this._sample(now - newest);
      frames.splice(0, gone);
      this._sentAt.splice(0, gone);
      this._again.splice(0, gone);
    }
    if ((bitmap || this._resending) && frames.length) this._holes(bitmap, newest);
  }

  /** A frame whose time has come to be sent again, or EMPTY. */
  again(now: number): Bytes {
    for (let i = 0; i < this._frames.length; i++)
      if (this._frames[i]!.length && now >= this._sentAt[i]! + (this._sentAt[i] ? this._timer : 0)) {
        // Silence, not a reported gap: the next try waits twice as long.
        if (this._sentAt[i]) this._timer = Math.min(Resend.most, this._timer * 2);
        this._sentAt[i] = now || 1;
        this._again[i] = this._resending = 1;
        this.resent++;
        return this._frames[i]!;
      }
    return EMPTY;
  }

  /** When `again` will have something, or Infinity. */
  deadline(): number {
    let least = Infinity;
    for (let i = 0; i < this._frames.length; i++)
      if (this._frames[i]!.length) least = Math.min(least, this._sentAt[i]! + (this._sentAt[i] ? this._timer : 0));
    return least;
  }

  /** Frames sent before one that has arrived, and not there themselves, are lost: they go again now. */
  private _holes(bitmap: number, newest: number): void {
    for (let i = 1; i < this._frames.length && i <= 16; i++)
      if ((bitmap >> (i - 1)) & 1) {
        newest = Math.max(newest, this._sentAt[i]!);
        this._frames[i] = EMPTY;
      }
    this._resending = 0;
    for (let i = 0; i < this._frames.length; i++)
      if (this._frames[i]!.length && this._sentAt[i]! < newest) {
        this._sentAt[i] = 0;
        this._resending = 1;
      }
  }

  /** RFC 6298's estimate, in ms. */
  private _sample(rtt: number): void {
    if (!this._rtt) {
      this._rtt = rtt;
      this._variance = rtt / 2;
    } else {
      this._variance += (Math.abs(this._rtt - rtt) - this._variance) / 4;
      this._rtt += (rtt - this._rtt) / 8;
    }
    this._timer = Math.max(Resend.least, Math.min(Resend.most, this._rtt + 4 * this._variance));
  }
}
