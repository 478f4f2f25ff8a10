/** Frames of the two oximeters on serial lines, written from their layout and not with the code that is tested. */
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
}

/** Decodes pieces as batches that follow one another; `null` is a gap. */
export function told(decoder: SensorDecoder, pieces: (readonly number[] | null)[]): Told {
  const all: Told = { readings: [], whys: [], events: [], damaged: [] };
  let number = 0;
  for (const piece of pieces) {
    if (!piece) {
      decoder.gap();
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
