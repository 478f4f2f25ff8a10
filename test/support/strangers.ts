/** Somebody on the network who has not the board's key, and tries as fast as the network lets him. */
import type { Clock, Transport } from "../../host/index.js";
import { encode, hmacKey, helloPayload, Initiator, isHello, Kind, tag } from "../../protocols/index.js";
import type { Bytes } from "../../protocols/index.js";
import { random } from "../protocols/pair.js";

/** Longest wait for an answer before the next guess, in ms. */
const PATIENCE = 5;

type Send = (frame: Bytes) => void;

/** Comes again and again until it is stopped; over TCP each time on a connection of its own. */
abstract class Stranger {
  private stopped = false;
  private readonly over: Promise<void>;

  constructor(
    private readonly transport: Transport,
    protected readonly clock: Clock,
  ) {
    // All of it is there before it begins.
    this.over = Promise.resolve().then(() => this.run());
  }

  stop(): Promise<void> {
    this.stopped = true;
    return this.over;
  }

  /** Once. */
  protected abstract visit(send: Send): Promise<void>;

  protected heard(_answer: Bytes, _send: Send): void {}

  protected closed(): void {}

  private async run(): Promise<void> {
    const once = this.transport.traits.reliable;
    while (!this.stopped) {
      const send: Send = (frame) => void connection?.send(frame);
      const connection = await this.transport
        .open({ data: (bytes) => this.heard(bytes, send), drain: () => {}, closed: () => this.closed() })
        .catch(() => undefined);
      do await this.visit(send);
      while (!once && !this.stopped);
      await connection?.close();
    }
  }
}

/** Keys guessed one after the other. */
export class Guesser extends Stranger {
  guesses = 0;
  /** Answers that let it in: there must be none. */
  admitted = 0;
  private readonly random: () => number;
  private initiator!: Initiator;
  private answered = (): void => {};

  constructor(transport: Transport, clock: Clock, seed: number) {
    super(transport, clock);
    this.random = random(seed);
  }

  /** One more key: until the answer, or for a while. */
  protected visit(send: Send): Promise<void> {
    this.guesses++;
    const key = Uint8Array.from({ length: 32 }, () => this.random() * 256);
    const number = (): number => this.random() * 2 ** 32;
    this.initiator = new Initiator({ payload: 400, window: 8 }, number, hmacKey(key));
    return new Promise((resolve) => {
      const timer = this.clock.after(PATIENCE, resolve);
      this.answered = () => (timer.cancel(), resolve());
      send(this.initiator.hello);
    });
  }

  protected override heard(answer: Bytes, send: Send): void {
    const more = this.next(answer);
    if (more) send(more);
    else this.answered();
  }

  protected override closed(): void {
    this.answered();
  }

  /** @returns what to send next, or undefined when this guess is over */
  private next(answer: Bytes): Bytes | undefined {
    const { initiator } = this;
    const before = initiator.hello;
    if (isHello(answer) !== 1 || initiator.heard(helloPayload(answer))) return undefined;
    if (initiator.agreed) this.admitted++;
    return initiator.agreed || initiator.hello === before ? undefined : initiator.hello;
  }
}

/** Sends what it has 200 times a second, as many as Guesser tries at the least. */
export class Pest extends Stranger {
  /** How often it did. */
  count = 0;

  /** @param what the frames of the n-th time */
  constructor(
    transport: Transport,
    clock: Clock,
    private readonly what: (n: number) => readonly Bytes[],
  ) {
    super(transport, clock);
  }

  protected visit(send: Send): Promise<void> {
    for (const frame of this.what(this.count)) send(frame);
    this.count++;
    return new Promise((resolve) => void this.clock.after(PATIENCE, resolve));
  }
}

/** What strangers open a connection with: nothing, noise, halves of a handshake, and offers. */
export function openings(count: number, seed: number): Bytes[] {
  const next = random(seed);
  return Array.from({ length: count }, (_, i) => {
    const { hello } = new Initiator({}, () => next() * 2 ** 32);
    if (i % 5 === 0) return new Uint8Array(0);
    if (i % 5 === 1) return Uint8Array.from({ length: 60 }, () => next() * 256);
    if (i % 5 === 2) return hello.subarray(0, 1 + Math.floor(next() * (hello.length - 1)));
    if (i % 5 === 3) return encode(tag(Kind.data, 0, 1), 0, Buffer.alloc(400), 0);
    return hello;
  });
}

/** Opens so many connections at once. @returns what closes those that the board has left open */
export async function crowd(transport: Transport, count: number, seed: number): Promise<() => Promise<void>> {
  const connections = await Promise.all(
    openings(count, seed).map(async (opening) => {
      const connection = await transport
        .open({ data: () => {}, drain: () => {}, closed: () => {} })
        .catch(() => undefined);
      if (opening.length) connection?.send(opening);
      return connection;
    }),
  );
  return async () => {
    await Promise.all(connections.map(async (connection) => connection?.close()));
  };
}

/** What the host sent, each time a connection is opened a list of its own. */
export function recorded(line: Transport, to: Uint8Array[][]): Transport {
  const open: Transport["open"] = async (events, signal) => {
    const connection = await line.open(events, signal);
    const sent: Uint8Array[] = [];
    to.push(sent);
    return {
      close: () => connection.close(),
      send: (frame) => (sent.push(Uint8Array.from(frame)), connection.send(frame)),
    };
  };
  return { address: line.address, traits: line.traits, open };
}

/** A copy with one bit changed: the n-th, around again when there are fewer. */
export function flipped(frame: Bytes, n: number): Bytes {
  const at = n % (8 * frame.length);
  return frame.map((byte, i) => (i === at >> 3 ? byte ^ (1 << (at & 7)) : byte));
}

/** Handshakes and frames of a session that is over: as they are, cut short, or with a flipped bit. */
export function copies(sent: readonly Bytes[], n: number): Bytes {
  const frame = sent[n % sent.length]!;
  const how = Math.floor(n / sent.length) % 3;
  if (how === 0) return frame;
  return how === 1 ? frame.subarray(0, 1 + ((n * 31) % (frame.length - 1))) : flipped(frame, 7919 * n);
}
