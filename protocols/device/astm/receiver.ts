/**
 * The receiving side of ASTM E1381. Bytes and the time come in; answers, deadlines and texts go out. What a frame brings is answered when its
 * taker has decided: an ACK is a promise that the analyser may forget it.
 *
 * A receiver never asks for the line, so both sides cannot want it at once. An ACK that the line loses makes the analyser send the text
 * again in a later transfer: nothing in this protocol tells such a repeat, so takers must know a result by its own identifiers.
 */
import { byte, EMPTY, join, u8 } from "../../bytes/index.js";
import type { Bytes } from "../../bytes/index.js";
import { AROUND_TEXT, Control, decodeFrame, LONGEST_TEXT, NUMBERS, TRIES, Wait } from "./frame.js";
import type { AstmFrame } from "./frame.js";

/** idle: nobody sends; waiting: for a frame; frame: within one; deciding: the taker has a frame and has not answered. */
export type ReceiverState = "idle" | "waiting" | "frame" | "deciding";

/** What a frame brings: `whole` is the text from all of its frames when this is its last one. */
export interface Offer {
  text: Bytes;
  whole: Bytes | null;
}

/** How a transfer ended: by the analyser; no frame came in time; a frame was refused too often; the analyser began another one. */
export type TransferEnd = "EOT" | "timeout" | "refused" | "ENQ";

export interface ReceiverListener {
  send(bytes: Bytes): void;
  /** Answered by `decide`. */
  offer(offer: Offer): void;
  /** A frame was answered with NAK: `framing`, `checksum`, `number`, `too long`, `incomplete`, `not taken`. */
  refused(cause: string): void;
  /** @param lost characters of a text that had begun and is not whole, or was offered and not acknowledged: they count as never sent */
  ended(end: TransferEnd, lost: number): void;
}

export interface ReceiverLimits {
  /** Characters of a frame's text. */
  longest: number;
  /** Characters of a text of several frames. */
  most: number;
}

const MOST = 65_536;

export class AstmReceiver {
  state: ReceiverState = "idle";
  /** Refuses the next transfer: the analyser tries again after 10 s. */
  busy = false;
  readonly counters = { frames: 0, repeats: 0, naks: 0, ignored: 0 };

  /** When the transfer is given up. */
  private until: number | null = null;
  /** When the last character of a frame came. */
  private heard = 0;
  private inside: Bytes = EMPTY;
  private overlong = false;
  /** Number of the last frame that was acknowledged in this transfer. */
  private accepted: number | null = null;
  private offered: AstmFrame | null = null;
  /** What is acknowledged of a text that is not whole. */
  private held: Bytes = EMPTY;
  /** NAKs in a row. */
  private naks = 0;

  constructor(
    private readonly listener: ReceiverListener,
    private readonly limits: ReceiverLimits = { longest: LONGEST_TEXT, most: MOST },
  ) {}

  /** When to call `expire`. */
  get deadline(): number | null {
    const { until } = this;
    return until !== null && this.state === "frame" ? Math.min(until, this.heard + Wait.character) : until;
  }

  push(data: Bytes, now: number): void {
    for (let i = 0; i < data.length; i++) this.take(u8(data, i), now);
  }

  /** The taker's word on what was offered. It is too late when the analyser did not wait for it. */
  decide(taken: boolean, now: number): void {
    const { offered } = this;
    if (this.state !== "deciding" || !offered) return;
    this.offered = null;
    if (!taken) {
      this.refuse("not taken", now);
      return;
    }
    this.accepted = offered.number;
    this.counters.frames++;
    this.held = offered.last ? EMPTY : join(this.held, offered.text);
    this.acknowledge(now);
  }

  /** The time of `deadline` has come. */
  expire(now: number): void {
    if (this.deadline === null || now < this.deadline) return;
    if (this.until !== null && now >= this.until) this.end("timeout");
    // Its end is lost, and the sender has stopped: only now a NAK does not fall into what it sends.
    else this.refuse("incomplete", now);
  }

  private take(character: Control, now: number): void {
    switch (this.state) {
      case "frame":
        this.within(character, now);
        break;
      case "deciding":
        // It owes an answer: an impatient sender's repeat gets the same one.
        if (character == Control.eot) this.end("EOT");
        else if (character == Control.enq) this.restart(now, true);
        else this.counters.ignored++;
        break;
      case "waiting":
        if (character == Control.stx) this.begin(now);
        else if (character == Control.eot) this.end("EOT");
        else if (character == Control.enq) this.restart(now, false);
        else this.counters.ignored++;
        break;
      case "idle":
        if (character == Control.enq) this.establish(now, this.busy);
        else this.counters.ignored++;
    }
  }

  private establish(now: number, refuse: boolean): void {
    if (refuse) {
      this.listener.send(byte(Control.nak));
      return;
    }
    this.accepted = null;
    this.naks = 0;
    this.acknowledge(now);
  }

  /** The sender has forgotten the transfer. While the taker still has a frame of it there cannot be another one. */
  private restart(now: number, refuse: boolean): void {
    this.end("ENQ");
    this.establish(now, refuse || this.busy);
  }

  private begin(now: number): void {
    this.state = "frame";
    this.heard = now;
    this.inside = EMPTY;
    this.overlong = false;
  }

  /** Until LF: what else there is may be damaged, so it is not looked at before. STX alone is sure to begin a frame. */
  private within(character: Control, now: number): void {
    this.heard = now;
    if (character == Control.stx) this.begin(now);
    else if (character == Control.lf) this.complete(now);
    else if (this.inside.length < this.limits.longest + AROUND_TEXT - 1)
      this.inside = join(this.inside, byte(character));
    else this.overlong = true;
  }

  private complete(now: number): void {
    const frame = this.overlong ? "too long" : decodeFrame(this.inside);
    this.inside = EMPTY;
    if (typeof frame == "string") this.refuse(frame, now);
    else if (frame.number === this.accepted) {
      // The answer was lost, and the frame was sent again.
      this.counters.repeats++;
      this.acknowledge(now);
    } else if (frame.number !== ((this.accepted ?? 0) + 1) % NUMBERS) this.refuse("number", now);
    else if (this.held.length + frame.text.length > this.limits.most) this.refuse("too long", now);
    else {
      this.state = "deciding";
      this.until = null;
      this.offered = frame;
      this.listener.offer({ text: frame.text, whole: frame.last ? join(this.held, frame.text) : null });
    }
  }

  private acknowledge(now: number): void {
    this.naks = 0;
    this.answer(Control.ack, now);
  }

  private refuse(cause: string, now: number): void {
    this.counters.naks++;
    this.naks++;
    this.answer(Control.nak, now);
    this.listener.refused(cause);
    // By now the sender has given up, too, and its EOT is ignored.
    if (this.naks >= TRIES) this.end("refused");
  }

  private answer(character: Control, now: number): void {
    this.state = "waiting";
    this.until = now + Wait.frame;
    this.listener.send(byte(character));
  }

  private end(end: TransferEnd): void {
    const lost = this.held.length + (this.offered ? this.offered.text.length : 0);
    this.held = EMPTY;
    this.offered = null;
    this.inside = EMPTY;
    this.state = "idle";
    this.until = null;
    this.listener.ended(end, lost);
  }
}
