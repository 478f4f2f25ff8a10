/** One end of a connection to something on the other side, after the BSD model. docs/protocol/socket.md. */
import { EMPTY, isEmpty, join, slice } from "../bytes/index.js";
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
  // What each frame needs comes first: the interpreter looks for a field from the first one on.
  /** Absolute count of bytes, modulo 2^32: the peer lets us send up to `limit`; `credit` bytes of that are to go. */
  credit = 0;
  limit = 0;
  /**
   * Instead of `send`, for a stream whose bytes are made when they may go: gives exactly `n` of them, or EMPTY when
   * there are fewer; say `wake` when there are more, or set it to null and send the rest.
   */
  source: ((n: number) => Bytes) | null = null;
  /** The other way, an absolute count as well: the peer may send up to `granted`; `room` bytes of that are to come. */
  room = 0;
  granted: number;
  /** Bytes used up and not granted again. */
  private _owed = 0;
  /**
   * Bytes of the stream, or one datagram: those of the frame from `from` up to, not including, `to`. On the board
   * cutting them out costs as much as their CRC: only who keeps them should. Say `consume` when they are used up.
   */
  ondata: (frame: Bytes, from: number, to: number) => void = nothing;
  phase: Phase = Phase.opening;
  /** 3 first … 0 last. */
  priority = 0;
  /** SO_SNDBUF: `send` says false beyond it. */
  sendBuffer = 2048;
  /** The peer's SO_RCVBUF, as its first credit shows it. */
  peerBuffer = 0;
  /** Datagrams pushed out of a full queue, and bytes that came after the end. */
  dropped = 0;
  queued = 0;
  /** Tag of the frames with its bytes, once it is open. */
  word = -1;
  /** Its key among the session's streams, while full frames may come. */
  head = "";
  /** Whether the session's list of sockets with work holds it, and that of credits to grant. */
  listed = false;
  granting = false;
  /** Half-closed: ours was sent, theirs has come. */
  finSent = false;
  finReceived = false;
  onopen: () => void = nothing;
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
    public receiveBuffer: number,
  ) {
    this.granted = this.room = receiveBuffer;
  }

  /** Bytes that have gone, modulo 2^32. */
  sent(): number {
    return (this.limit - this.credit) >>> 0;
  }

  /** The peer lets us send up to `limit`. Acknowledgements may overtake each other: it never goes back [SOCK-6]. */
  extend(limit: number): void {
    const more = (limit - this.limit) | 0;
    if (more <= 0) return;
    if (!this.peerBuffer) this.peerBuffer = limit;
    this.limit = limit | 0;
    this.credit += more;
  }

  /** Bytes that have come, modulo 2^32. */
  received(): number {
    return (this.granted - this.room) >>> 0;
  }

  /** Before it is accepted: another SO_RCVBUF. */
  enlarge(receiveBuffer: number): void {
    this.granted = this.room = this.receiveBuffer = receiveBuffer;
  }

  /** Before it is accepted: the peer may send nothing until `consume` is called. */
  withhold(): void {
    this._owed = this.granted;
    this.granted = this.room = 0;
  }

  /** Queues bytes of the stream, or one datagram. Returns false when the caller should wait for `ondrain`. */
  send(data: Bytes): boolean {
    if (this._ending || this.phase > Phase.open || isEmpty(data)) return false;
    if (this.type == Type.datagram && this._queue.length >= Bound.datagrams) {
      this.queued -= this._queue.shift()!.length;
      this.dropped++;
    }
    this._queue.push(data);
    this.queued += data.length;
    this._below.ready(this);
    this._full = this.queued >= this.sendBuffer;
    return !this._full;
  }

  /** `source` has bytes again. */
  wake(): void {
    if (!this.listed) this._below.ready(this);
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
    if ((this._owed += n) * 2 < this.receiveBuffer) return;
    this.granted = (this.granted + this._owed) | 0;
    this.room += this._owed;
    this._owed = 0;
    this._below.grant(this);
  }

  /** Whether there is a message that may go now. */
  has(): boolean {
    if (!isEmpty(this.control)) return true;
    if (this.phase != Phase.open) return false;
    if (this.source || this._queue.length) return this.type == Type.datagram || this.credit > 0;
    return this.atEnd();
  }

  /** Whether bytes wait for credit. */
  blocked(): boolean {
    return (
      this.phase == Phase.open &&
      this.type == Type.stream &&
      this.credit <= 0 &&
      (!!this.source || this._queue.length > 0)
    );
  }

  /** Whether the half-close comes next. */
  atEnd(): boolean {
    return this._ending && !this.finSent && !this._queue.length;
  }

  /** The next datagram, or at most `max` bytes of the stream within the credit; EMPTY when none may go. */
  take(max: number): Bytes {
    if (this.type == Type.datagram) return this._datagram(max);
    if (max > this.credit) max = this.credit;
    if (max <= 0) return EMPTY;
    if (this.source) {
      const made = this.source(max);
      this.credit -= made.length;
      return made;
    }
    const queue = this._queue;
    let data = queue[0];
    if (!data) return EMPTY;
    let n = data.length;
    if (n > max) {
      queue[0] = slice(data, max, n);
      data = slice(data, 0, (n = max));
    } else {
      queue.shift();
      // Full frames: a shorter one among them costs the board as much, and cuts those behind it across its chunks.
      for (let next; n < max && (next = queue[0]); n = data.length)
        if (n + next.length > max) {
          queue[0] = slice(next, max - n, next.length);
          data = join(data, slice(next, 0, max - n));
        } else data = join(data, queue.shift()!);
    }
    this.credit -= n;
    this._left(n);
    return data;
  }

  private _datagram(max: number): Bytes {
    const queue = this._queue;
    while (queue.length && queue[0]!.length > max) {
      // No frame of this link can carry it.
      this.queued -= queue.shift()!.length;
      this.dropped++;
    }
    const data = queue.shift() || EMPTY;
    this._left(data.length);
    return data;
  }

  /** Bytes left the queue: the writer is told when there is room again. */
  private _left(n: number): void {
    this.queued -= n;
    if (this._full && this.queued < this.sendBuffer) {
      this._full = false;
      this.ondrain();
    }
  }

  /** Ends at once: nothing queued will go. */
  drop(failure: Failure): void {
    if (this.phase == Phase.closed) return;
    this.phase = Phase.closed;
    this.source = null;
    this._queue = [];
    this.queued = 0;
    this.onclose(failure);
  }

  /** Forgets what is queued: a reset goes out instead. */
  clear(): void {
    this.source = null;
    this._queue = [];
    this.queued = 0;
  }
}

function nothing(): void {}
