/** A board as an object: its devices, its services, and sockets to them. */
import { EventEmitter } from "node:events";
import { inspect } from "node:util";
import type { Socket, Terms } from "../protocols/index.js";
import { boards } from "../boards/index.js";
import { TimeKeeper, UNKNOWN_DRIFT } from "./board-clock.js";
import type { BoardClock } from "./board-clock.js";
import { describeBoard } from "./board-info.js";
import type { BoardInfo, DeviceInfo } from "./board-info.js";
import { BACKLOG, BoardServer } from "./board-server.js";
import { TYPE_NAMES, whenOpen, wrapSocket } from "./board-sockets.js";
import type { BoardSocket, SocketsByType } from "./board-sockets.js";
import type { Clock } from "./clock.js";
import { systemClock } from "./clock.js";
import { Bus } from "./device/bus.js";
import { Camera } from "./device/camera.js";
import { Printer } from "./device/printer.js";
import { readRecord } from "./device/records.js";
import { boardInfo } from "./device/schema.js";
import { Sensor } from "./device/sensor.js";
import { canceled, DevsockError } from "./errors.js";
import { BoardDgram, BoardNet } from "./inet.js";
import type { InetBoard } from "./inet.js";
import { DatagramSocket } from "./datagram-socket.js";
import { MessageSocket } from "./message-socket.js";
import { Link } from "./link.js";
import type { LinkOptions } from "./link.js";
import type { LinkCounters } from "./link-counters.js";
import { Netlink, NETLINK } from "./netlink.js";
import { RECEIVE_BUFFER } from "./socket-stream.js";
import type { SocketStream } from "./socket-stream.js";
import { AF_DEVICE, SOCK_DGRAM, SOCK_RDM, SOCK_STREAM } from "./constants.js";
import type { Priority, SocketType } from "./constants.js";
import { Tap } from "./tap/tap.js";
import type { TapOptions } from "./tap/tap.js";
import { Taps } from "./tap/taps.js";
import { transportFor } from "./transport/index.js";
import type { Transport } from "./transport/transport.js";

export interface SocketOptions {
  /** AF_DEVICE, which is the default. */
  family?: string;
  /** SOCK_STREAM by default. */
  type?: SocketType;
  /** SO_PRIORITY: 3 by default for SOCK_RDM, else 0. */
  priority?: Priority;
  /** SO_RCVBUF: bytes, or of SOCK_DGRAM messages, that wait for the reader; 16384 and 64 by default. */
  receiveBuffer?: number;
  /** SO_SNDBUF of SOCK_RDM and SOCK_RAW: bytes that wait to be sent, 2048 by default. */
  sendBuffer?: number;
  signal?: AbortSignal;
}

export interface BoardOptions extends LinkOptions {
  /** Sees the link from its first byte on, and why there is none. */
  tap?: Tap;
}

export interface ListenOptions {
  /** SOCK_STREAM by default. */
  type?: SocketType;
  /** Connections that may wait to be accepted: 8 by default, 64 at most. */
  backlog?: number;
}

/** Where a board is. */
type Address = string | Transport;

interface Events {
  /** The link is over; the error says why unless `close` was called. */
  close: [error?: DevsockError];
  /** The connection is lost and another one is sought: "resumed" or "close" follows. */
  lost: [error: DevsockError];
  /** It goes on over a connection to this address; `kept` says whether the sockets do, too. */
  resumed: [address: string, kept: boolean];
}

/**
 * Connects to a board.
 * @param address `tcp://host:port`, `udp://host:port`, `serial:/dev/ttyX?baud=115200`, or a transport; a list of them
 *   is tried in its order, now and whenever the connection is lost: sockets go on over the next one
 * @throws DevsockError EINVAL for a wrong address; ECONNREFUSED, ETIMEDOUT, ENOENT ... when there is no board
 */
export async function connect(address: Address | readonly Address[], options: BoardOptions = {}): Promise<Board> {
  const { tap, clock = systemClock } = options;
  const addresses = Array.isArray(address) ? (address as readonly Address[]) : [address as Address];
  const taps = new Taps(clock);
  tap?.attach(taps);
  try {
    if (addresses.length === 0) throw new DevsockError("EINVAL: there is no address to connect to; give one at least");
    const transports = addresses.map((each) => taps.wrap(typeof each === "string" ? transportFor(each) : each));
    return new Board(await Link.open(transports, options, taps), clock, taps);
  } catch (error) {
    taps.end();
    throw error;
  }
}

export class Board extends EventEmitter<Events> {
  private readonly openSockets = new Set<BoardSocket>();
  private readonly servers = new Map<string, BoardServer>();
  private closing = false;
  private _net: BoardNet | undefined;
  private readonly timeKeeper: TimeKeeper;

  /** Made by `connect`. */
  constructor(
    private readonly link: Link,
    /** The time of this host. */
    readonly hostClock: Clock,
    private readonly taps: Taps,
  ) {
    super();
    this.timeKeeper = new TimeKeeper({
      clock: hostClock,
      get standing() {
        return link.open;
      },
      get lost() {
        return link.counters.lost;
      },
      get drift() {
        return boards.find(({ id }) => id === link.terms.board)?.drift ?? UNKNOWN_DRIFT;
      },
      get byteTime() {
        return link.byteTime;
      },
      get busy() {
        return link.busy;
      },
      connect: (address, options) => this.connect(address, options),
    });
    link.events = {
      onclose: (error) => {
        taps.end();
        for (const server of this.servers.values()) server.close();
        this.emit("close", this.closing ? undefined : error);
      },
      onlost: (error) => this.emit("lost", error),
      onresumed: (resumed, kept) => this.emit("resumed", resumed, kept),
    };
    link.onrequest = (socket, address) => {
      const server = this.servers.get(address);
      if (server) server.request(socket);
      else link.refuse(socket, `ECONNREFUSED: nobody listens at ${address} on this host`);
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
    return describeBoard(raw);
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

  /**
   * The board's time against this host's, kept fresh until it is disposed of. Several at once cost as much as one.
   * @param growth by how many ms what is not known of the clocks' speeds may widen the interval, of which the uncertainty is half, before the board is asked again: 0.7 by default
   * @throws DevsockError EPROTONOSUPPORT of firmware that does not tell its time, ENOTCONN, ECANCELED
   */
  async clock(signal?: AbortSignal, growth?: number): Promise<BoardClock> {
    if (growth !== undefined && !(growth > 0))
      throw new DevsockError(`EINVAL: ${growth} ms is no growth of an interval; give more than 0`, {
        address: this.address,
      });
    return this.timeKeeper.take(signal, this.address, growth);
  }

  /** What this side counted of the link, since `connect`. */
  get linkCounters(): LinkCounters {
    return this.link.counters;
  }

  /** A printer by its name on the board. Whether it is there shows when it is used: ENODEV. */
  printer(name: string): Printer {
    return new Printer(this, name);
  }

  /** A sensor by its name on the board. Whether it is there shows when it is used: ENODEV. Not for diagnosis. */
  sensor(name: string): Sensor {
    return new Sensor(this, name);
  }

  /** A camera by its name on the board. Whether it is there shows when it is used: ENODEV. */
  camera(name = "camera0"): Camera {
    return new Camera(this, name);
  }

  /** An I2C or SPI bus by its name on the board. Whether it is there shows when it is used: ENODEV. */
  bus(name: string): Bus {
    return new Bus(this, name);
  }

  /** A stream socket: `connect` with SOCK_STREAM. */
  open(address: string, options: Omit<SocketOptions, "type"> = {}): Promise<SocketStream> {
    return this.connect(address, { ...options, type: SOCK_STREAM });
  }

  /**
   * Opens a socket to `device`, `device:service`, or `:service` of the board itself.
   * @throws DevsockError what the board refused it with (ENODEV, EAGAIN, EPROTONOSUPPORT ...), EMFILE, ENOTCONN
   */
  async connect<T extends SocketType = typeof SOCK_STREAM>(
    address: string,
    options: SocketOptions & { type?: T } = {},
  ): Promise<SocketsByType[T]> {
    const { signal } = options;
    const what = `opening ${address || "the board"}`;
    if (signal?.aborted) throw canceled(signal, `${what} was given up`, address);
    return whenOpen(this.create(address, options), what, () => this.gone(address), signal) as Promise<SocketsByType[T]>;
  }

  /**
   * Listens at a name: the board can connect to it.
   * @throws DevsockError EADDRINUSE, ESOCKTNOSUPPORT, ENOTCONN
   */
  listen<T extends SocketType = typeof SOCK_STREAM>(
    name: string,
    options: ListenOptions & { type?: T } = {},
  ): BoardServer<SocketsByType[T]> {
    const { type = SOCK_STREAM, backlog = BACKLOG } = options;
    if (this.link.error || this.closing) throw this.gone(name);
    this.checkType(type);
    if (this.servers.has(name))
      throw new DevsockError(`EADDRINUSE: this program listens at ${name} already; close that first`, {
        address: name,
      });
    const link = {
      accept: (socket: Socket) => this.link.accept(socket),
      refuse: (socket: Socket, failure: string) => this.link.refuse(socket, failure),
      wrap: (socket: Socket, address: string) => {
        socket.enlarge(RECEIVE_BUFFER);
        return this.wrap(socket, address);
      },
    };
    const server = new BoardServer<SocketsByType[T]>(link, name, type, backlog, () => this.servers.delete(name));
    this.servers.set(name, server);
    return server;
  }

  /** Sockets of the board's own network, if its configuration allows them. */
  get net(): BoardNet {
    return (this._net ??= new BoardNet(this.inet()));
  }

  /** UDP sockets of the board's own network, in the shape of Node's module `dgram`. */
  get dgram(): { createSocket(): BoardDgram } {
    return { createSocket: () => new BoardDgram(this.inet()) };
  }

  private inet(): InetBoard {
    return {
      create: (address) => this.create(address, {}) as SocketStream,
      connect: (address, options) => this.connect(address, options),
      listen: (name, options) => this.listen(name, options),
    };
  }

  /** A socket that the board has not answered yet. */
  private create(address: string, options: SocketOptions): BoardSocket {
    const { family = AF_DEVICE, type = SOCK_STREAM, priority = type === SOCK_RDM ? 3 : 0 } = options;
    if (this.link.error || this.closing) throw this.gone(address);
    if (family !== AF_DEVICE)
      throw new DevsockError(`EAFNOSUPPORT: boards have no ${family} sockets; use AF_DEVICE and a device's name`);
    this.checkType(type);
    const { receiveBuffer = RECEIVE_BUFFER, sendBuffer } = options;
    const buffer = type === SOCK_DGRAM ? RECEIVE_BUFFER : receiveBuffer;
    const socket = this.link.sockets.connectTo(type, address, priority, buffer);
    if (!socket) throw new DevsockError("EMFILE: this link has no socket left; close one first", { address });
    const wrapped = this.wrap(socket, address);
    if (wrapped instanceof DatagramSocket) wrapped.receiveBuffer = options.receiveBuffer ?? wrapped.receiveBuffer;
    if (wrapped instanceof MessageSocket && sendBuffer !== undefined) wrapped.sendBuffer = sendBuffer;
    return wrapped;
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

  private checkType(type: number): void {
    if (!TYPE_NAMES[type])
      throw new DevsockError(
        `ESOCKTNOSUPPORT: there is no socket type ${type}; the types are ${Object.values(TYPE_NAMES).join(", ")}`,
      );
  }

  /** What is logged of it. */
  [inspect.custom](): string {
    return `Board <${this.address}>`;
  }

  toJSON(): object {
    return { address: this.address };
  }

  /** Ends the link in order. Sockets that are open are destroyed. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.link.closed) return resolve();
      this.once("close", () => resolve());
      this.closing = true;
      for (const server of this.servers.values()) server.close();
      for (const socket of this.openSockets) socket.destroy();
      this.link.close();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private wrap(socket: Socket, address: string): BoardSocket {
    const { link } = this;
    // Before it is accepted this may still be said; the board's own limit is for boards.
    const wrapped = wrapSocket(socket, link, address, link.maxPayload);
    this.openSockets.add(wrapped);
    (wrapped as EventEmitter).once("close", () => this.openSockets.delete(wrapped));
    return wrapped;
  }

  private gone(address: string): DevsockError {
    const why = this.link.error && !this.closing ? this.link.error.sentence : "it was closed";
    return new DevsockError(`ENOTCONN: the link to ${this.address} is over (${why}); connect again`, {
      origin: "link",
      address,
    });
  }
}
