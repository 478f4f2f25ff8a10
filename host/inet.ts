/** AF_INET by way of a board: what Node's `net` does, on the board's own network. */
import { EventEmitter } from "node:events";
import type { BoardServer } from "./board-server.js";
import type { SocketsByType } from "./board-sockets.js";
import { SOCK_DGRAM } from "./constants.js";
import type { SOCK_STREAM, SocketType } from "./constants.js";
import type { DatagramSocket } from "./datagram-socket.js";
import { DevsockError } from "./errors.js";
import type { SocketStream } from "./socket-stream.js";

export interface ConnectOptions {
  /** A name that the board's network knows, or an IPv4 address. */
  host: string;
  port: number;
}

/** What the sockets of a board's network need of the board. */
export interface InetBoard {
  /** A socket that the board has not answered yet. */
  create(address: string): SocketStream;
  connect<T extends SocketType = typeof SOCK_STREAM>(
    address: string,
    options?: { type?: T; signal?: AbortSignal },
  ): Promise<SocketsByType[T]>;
  listen(name: string, options: { backlog?: number }): BoardServer<SocketStream>;
}

/** In the shape of Node's module `net`. */
export class BoardNet {
  constructor(private readonly board: InetBoard) {}

  /**
   * A TCP connection from the board. It is a Duplex: "connect" follows, or "error" with EACCES (the board's
   * configuration does not allow it), ECONNREFUSED, ENOTFOUND ... Half-close is not to be had of the interpreter: `end`
   * closes both ways when all is written.
   * @throws DevsockError EINVAL, EAFNOSUPPORT for IPv6, ENOTCONN when the link is over
   */
  connect({ host, port }: ConnectOptions, connected?: () => void): SocketStream {
    const socket = this.board.create(inetAddress(host, port));
    socket.allowHalfOpen = false;
    if (connected) socket.once("connect", connected);
    return socket;
  }

  /**
   * The board listens on a TCP port, until the server is closed. The board does not learn who connects.
   * @throws DevsockError EACCES, EADDRINUSE, EINVAL, ENETDOWN ...
   */
  async listen(
    port: number,
    options: { backlog?: number; signal?: AbortSignal } = {},
  ): Promise<BoardServer<SocketStream>> {
    const address = anyAddress(port, 1);
    const server = this.board.listen(address, options);
    try {
      const holder = await this.board.connect(address, options);
      server.once("close", () => holder.destroy());
      // With it the board's own listening ends: a link that is over, or a board that restarted.
      holder.on("error", (error) => server.listenerCount("error") && server.emit("error", error as DevsockError));
      holder.once("close", () => server.close());
      return server;
    } catch (error) {
      server.close();
      throw error;
    }
  }
}

interface DgramEvents {
  listening: [];
  message: [data: Buffer, from: { address: string; family: "IPv4"; port: number; size: number }];
  error: [error: DevsockError];
  close: [];
}

type Sent = (error: Error | null, bytes: number) => void;

/** A UDP socket of the board, in the shape of dgram.Socket. `send` binds it if nobody has. */
export class BoardDgram extends EventEmitter<DgramEvents> {
  private opening: Promise<DatagramSocket> | undefined;
  private port = 0;
  private closed = false;

  constructor(private readonly board: InetBoard) {
    super();
  }

  /** @param port 0 for any; which one it became only the board's network knows */
  bind(port = 0, bound?: () => void): this {
    if (bound) this.once("listening", bound);
    this.port = port;
    this.open().catch((error: DevsockError) => this.emit("error", error));
    return this;
  }

  /** Errors go to `sent`, or are told as "error". A message may be lost on its way without a word, as with all UDP. */
  send(message: Uint8Array | string, port: number, host: string, sent?: Sent): void {
    const data = Buffer.from(message);
    this.open()
      .then((socket) => {
        inetAddress(host, port);
        socket.send(Buffer.concat([Buffer.from(`${host}:${port}\n`), data]));
        sent?.(null, data.length);
      })
      .catch((error: DevsockError) => (sent ? sent(error, 0) : this.emit("error", error)));
  }

  address(): { address: string; family: "IPv4"; port: number } {
    return { address: "0.0.0.0", family: "IPv4", port: this.port };
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.opening?.then(
      (socket) => socket.destroy(),
      () => undefined,
    );
    queueMicrotask(() => this.emit("close"));
  }

  private open(): Promise<DatagramSocket> {
    if (this.closed) return Promise.reject(new DevsockError("ENOTCONN: the socket is closed; make another"));
    return (this.opening ??= this.opened());
  }

  private async opened(): Promise<DatagramSocket> {
    const socket = await this.board.connect(anyAddress(this.port, 0), { type: SOCK_DGRAM });
    socket.on("message", (message) => this.came(message));
    socket.on("error", (error) => this.emit("error", error));
    socket.once("close", () => this.close());
    this.emit("listening");
    return socket;
  }

  private came(message: Buffer): void {
    const at = message.indexOf(10);
    const [, address, port] = /^([\d.]+):(\d+)$/.exec(message.toString("latin1", 0, Math.max(at, 0))) ?? [];
    // What no board sends is no message.
    if (address === undefined) return;
    const data = message.subarray(at + 1);
    this.emit("message", data, { address, family: "IPv4", port: Number(port), size: data.length });
  }
}

/** The address at which the board listens on a port of all its interfaces. */
function anyAddress(port: number, least: number): string {
  if (!Number.isInteger(port) || port < least || port > 65535)
    throw new DevsockError(`EINVAL: ${port} is no port; give a number from ${least} to 65535`);
  return `/inet/*/${port}`;
}

/** The board's address of a host and port of its network. */
export function inetAddress(host: string, port: number): string {
  if (host.includes(":"))
    throw new DevsockError(`EAFNOSUPPORT: boards have IPv4 only, not ${host}; use an IPv4 address`, { address: host });
  if (!/^[\w.-]+$/.test(host))
    throw new DevsockError(`EINVAL: "${host}" is no host; give a name or an IPv4 address`, { address: host });
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new DevsockError(`EINVAL: ${port} is no port; give a number from 1 to 65535`, { address: host });
  return `/inet/${host}/${port}`;
}
