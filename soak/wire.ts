/** One direction of a link: takes frames at the pace of the line, and does to them what lines do. */
import { EMPTY } from "../protocols/index.js";
import type { Bytes, LinkTraits } from "../protocols/index.js";
import type { EventQueue } from "./queue.js";
import { below } from "./random.js";
import type { Random } from "./random.js";
import { Tally } from "./tally.js";

/** What a link is made of. */
export interface Medium {
  readonly name: "tcp" | "udp" | "serial";
  readonly traits: LinkTraits;
  /** Bytes a ms. */
  rate: number;
  /** Bytes that may wait in the transmitter when the next frame is asked for. */
  ahead: number;
  /** On the way, in ms. */
  delay: number;
}

/** 115200 baud, 8N1. */
export const BAUD115200 = 11.52;

export const MEDIA: Record<Medium["name"], Medium> = {
  tcp: {
    name: "tcp",
    traits: { payload: 524, reliable: true, datagram: false },
    rate: 200,
    ahead: 1072,
    delay: 1,
  },
  udp: {
    name: "udp",
    traits: { payload: 516, reliable: false, datagram: true },
    rate: 200,
    ahead: 0,
    delay: 1,
  },
  serial: {
    name: "serial",
    traits: { payload: 256, reliable: false, datagram: false },
    rate: BAUD115200,
    // Of a board: what may wait in its queue and the interpreter's ring when the next frame is made.
    ahead: 128,
    delay: 0,
  },
};

/** Chances are between 0 and 1 for each frame, times in ms. TCP knows only delay, jitter and pieces. */
export interface Faults {
  drop: number;
  double: number;
  /** A flipped bit, a byte left out or one put in. */
  corrupt: number;
  /** Chance of a wrong bit on the line, its start and stop bits included. */
  ber?: number;
  /** Bytes that nobody sent, before the frame. */
  noise: number;
  delay: number;
  /** UDP: frames overtake each other by it. */
  jitter: number;
  /** Pieces of at most so many bytes; 0 leaves frames whole. */
  split: number;
}

export const CLEAN: Faults = {
  drop: 0,
  double: 0,
  corrupt: 0,
  noise: 0,
  delay: 0,
  jitter: 0,
  split: 0,
};

/** Bytes on the way from an end of a link, `E`, to a session, `S`. */
export interface Piece<E, S = unknown> {
  bytes: Bytes;
  /** With the end of a frame that is as it was sent: the session that takes it. */
  intact: S | null;
  from: E;
  /** It is not as it was sent, or nobody sent it. */
  hurt?: boolean;
  /** Instead of bytes: the sender has closed the connection. */
  closed?: () => void;
}

/** Bits of a byte on a serial line, 8N1. */
const BITS = 10;

/** Bytes that a TCP connection takes while nothing of it arrives. */
const STALLED = 16_384;

export class Wire<E, S = unknown> {
  faults = CLEAN;
  /** Frames lost, doubled or changed, and those that were doubled. */
  hurt = 0;
  doubled = 0;
  /** The link is no more: nothing arrives. */
  closed = false;
  /** The transmitter takes another frame, after it did not. */
  onready: () => void = () => {};
  /** When the transmitter has sent all it has. */
  private free = 0;
  private waking = false;
  /** Nothing arrives; on TCP it comes later. */
  private stopped = false;
  private held: Piece<E, S>[] = [];
  private heldBytes = 0;
  /** When the last piece arrives: a line keeps its order. */
  private last = 0;

  /**
   * @param deliver takes what arrives
   * @param tally counts what becomes of frames
   */
  constructor(
    private readonly queue: EventQueue,
    private readonly rand: Random,
    readonly medium: Medium,
    private readonly deliver: (piece: Piece<E, S>) => void,
    private readonly tally = new Tally(),
  ) {}

  /** Whether a frame may be sent; if not, `onready` tells when. */
  get ready(): boolean {
    if (this.heldBytes > STALLED) return false;
    const at = this.free - this.medium.ahead / this.medium.rate;
    if (at <= this.queue.now) return true;
    if (!this.waking) {
      this.waking = true;
      this.queue.put(at, () => {
        this.waking = false;
        this.onready();
      });
    }
    return false;
  }

  get dead(): boolean {
    return this.stopped;
  }

  set dead(dead: boolean) {
    this.stopped = dead;
    if (dead) return;
    const { held } = this;
    this.held = [];
    this.heldBytes = 0;
    for (const piece of held) this.arrived(piece);
    this.queue.put(this.queue.now, () => this.onready());
  }

  /**
   * @param from whose frame it is
   * @param to whose session takes it if it comes unhurt
   */
  send(bytes: Bytes, from: E, to: S | null): void {
    const { faults, medium, rand } = this;
    this.free = Math.max(this.free, this.queue.now) + bytes.length / medium.rate;
    if (this.closed) return;
    const at = this.free + medium.delay + faults.delay + (faults.jitter ? rand() * faults.jitter : 0);
    const frame = { bytes, intact: to, from };
    if (medium.traits.reliable) return this.carry(frame, at);
    if (faults.drop && rand() < faults.drop) {
      this.hurt++;
      this.tally.count("frames lost");
      return;
    }
    if (faults.noise && rand() < faults.noise) {
      this.tally.count("noise");
      this.carry({ bytes: this.garbage(), intact: null, from, hurt: true }, at);
    }
    this.carry(this.changed(frame), at);
    if (!faults.double || rand() >= faults.double) return;
    this.hurt++;
    this.doubled++;
    this.tally.count("frames doubled");
    this.carry({ bytes, intact: null, from }, at + faults.jitter * rand());
  }

  /** TCP: the connection is closed behind what was sent. */
  close(from: E, closed: () => void): void {
    this.arrive({ bytes: EMPTY, intact: null, from, closed }, this.queue.now + this.medium.delay);
  }

  private changed(frame: Piece<E, S>): Piece<E, S> {
    const { faults, rand } = this;
    let chance = faults.corrupt;
    if (faults.ber) chance = 1 - (1 - chance) * (1 - faults.ber) ** (BITS * frame.bytes.length);
    if (!chance || rand() >= chance) return frame;
    this.hurt++;
    return {
      bytes: damaged(frame.bytes, rand, this.tally),
      intact: null,
      from: frame.from,
      hurt: true,
    };
  }

  private garbage(): Bytes {
    return Uint8Array.from({ length: 1 + below(this.rand, 40) }, () => below(this.rand, 256));
  }

  private carry({ bytes, intact, from, hurt }: Piece<E, S>, at: number): void {
    const { traits } = this.medium;
    const size = (!traits.datagram && this.faults.split) || bytes.length;
    for (let start = 0; start < bytes.length; start += size) {
      const left = Math.max(0, bytes.length - start - size);
      const piece = {
        bytes: bytes.subarray(start, start + size),
        intact: left === 0 ? intact : null,
        from,
        hurt,
      };
      this.arrive(piece, at - left / this.medium.rate);
    }
  }

  private arrive(piece: Piece<E, S>, at: number): void {
    if (!this.medium.traits.datagram) at = Math.max(at, this.last);
    else if (at < this.last) this.tally.count("frames overtaken");
    this.last = Math.max(at, this.last);
    this.queue.put(at, () => this.arrived(piece));
  }

  private arrived(piece: Piece<E, S>): void {
    if (this.closed) return;
    if (this.stopped) {
      this.hurt++;
      this.tally.count("pieces into silence");
      if (!this.medium.traits.reliable) return;
      this.held.push(piece);
      this.heldBytes += piece.bytes.length;
    } else if (piece.closed) piece.closed();
    else this.deliver(piece);
  }
}

/** A copy with one flipped bit, one byte less, or one more. */
export function damaged(frame: Bytes, rand: Random, tally: Tally): Bytes {
  const at = below(rand, frame.length);
  const how = rand();
  if (how < 0.6) {
    const copy = Uint8Array.from(frame);
    copy[at]! ^= 1 << below(rand, 8);
    tally.count("bits flipped");
    return copy;
  }
  tally.count(how < 0.8 ? "bytes left out" : "bytes put in");
  const rest = how < 0.8 ? [frame.subarray(at + 1)] : [Uint8Array.of(below(rand, 256)), frame.subarray(at)];
  return Uint8Array.from(Buffer.concat([frame.subarray(0, at), ...rest]));
}
