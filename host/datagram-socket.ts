/** A datagram socket, in the shape of a connected dgram.Socket. */
import { EventEmitter } from "node:events";
import { Phase, slice } from "../protocols/index.js";
import type { Failure, Socket } from "../protocols/index.js";
import { DevsockError } from "./errors.js";
import type { SocketLink } from "./socket-stream.js";

/** Where a message came from. */
export interface RemoteInfo {
  address: string;
  size: number;
}

interface Events {
  connect: [];
  message: [message: Buffer, from: RemoteInfo];
  error: [error: DevsockError];
  close: [];
}

/** Messages keep their boundaries; they may be lost, and of more than eight that wait the oldest are dropped. */
export class DatagramSocket extends EventEmitter<Events> {
  private over = false;

  constructor(
    private readonly socket: Socket,
    private readonly link: SocketLink,
    readonly address: string,
    /** Longest message that one frame of this link carries, in bytes. */
    readonly maxMessage: number,
  ) {
    super();
    socket.onopen = () => this.emit("connect");
    socket.ondata = (frame, from, to) =>
      this.emit("message", Buffer.from(slice(frame, from, to)), { address, size: to - from });
    socket.onend = () => this.close();
    socket.onclose = (failure) => this.closed(failure);
  }

  get connecting(): boolean {
    return this.socket.phase === Phase.opening;
  }

  /** Messages pushed out by newer ones before they could be sent. */
  get dropped(): number {
    return this.socket.dropped;
  }

  /** @throws DevsockError EMSGSIZE for a message that one frame cannot carry, ENOTCONN when the socket is closed */
  send(message: Uint8Array | string): void {
    const data = Buffer.from(message);
    if (this.over) throw new DevsockError(`ENOTCONN: the socket to ${this.address} is closed; open it again`);
    if (data.length > this.maxMessage)
      throw new DevsockError(
        `EMSGSIZE: a message of ${data.length} bytes is too long, this link carries ${this.maxMessage}; send less, or use a stream`,
      );
    this.socket.send(data);
  }

  close(): void {
    this.closed("");
    this.link.reset(this.socket, "ECONNRESET: the host closed the socket");
  }

  private closed(failure: Failure): void {
    if (this.over) return;
    this.over = true;
    const origin = this.link.open ? "peer" : "link";
    if (failure) this.emit("error", new DevsockError(failure, { origin, address: this.address }));
    this.emit("close");
  }
}
