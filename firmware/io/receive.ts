/**
 * The contract of all that stands between an interrupt and a driver that comes when it has time: a UART's bytes (ring.ts), a converter's samples
 * (samples.ts), edges of pins (edges.ts). One writer, one reader, fixed memory.
 *
 * - The writer copies, counts, stamps and wakes, and does nothing else.
 * - The reader is given all that waited, in its order, each piece with the time at which its last unit was there, or of a link's UART at which it is given.
 * - What finds no room, or was lost before it came, is counted; what comes behind it is lost with it until that is told: what is missing has one place.
 * - It is told behind what waited before it, once: how much, why, and since when.
 *
 * docs/decisions/0008-one-contract-for-what-interrupts-bring.md; the suite is test/compliance/receiver.ts.
 */
import type { Bytes } from "../../protocols/bytes/index.js";

export interface Receiver {
  /** Units that may wait, and the most that ever did. */
  readonly size: number;
  readonly high: number;
}

/** The reader: a sensor's feed is one. */
export interface Taker {
  /** @param at in seconds of `getTime`, never too early @param flags of edges: what the pins say since then */
  batch(data: Bytes, units: number, at: number, flags: number): void;
  /** @param units how many; -1 when nobody knows */
  gap(units: number, cause: string, at: number): void;
}
