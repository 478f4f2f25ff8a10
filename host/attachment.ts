/** One connection and the session on it: frames as the connection takes them, and one timer. */
import { Frame, hmacKey, Resend, Session, State } from "../protocols/index.js";
import type { Bytes, Failure, SessionOwner, SessionUser, Terms } from "../protocols/index.js";
import type { Clock, Timer } from "./clock.js";
import { canceled, DevsockError } from "./errors.js";
import { Reassembly } from "./reassembly.js";
import type { Traffic } from "./link-counters.js";
import { unanswered, unheard } from "./silence.js";
import { TappedInitiator } from "./tap/decrypted.js";
import type { Taps } from "./tap/taps.js";
import type { Connection, ConnectionEvents, Transport } from "./transport/transport.js";

/** What all attachments of a link have in common. */
export interface AttachmentOptions {
  clock: Clock;
  /** The pre-shared key. */
  key: Uint8Array | undefined;
  terms: Terms;
  taps: Taps;
  /** Until the board must have answered, in ms. */
  timeout: number;
}

/** The link, of which this is the connection of the moment. */
export interface AttachmentOwner {
  begin(user: SessionUser | null): SessionUser;
  /** When a board that says nothing is given up. */
  readonly patience: number;
  /** What "nothing" was, in ms. */
  readonly silence: number;
  /** What passes on its connections. */
  readonly traffic: Traffic;
  /** A session that was open is over, or has lost this connection, which is closed. */
  onend(error: DevsockError): void;
}

/** How long `close` waits for acknowledgements, in ms. */
const LINGER = 3000;

/** Bytes by which a frame's payload is shorter in a session with a key. */
const KEYED = 4;

export class Attachment implements SessionOwner {
  readonly session: Session;
  /** Why it is over; undefined while it stands. */
  error: DevsockError | undefined;
  private opened = false;
  /** The handshake's last frame, when it was sent, and whether more than once. */
  private asked: { frame: Bytes; at: number; again: boolean } | undefined;
  private connection: Connection | undefined;
  private writable = false;
  private scheduled = false;
  private closing = false;
  private timer: Timer | undefined;
  private timerAt = Infinity;
  private linger: Timer | undefined;
  /** When the line may have sent all that it was given, at the earliest. */
  free = -Infinity;
  private settle: ((error?: DevsockError) => void) | undefined;

  /** @param old the session that is to go on here */
  constructor(
    private readonly transport: Transport,
    private readonly owner: AttachmentOwner,
    private readonly options: AttachmentOptions,
    old: Session | null,
  ) {
    const { clock, key } = options;
    const traits = { ...transport.traits, payload: transport.traits.payload - (key ? KEYED : 0) };
    const terms = { ...options.terms, payload: traits.payload };
    const secret = key ? hmacKey(key) : null;
    const initiator = new TappedInitiator(terms, random32, secret, old, options.taps, transport.address);
    this.session = new Session(this, terms, traits, clock.now(), initiator, null);
  }

  /** Whether the session is open on this connection. */
  get open(): boolean {
    return this.session.state === State.open;
  }

  /**
   * Opens the transport and shakes hands.
   * @throws DevsockError says what to do when there is no board
   */
  async start(signal?: AbortSignal): Promise<void> {
    const { address } = this.transport;
    const { clock, timeout } = this.options;
    const givenUp = (): DevsockError => canceled(signal!, `connecting to ${address} was given up`, address);
    if (signal?.aborted) throw givenUp();
    const limit = new AbortController();
    const stop = (error: DevsockError): void => {
      this.drop(error);
      limit.abort();
    };
    const abort = (): void => stop(givenUp());
    const timer = clock.after(timeout, () => stop(this.unanswered(timeout)));
    signal?.addEventListener("abort", abort);
    try {
      await this.shake(limit.signal);
    } catch (error) {
      throw this.error ?? error;
    } finally {
      timer.cancel();
      signal?.removeEventListener("abort", abort);
    }
  }

  begin(user: SessionUser | null): SessionUser {
    this.opened = true;
    const mine = this.owner.begin(user);
    queueMicrotask(() => this.settle?.());
    return mine;
  }

  /**
   * The handshake's way there and back is the first sample for what is sent again [SES-12]: where strangers fill a board's queue the first frames are
   * as likely lost as any. Not on a serial line, where the next frames wait for each other.
   */
  begun(): void {
    const { asked, session } = this;
    if (!session.traits.datagram || !asked || asked.again) return;
    const roundTrip = this.options.clock.now() - asked.at;
    session.sender.timer = Math.min(Resend.initial, Math.max(Resend.least, 3 * roundTrip));
  }

  onmoved(): void {
    this.drop(new DevsockError("ECONNRESET: the session went on over another link", this.context));
  }

  ondown(failure: Failure): void {
    this.over(failure);
  }

  /** The session is over, by whatever cause. */
  over(failure: Failure): void {
    // The session's own limit for the handshake is the same as ours, and it knows no address.
    this.error ??=
      !this.opened && failure.startsWith("ETIMEDOUT")
        ? this.unanswered(this.options.timeout)
        : new DevsockError(failure, this.context);
    this.schedule();
  }

  /** Ends the session in order: what is under way is waited for (3 s at most), then the board is told. */
  close(): void {
    if (this.closing || !this.open) return;
    this.closing = true;
    this.linger = this.options.clock.after(LINGER, () => this.bye());
    this.schedule();
  }

  /** The connection is gone, or of no use: the session may go on over another one. */
  drop(error: DevsockError): void {
    this.error ??= error;
    this.session.lose(error.failure, this.options.clock.now());
    this.schedule();
  }

  /** There may be something to send. */
  schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      this.pump();
    });
  }

  private get context(): { origin: "link"; address: string } {
    return { origin: "link", address: this.transport.address };
  }

  private bye(): void {
    this.session.closeSession("ECONNRESET: the host closed the link");
  }

  private async shake(signal: AbortSignal): Promise<void> {
    const { clock, key } = this.options;
    const { payload, reliable } = this.session.traits;
    const check = key ? Frame.mac : Frame.check;
    const frames = reliable
      ? new Reassembly(payload, check, (bytes) => this.session.receive(bytes, clock.now()))
      : null;
    const events: ConnectionEvents = {
      data: (bytes) => {
        this.owner.traffic.bytesReceived += bytes.length;
        if (frames) frames.push(bytes);
        else this.session.receive(bytes, clock.now());
        this.pump();
      },
      drain: () => {
        this.writable = true;
        this.pump();
      },
      closed: (error) => this.drop(error),
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

  private pump(): void {
    const { connection, session } = this;
    if (!connection) return;
    this.send(connection);
    if (this.closing && session.settled() && session.state !== State.closed) {
      this.bye();
      this.send(connection);
    }
    if (this.error || session.state === State.closed) this.finish(connection);
    else this.arm();
  }

  private send(connection: Connection): void {
    const { traffic } = this.owner;
    const { byteTime = 0 } = this.transport.traits;
    while (this.writable) {
      const now = this.options.clock.now();
      const frame = this.session.poll(now);
      if (!frame.length) return;
      if (!this.opened) this.asked = { frame, at: now, again: frame === this.asked?.frame };
      if (byteTime) this.free = Math.max(this.free, now) + frame.length * byteTime;
      traffic.bytesSent += frame.length;
      traffic.framesSent++;
      this.writable = connection.send(frame);
    }
  }

  private finish(connection: Connection): void {
    this.connection = undefined;
    this.timer?.cancel();
    this.linger?.cancel();
    const error = this.error!;
    void connection.close().then(() => {
      if (this.settle) this.settle(error);
      else this.owner.onend(error);
    });
  }

  /** One timer, which is moved only when it would come too late. */
  private arm(): void {
    const { clock } = this.options;
    const now = clock.now();
    const patience = this.opened ? this.owner.patience : Infinity;
    // What is due but cannot be sent waits for the connection, not for the clock.
    const at = Math.max(Math.min(this.session.deadline(), patience), now + (this.writable ? 0 : 100));
    if (at === Infinity || this.timerAt <= at) return;
    this.timer?.cancel();
    this.timerAt = at;
    this.timer = clock.after(at > now ? at - now : 1, () => {
      this.timerAt = Infinity;
      this.late(clock.now());
      this.pump();
    });
  }

  private late(now: number): void {
    const { owner, transport } = this;
    this.session.timeOut(now);
    if (this.opened && this.open && now >= owner.patience)
      this.drop(new DevsockError(unheard(transport.address, owner.silence), this.context));
  }

  private unanswered(timeout: number): DevsockError {
    return unanswered(this.transport.address, timeout, this.session.counters.discarded);
  }
}

function random32(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]!;
}
