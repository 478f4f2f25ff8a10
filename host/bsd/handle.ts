/** What `socket` gives: a socket between its calls. */
import { SO_RCVTIMEO } from "../constants.js";
import type { SO_SNDTIMEO, SocketType } from "../constants.js";
import { DevsockError } from "../errors.js";
import type { Board } from "../gateway.js";
import type { SocketAddress } from "./addresses.js";
import type { Endpoint, Listener } from "./endpoint.js";
import type { Context, Family } from "./families.js";

/** A signal, or nothing. */
export interface CallOptions {
  signal?: AbortSignal;
}

export class SocketHandle {
  /** Options of SOL_SOCKET that were set. */
  readonly options = new Map<number, unknown>();
  bound: SocketAddress | undefined;
  endpoint: Endpoint | undefined;
  listener: Listener | undefined;
  connecting = false;
  /** Shut down for sending, for receiving. */
  closed = false;
  /** SO_ERROR: what went wrong since it was last asked. */
  error: DevsockError | undefined;
  private readonly releases: (() => Promise<void>)[] = [];

  constructor(
    readonly family: string,
    readonly type: SocketType,
    readonly protocol: number,
    readonly rules: Family,
    readonly board: Board | string | undefined,
  ) {}

  /** @throws DevsockError EBADF when it was closed */
  check(): void {
    if (this.closed) throw new DevsockError("EBADF: the socket is closed; open another one");
  }

  /** What it sends and receives with. @throws DevsockError EBADF, ENOTCONN */
  connected(): Endpoint {
    this.check();
    if (this.endpoint) return this.endpoint;
    throw new DevsockError(
      this.listener
        ? "EINVAL: the socket listens; accept gives one to send and receive with"
        : "ENOTCONN: the socket is not connected; connect it first",
    );
  }

  context(signal: AbortSignal | undefined): Context {
    return {
      type: this.type,
      board: this.board,
      options: this.options,
      signal,
      onclose: (release) => this.releases.push(release),
    };
  }

  /**
   * Runs a call that may wait, within SO_RCVTIMEO or SO_SNDTIMEO.
   * @throws DevsockError EAGAIN when that time is over, as the manual pages say
   */
  async within<T>(
    option: typeof SO_RCVTIMEO | typeof SO_SNDTIMEO,
    signal: AbortSignal | undefined,
    run: (signal: AbortSignal | undefined) => Promise<T>,
  ): Promise<T> {
    const ms = Number(this.options.get(option) ?? 0);
    const limit = ms > 0 ? AbortSignal.timeout(ms) : undefined;
    const both = signal && limit ? AbortSignal.any([signal, limit]) : (signal ?? limit);
    try {
      return await run(both);
    } catch (error) {
      if (limit?.aborted && !signal?.aborted && (error as DevsockError).code === "ECANCELED")
        throw new DevsockError(
          `EAGAIN: nothing happened for ${ms} ms (${option === SO_RCVTIMEO ? "SO_RCVTIMEO" : "SO_SNDTIMEO"}); try again`,
        );
      throw error;
    }
  }

  /** Gives back what it borrowed. */
  async release(): Promise<void> {
    for (const release of this.releases.splice(0)) await release();
  }
}
