/**
 * What goes over a SOCK_RAW socket to a bus, or to a device on a UART: one message is one transaction, answered by one
 * message. docs/protocol/services.md.
 *
 *     request to a UART: bytes to read (2), ms to wait for them (2), bytes to write
 *     request to a bus:  I2C address or number of the SPI chip (1), bytes to read (1), bytes to write
 *     answer:            result (1), bytes that were read, or a failure as text
 */
import { be16, join, pair, slice, toText, u8 } from "../bytes/index.js";
import type { Bytes } from "../bytes/index.js";
import type { Failure } from "../errors/index.js";

export const enum Transaction {
  /** Bytes before those to write, on a UART. */
  header = 4,
  /** The same on a bus. */
  busHeader = 2,
  /** Bytes that one reads at the most. */
  most = 255,
}

export const enum Result {
  /** As many bytes as were asked for. */
  whole = 0,
  /** Fewer: the time is over. */
  late = 1,
  /** A failure: nothing was done, or it is unknown what. */
  failed = 2,
}

/** @param wait ms after the last byte was handed over in which the answer has to come */
export function encodeTransaction(write: Bytes, read: number, wait: number): Bytes {
  return join(join(be16(read), be16(wait)), write);
}

/**
 * @param to I2C: the chip's address of 7 bits; SPI: its number in the configuration's list `cs`
 * @param read I2C: bytes to read, after a repeated START; SPI: bytes to clock in behind those that are written
 */
export function encodeBusTransaction(to: number, write: Bytes, read: number): Bytes {
  return join(pair(to, read), write);
}

/** @internal */
export interface TransactionAnswer {
  /** What was read. Of SPI as many bytes as were written, and those to be read. */
  data: Bytes;
  /** Whether it is as much as was asked for. */
  whole: boolean;
  /** Why it failed, or "". */
  failure: Failure;
}

export function decodeAnswer(answer: Bytes): TransactionAnswer {
  const result: Result = u8(answer, 0);
  const rest = slice(answer, 1, answer.length);
  if (result == Result.failed) return { data: slice(rest, 0, 0), whole: false, failure: toText(rest) };
  return { data: rest, whole: result == Result.whole, failure: "" };
}
