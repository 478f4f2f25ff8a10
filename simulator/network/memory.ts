/**
 * A network in memory and in clock time: delays, losses and doubles come from a seed, and a sender is held when the
 * receiver's window is full.
 */
import type { Clock } from "../clock.js";
import { Random } from "../random.js";
import type { BoardDatagrams, BoardListener, BoardNetwork, BoardStream, Datagram } from "./index.js";
import { MemoryDatagrams, type DatagramFaults } from "./memory-datagrams.js";
import type { MemoryStream } from "./memory-stream.js";
import { streamPair } from "./memory-stream.js";
import type { StreamOptions } from "./memory-stream.js";

export interface MemoryNetworkOptions {
  clock: Clock;
  seed: number;
  /** Milliseconds a packet takes one way. */
  latency?: number;
  /** Bytes a receiver lets come before it has read them. */
  window?: number;
  /** Bytes a second, each way and connection; unlimited when left out. */
  rate?: number;
  faults?: DatagramFaults;
}

const HOST = "127.0.0.1";
/** Connections that wait to be accepted. */
const BACKLOG = 10;
const FIRST_PORT = 49_152;
/** Datagrams that wait on the board; more are lost, as the chip's buffer is small. */
const BOARD_QUEUE = 8;

function refused(port: number): Error {
  return Object.assign(new Error(`nothing listens on port ${port}: start the endpoint first`), {
    code: "ECONNREFUSED",
  });
}

function unreachable(): Error {
  return Object.assign(new Error("the board has no network now: plug it in"), { code: "EHOSTUNREACH" });
}

export class MemoryNetwork implements BoardNetwork {
  /** Faults of the datagrams; may be changed while running. */
  readonly faults: DatagramFaults;
  private readonly random: Random;
  private readonly listening = new Map<number, MemoryStream[]>();
  private readonly bound = new Map<number, MemoryDatagrams>();
  /** Servers of the test's side that the board may connect to. */
  private readonly servers = new Map<number, (stream: MemoryStream) => void>();
  /** Other boards' networks, by the addresses under which this one reaches them. */
  private readonly neighbours = new Map<string, MemoryNetwork>();
  private readonly open = new Set<MemoryStream>();
  private nextPort = FIRST_PORT;
  private activity: () => void = () => {};
  private reachable = true;
  /** What connections have on the way while the network is away: TCP sends it again then. */
  private readonly held: (() => void)[] = [];
  private readonly streams: StreamOptions;

  constructor(private readonly options: MemoryNetworkOptions) {
    const carry = (arrive: () => void): void => (this.reachable ? arrive() : void this.held.push(arrive));
    this.streams = { ...options, carry };
    this.random = new Random(options.seed);
    this.faults = options.faults ?? {};
  }

  onActivity(listener: () => void): void {
    this.activity = listener;
  }

  listen(port: number): BoardListener {
    if (this.listening.has(port)) throw Object.assign(new Error(`port ${port} is in use`), { code: "EADDRINUSE" });
    const waiting: MemoryStream[] = [];
    this.listening.set(port, waiting);
    return {
      accept: () => {
        const stream = waiting.shift();
        return stream && this.boardEnd(stream);
      },
      close: () => {
        this.listening.delete(port);
        for (const stream of waiting) stream.destroy();
      },
    };
  }

  connect(host: string, port: number): BoardStream {
    if (!this.reachable) throw unreachable();
    const neighbour = this.neighbours.get(host);
    if (neighbour) return this.boardEnd(neighbour.dial(port));
    if (host !== HOST && host !== "localhost")
      throw Object.assign(new Error(`unknown host ${host}`), { code: "ENOTFOUND" });
    const accept = this.servers.get(port);
    if (!accept) return this.boardEnd(this.dial(port));
    const [near, far] = streamPair(this.streams);
    accept(far);
    return this.boardEnd(near);
  }

  bind(port: number): BoardDatagrams {
    const number = port || this.nextPort++;
    if (this.bound.has(number)) throw Object.assign(new Error(`port ${number} is in use`), { code: "EADDRINUSE" });
    const queue: Datagram[] = [];
    const socket = this.datagrams(number);
    socket.onMessage((datagram) => {
      if (queue.length >= BOARD_QUEUE) return void socket.counters.overrun++;
      queue.push(datagram);
      this.activity();
    });
    return {
      receive: () => queue.shift(),
      send: ({ data, port: to }) => (socket.send(data, to), true),
      close: () => socket.close(),
    };
  }

  reach(there: boolean): void {
    this.reachable = there;
    while (this.reachable && this.held[0]) this.held.shift()!();
  }

  cut(): void {
    for (const stream of this.open) stream.destroy();
    this.open.clear();
  }

  reset(): void {
    this.cut();
    for (const waiting of this.listening.values()) for (const stream of waiting) stream.destroy();
    this.listening.clear();
    for (const [port, socket] of this.bound) if (socket.ofBoard) this.bound.delete(port);
  }

  /**
   * The test's side: opens a connection to the board.
   * @throws Error ECONNREFUSED when the board does not listen, EHOSTUNREACH when it has no network
   */
  dial(port: number): MemoryStream {
    if (!this.reachable) throw unreachable();
    const waiting = this.listening.get(port);
    if (!waiting || waiting.length >= BACKLOG) throw refused(port);
    const [near, far] = streamPair(this.streams);
    this.options.clock.after(this.options.latency ?? 0, () => {
      waiting.push(far);
      this.activity();
    });
    return near;
  }

  /** The test's side: accepts connections that the board opens. */
  serve(port: number, accept: (stream: MemoryStream) => void): void {
    this.servers.set(port, accept);
  }

  /** The test's side: another board is at this address. */
  route(host: string, network: MemoryNetwork): void {
    this.neighbours.set(host, network);
  }

  /** The test's side: a datagram socket. */
  datagram(port = this.nextPort++): MemoryDatagrams {
    const socket = this.datagrams(port);
    socket.ofBoard = false;
    return socket;
  }

  private datagrams(port: number): MemoryDatagrams {
    const { clock, latency = 0 } = this.options;
    const find = (to: number): MemoryDatagrams | undefined => (this.reachable ? this.bound.get(to) : undefined);
    const path = { clock, latency, random: this.random, faults: this.faults, find };
    const socket = new MemoryDatagrams(port, path, () => this.bound.delete(port));
    this.bound.set(port, socket);
    return socket;
  }

  private boardEnd(stream: MemoryStream): BoardStream {
    this.open.add(stream);
    stream.onActivity(() => this.activity());
    this.activity();
    const leave = (): boolean => this.open.delete(stream);
    return {
      receive: (limit) => stream.read(limit),
      send: (data) => stream.send(data),
      close: () => void (leave(), stream.close()),
      refuse: () => void (leave(), stream.destroy()),
    };
  }
}
