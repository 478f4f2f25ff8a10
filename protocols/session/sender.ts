/**
 * The sending half of a session: what was sent and is not acknowledged yet, when to send it again, and what has to go
 * again over another link.
 */
import { recycle } from "../bytes/index.js";
import type { Bytes } from "../bytes/index.js";
import { Frame } from "../link/frame.js";

/** Bounds of the adaptive resend timer, in ms [SES-12]. */
export const enum Resend {
  initial = 500,
  least = 200,
  most = 3000,
}

/** Frames under way. @inline */
export function underWay(sender: Sender): number {
  return sender.next - sender.oldest;
}

export class Sender {
  /** Sequenced frames begun so far; that is the number of the next one. */
  next = 0;
  /** Number of the oldest that the peer has not acknowledged. */
  oldest = 0;
  /** Most frames under way, and most of those that may wait for others. */
  window = 1;
  private _bulk = 1;
  /** Number of the first that must wait, of those that may wait for others. */
  until = 1;
  /** Counts frames sent again. */
  resent = 0;
  /** Tags and payloads that were under way on another link and go before anything new: two entries each. */
  backlog: (number | Bytes)[] = [];
  /** Tags and payloads under way, oldest first: two entries each. The tag is 0 for what need not go again. */
  kept: (number | Bytes)[] = [];
  /** Where frames get lost: before this nothing has to be sent again. */
  due = Infinity;
  /** When each was last sent; 0 = send again now, Infinity = the peer has it, not one before it. */
  private _sentAt: number[] = [];
  /** Whether each was sent more than once: its round trip says nothing (Karn). */
  private _again: number[] = [];
  /** Whether anything under way was sent again: then an acknowledgement may show further losses. */
  private _resending = 0;
  /** How long a frame and its acknowledgement take, smoothed, in ms; 0 where nobody measures it. */
  rtt = 0;
  private _variance = 0;
  /** How long an acknowledgement is waited for, in ms. Before the first one a host may know better from the handshake. */
  timer: number = Resend.initial;

  /**
   * A new link: numbers begin anew, and what was under way has to go again.
   * @param window most frames under way
   */
  renew(window: number): void {
    const again: (number | Bytes)[] = [];
    const kept = this.kept;
    for (let i = 0; i < kept.length; i += 2) if (kept[i]) again.push(kept[i]!, kept[i + 1]!);
    this.backlog = again.concat(this.backlog);
    this.next = this.oldest = this._resending = this.rtt = this._variance = 0;
    this.timer = Resend.initial;
    this.due = Infinity;
    this.window = window;
    // Slots that alarms find free, however much else is under way [SES-16].
    this.until = this._bulk = window < 4 ? window : window - (window < 8 ? 1 : 2);
    this.kept = [];
    this._sentAt = [];
    this._again = [];
  }

  /** Keeps what went out in a frame until it is acknowledged. @param now 0 where nothing gets lost */
  keep(word: number, payload: Bytes, now: number): void {
    this.next++;
    this.kept.push(word, payload);
    if (!now) return;
    if (now + this.timer < this.due) this.due = now + this.timer;
    this._sentAt.push(now);
    this._again.push(0);
  }

  /**
   * Takes an acknowledgement where frames get lost [SES-9].
   * @param cumulative the low bits of the number that the peer expects next
   * @param bitmap bit i: the peer has frame cumulative + 1 + i
   * @later lossy
   */
  acknowledge(cumulative: number, bitmap: number, now: number): void {
    const gone = (cumulative - this.oldest) & (Frame.sequences - 1);
    if (!this.free(gone)) return;
    let newest = 0;
    if (gone) {
      newest = this._sentAt[gone - 1]!;
      // What arrived out of order was away for as long as the one before it was missing.
      if (newest == Infinity) newest = 0;
      // The oldest has waited longest: the peer acknowledges several at once, and later than they came.
      const oldest = this._sentAt[0]!;
      if (oldest && oldest < Infinity && !this._again[0]) this._sample(now - oldest);
      this._sentAt.splice(0, gone);
      this._again.splice(0, gone);
    }
    if ((bitmap || this._resending) && underWay(this)) this._holes(bitmap, newest);
    // The timer may be a shorter one now.
    this.due = underWay(this) ? 0 : Infinity;
  }

  /** The oldest `gone` are there. @returns false when there are not so many */
  free(gone: number): boolean {
    if (gone > this.next - this.oldest) return false;
    this.oldest += gone;
    this.until = this.oldest + this._bulk;
    recycle(this.kept.splice(0, 2 * gone));
    return true;
  }

  /**
   * The session goes on over another link: what had arrived need not go again.
   * @param count frames that the peer had got in order
   * @param have bit i: message count + 1 + i was delivered
   * @returns false when that cannot be
   */
  arrived(count: number, have: number): boolean {
    if (!(count >= this.oldest && count <= this.next)) return false;
    this.free((count - this.oldest) & (Frame.sequences - 1));
    for (let i = 1; i < underWay(this) && i <= 16; i++) if ((have >> (i - 1)) & 1) this.kept[2 * i] = 0;
    return true;
  }

  /** Which of those under way has to be sent again now, counted from the oldest; -1 for none. @later lossy */
  again(now: number): number {
    let due = Infinity;
    for (let i = 0; i < this._sentAt.length; i++) {
      const at = this._sentAt[i]! + (this._sentAt[i] ? this.timer : 0);
      if (now >= at) {
        // Silence, not a reported gap: the next try waits twice as long.
        if (this._sentAt[i]) this.timer = Math.min(Resend.most, this.timer * 2);
        this._sentAt[i] = now;
        this._again[i] = this._resending = 1;
        this.resent++;
        return i;
      }
      if (at < due) due = at;
    }
    this.due = due;
    return -1;
  }

  /** Frames sent before one that has arrived, and not there themselves, are lost: they go again now. */
  private _holes(bitmap: number, newest: number): void {
    for (let i = 1; i < this._sentAt.length && i <= 16; i++)
      if ((bitmap >> (i - 1)) & 1 && this._sentAt[i]! < Infinity) {
        newest = Math.max(newest, this._sentAt[i]!);
        this._sentAt[i] = Infinity;
      }
    this._resending = 0;
    for (let i = 0; i < this._sentAt.length; i++)
      if (this._sentAt[i]! < newest) {
        this._sentAt[i] = 0;
        this._resending = 1;
      }
  }

  /** RFC 6298's estimate, in ms. @later lossy */
  private _sample(rtt: number): void {
    if (!this.rtt) {
      this.rtt = rtt;
      this._variance = rtt / 2;
    } else {
      this._variance += (Math.abs(this.rtt - rtt) - this._variance) / 4;
      this.rtt += (rtt - this.rtt) / 8;
    }
    this.timer = Math.max(Resend.least, Math.min(Resend.most, this.rtt + 4 * this._variance));
  }
}
