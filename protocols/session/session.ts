/**
 * A session: what makes one link carry sockets. Handshake, order, acknowledgement, keepalive. It reads no clock and
 * sets no timer: bytes and `now` come in; while there is `work`, `poll` gives the next frame to hand to the link; call
 * `timeOut` when `deadline` has come. docs/protocol/session.md.
 */
import {
  be16,
  byte,
  crc32,
  EMPTY,
  fills,
  fromText,
  isEmpty,
  join,
  keepable,
  nameOf,
  own,
  slice,
  startFrame,
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
  sequenceBytes,
  sequenceOf,
  tag,
  tagOf,
} from "../link/frame.js";
import type { Agreement } from "./agreement.js";
import { Room, State, Timing } from "./contract.js";
import type { Bulk, Counters, LinkTraits, Posted, SessionOwner, SessionUser } from "./contract.js";
import { plain } from "./door.js";
import type { Door } from "./door.js";
import { early } from "./early.js";
import type { Early } from "./early.js";
import type { Guard } from "./guard.js";
import { Hello, helloPayload } from "./hello.js";
import type { Terms } from "./hello.js";
import type { Initiator } from "./initiator.js";
import { ofInitiator } from "./roles.js";
import { Sender, underWay } from "./sender.js";

/** As a constant it would take ten of a board's variables. @later gone */
function forgotten(): Failure {
  return "ECONNRESET: the session is over on the other side";
}

export class Session implements FrameSink {
  // What each frame needs comes first: the interpreter looks for a field from the first one on. What is not there
  // yet, or false, costs a board nothing: it is not written down before it has a value.
  private _streams = nobody.streams;
  private _residue = -1;
  /** The time, in ms: whoever gives no `now` says it here now and then. */
  now: number;
  private readonly _reliable: boolean;
  /** When the last valid frame came. */
  heard: number;
  /** Sequenced frames since the last acknowledgement, and whether too many of them call for one. */
  private _unacked = 0;
  private _counts = true;
  /** Payload of a full frame on the way to this side, in bytes, and where it ends in a frame without a key. */
  readonly full: number;
  private readonly _end: number;
  private _guard: Guard | undefined;
  /** There may be something to send: `poll`. While it is false only time can change that: see `deadline`. */
  work = true;
  /** Longest payload on the way to the peer. */
  private _payload: number;
  sender = new Sender();
  private _mark = 0;
  /** What the full frames of `user.bulk` begin with, and what that adds to their header's check. */
  private _front!: Bytes;
  private _sum!: number;
  state: State = State.opening;
  /** The session is not open, or has a handshake's frame to send. */
  private _shaking = true;
  /** The session's name on both sides; 0 before there is one. */
  id = 0;
  readonly counters: Counters = { received: 0, duplicates: 0, discarded: 0 };
  private _user = nobody as SessionUser;
  private readonly _decoder: Decoder;
  /** Why bytes were last discarded. */
  lastDiscard: Discard | undefined;
  /** Responder: the session that its first frame will open [SES-6], and the frame to answer with. */
  private _pending: Agreement | undefined;
  private _reply: Bytes | undefined;
  /** The session, on another link, that is to go on for this one. */
  private _heir: Session | undefined;
  /** What the open session agreed on. */
  private _agreed: Agreement | undefined;
  /** When a handshake has failed, or a session that lost its link is over. A responder on a serial line listens for ever. */
  private _until: number;
  /** At most `window` frames, where frames get lost. */
  private readonly _early: Early | undefined;
  /** Sequenced frames in order up to the last acknowledgement. */
  private _acked = 0;
  /** When something other than an acknowledgement was last sent. */
  private _spoke = 0;
  /** An acknowledgement waits no longer. */
  private _late: boolean | undefined;
  /** Where frames get lost: `deadline` may be near. While it is not set, and for what `sender.due` says, it may be asked less often. */
  restless: boolean | undefined;
  /** So many frames may come without one. */
  private _every = 0;
  /** Where frames get lost: when what came is acknowledged if nothing more comes. */
  private _ackAt = Infinity;
  private _pingAt = Infinity;
  private _ping = 0;
  /** The peer asked for every credit. */
  private _asked: boolean | undefined;
  private _bye: Failure | undefined;
  private _lifetime: number;

  /**
   * @param _terms what this side tells of itself
   * @param initiator what asks for the session, on the side that does
   * @param _door what is asked, on the other side
   */
  constructor(
    private readonly _owner: SessionOwner,
    private readonly _terms: Terms,
    readonly traits: LinkTraits,
    now: number,
    readonly initiator: Initiator | null,
    private readonly _door: Door | null,
  ) {
    const reliable = traits.reliable;
    const asks = ofInitiator(initiator);
    const keyed = asks ? asks.keyed : !traits.trusted && !!_door!.key;
    const check = keyed ? Frame.mac : Frame.check;
    this._decoder = new Decoder(this, Math.max(_terms.payload || 0, Hello.max), check);
    this.full = _terms.payload || 0;
    this._end = this.full + Frame.header;
    this._reliable = reliable;
    this._payload = traits.payload;
    if (!reliable) this._early = early();
    this._lifetime = _terms.lifetime || Timing.lifetime;
    this.now = this.heard = now;
    this._until = asks ? now + Timing.handshake : reliable || traits.datagram ? now + Timing.confirm : Infinity;
  }

  /** Sequenced frames that have come in order. */
  count(): number {
    return this._acked + this._unacked;
  }

  /** Which messages beyond the next one were delivered: `have` of the terms. */
  arrivals(): number {
    return this._early ? this._early.bitmap(this.count(), true) : 0;
  }

  /** Whether the peer has acknowledged all that was sent. */
  settled(): boolean {
    return !underWay(this.sender) && !this.sender.backlog.length;
  }

  /** Whether this session has this name; one that waits for its first frame begins: who asks for it has our answer. */
  answersTo(id: number, now: number): boolean {
    const pending = this._pending;
    this.now = now;
    return this.id == id || (!!pending && pending.id == id && this._establish(pending));
  }

  /** Responder: an offer led to this; it may have come before there was this object. */
  expect(agreed: Agreement): void {
    this._pending = agreed;
    const old = agreed.old;
    if (!old) return;
    // Of several links that were to carry it on only the newest is waited for.
    const heir = old._heir;
    old._heir = this;
    if (!heir || heir == this) return;
    if (heir.state == State.opening) heir.endSession(forgotten());
    else if (heir._pending && heir._pending.old == old) heir._pending = undefined;
  }

  /** Bytes from the link. If there is `work` then, call `poll`. @later input */
  receive(chunk: Bytes, now: number): void {
    this.now = now;
    const guard = this._guard;
    const reliable = this._reliable;
    // A call less on the way into a session that is to begin: it is the deepest there is (docs/decisions/0003).
    if (!guard && reliable && this.state == State.open) return this.take(chunk);
    const stream = this._user.streams[nameOf(chunk, 0, 6)];
    // As in `take`, with a key, or where frames get lost.
    if (stream && !this._decoder.half && chunk.length == this._end + (guard ? Frame.mac : Frame.check)) {
      const count = this._acked + this._unacked;
      const bytes =
        !reliable && sequenceOf(chunk) != (count & LOW)
          ? null
          : guard
            ? guard.open(chunk, count)
            : crc32(chunk) == this._residue
              ? chunk
              : null;
      if (bytes) {
        const from = guard ? 0 : Frame.header;
        this.heard = now;
        this._unacked++;
        if ((stream.room -= this.full) < 0) this._user.overrun(stream);
        else stream.ondata(bytes, from, from + this.full);
        if (this._counts) this._counted();
        return;
      }
    }
    this._any(chunk);
  }

  /** The same over TCP without a key, at the time that `now` says. */
  take(chunk: Bytes): void {
    const stream = this._streams[nameOf(chunk, 0, 6)];
    // The usual chunk on a board: one whole frame, full, of an open stream. Its CRC says so, and whose it is.
    if (stream && fills(chunk, this._end + Frame.check) && crc32(chunk) == this._residue) {
      this.heard = this.now;
      this._unacked++;
      if ((stream.room -= this.full) < 0) this._user.overrun(stream);
      else stream.ondata(chunk, Frame.header, this._end);
      if (this._counts) this._counted();
    } else this._any(chunk);
  }

  /** The next frame for the link, or EMPTY when there is nothing to say now. @resident */
  poll(now: number): Bytes {
    const sender = this.sender;
    const full = this._payload;
    const bulk = this._user.bulk;
    const reliable = this._reliable;
    // Where frames get lost, what has to go again and acknowledgements come first.
    if (
      bulk &&
      !bulk.paused &&
      bulk.credit >= full &&
      sender.next < sender.until &&
      (reliable || (now < sender.due && !this._user.due))
    ) {
      const data = bulk.source!(full);
      if (!isEmpty(data)) {
        const low = sender.next & LOW;
        bulk.credit -= full;
        if (bulk.paused) this.work = false;
        if (reliable) {
          sender.next++;
          sender.kept.push(bulk.word, own(data));
        } else sender.keep(bulk.word, own(data), now || 1);
        if (this._guard) return this._guard.seal(bulk.word, low, sender.next - 1, data);
        let frame = startFrame(join(this._front, sequenceBytes(this._sum, low)), data);
        frame = sealed(frame, this._mark);
        return frame;
      }
    }
    const user = this._user;
    this.now = now;
    if (this._shaking) {
      const hello = this._shake();
      if (!isEmpty(hello) || this.state != State.open) return hello;
    }
    if (user.due) {
      // Once a chunk ends within a frame they all do, which doubles their cost. A sender that gets no credit stops,
      // and its next chunk begins with a frame again.
      if (this._late || !this._decoder.half || !this._reliable || !this._terms.chunk) return this._ack();
    }
    if (now >= sender.due) {
      const lost = sender.again(now);
      if (lost >= 0)
        return this._encode(sender.kept[2 * lost] as number, sender.oldest + lost, sender.kept[2 * lost + 1] as Bytes);
    }
    const room = sender.next < sender.until ? Room.all : underWay(sender) < sender.window ? Room.urgent : Room.none;
    if (sender.backlog.length) return room ? this._resend() : this._rest();
    const payload = user.next(full, room);
    const word = user.tag;
    if (user.bulk) this._prepare(user.bulk);
    if (word < 0) return this._rest();
    if ((user.idle || (user.bulk && user.bulk.paused)) && !user.due) this.work = false;
    this._spoke = now;
    if (kindOf(word) == Kind.datagram) return this._encode(word, -1, payload);
    return this._sequenced(word, payload);
  }

  /**
   * The frame of a message, or of a whole record: without a detour, for who knows that nothing waits, by `work` of this
   * session.
   * @param urgent other frames may wait: it has a slot that they leave free [SES-16]
   * @returns EMPTY when it cannot go now: then the socket has to send it
   */
  post(socket: Posted, payload: Bytes, now: number, urgent: boolean): Bytes {
    const sender = this.sender;
    const n = payload.length;
    const word = socket.word;
    const datagram = kindOf(word) == Kind.datagram;
    if (this._shaking || n > this._payload - this._user.toll) return EMPTY;
    if (
      !datagram &&
      (socket.credit <= n ||
        (urgent ? sender.backlog.length || underWay(sender) >= sender.window : sender.next >= sender.until))
    )
      return EMPTY;
    this.now = this._spoke = now;
    if (datagram) return this._encode(word, -1, payload);
    socket.credit -= n + 1;
    return this._sequenced(socket.whole ? word : word | Frame.last, payload);
  }

  /** When `timeOut` wants to be called, or Infinity. @resident */
  deadline(): number {
    const state = this.state;
    if (state == State.closed) return this._bye ? 0 : Infinity;
    if (state != State.open) {
      const initiator = ofInitiator(this.initiator);
      return initiator && state == State.opening ? Math.min(initiator.at, this._until) : this._until;
    }
    let at = Math.min(this._ackTime(), this._pingAt, this.heard + this._lifetime);
    if (!this._reliable) {
      at = Math.min(at, this.sender.due);
      if (this._decoder.half) at = Math.min(at, this._decoder.touched + Timing.half);
    }
    return at;
  }

  /** Time has passed. Call `poll` afterwards. @resident */
  timeOut(now: number): void {
    const state = this.state;
    if (state == State.closed) return;
    if (this._decoder.half && !this._reliable && now >= this._decoder.touched + Timing.half) this._decoder.flush(now);
    this.now = now;
    this.work = true;
    if (state != State.open) {
      if (now < this._until) return;
      if (state == State.lost)
        this.endSession("ETIMEDOUT: the link was lost, and no other came within " + this._lifetime / 1000 + " s");
      else
        this.endSession("ETIMEDOUT: " + (ofInitiator(this.initiator) ? "no devsock board answered" : "no handshake"));
      return;
    }
    const guard = this._guard;
    if (guard && Math.max(this.sender.next, guard.sent) > SPENT)
      return this.closeSession("ECONNRESET: the numbers of this session's frames are used up");
    if (now >= this._ackTime()) this._acknowledge();
    if (now >= this.heard + this._lifetime)
      this.endSession("ETIMEDOUT: nothing was heard for " + this._lifetime / 1000 + " s");
    else if (now >= this._pingAt) {
      // The first word of the session is what opens it on the other side: it is said until there is an answer.
      const initiator = ofInitiator(this.initiator);
      const unsure = initiator && this.heard == initiator.begun;
      if (unsure || this._user.anyBlocked() || now >= this.heard + Timing.keepalive) {
        this._ping = 1;
        this._acknowledge();
        this._pingAt = now + (unsure ? Timing.offer : Timing.again);
      } else this._pingAt = this.heard + Timing.keepalive;
    }
  }

  /** Ends the session in order: the peer is told why. Call `poll` until it is EMPTY. @resident */
  closeSession(failure: Failure): void {
    if (this.state == State.open) this._bye = failure;
    this.endSession(failure);
  }

  /** Ends the session without a word to the peer. @resident */
  endSession(failure: Failure): void {
    if (this.state == State.closed) return;
    this.state = State.closed;
    this._shaking = this.work = true;
    if (this._user != nobody) this._user.abandoned(failure);
    else this._owner.ondown(failure);
  }

  /** The link is gone. With open sockets the session waits for another one [SES-17]; else it ends. */
  lose(failure: Failure, now: number): void {
    if (this.state == State.lost) return;
    if ((!this._user.count && this.settled()) || !this.leave(now)) this.endSession(failure);
  }

  /** From now on nothing that comes on this link counts. @returns false when there is nothing to go on elsewhere */
  leave(now: number): boolean {
    // Whoever asks for it gets the time that a handshake takes.
    if (this.state == State.lost) {
      this._until = Math.max(this._until, now + Timing.handshake);
      return true;
    }
    if (this.state != State.open) return false;
    this.state = State.lost;
    this._until = now + this._lifetime;
    this._shaking = true;
    this._residue = -1;
    this._guard = undefined;
    this._user.bulk = null;
    return true;
  }

  /** From the decoder: a candidate frame. */
  frame(frame: Bytes, now: number): boolean {
    // What follows the end in the same chunk is nobody's.
    if (this.state == State.closed) return true;
    const word = tagOf(frame);
    const kind = kindOf(word);
    this.now = now;
    if (kind == Kind.hello) {
      if (crc32(frame) != plain) return false;
      // Here and not in a method of its own: a call less on the deepest way there is (docs/decisions/0003).
      if (ofInitiator(this.initiator)) {
        const initiator = this.initiator!;
        if (this.state != State.opening) return true;
        const failure = initiator.heard(helloPayload(frame));
        if (failure) this.endSession(failure);
        else if (!initiator.agreed) initiator.at = 0;
        else if (this._establish(initiator.agreed)) this._acknowledge();
        return (this.work = true);
      }
      return this._hello(frame);
    }
    let agreed = this._agreed;
    const sequenced = kind != Kind.ack && kind != Kind.datagram && kind != Kind.bye;
    let bytes = this.state == State.open ? opened(agreed!, frame, sequenced, this.count()) : null;
    // Nothing within a good frame is "" on the board.
    if (bytes == null) {
      agreed = this._pending;
      // The initiator used the new session.
      if (!agreed || (bytes = opened(agreed, frame, sequenced, 0)) == null) return false;
      if (!this._establish(agreed)) return true;
    }
    this.heard = now;
    const from = agreed!.guard ? 0 : Frame.header;
    const to = agreed!.guard ? bytes.length : bytes.length - Frame.check;
    if (kind == Kind.ack) this._acknowledged(sequenceOf(frame), bytes, from, to);
    else if (kind == Kind.datagram) this._user.frame(word, bytes, from, to);
    else if (kind == Kind.bye) this.endSession(toText(slice(bytes, from, to)));
    else {
      const sequence = sequenceOf(frame);
      const ahead = (sequence - this.count()) & LOW;
      if (!ahead) {
        this._unacked++;
        this._user.frame(word, bytes, from, to);
        if (this._counts) this._counted();
      } else {
        // One before it is missing, or it came already. A message waits for nothing.
        const message = kind == Kind.message;
        const early = this._early;
        const most = this._terms.window || WINDOW;
        if (!early || ahead > most || !early.put(sequence, word, message ? EMPTY : slice(bytes, from, to)))
          this.counters.duplicates++;
        else if (message) this._user.frame(word, bytes, from, to);
        this._acknowledge();
      }
    }
    return true;
  }

  /** From the decoder: bytes that were thrown away. */
  ondiscard(reason: Discard, bytes: number): void {
    this.counters.discarded += bytes;
    this.lastDiscard = reason;
    if (this._reliable) this.endSession("EPROTO: what came is not the devsock protocol (" + reason + ")");
  }

  /** Any bytes from the link. @resident */
  private _any(chunk: Bytes): void {
    const decoder = this._decoder;
    const length = chunk.length;
    // The other usual chunk: an acknowledgement. It makes no more work when there is some.
    if (
      length <= Frame.overhead + 9 &&
      length >= Frame.overhead + 3 &&
      u8(chunk, 4) >> 5 == Kind.ack &&
      !decoder.half &&
      crc32(chunk) == this._residue
    ) {
      const idle = !this.work;
      this.heard = this.now;
      this._acknowledged(sequenceOf(chunk), chunk, Frame.header, length - Frame.check);
      if (idle && this.work && this._owner.onwork) this._owner.onwork();
      return;
    }
    if (this.state == State.closed || (this.state == State.lost && this._reliable)) return;
    decoder.push(chunk, this.now);
    if (decoder.half) {
      this.restless = true;
      if (this.traits.datagram) decoder.flush(this.now);
    }
    this._streams = this._guard || !this._reliable || decoder.half ? nobody.streams : this._user.streams;
    // An acknowledgement may have waited for the end of a frame: see poll.
    if (this._user.due) {
      this.work = true;
      this._user.bulk = null;
    }
    if (this.work && this._owner.onwork) this._owner.onwork();
  }

  /** One frame, whose payload stands for itself. @param sequence its whole number, or -1 @resident */
  private _encode(word: number, sequence: number, payload: Bytes): Bytes {
    const field = sequence < 0 ? 0 : sequence & LOW;
    return this._guard ? this._guard.seal(word, field, sequence, payload) : encode(word, field, payload, this._mark);
  }

  /** The next frame in the sequence. @resident */
  private _sequenced(word: number, payload: Bytes): Bytes {
    const frame = this._encode(word, this.sender.next, payload);
    this.sender.keep(word, keepable(payload, frame), this._reliable ? 0 : this.now || 1);
    return frame;
  }

  /** Something that was under way on the session's last link; bytes are cut as this link wants them. */
  private _resend(): Bytes {
    const backlog = this.sender.backlog;
    let word = backlog[0] as number;
    let payload = backlog[1] as Bytes;
    const n = payload.length;
    if (n > this._payload && (kindOf(word) == Kind.data || kindOf(word) == Kind.last)) {
      backlog[1] = slice(payload, this._payload, n);
      payload = slice(payload, 0, this._payload);
      word &= Frame.last - 1;
    } else backlog.splice(0, 2);
    return this._sequenced(word, payload);
  }

  /** Nothing may go now. */
  private _rest(): Bytes {
    this.work = false;
    // The grant that would free a blocked socket may have been lost: ask for it [SES-13].
    const user = this._user;
    if (!this._reliable && user.starved && user.anyBlocked()) {
      this._pingAt = Math.min(this._pingAt, this.now + Timing.probe);
      this.restless = true;
    }
    return EMPTY;
  }

  /** The frames of this socket that follow are full ones, and differ in nothing but number and payload. @resident large */
  private _prepare(bulk: Bulk): void {
    this._front = front(this._payload, bulk.word);
    this._sum = headSum(this._payload, bulk.word);
  }

  /** After a frame in order: those that waited for it, and an acknowledgement when it is time. @resident */
  private _counted(): void {
    if (this._unacked > this._every) this._user.due = this.work = true;
    const early = this._early;
    if (!early) return;
    if (!ofInitiator(this.initiator)) this._ackAt = this.now + Timing.ack;
    else if (this._ackAt == Infinity) this._ackAt = this.now + Timing.ackInitiator;
    this.restless = true;
    if (!early.count) return;
    let word: number | undefined;
    while ((word = early.words[this.count() & LOW])) {
      const payload = early.take(this.count() & LOW);
      this._unacked++;
      if (kindOf(word) != Kind.message) this._user.frame(word, payload, 0, payload.length);
    }
    this._acknowledge();
  }

  /** When what came is acknowledged if nothing more comes, or Infinity. @resident */
  private _ackTime(): number {
    if (!this._reliable) return this._ackAt;
    return this._unacked || this._user.due ? Math.max(this.heard, this._spoke) + Timing.ackReliable : Infinity;
  }

  /** An acknowledgement goes out at once. @resident */
  private _acknowledge(): void {
    this._user.due = this._late = this.work = true;
    this._user.bulk = null;
  }

  /** The acknowledgement: flags, bitmap, credits. docs/protocol/session.md, section 4. @resident */
  private _ack(): Bytes {
    const expected = this.count();
    const head = join(byte(this._ping), be16(this._early ? this._early.bitmap(expected, false) : 0));
    const user = this._user;
    user.due = false;
    const payload = join(head, user.credits(!!this._asked, this._payload - user.toll - 3));
    this.counters.received += this._unacked;
    this._acked = expected;
    this._unacked = this._ping = 0;
    this._ackAt = Infinity;
    this._asked = this._late = false;
    this.restless = this._decoder.half;
    const word = tag(Kind.ack, 3, 0);
    return this._guard
      ? this._guard.seal(word, expected & LOW, -1, payload)
      : encode(word, expected & LOW, payload, this._mark);
  }

  /** @resident */
  private _acknowledged(sequence: number, bytes: Bytes, from: number, to: number): void {
    if (to < from + 3) return;
    if (u8(bytes, from) & 1) {
      this._asked = true;
      this._acknowledge();
    }
    const sender = this.sender;
    // Room in the window: what waits may go.
    if (sender.next >= sender.until) this.work = true;
    if (this._reliable) sender.free((sequence - sender.oldest) & LOW);
    else {
      sender.acknowledge(sequence, u16(bytes, from + 1), this.now);
      // What is missing there goes again.
      if (!sender.due) this.work = true;
    }
    for (let at = from + 3; at + 6 <= to; at += 6) this._user.raiseCredit(u16(bytes, at), u32(bytes, at + 2));
  }

  /** Responder: a frame of a handshake. */
  private _hello(frame: Bytes): boolean {
    const door = this._door!;
    this._terms.payload = this.full;
    this._reply = door.knock(
      frame,
      this._terms,
      this._pending || this._agreed || null,
      !!this.traits.trusted,
      this.now,
    );
    if (door.agreed) this.expect(door.agreed);
    if (this.state == State.opening) this.heard = this.now;
    this._shaking = this.work = true;
    this._user.bulk = null;
    return true;
  }

  /** A session begins, unless what the peer wants makes no sense: then it is over. @returns whether it has begun @resident large */
  private _establish(agreed: Agreement): boolean {
    let terms: Terms | null = null;
    try {
      terms = JSON.parse(agreed.text!) as Terms | null;
    } catch (e) {
      // Said below.
    }
    const most = this.traits.payload;
    const payload = terms ? Math.min(most, terms.payload || most) : 0;
    const window = terms ? Math.min(16, terms.window || 1) : 0;
    // Both comparisons fail for what is no number, too.
    if (!terms || typeof terms != "object" || !(payload >= Hello.least) || !(window >= 1)) {
      this.endSession("EPROTO: the terms of the handshake make no sense");
      return false;
    }
    const kept = this._adopt(agreed.old, terms);
    agreed.text = agreed.old = undefined;
    this._pending = undefined;
    this._agreed = agreed;
    this.id = agreed.id;
    this._guard = agreed.guard;
    this._mark = agreed.mark;
    this._residue = agreed.residue;
    this._payload = payload;
    if (terms.lifetime! >= Timing.keepalive) this._lifetime = Math.min(this._lifetime, terms.lifetime!);
    this.sender.renew(this._reliable ? this._terms.keep || MOST_KEPT : window);
    this._counts = !this._reliable || terms.keep! >= 1;
    this._every = (this._reliable ? terms.keep! : this._terms.window || WINDOW) >> 1;
    this._acked = this._unacked = 0;
    this._ackAt = Infinity;
    if (this._early) this._early.clear();
    this.state = State.open;
    this._shaking = !!this._reply && !isEmpty(this._reply);
    this.work = true;
    this.heard = this.now;
    const initiator = ofInitiator(this.initiator);
    if (initiator) initiator.begun = this.now;
    this._pingAt = this.now + (initiator ? Timing.offer : Timing.keepalive);
    this._user.full = this.full;
    this._user.toll = this._guard ? 4 : 0;
    this._user.opened(terms);
    if (!kept) this.closeSession(forgotten());
    return kept;
  }

  /**
   * What serves the sockets: that of the session that goes on here, or a new one.
   * @returns false when this side had promised to go on, and cannot
   */
  private _adopt(old: Session | undefined, terms: Terms): boolean {
    const before = this._user;
    const goesOn =
      old && old.state == State.lost && terms.resume == old.id && old.sender.arrived(terms.next!, terms.have || 0);
    if (before != nobody && !(goesOn && old == this)) before.abandoned("ECONNRESET: the peer started anew");
    if (old && goesOn) {
      this._user = this._owner.begin(old._user);
      this.sender = old.sender;
      // Whatever was granted on the way may be lost.
      this._asked = true;
      if (old != this) old._give();
    } else {
      if (old && old != this) old.endSession(forgotten());
      this.sender = new Sender();
      this._user = this._owner.begin(null);
    }
    this._streams = this._user.streams;
    return goesOn || !old || (!!ofInitiator(this.initiator) && !terms.resume);
  }

  /** All that this session was is another one's now. */
  private _give(): void {
    this.state = State.closed;
    this._user = nobody as SessionUser;
    this._streams = nobody.streams;
    this._heir = undefined;
    this._owner.onmoved();
  }

  /** Handshake frames and the last word. */
  private _shake(): Bytes {
    if (this.state == State.closed) {
      const bye = this._bye;
      this._bye = undefined;
      this.work = false;
      return bye ? this._encode(tag(Kind.bye, 3, 0), -1, fromText(bye)) : EMPTY;
    }
    const initiator = ofInitiator(this.initiator);
    if (initiator) {
      this.work = false;
      if (this.state != State.opening || this.now < initiator.at) return EMPTY;
      initiator.at = this.now + Timing.offer;
      return initiator.hello;
    }
    const reply = this._reply || EMPTY;
    this._reply = undefined;
    this._shaking = this.state != State.open;
    this.work = !this._shaking;
    return reply;
  }
}

/** What a frame of this session holds, as it lies in the frame or, with a key, by itself; null when it is of no such session. @resident */
function opened(agreed: Agreement, frame: Bytes, sequenced: boolean, count: number): Bytes | null {
  const guard = agreed.guard;
  if (!guard) return crc32(frame) == agreed.residue ? frame : null;
  if (!sequenced) return guard.open(frame, -1);
  let ahead = (sequenceOf(frame) - count) & LOW;
  if (ahead > LOW >> 1) ahead -= Frame.sequences;
  return count + ahead < 0 ? null : guard.open(frame, count + ahead);
}

/** What of a frame's number is in its sequence field. */
const LOW = Frame.sequences - 1;

/** Frames out of order that a side keeps unless its terms say so. */
const WINDOW = 8;

/** Frames that a side keeps over TCP unless its terms say fewer: half of what the field can tell apart. */
const MOST_KEPT = 1000;

/** Frames under one key: their number has 32 bits, and this is looked at every few seconds only. */
const SPENT = 2147483647;

/** Before there is a session. */
const nobody: Pick<SessionUser, "streams" | "bulk" | "due" | "count"> = {
  streams: {},
  bulk: null,
  due: false,
  count: 0,
};
