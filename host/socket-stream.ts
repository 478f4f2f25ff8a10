/** A stream socket as what Node programs know: a Duplex. pipe, pipeline, async iteration and half-close just work. */
import { Duplex } from "node:stream";
import { Phase, slice } from "../protocols/index.js";
import type { Bytes, Failure, Socket } from "../protocols/index.js";
import type { Clock } from "./clock.js";
import { DeviceOptions } from "./device-options.js";
import { DevsockError } from "./errors.js";

/** SO_RCVBUF of a host's sockets in bytes: more than a link ever has under way. */
export const RECEIVE_BUFFER = 16384;

/** Bytes that wait in the stream for the reader, besides those in the receive buffer. */
const READ_AHEAD = 4096;

/** Small writes that wait together become one, up to so many bytes. */
const JOINED = 8192;

/** What a socket needs of its link. */
export interface SocketLink {
  /** Ends the socket at once, both ways. */
  reset(socket: Socket, failure: Failure): void;
  /** Sends a control message of the socket that waits for none before it. */
  tell(socket: Socket, control: Bytes): void;
  /** Options that wait for their answers, of all sockets. */
  questions: number;
  /** Whether the link stands. */
  readonly open: boolean;
  /** Whether everything sent has been acknowledged. */
  readonly settled: boolean;
  readonly clock: Clock;
}

/** An urgent byte of a stream, or a mark alone. */
export interface Urgent {
  byte: number | undefined;
  /** Bytes of the stream that were sent before it, modulo 2^32. */
  mark: number;
}

/**
 * Events are those of a Duplex, "connect", and "urgent" (Urgent) ahead of the bytes that were sent before it. An error is a DevsockError. `destroy` resets the socket;
 * `end` half-closes it: the other end may still send.
 */
export class SocketStream extends Duplex {
  bytesRead = 0;
  bytesWritten = 0;
  /** Urgent bytes that newer ones replaced before `readUrgent` was called. */
  urgentMissed = 0;

  private readonly options: DeviceOptions;
  private urgent: Urgent | undefined;
  private mark: number | undefined;
  /** Bytes that came before the reader asked. The peer's credit bounds them. */
  private readonly waiting: Bytes[] = [];
  private wanted = false;
  private ended = false;
  private writeDone: (() => void) | undefined;

  /** @param address what it is connected to, for its errors */
  constructor(
    private readonly socket: Socket,
    private readonly link: SocketLink,
    readonly address: string,
  ) {
    super({ allowHalfOpen: true, readableHighWaterMark: READ_AHEAD });
    this.options = new DeviceOptions(socket, link, address);
    // A write is done when all of it is in frames: from then on its buffer is the writer's again.
    socket.sendBuffer = 1;
    socket.onopen = () => this.emit("connect");
    socket.ondata = (frame, from, to) => {
      this.waiting.push(slice(frame, from, to));
      this.flow();
    };
    socket.onurgent = (data, mark) => {
      if (this.urgent) this.urgentMissed++;
      this.mark = mark;
      this.urgent = { byte: data[0], mark };
      this.emit("urgent", this.urgent);
    };
    socket.onend = () => {
      this.ended = true;
      this.flow();
    };
    socket.ondrain = () => this.written();
    socket.onclose = (failure) => this.over(failure);
  }

  /** The other end has not answered yet: "connect" follows, or "error". */
  get connecting(): boolean {
    return this.socket.phase === Phase.opening;
  }

  /**
   * Bytes written that are known to have reached the other end; it may have more. Exact when all that is under way
   * is acknowledged, else what the credits that came back say.
   */
  get bytesAcknowledged(): number {
    const { limit, peerBuffer } = this.socket;
    const sent = this.socket.sentCount();
    // The socket counts modulo 2^32.
    const framed = this.bytesWritten - ((this.bytesWritten - sent) >>> 0);
    return this.link.settled ? framed : framed - ((sent - (limit - peerBuffer)) >>> 0);
  }

  /**
   * Sends one byte, or a mark alone, ahead of all that is written and whether the other end reads or not.
   * @throws DevsockError EAGAIN when the one before it has not gone, ENOTCONN
   */
  sendUrgent(byte?: number): void {
    const { address, socket } = this;
    if (this.destroyed || this.writableEnded || socket.phase !== Phase.open)
      throw new DevsockError(`ENOTCONN: the socket to ${address} takes no more bytes; open it again`, { address });
    if (!socket.urgent(byte === undefined ? new Uint8Array(0) : Uint8Array.of(byte)))
      throw new DevsockError(`EAGAIN: an urgent byte to ${address} waits already; try again later`, { address });
  }

  /** The newest urgent byte that came and was not read, or undefined. */
  readUrgent(): Urgent | undefined {
    const { urgent } = this;
    this.urgent = undefined;
    return urgent;
  }

  /** Whether an urgent byte waits for `readUrgent`. */
  get hasUrgent(): boolean {
    return this.urgent !== undefined;
  }

  /** Bytes that may be read before the newest mark; Infinity when it was passed, or there is none. */
  get bytesToMark(): number {
    if (this.mark === undefined) return Infinity;
    const left = (this.mark - (this.bytesRead - this.readableLength)) | 0;
    return left > 0 ? left : Infinity;
  }

  /**
   * Sets an option of the device: baud, parity, stopbits, dtr ... docs/sockets.md has them.
   * @throws DevsockError ENOPROTOOPT, EINVAL, ENOTCONN
   */
  setOption(name: string, value: string): Promise<void> {
    return this.options.set(name, value);
  }

  /** @throws DevsockError ENOPROTOOPT, ENOTCONN */
  getOption(name: string): Promise<string | number> {
    return this.options.get(name);
  }

  /** Whether all bytes that were sent before the newest mark have been read, and none of those behind it. */
  get atMark(): boolean {
    return this.mark !== undefined && (this.bytesRead - this.readableLength) >>> 0 === this.mark;
  }

  override _read(): void {
    this.wanted = true;
    this.flow();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.put([chunk], done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    const parts = chunks.map(({ chunk }) => chunk);
    const total = parts.reduce((sum, part) => sum + part.length, 0);
    this.put(total <= JOINED ? [Buffer.concat(parts)] : parts, done);
  }

  override _final(done: () => void): void {
    this.socket.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.waiting.length = 0;
    this.writeDone = undefined;
    this.options.end("");
    const failure = error instanceof DevsockError ? error.failure : "ECONNRESET: the host closed the socket";
    if (error || !this.writableFinished || !this.readableEnded) this.link.reset(this.socket, failure);
    done(error);
  }

  private put(parts: Buffer[], done: () => void): void {
    this.writeDone = done;
    for (const part of parts) {
      this.bytesWritten += part.length;
      this.socket.send(part);
    }
    if (this.socket.queued === 0) this.written();
  }

  private written(): void {
    const done = this.writeDone;
    this.writeDone = undefined;
    done?.();
  }

  /** Gives the reader what it asked for, and the peer the credit for it. */
  private flow(): void {
    while (this.wanted && this.waiting.length > 0) {
      const data = this.waiting.shift()!;
      this.bytesRead += data.length;
      this.wanted = this.push(data);
      if (this.socket.phase === Phase.open) this.socket.consume(data.length);
    }
    if (this.ended && this.waiting.length === 0) {
      this.ended = false;
      this.push(null);
    }
  }

  private over(failure: Failure): void {
    if (!failure || this.destroyed) return;
    this.destroy(new DevsockError(failure, { origin: this.link.open ? "peer" : "link", address: this.address }));
  }
}
