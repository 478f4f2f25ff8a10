/** An I2C or SPI bus of a board: one transaction at a time, in turn with the drivers of the board itself. */
import { decodeAnswer, encodeBusTransaction } from "../../protocols/index.js";
import { SOCK_RAW } from "../constants.js";
import type { RawSocket } from "../datagram-socket.js";
import { DevsockError } from "../errors.js";

/** On I2C: writes, then reads after a repeated START, or only one of the two. */
export interface I2cTransaction {
  /** 7 bits. */
  address: number;
  write?: Uint8Array | string;
  /** Bytes to read. */
  read?: number;
  signal?: AbortSignal;
}

/** On SPI: as many bytes come in as go out. */
export interface SpiTransaction {
  /** Number of the chip in the configuration's `cs`; 0 if left out. */
  chip?: number;
  write?: Uint8Array | string;
  /** Clocks in so many bytes behind those that are written, and gives only these. */
  read?: number;
  signal?: AbortSignal;
}

/** What a bus needs of its board. */
export interface BusBoard {
  connect(address: string, options: { type: typeof SOCK_RAW; signal?: AbortSignal | undefined }): Promise<RawSocket>;
}

/** Bytes written and read by one transaction at the most. */
const MOST = 255;

export class Bus {
  private socket: Promise<RawSocket> | undefined;

  /** Made by `Board.bus`. */
  constructor(
    private readonly board: BusBoard,
    readonly name: string,
  ) {}

  /**
   * @returns what was read
   * @throws DevsockError ENXIO when no chip answers, EIO when one stops answering, ETIMEDOUT when the bus is held, EAGAIN
   *   when too many wait for it, EBUSY when another host has a lease on it; EINVAL, EMSGSIZE; ECANCELED
   */
  async transfer(transaction: I2cTransaction | SpiTransaction): Promise<Buffer> {
    const { write = "", read = 0, signal } = transaction;
    const spi = !("address" in transaction);
    const to = spi ? (transaction.chip ?? 0) : transaction.address;
    const data = Buffer.from(write);
    this.check(to, spi ? 255 : 127, data.length, read);
    const socket = await this.connected(signal);
    const answer = await socket.transact(encodeBusTransaction(to, data, read), signal);
    if (!answer) throw this.failed(`ENOTCONN: the socket to ${this.name} is closed; try again`);
    const { data: came, failure } = decodeAnswer(answer);
    if (failure) throw new DevsockError(failure, { origin: "device", address: this.name });
    return Buffer.from(spi && read > 0 ? came.subarray(data.length) : came);
  }

  /** Closes its socket; the next transfer opens another one. */
  async close(): Promise<void> {
    const { socket } = this;
    this.socket = undefined;
    (await socket?.catch(() => undefined))?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private check(to: number, most: number, writes: number, reads: number): void {
    if (!Number.isInteger(to) || to < 0 || to > most)
      throw this.failed(`EINVAL: ${to} is no address or chip; give a whole number up to ${most}`);
    if (!Number.isInteger(reads) || reads < 0 || writes + reads === 0)
      throw this.failed("EINVAL: a transaction writes or reads one byte or more; give write, or read");
    if (writes + reads > MOST)
      throw this.failed(`EMSGSIZE: a transaction has ${MOST} bytes at the most, not ${writes + reads}; make two of it`);
  }

  private connected(signal: AbortSignal | undefined): Promise<RawSocket> {
    const open = this.socket;
    if (open) return open;
    const opening = this.board.connect(this.name, { type: SOCK_RAW, signal });
    const forget = (): void => {
      if (this.socket === opening) this.socket = undefined;
    };
    this.socket = opening;
    opening.then((socket) => socket.once("close", forget), forget);
    return opening;
  }

  private failed(failure: string): DevsockError {
    return new DevsockError(failure, { address: this.name });
  }
}
