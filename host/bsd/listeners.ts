/** Listening sockets for the BSD calls: those that boards connect to, and this host's own. */
import type { Server, Socket } from "node:net";
import type { BoardServer } from "../board-server.js";
import { SocketStream } from "../socket-stream.js";
import { canceled, DevsockError } from "../errors.js";
import type { PacketSocket } from "../packet-socket.js";
import { Waiters } from "../waiters.js";
import { DuplexEndpoint } from "./duplex-endpoint.js";
import { listen } from "./endpoint.js";
import type { Endpoint, Listener } from "./endpoint.js";
import { PacketEndpoint } from "./packet-endpoint.js";

/** A socket of a board as what the calls need. */
export function endpointOf(socket: SocketStream | PacketSocket, local: unknown, peer: unknown): Endpoint {
  return socket instanceof SocketStream
    ? new DuplexEndpoint(socket, local, peer)
    : new PacketEndpoint(socket, local, peer);
}

export class BoardListener implements Listener {
  constructor(
    private readonly server: BoardServer,
    readonly local: unknown,
    private readonly board: string,
  ) {}

  get pending(): number {
    return this.server.pending;
  }

  async accept(signal?: AbortSignal): Promise<Endpoint> {
    return endpointOf(await this.server.accept(signal), this.local, this.board);
  }

  close(): Promise<void> {
    this.server.close();
    return Promise.resolve();
  }

  onchange(told: () => void): () => void {
    return listen(this.server, ["pending", "close"], told);
  }
}

/** net.Server accepts at once; those that nobody took wait here, as many as the backlog. */
export class NodeListener implements Listener {
  private readonly waiting: Socket[] = [];
  private readonly arrivals = new Waiters();
  private readonly watchers = new Set<() => void>();
  private closed = false;

  constructor(
    private readonly server: Server,
    readonly local: unknown,
    backlog: number,
  ) {
    server.on("connection", (socket) => {
      // One that breaks before it is accepted is noticed when it is read.
      socket.on("error", () => {});
      if (this.waiting.length >= backlog) return void socket.destroy();
      this.waiting.push(socket);
      this.changed();
    });
  }

  get pending(): number {
    return this.waiting.length;
  }

  async accept(signal?: AbortSignal): Promise<Endpoint> {
    for (;;) {
      if (this.closed) throw new DevsockError("EINVAL: the socket is closed; listen again");
      const socket = this.waiting.shift();
      if (socket) return new DuplexEndpoint(socket, this.local, peerOf(socket));
      await this.arrivals.wait(signal, () => canceled(signal!, "accepting was given up"));
    }
  }

  close(): Promise<void> {
    this.closed = true;
    for (const socket of this.waiting.splice(0)) socket.destroy();
    this.server.close();
    this.changed();
    return Promise.resolve();
  }

  onchange(told: () => void): () => void {
    this.watchers.add(told);
    return () => this.watchers.delete(told);
  }

  private changed(): void {
    this.arrivals.wake();
    for (const told of this.watchers) told();
  }
}

function peerOf(socket: Socket): unknown {
  return socket.remoteAddress === undefined ? { path: "" } : { host: socket.remoteAddress, port: socket.remotePort };
}
