/** Frames of the two oximeters on serial lines, written from their layout and not with the code that is tested. */
import assert from "node:assert/strict";
import type { Decoded, SensorDecoder } from "../../../../protocols/device/sensor/index.js";

export interface NoninFrame {
  status?: number;
  pleth?: number;
}

/** A packet of 25 frames: plethysmogram 1 to 25, unless `change` has others by their place. */
export function noninPacket(spo2: number, pulse: number, change: Record<number, NoninFrame> = {}): number[][] {
  return Array.from({ length: 25 }, (_, place) => {
    const { status = 0, pleth = place + 1 } = change[place] ?? {};
    const field = [pulse >> 7, pulse & 0x7f, spo2][place] ?? 0;
    const bytes = [1, 0x80 | status | (place === 0 ? 1 : 0), pleth, field];
    return [...bytes, bytes.reduce((sum, byte) => sum + byte, 0) % 256];
  });
}

export function cms50Frame(pleth: number, spo2: number, pulse: number, first = 0, third = 0): number[] {
  return [0x80 | first, pleth, (pulse & 0x80 ? 0x40 : 0) | third, pulse & 0x7f, spo2];
}

export interface Told {
  /** Number of the byte that completed it, its values, why there are none. */
  readings: [number, ...(number | null)[]][];
  whys: string[];
  events: [string, boolean | null][];
  damaged: string[];
  /** Frames that are missing in gaps. */
  missing: number;
}

/** Bytes that follow one another, `null` for a gap of which nobody knows how long it is, a number for one of so many bytes. */
export type Piece = readonly number[] | number | null;

/** Decodes pieces as batches. */
export function told(decoder: SensorDecoder, pieces: Piece[]): Told {
  const all: Told = { readings: [], whys: [], events: [], damaged: [], missing: 0 };
  let number = 0;
  for (const piece of pieces) {
    if (piece === null || typeof piece === "number") {
      all.missing += decoder.gap(piece) ?? 0;
      number += piece ?? 0;
      continue;
    }
    add(all, decoder.decode(Uint8Array.from(piece), 0), number);
    number += piece.length;
  }
  return all;
}

function add(all: Told, { readings, events, damaged }: Decoded, number: number): void {
  for (const { unit, values, why } of readings) {
    all.readings.push([number + unit, ...values]);
    all.whys.push(why);
  }
  for (const { name, on } of events) all.events.push([name, on]);
  for (const { cause } of damaged) all.damaged.push(cause);
}

/**
 * Whatever bytes are lost, and counted, and wherever near them one is wrong: readings, damage and what is missing are the frames that were sent, and each
 * reading is one of them, at its place.
 * @param frames 50 of them, each with another plethysmogram, which is their byte `pleth`
 * @param behind bytes that prove the last one
 */
export function checkCountedGaps(
  make: () => SensorDecoder,
  frames: readonly number[][],
  pleth: number,
  behind: number[] = [],
): void {
  const bytes = frames.flat();
  const check = (sent: readonly number[], from: number, lost: number, what: string): void => {
    const pieces = [sent.slice(0, from), lost, [...sent.slice(from + lost), ...behind]];
    const { readings, damaged, missing } = told(make(), pieces);
    assert.equal(readings.length + damaged.length + missing, frames.length, what);
    for (const [number, value] of readings) assert.equal(value, frames[(number - 4) / 5]?.[pleth], what);
  };
  for (let from = 50; from < 60; from++)
    for (let lost = 1; lost < 40; lost++) {
      check(bytes, from, lost, `${lost} bytes lost from ${from}`);
      for (const wrong of Array.from({ length: 25 }, (_, i) => [from - 1 - i, from + lost + i]).flat()) {
        const sent = bytes.map((byte, i) => (i === wrong ? byte ^ 0x80 : byte));
        check(sent, from, lost, `${lost} bytes lost from ${from}, byte ${wrong} is wrong`);
      }
    }
}
