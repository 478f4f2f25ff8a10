/**
 * A session: what makes one link carry sockets. Handshake, order, acknowledgement, keepalive. It reads no clock and
 * sets no timer: bytes and `now` come in; while there is `work`, `poll` gives the next frame to hand to the link; call
 * `timeout` when `deadline` has come. docs/protocol/session.md.
 */
import {
  be16,
  byte,
  crc32,
  EMPTY,
  fromText,
  isEmpty,
  join,
  nameOf,
  slice,
  toText,
  u16,
  u32,
  u8,
} from "../bytes/index.js";
import type { Bytes } from "../bytes/index.js";
import type { Failure } from "../errors/index.js";
import { Decoder } from "../link/decoder.js";
import type { Discard, FrameSink } from "../link/decoder.js";
import {
  encode,
  Frame,
  front,
  headSum,
  Kind,
  kindOf,
  sealed,
  sequenceOf,
  sequenceBytes,
  tag,
  tagOf,
} from "../link/frame.js";
import { Early } from "./early.js";
import { Handshake, plain } from "./handshake.js";
import type { Agreement } from "./handshake.js";
import { Hello, Step } from "./hello.js";
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
  /** So long after the last frame what came is acknowledged, if not earlier. */
  ack = 20,
  /**
   * The same over TCP, where nothing is sent again and nobody waits for it, counted from the last frame in either
   * direction: a short frame in the midst of a stream would cut those behind it across the receiver's chunks.
   */
  ackReliable = 200,
  /** Silence after which a side asks for a sign of life, and how soon it asks again when none comes. */
  keepalive = 5000,
  again = 1000,
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
  /** TCP: nothing is lost or reordered while it lives, so nothing is kept or sent again. */
  reliable: boolean;
  /** UDP: frames never span two chunks. */
  datagram: boolean;
}

/** The layer above: sockets. */
export interface SessionUser {
  /** The handshake is done; the terms are the peer's. */
  opened(terms: Terms): void;
  /** Open streams by what stands before the sequence number of a full frame for them. */
  readonly streams: { [head: string]: Stream };
  /** Payload of a full frame on the way to this side, in bytes; the session says it. */
  full: number;
  /** A stream's peer sent more than its credit. */
  overrun(stream: Stream): void;
  /** A whole frame of kind data, control (in order, once) or datagram. */
  frame(tagWord: number, frame: Bytes): void;
  /**
   * The payload of the next frame, or EMPTY; its tag is then in `tag`.
   * @param room 0 when the window is full: only datagrams may go; 1: those and what has priority 3; 2: everything
   */
  next(max: number, room: number): Bytes;
  /** Tag of what `next` gave, or -1. */
  tag: number;
  /** The only socket with something to send, if it has a source and `next` gave bytes of it, and nothing is due. */
  bulk: Bulk | null;
  /** What is to be granted: pairs of channel (16 bits) and limit (32 bits). @param all every channel again */
  credits(all: boolean): Bytes;
  /** A credit from the peer. */
  credit(channel: number, limit: number): void;
  /** An acknowledgement is to go out: something is to be granted, or the session wants it. */
  due: boolean;
  /** A socket has bytes but no credit. */
  blocked(): boolean;
  /** All is over. */
  closed(failure: Failure): void;
}

/** What the session knows of a stream, so that full frames go to it without a detour. */
export interface Stream {
  /** Bytes that the peer may still send. */
  room: number;
  ondata(frame: Bytes, from: number, to: number): void;
}

/** What the session knows of a stream with a source, so that full frames of it go out without a detour. */
export interface Bulk {
  /** Bytes that the peer lets us send. */
  credit: number;
  /** Tag of its frames. */
  word: number;
  /** Gives exactly `n` bytes, or EMPTY. */
  source: ((n: number) => Bytes) | null;
}

/** Counters of a session; read them at any time. */
export interface Counters {
  /** Sequenced frames, up to the last acknowledgement. */
  received: number;
  duplicates: number;
  discarded: number;
}

export class Session implements FrameSink {
  // What each frame needs comes first: the interpreter looks for a field from the first one on.
  private _residue = -1;
  private readonly _reliable: boolean = false;
  /** When the last valid frame came. */
  heard = 0;
  /** Sequenced frames since the last acknowledgement. */
  private _unacked = 0;
  /** Payload of a full frame on the way to this side, in bytes, and where it ends in the frame. */
  private _full = 0;
  private _end = 0;
  /** There may be something to send: `poll`. While it is false only time can change that: see `deadline`. */
  work = true;
  /** Longest payload on the way to the peer. */
  private _payload = 0;
  readonly sender = new Sender();
  private _mark = 0;
  /** What the full frames of `user.bulk` begin with, and what that adds to their header's check. */
  private _front: Bytes = EMPTY;
  private _sum = 0;
  state: State = State.opening;
  /** The session is not open, or has a handshake's frame to send. */
  private _shaking = true;
  readonly counters: Counters = { received: 0, duplicates: 0, discarded: 0 };
  private readonly _streams: { [head: string]: Stream };
  private readonly _decoder: Decoder;
  /** Why bytes were last discarded. */
  lastDiscard: Discard | "" = "";
  readonly handshake: Handshake;
  /** What the open session agreed on, or null. */
  private _agreed: Agreement | null = null;
  /** When the initiator offers again. */
  private _helloAt: number;
  /** When a handshake has failed. A responder on a serial line listens for ever. */
  private readonly _until: number;
  /** At most `window` frames. */
  private readonly _early = new Early();
  /** The number that was expected at the last acknowledgement. */
  private _acked = 0;
  /** When something other than an acknowledgement was last sent. */
  private _spoke = 0;
  /** An acknowledgement waits no longer. */
  private _late = false;
  /** Where frames get lost: when what came is acknowledged if nothing more comes. */
  private _ackAt = Infinity;
  private _pingAt = Infinity;
  private _ping = 0;
  /** The peer asked for every credit. */
  private _asked = false;
  private _bye: Failure = "";
  /** This side receives TCP in chunks of one full frame. */
  private readonly _chunked: boolean;
  private readonly _initiator: boolean;
  private readonly _window: number;
  private _lifetime: number;

  /**
   * @param initiator whether this side sends the offer
   * @param terms what this side tells of itself
   * @param random gives 32 random bits: the epoch
   */
  constructor(
    initiator: boolean,
    terms: Terms,
    readonly traits: LinkTraits,
    private readonly _user: SessionUser,
    random: () => number,
    now: number,
  ) {
    const reliable = traits.reliable;
    this._initiator = initiator;
    this._streams = _user.streams;
    this._decoder = new Decoder(this, Math.max(terms.payload || 0, Hello.max));
    _user.full = this._full = terms.payload || 0;
    this._end = this._full + Frame.header;
    this._reliable = reliable;
    this._payload = traits.payload;
    this._chunked = reliable && !!terms.chunk;
    this.handshake = new Handshake(initiator, JSON.stringify(terms), random);
    this._window = terms.window || 8;
    this._lifetime = terms.lifetime || Timing.lifetime;
    this.heard = now;
    this._until = initiator || reliable || traits.datagram ? now + Timing.handshake : Infinity;
    this._helloAt = initiator ? 0 : Infinity;
  }

  /** Bytes from the link. If there is `work` then, call `poll`. */
  receive(chunk: Bytes, now: number): void {
    const stream = this._streams[nameOf(chunk, 0, 6)];
    // The usual chunk on a board: one whole frame, full, of an open stream. Its CRC says so, and whose it is.
    if (
      stream &&
      crc32(chunk) == this._residue &&
      chunk.length == this._end + 4 &&
      !this._decoder.half &&
      (this._reliable || sequenceOf(chunk) == this._expected())
    ) {
      this.heard = now;
      this._unacked++;
      if ((stream.room -= this._full) < 0) this._user.overrun(stream);
      else stream.ondata(chunk, Frame.header, this._end);
      if (!this._reliable) this._counted(now);
      return;
    }
    const decoder = this._decoder;
    if (this.state == State.closed) return;
    decoder.push(chunk, now);
    if (decoder.half && this.traits.datagram) decoder.flush(now);
    // An acknowledgement may have waited for the end of a frame: see poll.
    if (this._user.due) {
      this.work = true;
      this._user.bulk = null;
    }
  }

  /** The next frame for the link, or EMPTY when there is nothing to say now. */
  poll(now: number): Bytes {
    const bulk = this._user.bulk;
    const full = this._payload;
    if (bulk && bulk.credit >= full) {
      const data = bulk.source!(full);
      if (!isEmpty(data)) {
        const sender = this.sender;
        const sequence = sender.next;
        sender.next = (sequence + 1) & (Frame.sequences - 1);
        bulk.credit -= full;
        let frame = join(join(this._front, sequenceBytes(this._sum, sequence)), data);
        frame = sealed(frame, this._mark);
        return frame;
      }
    }
    if (this._shaking) {
      const frame = this._shake(now);
      if (!isEmpty(frame) || this.state != State.open) return frame;
    }
    const user = this._user;
    if (user.due) {
      // Once a chunk ends within a frame they all do, which doubles their cost. A sender that gets no credit stops,
      // and its next chunk begins with a frame again.
      if (this._late || !this._chunked || !this._decoder.half) return this._ack();
    }
    const sender = this.sender;
    const reliable = this._reliable;
    if (!reliable && sender.under()) {
      const lost = sender.again(now);
      if (!isEmpty(lost)) return lost;
    }
    const payload = user.next(full, reliable || sender.under() < sender.window ? 2 : 0);
    const word = user.tag;
    if (user.bulk) this._prepare(user.bulk);
    if (word < 0) {
      this.work = false;
      // The grant that would free a blocked socket may have been lost: ask for it [SES-13].
      if (!reliable && user.blocked()) this._pingAt = Math.min(this._pingAt, now + Timing.probe);
      return EMPTY;
    }
    const frame = encode(word, sender.next, payload, this._mark);
    this._spoke = now;
    if (kindOf(word) != Kind.datagram) {
      sender.next = (sender.next + 1) & (Frame.sequences - 1);
      if (!reliable) sender.keep(frame, now);
    }
    return frame;
  }

  /** The frames of this socket that follow are full ones, and differ in nothing but number and payload. */
  private _prepare(bulk: Bulk): void {
    this._front = front(this._payload, bulk.word);
    this._sum = headSum(this._payload, bulk.word);
    // What may have to be sent again takes the long way.
    if (!this._reliable) this._user.bulk = null;
  }

  /** When `timeout` wants to be called, or Infinity. */
  deadline(): number {
    if (this.state == State.closed) return this._bye ? 0 : Infinity;
    if (this.state == State.opening) return Math.min(this._helloAt, this._until);
    let at = Math.min(this._ackTime(), this._pingAt, this.heard + this._lifetime);
    if (!this._reliable) {
      at = Math.min(at, this.sender.deadline());
      if (this._decoder.half) at = Math.min(at, this._decoder.touched + Timing.half);
    }
    return at;
  }

  /** Time has passed. Call `poll` afterwards. */
  timeout(now: number): void {
    if (this.state == State.closed) return;
    if (this._decoder.half && !this._reliable && now >= this._decoder.touched + Timing.half) this._decoder.flush(now);
    this.work = true;
    if (this.state == State.opening) {
      if (now >= this._until)
        this.end("ETIMEDOUT: no devsock board answered; check the address and that the board is on");
      return;
    }
    if (now >= this._ackTime()) this._acknowledge();
    if (now >= this.heard + this._lifetime)
      this.end("ETIMEDOUT: nothing was heard for " + this._lifetime / 1000 + " s; check the cable or the network");
    else if (now >= this._pingAt && !this._user.blocked() && now < this.heard + Timing.keepalive)
      this._pingAt = this.heard + Timing.keepalive;
    else if (now >= this._pingAt) {
      this._ping = 1;
      this._acknowledge();
      this._pingAt = now + Timing.again;
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
    this._shaking = this.work = true;
    this._early.clear();
    this._user.closed(failure);
  }

  /** From the decoder: a candidate frame. */
  frame(frame: Bytes, crc: number, now: number): boolean {
    // What follows the end in the same chunk is nobody's.
    if (this.state == State.closed) return true;
    if (crc != this._residue) {
      const pending = this.handshake.pending;
      if (!pending || crc != pending.residue) return this._stranger(frame, crc, now);
      // The initiator used the new session. One that was open before ends here.
      if (this._agreed) this._user.closed("ECONNRESET: the peer started anew");
      if (!this._begin(pending, now)) return true;
    }
    this.heard = now;
    const word = tagOf(frame);
    const kind = kindOf(word);
    if (kind == Kind.ack) this._acknowledged(frame, now);
    else if (kind == Kind.datagram) this._user.frame(word, frame);
    else if (kind == Kind.bye) this.end(toText(slice(frame, Frame.header, frame.length - 4)));
    else if (kind != Kind.data && kind != Kind.control && kind != Kind.message)
      this.end("EPROTO: a frame of kind " + kind + " came in a session; update the older side");
    else {
      const sequence = sequenceOf(frame);
      if (sequence == this._expected()) {
        this._unacked++;
        this._user.frame(word, frame);
        if (!this._reliable) this._counted(now);
      } else {
        // One before it is missing, or it came already.
        const ahead = (sequence - this._expected()) & (Frame.sequences - 1);
        if (ahead > this._window || !this._early.put(sequence, frame)) this.counters.duplicates++;
        this._acknowledge();
      }
    }
    return true;
  }

  /** From the decoder: bytes that were thrown away. */
  discard(reason: Discard, bytes: number): void {
    this.counters.discarded += bytes;
    this.lastDiscard = reason;
    if (this._reliable)
      this.end(
        "EPROTO: what came is not the devsock protocol (" + reason + "); check that the address is a board's link port",
      );
  }

  /** Sequence number of the next frame in order. */
  private _expected(): number {
    return (this._acked + this._unacked) & (Frame.sequences - 1);
  }

  /** After a frame in order: those that waited for it, and an acknowledgement when it is time. */
  private _counted(now: number): void {
    this._ackAt = now + Timing.ack;
    if (this._unacked > this._window >> 1) this._user.due = this.work = true;
    if (!this._early.count) return;
    let frame: Bytes | undefined;
    while ((frame = this._early.take(this._expected()))) {
      this._unacked++;
      this._user.frame(tagOf(frame), frame);
    }
    this._acknowledge();
  }

  /** When what came is acknowledged if nothing more comes, or Infinity. */
  private _ackTime(): number {
    if (!this._reliable) return this._ackAt;
    return this._unacked || this._user.due ? Math.max(this.heard, this._spoke) + Timing.ackReliable : Infinity;
  }

  /** An acknowledgement goes out at once. */
  private _acknowledge(): void {
    this._user.due = this._late = this.work = true;
    this._user.bulk = null;
  }

  /** The acknowledgement: flags, bitmap, credits. docs/protocol/session.md, section 4. */
  private _ack(): Bytes {
    const expected = this._expected();
    const head = join(byte(this._ping), be16(this._early.bitmap(expected)));
    const payload = join(head, this._user.credits(this._asked));
    this.counters.received += this._unacked;
    this._acked = expected;
    this._unacked = this._ping = 0;
    this._ackAt = Infinity;
    this._asked = this._late = this._user.due = false;
    return encode(tag(Kind.ack, 3, 0), expected, payload, this._mark);
  }

  private _acknowledged(frame: Bytes, now: number): void {
    if (u8(frame, Frame.header) & 1) {
      this._asked = true;
      this._acknowledge();
    }
    // Room in the window: what waits may go.
    this.work = true;
    const sender = this.sender;
    if (this._reliable) sender.passed(sequenceOf(frame));
    else if (sender.under()) sender.acknowledge(sequenceOf(frame), u16(frame, Frame.header + 1), now);
    const end = frame.length - 4;
    for (let at = Frame.header + 3; at < end; at += 6) this._user.credit(u16(frame, at), u32(frame, at + 2));
  }

  /** What is of no session known here: a handshake, or nothing. */
  private _stranger(frame: Bytes, crc: number, now: number): boolean {
    if (crc != plain) return false;
    const kind = kindOf(tagOf(frame));
    const opening = this.state == State.opening;
    const payload = slice(frame, Frame.header, frame.length - 4);
    // No place for a session [SES-15].
    if (kind == Kind.bye && this._initiator && opening) {
      this.end(toText(payload));
      return true;
    }
    if (kind != Kind.hello || payload.length < Hello.fixed) return false;
    const handshake = this.handshake;
    if (!this._initiator) {
      if (u8(payload, 1) == Step.offer) {
        handshake.offered(payload, this._agreed);
        this._shaking = this.work = true;
        this._user.bulk = null;
        if (opening) this.heard = now;
      }
    } else if (opening) {
      const failure = handshake.answered(payload);
      if (failure) this.end(failure);
      else if (handshake.pending && this._begin(handshake.pending, now)) this._acknowledge();
    }
    return true;
  }

  /** A session begins, unless what the peer wants makes no sense: then it is over. @returns whether it has begun */
  private _begin(agreed: Agreement, now: number): boolean {
    let terms: Terms | null = null;
    try {
      terms = JSON.parse(agreed.text) as Terms | null;
    } catch (e) {
      // Said below.
    }
    const most = this.traits.payload;
    const payload = terms ? Math.min(most, terms.payload || most) : 0;
    const window = terms ? Math.min(16, terms.window || 1) : 0;
    // Both comparisons fail for what is no number, too.
    if (!terms || typeof terms != "object" || !(payload >= Hello.least) || !(window >= 1)) {
      this.end("EPROTO: the terms of the handshake make no sense; update the older side");
      return false;
    }
    this.handshake.pending = null;
    this._agreed = agreed;
    agreed.text = "";
    this._mark = agreed.mark;
    this._residue = agreed.residue;
    this._payload = payload;
    if (terms.lifetime! >= Timing.keepalive) this._lifetime = Math.min(this._lifetime, terms.lifetime!);
    this.sender.reset(window);
    this._acked = this._unacked = 0;
    this._ackAt = Infinity;
    this._early.clear();
    this.state = State.open;
    this._shaking = !isEmpty(this.handshake.hello);
    this.work = true;
    this.heard = now;
    this._pingAt = now + Timing.keepalive;
    this._user.opened(terms);
    return true;
  }

  /** Handshake frames and the last word. */
  private _shake(now: number): Bytes {
    if (this.state == State.closed) {
      const bye = this._bye;
      this._bye = "";
      this.work = false;
      return bye ? encode(tag(Kind.bye, 3, 0), 0, fromText(bye), this._mark) : EMPTY;
    }
    const hello = this.handshake.hello;
    if (this._initiator) {
      this.work = false;
      if (now < this._helloAt) return EMPTY;
      this._helloAt = now + Timing.offer;
    } else {
      this.handshake.hello = EMPTY;
      this._shaking = this.state != State.open;
      this.work = !this._shaking;
    }
    return hello;
  }
}
