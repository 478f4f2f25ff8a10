/**
 * A board's time, and how a message carries it. docs/protocol/services.md, [SVC-9] and [SVC-10].
 *
 *     stamp:   µs since the board's start, modulo 2^48 (6)
 *     request: up to 8 bytes, which come back
 *     answer:  stamp of when it left (6), stamp of when the request came (6), boot (4), stamp of when the answer before it left (6), the request (0 to 8)
 */
import { be16, be32, join, slice, u16, u32 } from "../bytes/index.js";
import type { Bytes } from "../bytes/index.js";

export const enum Stamp {
  bytes = 6,
  /** Bytes of a request that come back. */
  echo = 8,
  /** Bytes of an answer without the request. */
  answer = 22,
}

/** 2^32 µs, in µs. */
const HIGH = 4294967296;

/** Services whose messages from the board begin with a stamp. */
export const STAMPED: readonly string[] = ["clock", "samples", "events"];

/** Whether messages that come from this address begin with a stamp. */
export function isStamped(address: string): boolean {
  const at = address.indexOf(":");
  return at >= 0 && STAMPED.indexOf(address.substring(at + 1)) >= 0;
}

/** @param seconds since the board's start @resident */
export function stampOf(seconds: number): Bytes {
  const us = seconds * 1000000;
  return join(be16(us / HIGH), be32(us));
}

/** A stamp as ms since the board's start. */
export function readStamp(bytes: Bytes, at: number): number {
  return (u16(bytes, at) * HIGH + u32(bytes, at + 2)) / 1000;
}

export interface ClockAnswer {
  /** When the request came to the board and when the answer left, in ms since the board's start. */
  received: number;
  answered: number;
  /** Another one after each start of the board. */
  boot: number;
  /** When the answer before this one left, known since it has; 0 where nobody knows. */
  before: number;
  request: Bytes;
}

/** @param stamp the one before `rest`, in ms @returns null for what is no answer */
export function decodeClockAnswer(stamp: number, rest: Bytes): ClockAnswer | null {
  const fixed = Stamp.answer - Stamp.bytes;
  if (rest.length < fixed) return null;
  return {
    received: readStamp(rest, 0),
    answered: stamp,
    boot: u32(rest, Stamp.bytes),
    before: readStamp(rest, Stamp.bytes + 4),
    request: slice(rest, fixed, rest.length),
  };
}
