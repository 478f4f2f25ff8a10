/** A socket that keeps boundaries, for the BSD calls. */
import { MSG_DONTWAIT, MSG_EOR, MSG_OOB, MSG_PEEK, MSG_TRUNC, SO_RCVBUF, SO_SNDBUF, SOL_SOCKET } from "../constants.js";
import { DevsockError } from "../errors.js";
import { MessageSocket } from "../message-socket.js";
import type { PacketSocket } from "../packet-socket.js";
import { SeqPacketSocket } from "../seqpacket-socket.js";
import { Waiters } from "../waiters.js";
import { again, listen, noOption } from "./endpoint.js";
import type { Endpoint, Readiness, Received } from "./endpoint.js";
import type { Timestamps } from "./timestamps.js";

const NOW = AbortSignal.abort();

export class PacketEndpoint implements Endpoint {
  timestamps?: Timestamps;
  private failure: DevsockError | undefined;
  private deaf = false;
  private closed = false;
  private readonly drained = new Waiters();

  constructor(
    private readonly socket: PacketSocket,
    readonly local: unknown,
    readonly peer: unknown,
  ) {
    // The end of one way is not that of the other.
    socket.allowHalfOpen = true;
    socket.on("error", (error) => (this.failure = error));
    listen(socket, ["drain", "close"], () => this.drained.wake());
    socket.once("close", () => (this.closed = true));
  }

  async recv(max: number, flags: number, signal?: AbortSignal): Promise<Received | null> {
    if (flags & MSG_OOB)
      throw new DevsockError("EOPNOTSUPP: only streams have urgent bytes; send the message by itself");
    if (this.deaf) return null;
    try {
      return await this.next(max, flags, flags & MSG_DONTWAIT ? NOW : signal);
    } catch (error) {
      if (flags & MSG_DONTWAIT && (error as DevsockError).code === "ECANCELED") throw again("nothing waits to be read");
      throw error;
    }
  }

  async send(data: Buffer, flags: number, _to: unknown, signal?: AbortSignal): Promise<number> {
    const { socket } = this;
    if (flags & MSG_OOB)
      throw new DevsockError("EOPNOTSUPP: only streams have urgent bytes; send the message by itself");
    if (socket instanceof SeqPacketSocket) {
      socket.checkWritable();
      if (flags & MSG_DONTWAIT && socket.writableNeedDrain) throw again("what was sent before waits still");
      const sending = socket.send(data, signal);
      if (flags & MSG_DONTWAIT) sending.catch(() => undefined);
      else await sending;
      return data.length;
    }
    for (;;)
      try {
        (socket as MessageSocket).send(data);
        return data.length;
      } catch (error) {
        if (flags & MSG_DONTWAIT || (error as DevsockError).code !== "EAGAIN") throw error;
        await this.drained.wait(signal, () => new DevsockError("ECANCELED: sending was given up; nothing was sent"));
      }
  }

  shutdown(read: boolean, write: boolean): void {
    if (read) this.deaf = true;
    if (write) this.socket.end();
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.closed) return resolve();
      this.socket.once("close", resolve);
      this.socket.close();
    });
  }

  destroy(): void {
    if (!this.closed) this.socket.destroy();
  }

  ready(): Readiness {
    const { socket } = this;
    return {
      readable: socket.readableLength > 0 || socket.readableEnded || this.deaf,
      writable: !socket.writableNeedDrain && !socket.destroyed,
      urgent: false,
      failed: this.failure !== undefined,
      hungUp: socket.destroyed,
    };
  }

  onchange(told: () => void): () => void {
    return listen(this.socket, ["readable", "drain", "end", "close"], told);
  }

  setOption(level: number, name: number | string, value: unknown): Promise<void> {
    const { socket } = this;
    if (level === SOL_SOCKET && name === SO_RCVBUF && socket instanceof MessageSocket)
      socket.receiveBuffer = Number(value);
    else if (level === SOL_SOCKET && name === SO_RCVBUF && socket instanceof SeqPacketSocket)
      socket.maxRecord = Number(value);
    else if (level === SOL_SOCKET && name === SO_SNDBUF && socket instanceof MessageSocket)
      socket.sendBuffer = Number(value);
    else if (level !== SOL_SOCKET) return socket.setOption(String(name), String(value));
    else return Promise.reject(noOption(name));
    return Promise.resolve();
  }

  getOption(level: number, name: number | string): Promise<unknown> {
    if (level !== SOL_SOCKET) return this.socket.getOption(String(name));
    return Promise.reject(noOption(name));
  }

  private async next(max: number, flags: number, signal?: AbortSignal): Promise<Received | null> {
    const { socket, peer } = this;
    if (socket instanceof MessageSocket) {
      if (flags & MSG_PEEK && !(await socket.whenReadable(signal))) return null;
      const message = flags & MSG_PEEK ? socket.peek()! : await socket.recv(signal);
      return message && { ...cut(message.data, max, peer, message.time, 0), tick: message.from.tick };
    }
    if (flags & MSG_PEEK) throw new DevsockError("EOPNOTSUPP: a record cannot be peeked at; receive it");
    const record = await (socket as SeqPacketSocket).recv(signal);
    return record && cut(record, max, peer, Date.now(), MSG_EOR);
  }
}

/** What does not fit is lost, and the flags say so. */
function cut(data: Buffer, max: number, address: unknown, time: number, flags: number): Received {
  return { data: data.subarray(0, max), address, time, flags: flags | (data.length > max ? MSG_TRUNC : 0) };
}
