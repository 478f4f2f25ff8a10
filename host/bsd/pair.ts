/** socketpair: two sockets of this program, connected to each other. */
import { duplexPair } from "node:stream";
import { MSG_DONTWAIT, MSG_EOR, MSG_PEEK, MSG_TRUNC, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM } from "../constants.js";
import type { SocketType } from "../constants.js";
import { canceled, DevsockError } from "../errors.js";
import { RECEIVE_MESSAGES } from "../message-socket.js";
import { Waiters } from "../waiters.js";
import { DuplexEndpoint } from "./duplex-endpoint.js";
import { again, noOption } from "./endpoint.js";
import type { Endpoint, Readiness, Received } from "./endpoint.js";

export function pairOf(type: SocketType): [Endpoint, Endpoint] {
  if (type === SOCK_STREAM) {
    const [a, b] = duplexPair();
    return [new DuplexEndpoint(a, "", ""), new DuplexEndpoint(b, "", "")];
  }
  const a = new MessagePair(type);
  const b = new MessagePair(type);
  a.other = b;
  b.other = a;
  return [a, b];
}

/** One end. Messages wait at the end they are for, as many as 64: of datagrams the newest, else the sender waits. */
class MessagePair implements Endpoint {
  readonly local = "";
  readonly peer = "";
  other!: MessagePair;
  private readonly waiting: Received[] = [];
  private readonly changes = new Waiters();
  private readonly watchers = new Set<() => void>();
  /** No more comes. */
  private ended = false;
  private deaf = false;
  private shut = false;

  constructor(private readonly type: SocketType) {}

  async recv(max: number, flags: number, signal?: AbortSignal): Promise<Received | null> {
    for (;;) {
      if (this.deaf) return null;
      const message = this.waiting[0];
      if (message) {
        if (!(flags & MSG_PEEK)) this.waiting.shift();
        this.other.changed();
        const { data } = message;
        const cut = data.length > max ? MSG_TRUNC : 0;
        return { ...message, data: data.subarray(0, max), flags: message.flags | cut };
      }
      if (this.ended) return null;
      if (flags & MSG_DONTWAIT) throw again("nothing waits to be read");
      await this.changes.wait(signal, () => canceled(signal!, "receiving was given up"));
    }
  }

  async send(data: Buffer, flags: number, _to: unknown, signal?: AbortSignal): Promise<number> {
    const { other } = this;
    while (other.waiting.length >= RECEIVE_MESSAGES && !this.shut && !other.deaf) {
      if (this.type === SOCK_DGRAM) other.waiting.shift();
      else if (flags & MSG_DONTWAIT) throw again("what was sent before waits still");
      else await this.changes.wait(signal, () => canceled(signal!, "sending was given up; nothing was sent"));
    }
    if (this.shut || other.deaf) throw new DevsockError("EPIPE: the connection is shut down; open another one");
    const end = this.type === SOCK_SEQPACKET ? MSG_EOR : 0;
    other.waiting.push({ data: Buffer.from(data), address: "", flags: end, time: Date.now() });
    other.changed();
    return data.length;
  }

  shutdown(read: boolean, write: boolean): void {
    if (read) this.deaf = true;
    if (write) this.shut = this.other.ended = true;
    this.changed();
    this.other.changed();
  }

  close(): Promise<void> {
    this.destroy();
    return Promise.resolve();
  }

  destroy(): void {
    this.waiting.length = 0;
    this.shutdown(true, true);
  }

  ready(): Readiness {
    return {
      readable: this.waiting.length > 0 || this.ended || this.deaf,
      writable: !this.shut && (this.type === SOCK_DGRAM || this.other.waiting.length < RECEIVE_MESSAGES),
      urgent: false,
      failed: false,
      hungUp: this.ended && this.shut,
    };
  }

  onchange(told: () => void): () => void {
    this.watchers.add(told);
    return () => this.watchers.delete(told);
  }

  setOption(_level: number, name: number | string): Promise<void> {
    return Promise.reject(noOption(name));
  }

  getOption(_level: number, name: number | string): Promise<unknown> {
    return Promise.reject(noOption(name));
  }

  private changed(): void {
    this.changes.wake();
    for (const told of this.watchers) told();
  }
}
