/** A UDP socket of this host, or of a board's network, for the BSD calls. */
import type { RemoteInfo, Socket } from "node:dgram";
import type { EventEmitter } from "node:events";
import { MSG_DONTWAIT, MSG_OOB, MSG_PEEK, MSG_TRUNC, SO_BROADCAST, SO_RCVBUF, SOL_SOCKET } from "../constants.js";
import { canceled, DevsockError, fromNode } from "../errors.js";
import type { BoardDgram } from "../inet.js";
import { RECEIVE_MESSAGES } from "../message-socket.js";
import { Waiters } from "../waiters.js";
import { inetAddress } from "./addresses.js";
import type { InetAddress, SocketAddress } from "./addresses.js";
import { again, noOption } from "./endpoint.js";
import type { Endpoint, Readiness, Received } from "./endpoint.js";

export class DgramEndpoint implements Endpoint {
  /** Messages pushed out by newer ones before they were read. */
  dropped = 0;
  private failure: DevsockError | undefined;
  private closed = false;
  private deaf = false;
  private readonly waiting: Received[] = [];
  private readonly arrivals = new Waiters();
  private readonly watchers = new Set<() => void>();

  constructor(
    private readonly socket: Socket | BoardDgram,
    readonly peer: InetAddress | undefined,
    /** SO_RCVBUF: messages that wait to be read. */
    private most = RECEIVE_MESSAGES,
  ) {
    // Both kinds have the same events, of which TypeScript makes no common one.
    const events: EventEmitter = socket;
    events.on("message", (data: Buffer, from: RemoteInfo) => this.came(data, from));
    events.on("error", (error) => {
      this.failure = fromNode(error, "network", peer ? `${peer.host}:${peer.port}` : "the socket");
      this.changed();
    });
  }

  get local(): InetAddress {
    const { address, port } = this.socket.address();
    return { host: address, port };
  }

  async recv(max: number, flags: number, signal?: AbortSignal): Promise<Received | null> {
    for (;;) {
      if (this.deaf || this.closed) return null;
      const message = flags & MSG_PEEK ? this.waiting[0] : this.waiting.shift();
      if (message) {
        const { data } = message;
        return { ...message, data: data.subarray(0, max), flags: data.length > max ? MSG_TRUNC : 0 };
      }
      if (this.failure) throw this.failure;
      if (flags & MSG_DONTWAIT) throw again("nothing waits to be read");
      await this.arrivals.wait(signal, () => canceled(signal!, "receiving was given up"));
    }
  }

  send(data: Buffer, flags: number, to: unknown): Promise<number> {
    if (flags & MSG_OOB) return Promise.reject(new DevsockError("EOPNOTSUPP: only streams have urgent bytes"));
    const target = to === undefined ? this.peer : inetAddress(to as SocketAddress);
    if (!target)
      return Promise.reject(new DevsockError("EDESTADDRREQ: the socket is not connected; use sendto, or connect it"));
    const host = target.host || "127.0.0.1";
    return new Promise((resolve, reject) => {
      this.socket.send(data, target.port, host, (error, bytes) => {
        if (error) reject(fromNode(error, "network", `${host}:${target.port}`));
        else resolve(bytes);
      });
    });
  }

  shutdown(read: boolean): void {
    if (!read) return;
    this.deaf = true;
    this.changed();
  }

  close(): Promise<void> {
    this.destroy();
    return Promise.resolve();
  }

  destroy(): void {
    if (this.closed) return;
    this.closed = true;
    this.socket.close();
    this.changed();
  }

  ready(): Readiness {
    return {
      readable: this.waiting.length > 0 || this.deaf || this.closed,
      writable: !this.closed,
      urgent: false,
      failed: this.failure !== undefined,
      hungUp: this.closed,
    };
  }

  onchange(told: () => void): () => void {
    this.watchers.add(told);
    return () => this.watchers.delete(told);
  }

  setOption(level: number, name: number | string, value: unknown): Promise<void> {
    if (level === SOL_SOCKET && name === SO_BROADCAST && "setBroadcast" in this.socket)
      this.socket.setBroadcast(Boolean(value));
    else if (level === SOL_SOCKET && name === SO_RCVBUF) this.most = Number(value);
    else return Promise.reject(noOption(name));
    return Promise.resolve();
  }

  getOption(_level: number, name: number | string): Promise<unknown> {
    return Promise.reject(noOption(name));
  }

  private came(data: Buffer, { address, port }: RemoteInfo): void {
    this.waiting.push({ data, address: { host: address, port }, flags: 0, time: Date.now() });
    if (this.waiting.length > this.most) {
      this.waiting.shift();
      this.dropped++;
    }
    this.changed();
  }

  private changed(): void {
    this.arrivals.wake();
    for (const told of this.watchers) told();
  }
}
