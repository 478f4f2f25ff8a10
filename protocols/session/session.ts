/**
 * A session: what makes one link carry sockets. Handshake, order, acknowledgement, keepalive. It reads no clock and
 * sets no timer: bytes and `now` come in; `poll` gives the next frame to hand to the link; call `timeout` when
 * `deadline` has come. docs/protocol/session.md.
 */
import { be16, byte, EMPTY, fromText, join, slice, toText, u16, u32, u8 } from "../bytes/index.js";
import type { Bytes } from "../bytes/index.js";
import type { Failure } from "../errors/index.js";
import { Decoder } from "../link/decoder.js";
import type { Discard, FrameSink } from "../link/decoder.js";
import { encode, Frame, Kind, kindOf, residue, sequenceOf, tag, tagOf } from "../link/frame.js";
import { encodeHello, Hello, markOf, Step, termsText } from "./hello.js";
import type { Terms } from "./hello.js";
import { Sender } from "./sender.js";

/** States of a session [SES-5]. */
export const enum State {
  /** The initiator offers; the responder listens. */
  opening = 0,
  open = 1,
  closed = 2,
}

/** Times in ms [SES-10] [SES-11]. */
export const enum Timing {
  /** Between two offers. */
  offer = 300,
  /** A handshake that takes longer has failed. */
  handshake = 10000,
  /** An acknowledgement waits at most so long for a second frame. */
  ack = 20,
  /** The same over TCP, where nothing is sent again and nobody waits for it. */
  ackReliable = 200,
  /** Silence after which a side asks for a sign of life, and between two such questions. */
  keepalive = 5000,
  /** A sender without credit on a lossy link asks this often. */
  probe = 500,
  /** Silence after which the session is lost, unless the terms say otherwise. */
  lifetime = 30000,
  /** A half frame on a serial line ends after this silence. */
  half = 250,
}

/** What the link under a session is like. */
export interface LinkTraits {
  /** Longest payload this link's sender may use, in bytes. */
  payload: number;
  /** TCP: nothing is lost or reordered while it lives, so nothing is sent again. */
  reliable: boolean;
  /** UDP: frames never span two chunks. */
  datagram: boolean;
}

/** The layer above: sockets. */
export interface SessionUser {
  /** The handshake is done; the terms are the peer's. */
  opened(terms: Terms): void;
  /** A whole frame of kind data, control (in order, once) or datagram. */
  frame(tagWord: number, frame: Bytes): void;
  /**
   * The payload of the next frame, or EMPTY; its tag is then in `tag`.
   * @param sequenced false when the window is full: only datagrams may go
   */
  next(max: number, sequenced: boolean): Bytes;
  /** Tag of what `next` gave. */
  tag: number;
  /** What is to be granted: pairs of channel (16 bits) and limit (32 bits). @param all every channel again */
  credits(all: boolean): Bytes;
  /** A credit from the peer. */
  credit(channel: number, limit: number): void;
  /** Something is to be granted now. */
  due: boolean;
  /** A socket has bytes but no credit. */
  blocked(): boolean;
  /** All is over. */
  closed(failure: Failure): void;
}

/** Counters of a session; read them at any time. */
export interface Counters {
  received: number;
  sent: number;
  duplicates: number;
  discarded: number;
}

export class Session implements FrameSink {
  state: State = State.opening;
  readonly sender = new Sender();
  readonly counters: Counters = { received: 0, sent: 0, duplicates: 0, discarded: 0 };
  /** When the last valid frame came. */
  heard: number;
  /** Why bytes were last discarded. */
  lastDiscard: Discard | "" = "";
  /** This side's and, once it is known, the peer's epoch. */
  epoch = 0;
  peerEpoch = 0;
  private readonly _decoder: Decoder;
  private _sendMark = 0;
  private _residue = -1;
  private readonly _plain = residue(0);
  /** A handshake that the initiator has not confirmed yet: its mark, residue, epochs and terms [SES-6]. */
  private _pending: { mark: number; residue: number; epoch: number; peerEpoch: number; text: string } | null = null;
  private _hello: Bytes = EMPTY;
  private _helloAt = 0;
  /** When a handshake has failed. A responder on a serial line listens for ever. */
  private readonly _until: number;
  private _expected = 0;
  /** Frames that came before one that is missing. At most `window` of them. */
  private _held: { [sequence: number]: Bytes } = {};
  private _holding = 0;
  private _unacked = 0;
  private _ackAt = Infinity;
  private _pingAt: number;
  private _ping = 0;
  /** The peer asked for every credit. */
  private _asked = false;
  private _bye: Failure = "";
  private _payload: number;
  private readonly _text: string;
  private readonly _window: number;
  private _lifetime: number;

  /**
   * @param initiator whether this side sends the offer
   * @param terms what this side tells of itself
   * @param random gives 32 random bits: the epoch
   */
  constructor(
    private readonly _initiator: boolean,
    terms: Terms,
    readonly traits: LinkTraits,
    private readonly _user: SessionUser,
    private readonly _random: () => number,
    now: number,
  ) {
    this._text = JSON.stringify(terms);
    this._window = terms.window || 8;
    this._lifetime = terms.lifetime || Timing.lifetime;
    this._payload = traits.payload;
    this._decoder = new Decoder(this, Math.max(terms.payload || 0, Hello.max));
    this.heard = now;
    this._until = _initiator || traits.reliable || traits.datagram ? now + Timing.handshake : Infinity;
    this._pingAt = Infinity;
    if (_initiator) {
      this.epoch = _random() >>> 0 || 1;
      this._hello = encode(tag(Kind.hello, 3, 0), 0, encodeHello(Step.offer, this.epoch, 0, this._text), 0);
    } else this._helloAt = Infinity;
  }

  /** Bytes from the link. Call `poll` afterwards. */
  receive(chunk: Bytes, now: number): void {
    if (this.state == State.closed) return;
    this._decoder.push(chunk, now);
    if (this.traits.datagram && this._decoder.rest.length) this._decoder.flush(now);
  }

  /** The next frame for the link, or EMPTY when there is nothing to say now. */
  poll(now: number): Bytes {
    if (this.state != State.open || this._hello.length) {
      const frame = this._shake(now);
      if (frame.length || this.state != State.open) return frame;
    }
    if (this._unacked > this._window >> 1 || now >= this._ackAt || this._user.due) return this._ack();
    const sender = this.sender;
    if (!this.traits.reliable && sender.under) {
      const lost = sender.again(now);
      if (lost.length) return lost;
    }
    const sequenced = sender.under < sender.window;
    const payload = this._user.next(this._payload, sequenced);
    const word = this._user.tag;
    if (word < 0) {
      // The grant that would free a blocked socket may have been lost: ask for it [SES-13].
      if (this._user.blocked() && !this.traits.reliable) this._pingAt = Math.min(this._pingAt, now + Timing.probe);
      return EMPTY;
    }
    this.counters.sent++;
    const frame = encode(word, sender.next, payload, this._sendMark);
    if (kindOf(word) != Kind.datagram) sender.keep(frame, now);
    return frame;
  }

  /** When `timeout` (and then `poll`) wants to be called, or Infinity. */
  deadline(): number {
    if (this.state == State.closed) return this._bye ? 0 : Infinity;
    if (this.state == State.opening) return Math.min(this._helloAt, this._until);
    let at = Math.min(this._ackAt, this._pingAt, this.heard + this._lifetime);
    if (!this.traits.reliable) {
      at = Math.min(at, this.sender.deadline());
      if (this._decoder.rest.length) at = Math.min(at, this._decoder.touched + Timing.half);
    }
    return at;
  }

  /** Time has passed. Call `poll` afterwards. */
  timeout(now: number): void {
    if (this.state == State.closed) return;
    if (this._decoder.rest.length && !this.traits.reliable && now >= this._decoder.touched + Timing.half)
      this._decoder.flush(now);
    if (this.state == State.opening) {
      if (now >= this._until)
        this.end("ETIMEDOUT: no devsock board answered; check the address and that the board is on");
      return;
    }
    if (now >= this.heard + this._lifetime)
      this.end("ETIMEDOUT: nothing was heard for " + this._lifetime / 1000 + " s; check the cable or the network");
    else if (now >= this._pingAt && !this._user.blocked() && now < this.heard + Timing.keepalive)
      this._pingAt = this.heard + Timing.keepalive;
    else if (now >= this._pingAt) {
      this._ping = 1;
      this._ackAt = now;
      this._pingAt = now + Timing.keepalive;
    }
  }

  /** Ends the session in order: the peer is told why. Call `poll` until it is EMPTY. */
  close(failure: Failure): void {
    if (this.state == State.open) this._bye = failure;
    this.end(failure);
  }

  /** Ends the session without a word to the peer: the link is gone. */
  end(failure: Failure): void {
    if (this.state == State.closed) return;
    this.state = State.closed;
    this._held = {};
    this._user.closed(failure);
  }

  /** From the decoder: a candidate frame. */
  frame(frame: Bytes, crc: number, now: number): boolean {
    // What follows the end in the same chunk is nobody's.
    if (this.state == State.closed) return true;
    if (crc != this._residue) return this._other(frame, crc, now);
    this.heard = now;
    const word = tagOf(frame);
    const kind = kindOf(word);
    if (kind == Kind.ack) this._acknowledged(frame, now);
    else if (kind == Kind.datagram) this._user.frame(word, frame);
    else if (kind == Kind.bye) this.end(toText(slice(frame, Frame.header, frame.length - 4)));
    else if (kind != Kind.data && kind != Kind.control)
      this.end("EPROTO: a frame of kind " + kind + " came in a session; update the older side");
    else {
      const sequence = sequenceOf(frame);
      if (sequence == this._expected) {
        this._expected = (sequence + 1) & (Frame.sequences - 1);
        this.counters.received++;
        if (!this._unacked++) this._ackAt = now + (this.traits.reliable ? Timing.ackReliable : Timing.ack);
        this._user.frame(word, frame);
        if (this._holding) this._release();
      } else this._early(frame, sequence, now);
    }
    return true;
  }

  /** From the decoder: bytes that were thrown away. */
  discard(reason: Discard, bytes: number): void {
    this.counters.discarded += bytes;
    this.lastDiscard = reason;
    if (this.traits.reliable)
      this.end(
        "EPROTO: what came is not the devsock protocol (" + reason + "); check that the address is a board's link port",
      );
  }

  /** A frame out of its turn: one before it is missing, or it came already. */
  private _early(frame: Bytes, sequence: number, now: number): void {
    const ahead = (sequence - this._expected) & (Frame.sequences - 1);
    if (ahead <= this._window && !this._held[sequence]) {
      this._held[sequence] = frame;
      this._holding++;
    } else this.counters.duplicates++;
    this._ackAt = now;
  }

  private _release(): void {
    let frame: Bytes | undefined;
    while ((frame = this._held[this._expected])) {
      delete this._held[this._expected];
      this._holding--;
      this._expected = (this._expected + 1) & (Frame.sequences - 1);
      this._unacked++;
      this.counters.received++;
      this._user.frame(tagOf(frame), frame);
    }
  }

  /** Payload of an acknowledgement: flags, bitmap, credits. docs/protocol/session.md, section 4. */
  private _ack(): Bytes {
    let bitmap = 0;
    if (this._holding)
      for (let i = 0; i < 16; i++) if (this._held[(this._expected + 1 + i) & (Frame.sequences - 1)]) bitmap |= 1 << i;
    const flags = this._ping;
    const head = join(byte(flags), be16(bitmap));
    this._unacked = this._ping = 0;
    this._ackAt = Infinity;
    const payload = join(head, this._user.credits(this._asked));
    this._asked = false;
    this.counters.sent++;
    return encode(tag(Kind.ack, 3, 0), this._expected, payload, this._sendMark);
  }

  private _acknowledged(frame: Bytes, now: number): void {
    const flags = u8(frame, Frame.header);
    if (flags & 1) {
      this._asked = true;
      this._ackAt = now;
    }
    if (this.sender.under) this.sender.acknowledge(sequenceOf(frame), u16(frame, Frame.header + 1), now);
    const end = frame.length - 4;
    for (let at = Frame.header + 3; at < end; at += 6) this._user.credit(u16(frame, at), u32(frame, at + 2));
  }

  /** What is not of the open session: the handshake, or the first frame of a session that it made. */
  private _other(frame: Bytes, crc: number, now: number): boolean {
    const pending = this._pending;
    if (pending && crc == pending.residue) {
      this._confirm(now);
      return this.frame(frame, crc, now);
    }
    if (crc != this._plain) return false;
    // No place for a session [SES-15].
    if (kindOf(tagOf(frame)) == Kind.bye && this._initiator && this.state == State.opening) {
      this.end(toText(slice(frame, Frame.header, frame.length - 4)));
      return true;
    }
    if (frame.length < Frame.overhead + Hello.fixed || kindOf(tagOf(frame)) != Kind.hello) return false;
    const payload = slice(frame, Frame.header, frame.length - 4);
    const step = u8(payload, 1);
    if (this._initiator) this._answered(payload, step, now);
    else if (step == Step.offer) this._offered(payload, now);
    return true;
  }

  /** Responder: an offer came. The answer is given again for a repeated offer; nothing ends before it is confirmed. */
  private _offered(payload: Bytes, now: number): void {
    if (u8(payload, 0) != Hello.version) {
      const text =
        "EPROTONOSUPPORT: this side speaks version " +
        Hello.version +
        ", the other " +
        u8(payload, 0) +
        "; update the older one";
      this._hello = encode(tag(Kind.hello, 3, 0), 0, encodeHello(Step.refusal, 0, u32(payload, 2), text), 0);
      return;
    }
    const peerEpoch = u32(payload, 2);
    let epoch = this.state == State.open && peerEpoch == this.peerEpoch ? this.epoch : 0;
    if (!epoch) {
      if (!this._pending || this._pending.peerEpoch != peerEpoch) {
        epoch = this._random() >>> 0 || 1;
        this._pending = {
          mark: markOf(epoch, peerEpoch),
          residue: residue(markOf(peerEpoch, epoch)),
          epoch,
          peerEpoch,
          text: termsText(payload),
        };
      }
      epoch = this._pending.epoch;
    }
    this._hello = encode(tag(Kind.hello, 3, 0), 0, encodeHello(Step.answer, epoch, peerEpoch, this._text), 0);
    if (this.state == State.opening) this.heard = now;
  }

  /** Responder: the initiator used the new session. One that was open before ends here. */
  private _confirm(now: number): void {
    const pending = this._pending!;
    this._pending = null;
    if (this.state == State.open) this._user.closed("ECONNRESET: the peer started anew");
    this.epoch = pending.epoch;
    this.peerEpoch = pending.peerEpoch;
    this._residue = pending.residue;
    this._sendMark = pending.mark;
    this._begin(pending.text, now);
  }

  /** Initiator: an answer or a refusal came. */
  private _answered(payload: Bytes, step: Step, now: number): void {
    if (this.state != State.opening || u32(payload, 6) != this.epoch) return;
    if (step == Step.refusal) return this.end(termsText(payload));
    if (step != Step.answer) return;
    if (u8(payload, 0) != Hello.version)
      return this.end(
        "EPROTONOSUPPORT: the board speaks version " +
          u8(payload, 0) +
          ", this side " +
          Hello.version +
          "; update the older one",
      );
    this.peerEpoch = u32(payload, 2);
    this._sendMark = markOf(this.epoch, this.peerEpoch);
    this._residue = residue(markOf(this.peerEpoch, this.epoch));
    this._hello = EMPTY;
    this._begin(termsText(payload), now);
    this._ackAt = now;
  }

  private _begin(text: string, now: number): void {
    let terms: Terms | null = null;
    try {
      terms = JSON.parse(text) as Terms | null;
    } catch (e) {
      // Said below.
    }
    const most = this.traits.payload;
    const payload = terms ? Math.min(most, terms.payload || most) : 0;
    const window = terms ? Math.min(16, terms.window || 1) : 0;
    // Both comparisons fail for what is no number, too.
    if (!terms || typeof terms != "object" || !(payload >= Hello.least) || !(window >= 1))
      return this.end("EPROTO: the terms of the handshake make no sense; update the older side");
    this._payload = payload;
    if (terms.lifetime! >= Timing.keepalive) this._lifetime = Math.min(this._lifetime, terms.lifetime!);
    this.sender.reset(window);
    this._expected = this._unacked = this._holding = 0;
    this._held = {};
    this.state = State.open;
    this.heard = now;
    this._pingAt = now + Timing.keepalive;
    this._user.opened(terms);
  }

  /** Handshake frames and the last word. */
  private _shake(now: number): Bytes {
    if (this.state == State.closed) {
      const bye = this._bye;
      this._bye = "";
      return bye ? encode(tag(Kind.bye, 3, 0), 0, fromText(bye), this._sendMark) : EMPTY;
    }
    const hello = this._hello;
    if (this._initiator) {
      if (now < this._helloAt) return EMPTY;
      this._helloAt = now + Timing.offer;
    } else this._hello = EMPTY;
    return hello;
  }
}
