/** What all sockets that keep boundaries share: how they open, wait and end. */
import { EventEmitter } from "node:events";
import { Phase, Type } from "../protocols/index.js";
import type { Failure, Socket } from "../protocols/index.js";
import { DeviceOptions } from "./device-options.js";
import { canceled, DevsockError } from "./errors.js";
import type { SocketLink } from "./socket-stream.js";
import { Waiters } from "./waiters.js";

/** Where a message came from. */
export interface RemoteInfo {
  address: string;
  /** Bytes of the message. */
  size: number;
  /** Of a service that stamps its messages: when it was made, in ms since the board's start; BoardClock's `toUtc` takes it. */
  tick?: number;
}

export interface PacketEvents {
  connect: [];
  /** A whole message or record. */
  message: [message: Buffer, from: RemoteInfo];
  /** Something waits to be read. */
  readable: [];
  /** Room again after `send` failed with EAGAIN. */
  drain: [];
  /** The other end sends no more, and all was read. */
  end: [];
  error: [error: DevsockError];
  close: [];
}

/** How long `close` gives the other end to end its side, in ms. */
const LINGER = 3000;

export abstract class PacketSocket extends EventEmitter<PacketEvents> {
  /** Whether this side may go on sending when the other has ended; else it ends too. */
  allowHalfOpen = false;
  bytesRead = 0;
  bytesWritten = 0;
  protected closing = false;
  protected over = false;
  private ended = false;
  private shut = false;
  private told = false;
  private failure: DevsockError | undefined;
  private readonly arrivals = new Waiters();
  private readonly options: DeviceOptions;

  constructor(
    protected readonly socket: Socket,
    protected readonly link: SocketLink,
    /** What it is connected to. */
    readonly address: string,
  ) {
    super();
    this.options = new DeviceOptions(socket, link, address);
    socket.onopen = () => this.emit("connect");
    socket.onend = () => {
      this.ended = true;
      // Its socket is over; what came may still be read.
      if (socket.type === Type.datagram) this.destroy();
      this.arrived();
      if (this.readableLength === 0) this.tellEnd();
    };
    socket.onclose = (failure) => this.closed(failure);
    (this as EventEmitter).on("newListener", (name) => {
      if (name === "message") queueMicrotask(() => this.arrived());
    });
  }

  /** The other end has not answered yet: "connect" follows, or "error". */
  get connecting(): boolean {
    return this.socket.phase === Phase.opening;
  }

  /** Whether the socket is over. */
  get destroyed(): boolean {
    return this.over;
  }

  /** Messages, or pieces of records, that wait to be read. */
  abstract get readableLength(): number;

  /** Whether nothing more will come. */
  get readableEnded(): boolean {
    return (this.ended || this.over) && this.readableLength === 0;
  }

  /** Whether what was sent waits, and as much as may. */
  get writableNeedDrain(): boolean {
    return this.socket.type !== Type.datagram && this.socket.queued >= this.socket.sendBuffer;
  }

  /** SO_SNDBUF: bytes that may wait to be sent. */
  get sendBuffer(): number {
    return this.socket.sendBuffer;
  }

  set sendBuffer(bytes: number) {
    this.socket.sendBuffer = bytes;
  }

  /**
   * Sets an option of the device. docs/sockets.md has them.
   * @throws DevsockError ENOPROTOOPT, EINVAL, ENOTCONN
   */
  setOption(name: string, value: string): Promise<void> {
    return this.options.set(name, value);
  }

  /** @throws DevsockError ENOPROTOOPT, ENOTCONN */
  getOption(name: string): Promise<string | number> {
    return this.options.get(name);
  }

  /** Tells what waits to the listeners of "message". */
  protected abstract tell(): void;

  /** Drops what waits, and gives credit for it. */
  protected abstract discard(): void;

  /** No more this way, after what waits. */
  end(): void {
    this.shut = true;
    this.finish();
  }

  /** Ends the socket. What was sent still goes, of a reliable type; what comes is dropped; the other end has 3 s to end its side. */
  close(): void {
    if (this.over || this.closing) return;
    this.closing = true;
    if (this.socket.type === Type.datagram || this.socket.phase !== Phase.open) return this.destroy();
    this.end();
    this.discard();
    const timer = this.link.clock.after(LINGER, () => this.destroy());
    this.once("close", () => timer.cancel());
  }

  /** Ends the socket at once: both sides forget what is under way. */
  destroy(failure: Failure = "ECONNRESET: the host closed the socket"): void {
    this.closed("");
    this.link.reset(this.socket, failure);
  }

  /** Something came. */
  protected arrived(): void {
    if (this.closing) this.discard();
    if (this.listenerCount("message") > 0) this.tell();
    else this.emit("readable");
    this.arrivals.wake();
  }

  /**
   * Waits until something waits to be read.
   * @returns false when nothing more will come
   */
  async whenReadable(signal?: AbortSignal): Promise<boolean> {
    while (this.readableLength === 0) {
      if (this.failure) throw this.failure;
      if (this.ended || this.over) {
        this.tellEnd();
        return false;
      }
      await this.arrivals.wait(signal, () => this.givenUp(signal!, "receiving from"));
    }
    return true;
  }

  protected givenUp(signal: AbortSignal, what: string): DevsockError {
    return canceled(signal, `${what} ${this.address} was given up`, this.address);
  }

  /** What waits has been handed down: the end follows it. */
  protected finish(): void {
    this.socket.end();
  }

  /** @throws DevsockError ENOTCONN, what ended the socket, EPIPE: nothing can be sent any more */
  checkWritable(): void {
    const { address } = this;
    if (this.failure || this.closing || (this.over && !this.shut)) throw this.gone();
    if (this.shut)
      throw new DevsockError("EPIPE: this side was shut down; open another socket to send more", { address });
  }

  /** Why nothing can be sent any more. */
  protected gone(): DevsockError {
    const { address } = this;
    return this.failure ?? new DevsockError(`ENOTCONN: the socket to ${address} is closed; open it again`, { address });
  }

  /** All that the other end sent was read. */
  protected tellEnd(): void {
    if (this.told || !this.ended) return;
    this.told = true;
    this.emit("end");
    if (!this.allowHalfOpen && !this.over) this.end();
  }

  protected closed(failure: Failure): void {
    if (this.over) return;
    this.over = true;
    this.options.end(failure);
    const origin = this.link.open ? "peer" : "link";
    if (failure) this.failure = new DevsockError(failure, { origin, address: this.address });
    this.arrivals.wake();
    // Who uses recv is told there.
    if (this.failure && (this.listenerCount("error") > 0 || this.listenerCount("message") > 0))
      this.emit("error", this.failure);
    this.emit("close");
  }
}
