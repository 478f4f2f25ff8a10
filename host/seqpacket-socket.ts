/** A socket of records: each comes whole or in pieces, as its reader likes, and may be far longer than a frame. */
import { Bound, Phase, slice } from "../protocols/index.js";
import type { Failure, Socket } from "../protocols/index.js";
import { DevsockError } from "./errors.js";
import { IncomingRecord } from "./incoming-record.js";
import { PacketSocket } from "./packet-socket.js";
import type { SocketLink } from "./socket-stream.js";
import { Waiters } from "./waiters.js";

/** Bytes of the longest record. */
export const MAX_RECORD: number = Bound.record;

/** What a record may be sent from. */
export type RecordSource = Uint8Array | string | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * With a listener for "message" each record is told when it is whole. Without one they wait, as much as the other end's
 * credit covers, for `recv`, or for `next` and async iteration, which give records to be read in pieces.
 */
export class SeqPacketSocket extends PacketSocket {
  /** Bytes of the longest record that is taken in whole; a longer one fails with EMSGSIZE, or is read in pieces. */
  maxRecord = MAX_RECORD;
  /** Pieces that wait, and null where a record ends. */
  private readonly waiting: (Buffer | null)[] = [];
  /** The record that is being read. */
  private current: IncomingRecord | undefined;
  /** Whether `recv` was given up within it. */
  private partly = false;
  private telling = false;
  private readonly drained = new Waiters();
  private sending: Promise<void> = Promise.resolve();
  /** Bytes that came of the record that is not whole yet. */
  private size = 0;

  constructor(socket: Socket, link: SocketLink, address: string) {
    super(socket, link, address);
    // A piece is done when all of it is in frames: from then on its buffer is the writer's again.
    socket.sendBuffer = 1;
    socket.ondata = (frame, from, to) => this.came(slice(frame, from, to));
    socket.onrecord = () => {
      this.size = 0;
      this.waiting.push(null);
      this.arrived();
    };
    socket.ondrain = () => {
      this.drained.wake();
      this.emit("drain");
    };
  }

  override get readableLength(): number {
    return this.waiting.length;
  }

  /**
   * Sends one record; done when all of it is in frames. Records that are sent at once go one after the other.
   * @throws DevsockError EMSGSIZE for more than 16 MiB: nothing was sent if the length is known before, else the socket
   * ends; ENOTCONN; ECANCELED when the signal aborts: within a record the socket ends, half of one cannot be called back
   */
  async send(record: RecordSource, signal?: AbortSignal): Promise<void> {
    this.checkWritable();
    let pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
    if (record instanceof Uint8Array || typeof record === "string") {
      const data = Buffer.from(record);
      if (data.length > MAX_RECORD) throw this.tooLong(data.length);
      pieces = [data];
    } else pieces = record;
    const mine = this.sending.then(() => this.put(pieces, signal));
    this.sending = mine.catch(() => undefined);
    await mine;
  }

  /** Records that wait for others go before the end. */
  protected override finish(): void {
    void this.sending.then(() => super.finish());
  }

  /**
   * The next record as a whole, or null when the other end sends no more.
   * @throws DevsockError EMSGSIZE for one longer than `maxRecord`: it is skipped, the next follows. ECANCELED: nothing is lost
   */
  async recv(signal?: AbortSignal): Promise<Buffer | null> {
    const record = this.partly ? this.current! : await this.next(signal);
    if (!record) return null;
    this.partly = true;
    try {
      return await record.whole(this.maxRecord, signal);
    } finally {
      this.partly = !record.ended;
    }
  }

  /** The next record, to be read in pieces; what was not read of the one before is skipped. Null at the end. */
  async next(signal?: AbortSignal): Promise<IncomingRecord | null> {
    await this.current?.skip(signal);
    this.partly = false;
    this.current = undefined;
    if (!(await this.whenReadable(signal))) return null;
    return (this.current = new IncomingRecord((signal) => this.piece(signal), this.address));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<IncomingRecord, void> {
    for (let record; (record = await this.next());) yield record;
  }

  /** The next piece of the record under way; null at its end. */
  private async piece(signal?: AbortSignal): Promise<Buffer | null> {
    if (!(await this.whenReadable(signal)))
      throw new DevsockError(`EPROTO: ${this.address} ended within a record`, {
        origin: "peer",
        address: this.address,
      });
    return this.used();
  }

  private used(): Buffer | null {
    const piece = this.waiting.shift()!;
    this.bytesRead += piece?.length ?? 0;
    if (this.socket.phase === Phase.open) this.socket.consume(piece?.length ?? 1);
    return piece;
  }

  private async put(pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<void> {
    let size = 0;
    try {
      if (this.over || this.closing) throw this.gone();
      for await (const piece of pieces) {
        size += piece.length;
        if (size > MAX_RECORD) throw this.tooLong(size);
        this.socket.send(piece);
        this.bytesWritten += piece.length;
        await this.sent(signal);
      }
      this.socket.record();
      await this.sent(signal);
    } catch (error) {
      if (size > 0 && !this.over) this.destroy(error instanceof DevsockError ? error.failure : undefined);
      throw error;
    }
  }

  /** All that was handed down is in frames. */
  private async sent(signal?: AbortSignal): Promise<void> {
    while (this.socket.queued > 0 || this.over) {
      if (this.over) throw this.gone();
      await this.drained.wait(signal, () => this.givenUp(signal!, "sending to"));
    }
  }

  private tooLong(size: number): DevsockError {
    return new DevsockError(
      `EMSGSIZE: a record of ${size} bytes is too long, ${MAX_RECORD} is the most; use a stream`,
      {
        address: this.address,
      },
    );
  }

  private came(piece: Uint8Array): void {
    this.size += piece.length;
    if (this.size > MAX_RECORD) return this.destroy(`EPROTO: a record of the peer is longer than ${MAX_RECORD} bytes`);
    this.waiting.push(Buffer.from(piece.buffer, piece.byteOffset, piece.length));
    this.arrived();
  }

  protected override tell(): void {
    if (!this.telling) void this.tellRecords();
  }

  private async tellRecords(): Promise<void> {
    this.telling = true;
    try {
      while (this.listenerCount("message") > 0) {
        const record = await this.recv();
        if (!record) break;
        this.emit("message", record, { address: this.address, size: record.length });
      }
    } catch (error) {
      if (!this.over) this.emit("error", error as DevsockError);
    } finally {
      this.telling = false;
    }
  }

  protected override discard(): void {
    while (this.waiting.length > 0) this.used();
  }

  protected override closed(failure: Failure): void {
    super.closed(failure);
    this.drained.wake();
  }
}
