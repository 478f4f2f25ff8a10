/** A listening socket: boards connect to its name. In the shape of net.Server. */
import { EventEmitter } from "node:events";
import { Phase } from "../protocols/index.js";
import type { Failure, Socket } from "../protocols/index.js";
import type { BoardSocket } from "./board-sockets.js";
import { TYPE_NAMES } from "./board-sockets.js";
import type { SocketType } from "./constants.js";
import { canceled, DevsockError } from "./errors.js";
import { Waiters } from "./waiters.js";

/** What a listening socket needs of its link. */
export interface ServerLink {
  accept(socket: Socket): void;
  refuse(socket: Socket, failure: Failure): void;
  /** As an object that programs use, before it is accepted. */
  wrap(socket: Socket, address: string): BoardSocket;
}

interface Events<T> {
  listening: [];
  connection: [socket: T];
  /** One waits for `accept`. */
  pending: [];
  error: [error: DevsockError];
  close: [];
}

/** Connections that wait to be accepted, unless `listen` says otherwise. */
export const BACKLOG = 8;

/**
 * With a listener for "connection" each is accepted as it comes. Without one they wait, as many as the backlog, for
 * `accept` or async iteration; one more is refused with ECONNREFUSED.
 */
export class BoardServer<T extends BoardSocket = BoardSocket> extends EventEmitter<Events<T>> {
  /** Connections at once; one more is refused with EAGAIN. */
  maxConnections = Infinity;
  connections = 0;
  private readonly waiting: Socket[] = [];
  private readonly arrivals = new Waiters();
  private closed = false;

  /** @param remove forgets the name, when the server is closed */
  constructor(
    private readonly link: ServerLink,
    readonly name: string,
    readonly type: SocketType,
    private readonly backlog: number,
    private readonly remove: () => void,
  ) {
    super();
    queueMicrotask(() => this.emit("listening"));
    (this as EventEmitter).on("newListener", (event) => {
      if (event === "connection") queueMicrotask(() => this.tell());
    });
  }

  get listening(): boolean {
    return !this.closed;
  }

  /** Connections that wait to be accepted. */
  get pending(): number {
    return this.waiting.length;
  }

  address(): string {
    return this.name;
  }

  /**
   * The next connection.
   * @throws DevsockError ECANCELED when the signal aborts, EINVAL when the server is closed
   */
  async accept(signal?: AbortSignal): Promise<T> {
    for (;;) {
      if (this.closed) throw new DevsockError(`EINVAL: ${this.name} is closed; listen again`, { address: this.name });
      const socket = this.waiting.shift();
      if (socket) return this.taken(socket);
      await this.arrivals.wait(signal, () => canceled(signal!, `accepting at ${this.name} was given up`, this.name));
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    while (!this.closed)
      try {
        yield await this.accept();
      } catch (error) {
        if (!this.closed) throw error;
      }
  }

  /** Listens no more; those that wait are refused, connections that were accepted go on. */
  close(done?: () => void): this {
    if (done) this.once("close", done);
    if (this.closed) return this;
    this.closed = true;
    this.remove();
    for (const socket of this.waiting.splice(0))
      this.link.refuse(socket, `ECONNREFUSED: the host listens no more at ${this.name}`);
    this.arrivals.wake();
    queueMicrotask(() => this.emit("close"));
    return this;
  }

  /** From the link: the board wants to connect. */
  request(socket: Socket): void {
    const refuse = (failure: Failure): void => this.link.refuse(socket, failure);
    if ((socket.type as number) !== this.type)
      return refuse(`ESOCKTNOSUPPORT: ${this.name} is a ${TYPE_NAMES[this.type]}; open it as one`);
    if (this.connections >= this.maxConnections)
      return refuse(`EAGAIN: ${this.name} has its ${this.maxConnections} connections; try again later`);
    if (this.waiting.length >= this.backlog)
      return refuse(`ECONNREFUSED: ${this.backlog} connections wait at ${this.name} already; try again later`);
    socket.onclose = () => {
      const at = this.waiting.indexOf(socket);
      if (at >= 0) this.waiting.splice(at, 1);
    };
    this.waiting.push(socket);
    this.tell();
    if (this.waiting.length > 0) this.emit("pending");
    this.arrivals.wake();
  }

  private tell(): void {
    while (this.waiting.length > 0 && this.listenerCount("connection") > 0)
      this.emit("connection", this.taken(this.waiting.shift()!));
  }

  private taken(socket: Socket): T {
    const wrapped = this.link.wrap(socket, this.name) as T;
    this.connections++;
    (wrapped as EventEmitter).once("close", () => this.connections--);
    if (socket.phase === Phase.opening) this.link.accept(socket);
    return wrapped;
  }
}
