/** A board as an object: its devices, its services, and sockets to them. */
import { EventEmitter } from "node:events";
import { Type } from "../protocols/index.js";
import type { BoardInfo as RawInfo, Socket, Terms } from "../protocols/index.js";
import type { Clock } from "./clock.js";
import { systemClock } from "./clock.js";
import { DatagramSocket } from "./datagram-socket.js";
import { Printer } from "./device/printer.js";
import { readRecord } from "./device/records.js";
import { boardInfo } from "./device/schema.js";
import { decodeStatus } from "./device/status.js";
import type { PrinterStatus } from "./device/status.js";
import { canceled, DevsockError } from "./errors.js";
import { BoardNet } from "./inet.js";
import { Link } from "./link.js";
import type { LinkOptions } from "./link.js";
import { Netlink, NETLINK } from "./netlink.js";
import { RECEIVE_BUFFER, SocketStream } from "./socket-stream.js";
import { AF_DEVICE, SOCK_DGRAM, SOCK_STREAM } from "./sockets.js";
import type { Priority, SocketType } from "./sockets.js";
import { Tap } from "./tap/tap.js";
import type { TapOptions } from "./tap/tap.js";
import { Taps } from "./tap/taps.js";
import { transportFor } from "./transport/index.js";
import type { Transport } from "./transport/transport.js";

export interface DeviceInfo {
  name: string;
  driver: string;
  services: string[];
  status: PrinterStatus;
}

/** What a board says of itself. Counters are losses and refusals since its start. */
export interface BoardInfo extends Omit<RawInfo, "devices"> {
  devices: DeviceInfo[];
}

export interface SocketOptions {
  /** AF_DEVICE, which is the default. */
  family?: string;
  /** SOCK_STREAM by default. */
  type?: SocketType;
  /** SO_PRIORITY, 0 by default. */
  priority?: Priority;
  signal?: AbortSignal;
}

export interface BoardOptions extends LinkOptions {
  /** Sees the link from its first byte on, and why there is none. */
  tap?: Tap;
}

interface Events {
  /** The link is over; the error says why unless `close` was called. */
  close: [error?: DevsockError];
}

/**
 * Connects to a board.
 * @param address `tcp://host:port`, `udp://host:port`, `serial:/dev/ttyX?baud=115200`, or a transport
 * @throws DevsockError EINVAL for a wrong address; ECONNREFUSED, ETIMEDOUT, ENOENT ... when there is no board
 */
export async function connect(address: string | Transport, options: BoardOptions = {}): Promise<Board> {
  const { tap, clock = systemClock } = options;
  const taps = new Taps(clock);
  tap?.attach(taps);
  try {
    const transport = typeof address === "string" ? transportFor(address) : address;
    return new Board(await Link.open(taps.wrap(transport), options), clock, taps);
  } catch (error) {
    taps.end();
    throw error;
  }
}

export class Board extends EventEmitter<Events> {
  private readonly sockets = new Set<SocketStream | DatagramSocket>();
  private closing = false;
  private _net: BoardNet | undefined;

  /** Made by `connect`. */
  constructor(
    private readonly link: Link,
    readonly clock: Clock,
    private readonly taps: Taps,
  ) {
    super();
    link.onclose = (error) => {
      taps.end();
      this.emit("close", this.closing ? undefined : error);
    };
  }

  get address(): string {
    return this.link.address;
  }

  /** What the board told in the handshake: its name, kind, firmware and limits. */
  get terms(): Readonly<Terms> {
    return this.link.terms;
  }

  /** Name, memory, devices and counters of the board. */
  async info(signal?: AbortSignal): Promise<BoardInfo> {
    const raw = await readRecord(await this.open(":info", { signal }), `${this.address} :info`, boardInfo);
    return { ...raw, devices: raw.devices.map((device) => ({ ...device, status: decodeStatus(device.status) })) };
  }

  async devices(signal?: AbortSignal): Promise<DeviceInfo[]> {
    return (await this.info(signal)).devices;
  }

  /** What happens on the board, as it happens: sessions, devices, counters. */
  async netlink(signal?: AbortSignal): Promise<Netlink> {
    return new Netlink(await this.open(NETLINK, { signal }));
  }

  /** All counters of the board; of firmware that has no more, its losses. */
  async counters(signal?: AbortSignal): Promise<Record<string, number>> {
    try {
      const netlink = await this.netlink(signal);
      netlink.end();
      let counters: Record<string, number> = {};
      for await (const record of netlink) counters = record.counters ?? counters;
      return counters;
    } catch (error) {
      if (!(error instanceof DevsockError) || error.code !== "ENODEV") throw error;
      return (await this.info(signal)).counters;
    }
  }

  /** A printer by its name on the board. Whether it is there shows when it is used: ENODEV. */
  printer(name: string): Printer {
    return new Printer(this, name);
  }

  /** A stream socket: `connect` with SOCK_STREAM. */
  open(address: string, options: Omit<SocketOptions, "type"> = {}): Promise<SocketStream> {
    return this.connect(address, { ...options, type: SOCK_STREAM });
  }

  /**
   * Opens a socket to `device`, `device:service`, or `:service` of the board itself.
   * @throws DevsockError what the board refused it with (ENODEV, EAGAIN, EPROTONOSUPPORT ...), EMFILE, ENOTCONN
   */
  connect(address: string, options: SocketOptions & { type: typeof SOCK_DGRAM }): Promise<DatagramSocket>;
  connect(address: string, options?: SocketOptions & { type?: typeof SOCK_STREAM }): Promise<SocketStream>;
  async connect(address: string, options: SocketOptions = {}): Promise<SocketStream | DatagramSocket> {
    const { signal } = options;
    const what = `opening ${address || "the board"}`;
    if (signal?.aborted) throw canceled(signal, `${what} was given up`, address);
    return this.opened(this.create(address, options), what, signal);
  }

  /** Sockets of the board's own network, if its configuration allows them. */
  get net(): BoardNet {
    return (this._net ??= new BoardNet((address) => this.create(address, {}) as SocketStream));
  }

  /** A socket that the board has not answered yet. */
  private create(address: string, options: SocketOptions): SocketStream | DatagramSocket {
    const { family = AF_DEVICE, type = SOCK_STREAM, priority = 0 } = options;
    if (this.link.error || this.closing) throw this.gone(address);
    if (family !== AF_DEVICE)
      throw new DevsockError(`EAFNOSUPPORT: boards have no ${family} sockets; use AF_DEVICE and a device's name`);
    if (type !== SOCK_STREAM && type !== SOCK_DGRAM)
      throw new DevsockError("ESOCKTNOSUPPORT: boards have SOCK_STREAM and SOCK_DGRAM sockets; use one of these");
    const socket = this.link.sockets.connect(
      type === SOCK_STREAM ? Type.stream : Type.datagram,
      address,
      priority,
      RECEIVE_BUFFER,
    );
    if (!socket) throw new DevsockError("EMFILE: this link has no socket left; close one first", { address });
    return this.wrap(socket, address);
  }

  /**
   * AF_PACKET: what passes on the link from now on, in both directions. A frame of which a part has passed already is
   * noise; the option `tap` of `connect` sees all.
   */
  tap(options: TapOptions = {}): Tap {
    const tap = new Tap(options);
    if (this.link.closed) tap.finish();
    return tap.attach(this.taps);
  }

  /** Ends the link in order. Sockets that are open are destroyed. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.link.closed) return resolve();
      this.once("close", () => resolve());
      this.closing = true;
      for (const socket of this.sockets)
        if (socket instanceof SocketStream) socket.destroy();
        else socket.close();
      this.link.close();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private wrap(socket: Socket, address: string): SocketStream | DatagramSocket {
    const { link } = this;
    const wrapped =
      socket.type === Type.stream
        ? new SocketStream(socket, link, address)
        : new DatagramSocket(socket, link, address, link.maxPayload);
    this.sockets.add(wrapped);
    const remove = (): void => void this.sockets.delete(wrapped);
    if (wrapped instanceof SocketStream) wrapped.once("close", remove);
    else wrapped.once("close", remove);
    return wrapped;
  }

  /** Waits for the board's answer. */
  private opened<T extends SocketStream | DatagramSocket>(
    socket: T,
    what: string,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const emitter: EventEmitter = socket;
    return new Promise((resolve, reject) => {
      const settle = (error?: Error): void => {
        signal?.removeEventListener("abort", abort);
        emitter.off("connect", settle).off("error", settle).off("close", closed);
        if (error) reject(error);
        else resolve(socket);
      };
      const closed = (): void => settle(this.gone(socket.address));
      const abort = (): void => {
        settle(canceled(signal!, `${what} was given up`, socket.address));
        if (socket instanceof SocketStream) socket.destroy();
        else socket.close();
      };
      signal?.addEventListener("abort", abort);
      emitter.once("connect", settle).once("error", settle).once("close", closed);
    });
  }

  private gone(address: string): DevsockError {
    const why = this.link.error && !this.closing ? this.link.error.sentence : "it was closed";
    return new DevsockError(`ENOTCONN: the link to ${this.address} is over (${why}); connect again`, {
      origin: "link",
      address,
    });
  }
}
