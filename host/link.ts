/** A session with a board, over one connection after the other: when one is lost, the next goes on where it stood. */
import { inspect } from "node:util";
import { State } from "../protocols/index.js";
import type { Bytes, Failure, Session, SessionUser, Socket, Terms } from "../protocols/index.js";
import { Attachment } from "./attachment.js";
import type { AttachmentOptions, AttachmentOwner } from "./attachment.js";
import { systemClock } from "./clock.js";
import type { Clock } from "./clock.js";
import { DevsockError } from "./errors.js";
import { parseKey } from "./key.js";
import { Tally } from "./link-counters.js";
import type { LinkCounters, Traffic } from "./link-counters.js";
import { PacedSockets } from "./paced-sockets.js";
import { checkSilence, SILENCE } from "./silence.js";
import type { SocketLink } from "./socket-stream.js";
import type { Taps } from "./tap/taps.js";
import type { Transport } from "./transport/transport.js";

/** Bounds of a link; docs/limits.md. */
const LIMITS = {
  /** Sockets at once. */
  sockets: 1000,
  /** Frames that are kept while one before them is missing. */
  window: 16,
};

/** How long opening may take, in ms, unless the caller says otherwise. */
export const OPEN_TIMEOUT = 10_000;

/** How long a lost connection is tried to be replaced, in ms since the board was last heard. */
export const LIFETIME = 30_000;

/** Waits between two tries to connect again, in ms: doubled each time, between half and one and a half of it. */
const BACKOFF = { least: 250, most: 5000 };

export interface LinkOptions {
  clock?: Clock;
  signal?: AbortSignal;
  /** Until the board must have answered, in ms. */
  timeout?: number;
  /** A connection on which the board says nothing for so long is lost, in ms: 6000 or more. */
  silence?: number;
  /**
   * How long a session whose connection is lost waits for another one, in ms since the board was last heard; 30 s by
   * default, as on the board. 0: it ends with its connection.
   */
  lifetime?: number;
  /** The board's key: 32 bytes, or their text as `devsock key new` writes it. */
  key?: Uint8Array | string;
}

/** What the owner of a link is told. */
export interface LinkEvents {
  /** An open link is over and its connection closed. Told once. */
  onclose(error: DevsockError): void;
  /** The connection is lost, and another one is sought. */
  onlost(error: DevsockError): void;
  /** It goes on over a connection to this address. @param kept whether the sockets go on, too */
  onresumed(address: string, kept: boolean): void;
}

export class Link implements SocketLink, AttachmentOwner {
  readonly sockets: PacedSockets;
  /** What the board told of itself; empty until it answered. */
  terms: Terms = {};
  /** Why the link is over; undefined while it stands. */
  error: DevsockError | undefined;
  /** Whether the link is over and its connection closed. */
  closed = false;
  /** The board asks for a socket: `accept` or `refuse` it, now or later. */
  onrequest: (socket: Socket, address: string) => void = (socket) =>
    this.refuse(socket, "ECONNREFUSED: this host offers no services");
  events: LinkEvents = { onclose: () => undefined, onlost: () => undefined, onresumed: () => undefined };
  readonly silence: number;
  readonly clock: Clock;
  /** Options that wait for their answers, of all sockets [SOCK-12]. */
  questions = 0;
  private readonly lifetime: number;
  private readonly options: AttachmentOptions;
  /** Which transport is in use, or was last. */
  private at = 0;
  /** The connection of the moment; while another one is sought the one that was lost, or that is tried. */
  private current!: Attachment;
  /** The connection is lost, and another one is sought. */
  private seeking = false;
  private readonly tally = new Tally();
  private closing = false;

  private constructor(
    private readonly transports: readonly Transport[],
    options: LinkOptions,
    taps: Taps,
  ) {
    const { clock = systemClock, silence = SILENCE, lifetime = LIFETIME, timeout = OPEN_TIMEOUT, key } = options;
    this.clock = clock;
    this.silence = silence;
    this.lifetime = lifetime;
    this.options = {
      clock,
      key: key === undefined ? key : parseKey(key),
      timeout,
      taps,
      terms: { window: LIMITS.window },
    };
    this.sockets = new PacedSockets(true, LIMITS.sockets, 4096, {
      onup: (terms) => {
        this.terms = terms;
        this.current.begun();
      },
      onrequest: (socket, address) => this.onrequest(socket, address),
      ondown: (failure) => this.over(failure),
      onwork: () => this.current.schedule(),
    });
  }

  /**
   * Connects over the first of the transports that leads to the board.
   * @throws DevsockError says what to do when there is none
   */
  static async open(transports: readonly Transport[], options: LinkOptions, taps: Taps): Promise<Link> {
    checkSilence(options.silence ?? SILENCE);
    const link = new Link(transports, options, taps);
    for (;;)
      try {
        await link.attach(null, options.signal);
        return link;
      } catch (error) {
        if (options.signal?.aborted || ++link.at === transports.length) throw error;
      }
  }

  get address(): string {
    return this.transports[this.at]!.address;
  }

  /** Whether the link stands and has its connection. */
  get open(): boolean {
    return !this.seeking && this.current.session.state === State.open;
  }

  get counters(): LinkCounters {
    return this.tally.total(this.current.session, this.sockets);
  }

  get traffic(): Traffic {
    return this.tally.traffic;
  }

  /** Ms that a byte takes on the line at the least; 0 where nobody knows. */
  get byteTime(): number {
    return this.transports[this.at]!.traits.byteTime ?? 0;
  }

  /** Until when the line is sending what it was given, at the least. */
  get busy(): number {
    return this.current.free;
  }

  /** Longest message that any type of socket can send in one frame, in bytes. */
  get maxPayload(): number {
    return Math.min(this.current.session.traits.payload, this.terms.payload ?? Infinity) - this.sockets.toll;
  }

  /** When a board that says nothing is given up. */
  get patience(): number {
    return this.sockets.count > 0 || this.lifetime > 0 ? this.current.session.heard + this.silence : Infinity;
  }

  /** Whether the board has acknowledged all that was sent. */
  get settled(): boolean {
    return this.current.session.settled();
  }

  /** What is logged of it: no key, and no key's derivations. */
  [inspect.custom](): string {
    return `Link <${this.address}>`;
  }

  toJSON(): object {
    return { address: this.address };
  }

  accept(socket: Socket): void {
    this.sockets.accept(socket);
  }

  tell(socket: Socket, control: Bytes): void {
    this.sockets.tell(socket.channel, control);
  }

  refuse(socket: Socket, failure: Failure): void {
    this.sockets.refuseSocket(socket, failure);
  }

  reset(socket: Socket, failure: Failure): void {
    this.sockets.resetSocket(socket, failure);
  }

  begin(user: SessionUser | null): SessionUser {
    return user ?? this.sockets;
  }

  /** Ends the link in order: what is under way is waited for (3 s at most), then the board is told. */
  close(): void {
    if (this.closing || this.error || this.closed) return;
    this.closing = true;
    if (this.seeking) this.end(new DevsockError("ECONNRESET: the host closed the link", { origin: "link" }));
    else this.current.close();
  }

  onend(error: DevsockError): void {
    if (this.closed) return;
    if (this.error || this.closing || !this.lifetime) this.end(error);
    else void this.seek(error);
  }

  /** A connection over the transport of the moment. */
  private async attach(old: Session | null, signal?: AbortSignal, timeout = this.options.timeout): Promise<void> {
    const attachment = new Attachment(this.transports[this.at]!, this, { ...this.options, timeout }, old);
    const before: Attachment | undefined = this.current;
    this.current = attachment;
    try {
      await attachment.start(signal);
    } catch (error) {
      this.tally.add(attachment.session, true);
      if (before) this.current = before;
      throw error;
    }
  }

  /** All sockets are over. */
  private over(failure: Failure): void {
    const { current } = this;
    // Lost, or forgotten by the board: another connection is sought, or was found.
    if (this.seeking || (current.error && this.lifetime > 0 && !this.closing)) return;
    current.over(failure);
    this.error ??= current.error;
  }

  /** Tries all addresses in turn, that of the lost connection first. */
  private async seek(error: DevsockError): Promise<void> {
    const { session } = this.current;
    const until = Math.max(session.heard + this.lifetime, this.clock.now() + BACKOFF.most);
    this.seeking = true;
    this.tally.lost++;
    this.events.onlost(error);
    for (let pause = 0; !this.error; pause = Math.min(BACKOFF.most, pause * 2 || BACKOFF.least)) {
      await this.wait(Math.min(pause * (0.5 + Math.random()), until - this.clock.now()));
      if (this.error) return;
      const left = until - this.clock.now();
      if (left <= 0) return this.end(error);
      const count = this.sockets.count;
      try {
        await this.attach(
          session.state === State.lost ? session : null,
          undefined,
          Math.min(left, this.options.timeout),
        );
        const goesOn = this.current.session.sender === session.sender;
        this.tally.add(session, goesOn);
        this.tally[goesOn ? "resumed" : "renewed"]++;
        this.seeking = false;
        return this.events.onresumed(this.address, this.sockets.count === count);
      } catch {
        this.at = (this.at + 1) % this.transports.length;
      }
    }
  }

  private wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (ms > 0) this.clock.after(ms, resolve);
      else resolve();
    });
  }

  private end(error: DevsockError): void {
    this.error ??= error;
    this.current.session.endSession(this.error.failure);
    this.closed = true;
    this.events.onclose(this.error);
  }
}
