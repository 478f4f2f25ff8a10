/** One end of a connection to something on the other side, after the BSD model. docs/protocol/socket.md. */
import { be32, EMPTY, isEmpty, join, slice } from "../bytes/index.js";
import type { Bytes } from "../bytes/index.js";
import type { Failure } from "../errors/index.js";
import { nothing } from "../nothing.js";

/** Socket types; the numbers travel in OPEN and are Linux's [SOCK-2]. */
export const enum Type {
  /** Bytes, in order, once. */
  stream = 1,
  /** Messages that may be lost: the newest win. */
  datagram = 2,
  /** Messages in order, once: transactions on a bus, each answered by one. */
  raw = 3,
  /** Messages, once, as soon as they come: one that was resent does not hold up those behind it. */
  rdm = 4,
  /** Records of bytes, in order, once; a record may be far longer than a frame. */
  seqpacket = 5,
}

/** Control operations [SOCK-3]. */
export const enum Op {
  /** type (1), the opener's credit for the other (4), address (text). */
  open = 1,
  /** credit for the opener (4). */
  accept = 2,
  /** failure (text). */
  refuse = 3,
  /** No more bytes will come this way. */
  fin = 4,
  /** failure (text): both ways are over. Answered by gone. */
  reset = 5,
  /** The reset has come: the channel may be used again. */
  gone = 6,
  /** number (1), `name` or `name=value` (text): an option of what the other side has there [SOCK-12]. */
  option = 7,
  /** number (1), value or failure (text): the answer to the option of that number. */
  answer = 8,
}

/** States of a socket [SOCK-5]. */
export const enum Phase {
  /** The opener waits, or the opened one has not decided yet. */
  opening = 0,
  open = 1,
  /** A reset was sent; what still comes is ignored until it is answered. */
  resetting = 2,
  closed = 3,
}

/** How a socket reaches the layer below. */
export interface Channel {
  /** The socket whose full frames go out without a detour, or null. */
  bulk: Socket | null;
  /** Datagrams that any socket had to drop. */
  pushedOut: number;
  /** What has the link: `post` of it sends at once when nothing waits, and says whether it has. */
  readonly owner: { post?(socket: Socket, data: Bytes): boolean };
  /** The socket has something to send. */
  ready(socket: Socket): void;
  /** The socket wants to grant credit. */
  grant(socket: Socket): void;
}

/** Bounds of a socket's queues [SOCK-7]. */
export const enum Bound {
  /** Datagrams that wait; the newest push out the oldest. */
  datagrams = 8,
  /** Bytes of the longest record [SOCK-9]. */
  record = 16777216,
}

export class Socket {
  // What each frame needs comes first: the interpreter looks for a field from the first one on. What is not there
  // yet, or false, costs a board nothing: it is not written down before it has a value.
  /** Absolute count of bytes, modulo 2^32: the peer lets us send up to `limit`; `credit` bytes of that are to go. */
  credit = 0;
  limit = 0;
  /**
   * Instead of `send`, for a stream whose bytes are made when they may go: gives exactly `n` of them, or EMPTY when
   * there are fewer; say `wake` when there are more, or set it to null and send the rest. Of a record, send the rest and
   * say `record`; then it may be set again.
   */
  source: ((n: number) => Bytes) | null | undefined;
  /** What `source` says: it has no more, and is not asked behind full frames until `wake`. */
  paused: boolean | undefined;
  /** The other way, an absolute count as well: the peer may send up to `granted`; `room` bytes of that are to come. */
  room = 0;
  granted: number;
  /** Bytes used up and not granted again: see `consume`. */
  owed = 0;
  /**
   * Bytes of the stream or record, or one message: those of the frame from `from` up to, not including, `to`. On the
   * board cutting them out costs as much as their CRC: only who keeps them should. Say `consume` when they are used up;
   * of a message, and of a record's end, one byte more [SOCK-6].
   */
  ondata: (frame: Bytes, from: number, to: number) => void = nothing;
  phase: Phase = Phase.opening;
  /** 3 first … 0 last. */
  priority = 0;
  /** SO_SNDBUF: `send` says false beyond it; messages of reliable types beyond it are not taken. */
  declare sendBuffer: number;
  /** The peer's SO_RCVBUF, as its first credit shows it. */
  peerBuffer = 0;
  /** Datagrams pushed out of a full queue, and bytes that came after the end. */
  declare pushedOut: number;
  /** Bytes that are left of its turn among sockets of its priority. */
  turn = 0;
  /** Bytes that wait to be sent, and one for each record's end or message. */
  queued = 0;
  /** 1 where a frame is a message, 0 where it is a piece of something longer. */
  readonly whole: 0 | 1;
  /** An urgent message that waits to be sent [SOCK-11]. */
  oob: Bytes | undefined;
  /** How much had been received when the record under way began. */
  begun?: number;
  /** A record ends with what `take` gave. */
  isLast: boolean | undefined;
  /** Tag of the frames with its bytes, once it is open. */
  word = -1;
  /** Its key among the session's streams, while full frames may come. */
  declare head: string;
  /** Whether the session's list of sockets with work holds it, and that of credits to grant. */
  listed: boolean | undefined;
  granting: boolean | undefined;
  /** Half-closed: ours was sent, theirs has come. */
  finSent: boolean | undefined;
  finReceived: boolean | undefined;
  onopen?: () => void;
  onend?: () => void;
  /** Seqpacket: the record of so many bytes that came in pieces is whole. */
  onrecord?: (length: number) => void;
  /** The peer asks for an option, or sets it: what it is, or a failure. */
  onoption?: (text: string) => string;
  /** The peer's answer to an option. */
  onanswer?: (number: number, text: string) => void;
  /** Stream: an urgent byte (or none: a mark) from between those before and those after byte `mark`, modulo 2^32. */
  onurgent?: (data: Bytes, mark: number) => void;
  /** Room again after `send` said false. */
  ondrain?: () => void;
  /** Over: "" when both ways ended in order, else why. Called once. */
  onclose?: (failure: Failure) => void;
  /** A control message that goes before any data. */
  control: Bytes | undefined;
  private _queue: Bytes[] = [];
  private _ending: boolean | undefined;
  private _full: boolean | undefined;

  /**
   * @param receiveBuffer SO_RCVBUF in bytes: the credit that the peer gets
   */
  constructor(
    private readonly _below: Channel,
    readonly channel: number,
    readonly type: Type,
    public receiveBuffer: number,
  ) {
    this.granted = this.room = receiveBuffer;
    this.whole = type != Type.stream && type != Type.seqpacket ? 1 : 0;
  }

  /** Bytes that have gone, modulo 2^32. */
  sentCount(): number {
    return (this.limit - this.credit) >>> 0;
  }

  /** The peer lets us send up to `limit`. Acknowledgements may overtake each other: it never goes back [SOCK-6]. @resident */
  extend(limit: number): void {
    const more = (limit - this.limit) | 0;
    if (more <= 0) return;
    if (!this.peerBuffer) this.peerBuffer = limit;
    this.limit = limit | 0;
    this.credit += more;
  }

  /** Bytes that have come, modulo 2^32. */
  receivedCount(): number {
    return (this.granted - this.room) >>> 0;
  }

  /** Before it is accepted: another SO_RCVBUF. */
  enlarge(receiveBuffer: number): void {
    this.granted = this.room = this.receiveBuffer = receiveBuffer;
  }

  /** Before it is accepted: the peer may send nothing until `consume` is called. @resident */
  withhold(): void {
    this.owed = this.granted;
    this.granted = this.room = 0;
  }

  /**
   * Queues bytes of the stream or record, or one message. Returns false when the caller should wait for `ondrain`. A
   * message of a raw or rdm socket was then not taken: send it again.
   */
  send(data: Bytes): boolean {
    if (this._ending || this.phase > Phase.open) return false;
    const n = data.length;
    if (this.whole) {
      const queue = this._queue;
      if (this.type != Type.datagram) {
        if (queue.length && this.queued + n >= this.sendBuffer) return !(this._full = true);
      } else if (queue.length >= Bound.datagrams) {
        this.queued -= queue.shift()!.length + 1;
        this.pushedOut++;
        this._below.pushedOut++;
      }
      this.queued++;
    } else if (!n) return false;
    this._queue.push(data);
    this.queued += n;
    this._below.ready(this);
    this._full = this.queued >= this.sendBuffer;
    return !this._full || (this.whole == 1 && this.type != Type.datagram);
  }

  /** The record of a seqpacket socket ends behind what was sent, or made by `source`. Returns what `send` does. */
  record(): boolean {
    if (this._ending || this.phase > Phase.open) return false;
    this._queue.push(EMPTY);
    this.queued++;
    this._below.bulk = null;
    this._below.ready(this);
    return !(this._full = this.queued >= this.sendBuffer);
  }

  /**
   * One message, or one whole record, and no part of one went before it: `send` and `record` in one, and at once where nothing
   * waits. Not from within anything that the socket calls. Returns what they do.
   */
  post(data: Bytes): boolean {
    const owner = this._below.owner;
    if (!this.queued && this.phase == Phase.open && !this._ending && owner.post && owner.post(this, data)) return true;
    const taken = this.send(data);
    return this.whole ? taken : this.record();
  }

  /**
   * A byte of a stream, or EMPTY for a mark alone, ahead of all that is queued and whether there is credit or not
   * [SOCK-11]. Returns false when the one before it has not gone yet, or the stream is not open.
   */
  urgent(data: Bytes): boolean {
    if (this._ending || this.phase != Phase.open || this.oob) return false;
    this.oob = join(be32(this.sentCount() + this.queued), data);
    this._below.bulk = null;
    this._below.ready(this);
    return true;
  }

  /** `source` has bytes again. */
  wake(): void {
    if (this.listed && !this.paused) return;
    this.paused = false;
    this._below.ready(this);
  }

  /** Half-close: no more bytes this way, after those that are queued. */
  end(): void {
    if (this._ending || this.phase > Phase.open) return;
    this._ending = true;
    this.source = null;
    this._below.ready(this);
  }

  /** The reader has used up `n` bytes: the peer may send as many again [SOCK-6]. */
  consume(n: number): void {
    if ((this.owed += n) * 2 < this.receiveBuffer) return;
    this.settle();
    this._below.grant(this);
  }

  /** What was used up may come again: the peer is to be told. */
  settle(): void {
    this.granted = (this.granted + this.owed) | 0;
    this.room += this.owed;
    this.owed = 0;
  }

  /** Whether there is something that may go now. */
  has(): boolean {
    if (this.control) return true;
    if (this.phase != Phase.open) return false;
    if (this.oob) return true;
    if (this.source || this._queue.length) return this.type == Type.datagram || this.credit > 0;
    return this.atEnd();
  }

  /** Whether something waits for credit. @resident */
  blocked(): boolean {
    if (this.phase != Phase.open || this.type == Type.datagram) return false;
    const first = this._queue[0];
    if (first === undefined) return !!this.source && this.credit <= 0;
    return this.credit < (this.whole ? first.length + 1 : 1);
  }

  /** Whether the half-close comes next. @resident */
  atEnd(): boolean {
    return !!this._ending && !this.finSent && !this._queue.length;
  }

  /** Bytes of the first message that waits. */
  first(): number {
    return this._queue.length ? this._queue[0]!.length : 0;
  }

  /** The next message, or at most `max` bytes of the stream or record within the credit; null when none may go. Of a record `last` says whether it ends. */
  take(max: number): Bytes | null {
    this.isLast = false;
    if (this.whole) return this._message(max);
    if (max > this.credit) max = this.credit;
    if (max <= 0) return null;
    const queue = this._queue;
    if (this.source && !this.paused && !queue.length) {
      const made = this.source(max);
      this.credit -= made.length;
      // It may have sent a rest instead.
      if (!isEmpty(made)) return made;
    }
    let data = queue[0];
    if (data === undefined) return null;
    let n = data.length;
    if (n > max) {
      queue[0] = slice(data, max, n);
      data = slice(data, 0, (n = max));
    } else if (n) {
      queue.shift();
      // Full frames: a shorter one among them costs the board as much, and cuts those behind it across its chunks.
      for (let next; n < max && (next = queue[0]) && !isEmpty(next); n = data.length)
        if (n + next.length > max) {
          queue[0] = slice(next, max - n, next.length);
          data = join(data, slice(next, 0, max - n));
        } else data = join(data, queue.shift()!);
    }
    if (queue.length && isEmpty(queue[0]!) && n < this.credit) {
      queue.shift();
      this.isLast = true;
      n++;
    }
    this.credit -= n;
    this._left(n);
    return data;
  }

  /** @resident */
  private _message(max: number): Bytes | null {
    const queue = this._queue;
    if (this.type != Type.datagram) {
      if (!queue.length || this.credit <= queue[0]!.length) return null;
      this.credit -= queue[0]!.length + 1;
    } else
      while (queue.length && queue[0]!.length > max) {
        // No frame of this link can carry it.
        this.queued -= queue.shift()!.length + 1;
        this.pushedOut++;
        this._below.pushedOut++;
      }
    if (!queue.length) return null;
    const data = queue.shift()!;
    this._left(data.length + 1);
    return data;
  }

  /** Bytes left the queue: the writer is told when there is room again. @resident */
  private _left(n: number): void {
    this.queued -= n;
    if (this._full && this.queued < this.sendBuffer) {
      this._full = false;
      if (this.ondrain) this.ondrain();
    }
  }

  /** Ends at once: nothing queued will go. @resident */
  drop(failure: Failure): void {
    if (this.phase == Phase.closed) return;
    this.phase = Phase.closed;
    this.forget();
    if (this.onclose) this.onclose(failure);
  }

  /** Forgets what is queued: a reset goes out instead. */
  forget(): void {
    this.source = null;
    this._queue = [];
    this.queued = 0;
  }
}

// What most sockets never change they all have from here: a variable of the board less for each of them.
Socket.prototype.sendBuffer = 2048;
Socket.prototype.pushedOut = 0;
Socket.prototype.head = "";
