/** One end of a connection to something on the other side, after the BSD model. docs/protocol/socket.md. */
import { EMPTY, join, slice } from "../bytes/index.js";
import type { Bytes } from "../bytes/index.js";
import type { Failure } from "../errors/index.js";

/** Socket types; the numbers travel in OPEN [SOCK-2]. */
export const enum Type {
  stream = 1,
  datagram = 2,
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
  /** The socket has something to send. */
  ready(socket: Socket): void;
  /** The socket wants to grant credit. */
  grant(socket: Socket): void;
}

/** Bounds of a socket's queues [SOCK-7]. */
export const enum Bound {
  /** Datagrams that wait; the newest push out the oldest. */
  datagrams = 8,
}

export class Socket {
  phase: Phase = Phase.opening;
  /** 3 first … 0 last. */
  priority = 0;
  /** SO_SNDBUF: `send` says false beyond it. */
  sendBuffer = 2048;
  /** Absolute count of bytes: the peer lets us send up to `limit`, we have sent `sent`; modulo 2^32. */
  limit = 0;
  sent = 0;
  /** The same for the other way: granted to the peer, received, used up by the reader. */
  granted: number;
  received = 0;
  consumed = 0;
  /** Datagrams pushed out of a full queue, and bytes that came after the end. */
  dropped = 0;
  queued = 0;
  /** Whether the session's list of sockets with work holds it. */
  listed = false;
  /** Half-closed: ours was sent, theirs has come. */
  finSent = false;
  finReceived = false;
  onopen: () => void = nothing;
  /** Bytes of the stream, or one datagram. Say `consume` when they are used up. */
  ondata: (data: Bytes) => void = nothing;
  onend: () => void = nothing;
  /** Room again after `send` said false. */
  ondrain: () => void = nothing;
  /** Over: "" when both ways ended in order, else why. Called once. */
  onclose: (failure: Failure) => void = nothing;
  /** A control message that goes before any data, or EMPTY. */
  control: Bytes = EMPTY;
  private _queue: Bytes[] = [];
  private _ending = false;
  private _full = false;

  /**
   * @param receiveBuffer SO_RCVBUF in bytes: the credit that the peer gets
   */
  constructor(
    private readonly _below: Channel,
    readonly channel: number,
    readonly type: Type,
    readonly receiveBuffer: number,
  ) {
    this.granted = receiveBuffer;
  }

  /** Queues bytes of the stream, or one datagram. Returns false when the caller should wait for `ondrain`. */
  send(data: Bytes): boolean {
    if (this._ending || this.phase > Phase.open || !data.length) return false;
    if (this.type == Type.datagram && this._queue.length >= Bound.datagrams) {
      this.queued -= this._queue.shift()!.length;
      this.dropped++;
    }
    this._queue.push(data);
    this.queued += data.length;
    if (!this.listed) this._below.ready(this);
    this._full = this.queued >= this.sendBuffer;
    return !this._full;
  }

  /** Half-close: no more bytes this way, after those that are queued. */
  end(): void {
    if (this._ending || this.phase > Phase.open) return;
    this._ending = true;
    this._below.ready(this);
  }

  /** The reader has used up `n` bytes: the peer may send as many again [SOCK-6]. */
  consume(n: number): void {
    this.consumed = (this.consumed + n) | 0;
    if (((this.granted - this.consumed) | 0) * 2 <= this.receiveBuffer) {
      this.granted = (this.consumed + this.receiveBuffer) | 0;
      this._below.grant(this);
    }
  }

  /** Whether there is a message that may go now. */
  has(): boolean {
    if (this.control.length) return true;
    if (this.phase != Phase.open) return false;
    if (this._queue.length) return this.type == Type.datagram || ((this.limit - this.sent) | 0) > 0;
    return this._ending && !this.finSent;
  }

  /** Whether bytes wait for credit. */
  blocked(): boolean {
    return this.phase == Phase.open && this._queue.length > 0 && this.type == Type.stream && this.limit == this.sent;
  }

  /** The next datagram, or at most `max` bytes of the stream within the credit; EMPTY for the half-close. */
  take(max: number): Bytes {
    const queue = this._queue;
    if (this.type == Type.datagram)
      while (queue.length && queue[0]!.length > max) {
        // No frame of this link can carry it.
        this.queued -= queue.shift()!.length;
        this.dropped++;
      }
    if (!queue.length) return EMPTY;
    let data = queue[0]!;
    if (this.type == Type.stream) {
      const room = (this.limit - this.sent) | 0;
      if (max > room) max = room;
      if (data.length > max) {
        queue[0] = slice(data, max, data.length);
        data = slice(data, 0, max);
      } else {
        queue.shift();
        while (queue.length && data.length + queue[0]!.length <= max) data = join(data, queue.shift()!);
      }
      this.sent = (this.sent + data.length) | 0;
    } else queue.shift();
    this.queued -= data.length;
    return data;
  }

  /** After a frame went out: tells the writer of room. */
  drained(): void {
    if (this._full && this.queued < this.sendBuffer) {
      this._full = false;
      this.ondrain();
    }
  }

  /** Ends at once: nothing queued will go. */
  drop(failure: Failure): void {
    if (this.phase == Phase.closed) return;
    this.phase = Phase.closed;
    this._queue = [];
    this.queued = 0;
    this.onclose(failure);
  }

  /** Forgets what is queued: a reset goes out instead. */
  clear(): void {
    this._queue = [];
    this.queued = 0;
  }
}

function nothing(): void {}
