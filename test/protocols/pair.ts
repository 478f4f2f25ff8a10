/** Two sessions and the link between them, in virtual time, from a seed. */
import { Door, Initiator, Session, Sockets } from "../../protocols/index.js";
import type { Bytes, Failure, LinkTraits, Socket, Terms } from "../../protocols/index.js";

/** A small generator of repeatable numbers in [0, 1) (mulberry32). */
export function random(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = a;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export const TCP: LinkTraits = { payload: 524, reliable: true, datagram: false };
export const UDP: LinkTraits = { payload: 516, reliable: false, datagram: true };
export const SERIAL: LinkTraits = { payload: 256, reliable: false, datagram: false };

/** What a link does to the frames on it: chances between 0 and 1, delays in ms. */
export interface Faults {
  drop?: number;
  double?: number;
  corrupt?: number;
  delay?: number;
  jitter?: number;
  /** Cut frames into pieces of at most so many bytes. */
  split?: number;
  /** Bytes a ms; a line takes its time. */
  rate?: number;
}

export class End {
  readonly sockets: Sockets;
  readonly session: Session;
  failure: Failure | null = null;
  terms: Terms | null = null;
  onrequest: (socket: Socket, address: string) => void = () => undefined;
  /** When the line towards the other end is free again. */
  free = 0;

  constructor(
    readonly initiator: boolean,
    readonly traits: LinkTraits,
    rand: () => number,
    options: { terms?: Terms; most?: number; buffer?: number; now?: number } = {},
  ) {
    const sockets = new Sockets(initiator, options.most ?? 8, options.buffer ?? 4096, {
      onup: (terms) => (this.terms = terms),
      onrequest: (socket, address) => this.onrequest(socket, address),
      ondown: (failure) => (this.failure = failure),
      onwork: () => undefined,
    });
    this.sockets = sockets;
    const terms = { payload: traits.payload, window: 8, ...options.terms };
    const number = (): number => rand() * 2 ** 32;
    const owner = {
      begin: () => sockets,
      onmoved: () => undefined,
      ondown: (failure: Failure) => (this.failure = failure),
    };
    this.session = new Session(
      owner,
      terms,
      traits,
      options.now ?? 0,
      initiator ? new Initiator(terms, number) : null,
      initiator ? null : new Door(number, null, () => null),
    );
  }
}

interface Event {
  at: number;
  order: number;
  run: () => void;
}

export class Pair {
  now = 0;
  readonly host: End;
  readonly board: End;
  readonly random: () => number;
  /** Frames lost, doubled and damaged so far. */
  hurt = 0;
  private events: Event[] = [];
  private order = 0;
  cut = false;

  constructor(
    readonly traits: LinkTraits,
    readonly faults: Faults = {},
    readonly seed = 1,
    options: { host?: Terms; board?: Terms; buffer?: number; most?: number } = {},
  ) {
    this.random = random(seed);
    this.host = new End(true, traits, this.random, { terms: options.host, buffer: options.buffer });
    this.board = new End(false, traits, this.random, {
      terms: options.board,
      buffer: options.buffer,
      most: options.most,
    });
  }

  /** Runs until the predicate holds; throws after `limit` ms of virtual time. */
  until(done: () => boolean, limit = 60000): void {
    const end = this.now + limit;
    this.pump();
    while (!done()) {
      const next = this.step();
      if (next > end) throw new Error(`seed ${this.seed}: not done after ${limit} ms of virtual time`);
    }
  }

  run(ms: number): void {
    const end = this.now + ms;
    this.pump();
    for (;;) if (this.step(end) >= end) return;
  }

  private step(end = Infinity): number {
    let at = Math.min(this.host.session.deadline(), this.board.session.deadline());
    const event = this.events.reduce<Event | null>(
      (a, b) => (!a || b.at < a.at || (b.at === a.at && b.order < a.order) ? b : a),
      null,
    );
    if (event && event.at <= at) {
      if (event.at > end) return (this.now = end);
      this.now = Math.max(this.now, event.at);
      this.events.splice(this.events.indexOf(event), 1);
      event.run();
    } else {
      at = Math.max(at, this.now);
      if (at > end || at === Infinity) {
        this.now = end === Infinity ? this.now : end;
        return at;
      }
      this.now = at === this.now ? at + 0.01 : at;
      this.host.session.timeOut(this.now);
      this.board.session.timeOut(this.now);
    }
    this.pump();
    return this.now;
  }

  pump(): void {
    this.drain(this.host, this.board);
    this.drain(this.board, this.host);
  }

  private drain(from: End, to: End): void {
    for (;;) {
      if (this.faults.rate && from.free > this.now) {
        this.wake(from.free);
        return;
      }
      const frame = from.session.poll(this.now);
      if (!frame.length) return;
      this.carry(frame, from, to);
    }
  }

  private wake(at: number): void {
    if (!this.events.some((e) => e.at === at)) this.events.push({ at, order: this.order++, run: () => undefined });
  }

  private carry(frame: Bytes, from: End, to: End): void {
    const { drop = 0, double = 0, corrupt = 0, delay = 0, jitter = 0, split = 0, rate = 0 } = this.faults;
    if (rate) from.free = Math.max(from.free, this.now) + frame.length / rate;
    if (this.cut || this.random() < drop) {
      this.hurt++;
      return;
    }
    const copies = this.random() < double ? 2 : 1;
    if (copies === 2) this.hurt++;
    for (let i = 0; i < copies; i++) {
      let bytes = Uint8Array.from(frame);
      if (this.random() < corrupt) {
        this.hurt++;
        const at = Math.floor(this.random() * bytes.length);
        const how = this.random();
        if (how < 0.6) bytes[at]! ^= 1 << Math.floor(this.random() * 8);
        else if (how < 0.8) bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + 1)]);
        else
          bytes = Uint8Array.from([...bytes.subarray(0, at), Math.floor(this.random() * 256), ...bytes.subarray(at)]);
      }
      const at = Math.max(this.now, from.free) + delay + this.random() * jitter;
      const size = split && !this.traits.datagram ? split : bytes.length;
      for (let p = 0; p < bytes.length; p += size)
        this.events.push({
          at,
          order: this.order++,
          run: () => to.session.receive(bytes.subarray(p, p + size), this.now),
        });
    }
  }
}
