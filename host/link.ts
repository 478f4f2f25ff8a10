/** Drives one session over one connection: frames as the connection takes them, and one timer. */
import { State, Session, Sockets } from "../protocols/index.js";
import type { Bytes, Failure, Socket, Terms } from "../protocols/index.js";
import { systemClock } from "./clock.js";
import type { Clock, Timer } from "./clock.js";
import { canceled, DevsockError } from "./errors.js";
import { checkSilence, SILENCE, unanswered, unheard } from "./silence.js";
import type { SocketLink } from "./socket-stream.js";
import type { Connection, ConnectionEvents, Transport } from "./transport/transport.js";

/** Bounds of a link; docs/limits.md. */
const LIMITS = {
  /** Sockets at once. */
  sockets: 64,
  /** Frames that are kept while one before them is missing. */
  window: 16,
  /** How long `close` waits for acknowledgements, in ms. */
  linger: 3000,
};

/** How long opening may take, in ms, unless the caller says otherwise. */
export const OPEN_TIMEOUT = 10_000;

export interface LinkOptions {
  clock?: Clock;
  signal?: AbortSignal;
  /** Until the board must have answered, in ms. */
  timeout?: number;
  /** A board that says nothing for so long while a socket is open is lost, in ms: 6000 or more. */
  silence?: number;
}

export class Link implements SocketLink {
  readonly sockets: Sockets;
  /** What the board told of itself; empty until it answered. */
  terms: Terms = {};
  /** Why the link is over; undefined while it stands. */
  error: DevsockError | undefined;
  /** Whether the link is over and its connection closed. */
  closed = false;
  /** Told once, when a link that was open is over and its connection closed. */
  onclose: (error: DevsockError) => void = () => {};
  /** The board asks for a socket: `accept` or `refuse` it, now or later. */
  onrequest: (socket: Socket, address: string) => void = (socket) =>
    this.refuse(socket, "ECONNREFUSED: this host offers no services");

  private readonly session: Session;
  readonly clock: Clock;
  private readonly silence: number;
  private opened = false;
  private connection: Connection | undefined;
  private writable = false;
  private scheduled = false;
  private closing = false;
  private timer: Timer | undefined;
  private timerAt = Infinity;
  private linger: Timer | undefined;
  private settle: ((error?: DevsockError) => void) | undefined;

  private constructor(
    private readonly transport: Transport,
    options: LinkOptions,
  ) {
    this.clock = options.clock ?? systemClock;
    this.silence = options.silence ?? SILENCE;
    this.sockets = new Sockets(true, LIMITS.sockets, 4096, {
      onopen: (terms) => {
        this.terms = terms;
        this.opened = true;
        this.settle?.();
      },
      onrequest: (socket, address) => this.onrequest(socket, address),
      onclose: (failure) => this.over(failure),
      onwork: () => this.schedule(),
    });
    this.session = new Session(
      true,
      { payload: transport.traits.payload, window: LIMITS.window },
      transport.traits,
      this.sockets,
      random32,
      this.clock.now(),
    );
  }

  /**
   * Opens the transport and shakes hands.
   * @throws DevsockError says what to do when there is no board
   */
  static async open(transport: Transport, options: LinkOptions = {}): Promise<Link> {
    const { signal, timeout = OPEN_TIMEOUT, silence = SILENCE } = options;
    const { address } = transport;
    checkSilence(silence);
    const givenUp = (): DevsockError => canceled(signal!, `connecting to ${address} was given up`, address);
    if (signal?.aborted) throw givenUp();
    const link = new Link(transport, options);
    const limit = new AbortController();
    const stop = (error: DevsockError): void => {
      link.stop(error);
      limit.abort();
    };
    const abort = (): void => stop(givenUp());
    const timer = link.clock.after(timeout, () => stop(link.unanswered(timeout)));
    signal?.addEventListener("abort", abort);
    try {
      await link.start(limit.signal);
    } catch (error) {
      throw link.error ?? error;
    } finally {
      timer.cancel();
      signal?.removeEventListener("abort", abort);
    }
    return link;
  }

  get address(): string {
    return this.transport.address;
  }

  /** Whether the link stands. */
  get open(): boolean {
    return this.session.state === State.open;
  }

  /** Longest payload of one frame, in bytes. */
  get maxPayload(): number {
    return Math.min(this.transport.traits.payload, this.terms.payload ?? Infinity);
  }

  accept(socket: Socket): void {
    this.sockets.accept(socket);
  }

  tell(socket: Socket, control: Bytes): void {
    this.sockets.tell(socket.channel, control);
  }

  refuse(socket: Socket, failure: Failure): void {
    this.sockets.refuse(socket, failure);
  }

  reset(socket: Socket, failure: Failure): void {
    this.sockets.reset(socket, failure);
  }

  /** Whether the board has acknowledged all that was sent. */
  get settled(): boolean {
    return this.session.sender.under() === 0;
  }

  /** Ends the link in order: what is under way is waited for (3 s at most), then the board is told. */
  close(): void {
    // Of a link that is over there is nothing to wait for.
    if (this.closing || !this.open) return;
    this.closing = true;
    this.linger = this.clock.after(LIMITS.linger, () => this.bye());
    this.schedule();
  }

  private bye(): void {
    this.session.close("ECONNRESET: the host closed the link");
  }

  private async start(signal: AbortSignal): Promise<void> {
    const events: ConnectionEvents = {
      data: (bytes) => {
        this.session.receive(bytes, this.clock.now());
        this.pump();
      },
      drain: () => {
        this.writable = true;
        this.pump();
      },
      closed: (error) => this.stop(error),
    };
    const connection = await this.transport.open(events, signal);
    if (this.error) {
      await connection.close();
      throw this.error;
    }
    const open = new Promise<void>((resolve, reject) => {
      this.settle = (error) => (error ? reject(error) : resolve());
    });
    this.connection = connection;
    this.writable = true;
    this.pump();
    await open;
    this.settle = undefined;
  }

  /** Ends the link without a word to the board. */
  private stop(error: DevsockError): void {
    this.error ??= error;
    this.session.end(error.failure);
    this.schedule();
  }

  /** The session is over, by whatever cause. */
  private over(failure: Failure): void {
    // The session's own limit for the handshake is the same as ours, and it knows no address.
    this.error ??=
      !this.opened && failure.startsWith("ETIMEDOUT")
        ? this.unanswered(OPEN_TIMEOUT)
        : new DevsockError(failure, { origin: "link", address: this.address });
    this.schedule();
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      this.pump();
    });
  }

  private pump(): void {
    const { connection, session } = this;
    if (!connection) return;
    this.send(connection);
    if (this.closing && this.settled && session.state !== State.closed) {
      this.bye();
      this.send(connection);
    }
    if (session.state === State.closed) this.finish(connection);
    else this.arm();
  }

  private send(connection: Connection): void {
    while (this.writable) {
      const frame = this.session.poll(this.clock.now());
      if (!frame.length) return;
      this.writable = connection.send(frame);
    }
  }

  private finish(connection: Connection): void {
    this.connection = undefined;
    this.timer?.cancel();
    this.linger?.cancel();
    const error = this.error!;
    void connection.close().then(() => {
      this.closed = true;
      if (this.settle) this.settle(error);
      else this.onclose(error);
    });
  }

  /** One timer, which is moved only when it would come too late. */
  private arm(): void {
    const now = this.clock.now();
    // What is due but cannot be sent waits for the connection, not for the clock.
    const at = Math.max(Math.min(this.session.deadline(), this.patience), now + (this.writable ? 0 : 100));
    if (at === Infinity || this.timerAt <= at) return;
    this.timer?.cancel();
    this.timerAt = at;
    this.timer = this.clock.after(at > now ? at - now : 1, () => {
      this.timerAt = Infinity;
      const later = this.clock.now();
      this.session.timeout(later);
      if (later >= this.patience) this.session.close(unheard(this.address, this.silence));
      this.pump();
    });
  }

  private unanswered(timeout: number): DevsockError {
    return unanswered(this.address, timeout, this.session.counters.discarded);
  }

  /** When the board has been silent for too long: only somebody who waits for it is impatient. */
  private get patience(): number {
    return this.sockets.count > 0 ? this.session.heard + this.silence : Infinity;
  }
}

function random32(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]!;
}
