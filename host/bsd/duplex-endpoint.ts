/** A stream socket for the BSD calls: any Duplex. */
import type { Duplex } from "node:stream";
import { MSG_DONTWAIT, MSG_OOB, MSG_PEEK, MSG_WAITALL, SO_KEEPALIVE, SOL_SOCKET } from "../constants.js";
import { canceled, DevsockError, fromNode } from "../errors.js";
import { SocketStream } from "../socket-stream.js";
import { Waiters } from "../waiters.js";
import { again, listen, noOption } from "./endpoint.js";
import type { Endpoint, Readiness, Received } from "./endpoint.js";
import type { Timestamps } from "./timestamps.js";

/** How long `close` gives the other end, in ms. */
const LINGER = 3000;

/** A Duplex of Node that knows keepalive. */
interface KeepsAlive {
  setKeepAlive(on: boolean): void;
}

export class DuplexEndpoint implements Endpoint {
  timestamps?: Timestamps;
  private failure: DevsockError | undefined;
  private deaf = false;
  private readonly changes = new Waiters();
  private readonly watchers = new Set<() => void>();

  constructor(
    private readonly duplex: Duplex,
    readonly local: unknown,
    readonly peer: unknown,
  ) {
    duplex.on("error", (error) => {
      this.failure = fromNode(error, "network", String(peer));
    });
    listen(duplex, ["readable", "end", "drain", "error", "close", "urgent"], () => this.changed());
  }

  async recv(max: number, flags: number, signal?: AbortSignal): Promise<Received | null> {
    if (flags & MSG_OOB) return this.recvUrgent();
    const { duplex } = this;
    const parts: Buffer[] = [];
    let missing = max;
    for (;;) {
      const data = this.take(missing, (flags & MSG_PEEK) !== 0);
      if (data) {
        parts.push(data);
        missing -= data.length;
      }
      const whole = missing === 0 || !(flags & MSG_WAITALL);
      if (parts.length > 0 && (whole || this.atEnd)) return received(Buffer.concat(parts), this.peer);
      if (max === 0) return received(Buffer.alloc(0), this.peer);
      if (!data) {
        // Node tells the end after a read that found nothing.
        await new Promise<void>((resolve) => process.nextTick(resolve));
        if (this.failure) throw this.failure;
        if (this.atEnd) return null;
        if (duplex.readableLength > 0) continue;
        if (flags & MSG_DONTWAIT) throw again("nothing waits to be read");
        await this.changes.wait(signal, () => {
          if (parts.length > 0) this.duplex.unshift(Buffer.concat(parts));
          return canceled(signal!, "receiving was given up");
        });
      }
    }
  }

  async send(data: Buffer, flags: number, _to: unknown, signal?: AbortSignal): Promise<number> {
    const { duplex } = this;
    if (this.failure) throw this.failure;
    if (duplex.writableEnded)
      throw new DevsockError("EPIPE: this side was shut down; open another socket to send more");
    if (duplex.destroyed) throw new DevsockError("ENOTCONN: the socket is closed; open it again");
    if (flags & MSG_OOB) return this.sendUrgent(data, flags, signal);
    if (data.length === 0) return 0;
    if (flags & MSG_DONTWAIT && duplex.writableNeedDrain) throw again("what was sent before waits still");
    let failed: Error | null | undefined;
    let done = false;
    duplex.write(data, (error) => {
      failed = error;
      done = true;
      this.changed();
    });
    // With MSG_DONTWAIT it is the stream's to keep.
    while (!done && !(flags & MSG_DONTWAIT))
      await this.changes.wait(signal, () => canceled(signal!, "sending was given up; what was sent still goes"));
    if (failed) throw this.failure ?? fromNode(failed, "network", String(this.peer));
    return data.length;
  }

  shutdown(read: boolean, write: boolean): void {
    if (write && !this.duplex.writableEnded) this.duplex.end();
    if (!read) return;
    this.deaf = true;
    this.changed();
  }

  close(): Promise<void> {
    const { duplex } = this;
    this.deaf = true;
    if (duplex.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => duplex.destroy(), LINGER);
      duplex.once("close", () => {
        clearTimeout(timer);
        resolve();
      });
      if (!duplex.writableEnded) duplex.end();
      // What comes is nobody's; the end of it closes the stream.
      duplex.removeAllListeners("readable");
      duplex.resume();
    });
  }

  destroy(): void {
    this.duplex.destroy();
  }

  ready(): Readiness {
    const { duplex } = this;
    // A stream begins to read when it is asked.
    if (duplex.readableLength === 0) duplex.read(0);
    return {
      readable: duplex.readableLength > 0 || this.atEnd || this.failure !== undefined,
      writable: !duplex.writableNeedDrain && !duplex.writableEnded && !duplex.destroyed,
      urgent: duplex instanceof SocketStream && duplex.hasUrgent,
      failed: this.failure !== undefined,
      hungUp: duplex.destroyed || (duplex.readableEnded && duplex.writableEnded),
    };
  }

  onchange(told: () => void): () => void {
    this.watchers.add(told);
    return () => this.watchers.delete(told);
  }

  setOption(level: number, name: number | string, value: unknown): Promise<void> {
    const { duplex } = this;
    if (duplex instanceof SocketStream && level !== SOL_SOCKET) return duplex.setOption(String(name), String(value));
    if (level === SOL_SOCKET && name === SO_KEEPALIVE && "setKeepAlive" in duplex) {
      (duplex as unknown as KeepsAlive).setKeepAlive(Boolean(value));
      return Promise.resolve();
    }
    return Promise.reject(noOption(name));
  }

  getOption(level: number, name: number | string): Promise<unknown> {
    const { duplex } = this;
    if (duplex instanceof SocketStream && level !== SOL_SOCKET) return duplex.getOption(String(name));
    return Promise.reject(noOption(name));
  }

  get atMark(): boolean {
    return this.duplex instanceof SocketStream && this.duplex.atMark;
  }

  /** Whether nothing more will come. */
  private get atEnd(): boolean {
    return this.deaf || this.duplex.readableEnded || this.duplex.destroyed;
  }

  private take(max: number, keep: boolean): Buffer | null {
    const { duplex } = this;
    if (this.deaf) return null;
    if (duplex instanceof SocketStream) max = Math.min(max, duplex.bytesToMark);
    const n = Math.min(max, duplex.readableLength);
    const data = (n > 0 ? duplex.read(n) : duplex.read()) as Buffer | null;
    if (!data) return null;
    if (keep) duplex.unshift(data);
    else if (data.length > max) duplex.unshift(data.subarray(max));
    return data.subarray(0, max);
  }

  private recvUrgent(): Promise<Received> {
    const urgent = this.duplex instanceof SocketStream ? this.duplex.readUrgent() : undefined;
    if (!urgent)
      return Promise.reject(new DevsockError("EINVAL: there is no urgent byte to be read; poll for POLLPRI"));
    const data = Buffer.from(urgent.byte === undefined ? [] : [urgent.byte]);
    return Promise.resolve({ ...received(data, this.peer), flags: MSG_OOB });
  }

  /** The last byte is the urgent one, as with TCP. */
  private async sendUrgent(data: Buffer, flags: number, signal?: AbortSignal): Promise<number> {
    const { duplex } = this;
    if (!(duplex instanceof SocketStream))
      throw new DevsockError("EOPNOTSUPP: Node sends no urgent bytes over this socket; sockets of a board do");
    if (data.length > 1) await this.send(data.subarray(0, -1), flags & ~MSG_OOB, undefined, signal);
    duplex.sendUrgent(data.at(-1));
    return data.length;
  }

  private changed(): void {
    this.changes.wake();
    for (const told of this.watchers) told();
  }
}

function received(data: Buffer, address: unknown): Received {
  return { data, address, flags: 0, time: Date.now() };
}
