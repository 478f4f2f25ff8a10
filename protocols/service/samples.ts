/**
 * What a sensor says on its sockets: `ecg0:samples` (SOCK_DGRAM to watch, SOCK_SEQPACKET to record) and `ecg0:events` (SOCK_RDM).
 * Each message, or record, begins with a stamp [SVC-9] and goes on with what it is. docs/protocol/services.md, [SVC-30] to [SVC-35].
 *
 *     batch: stamp (6), boot (4), number of its first unit (4), 0, flags (1), units as the device gives them
 *     gap:   stamp (6), boot (4), number of the first unit that is missing (4), 1, units (4), cause as text
 *     event: stamp (6), boot (4), number of the next unit (4), 2, a JSON object as text
 *
 * A unit is the least that a device gives: a sample of a converter or a FIFO, a reading, a byte of a serial line. Units are
 * counted from the board's start, modulo 2^32, those that were lost with them.
 */
import { slice, toText, u32, u8 } from "../bytes/index.js";
import type { Bytes } from "../bytes/index.js";

export const enum SampleKind {
  batch = 0,
  gap = 1,
  event = 2,
}

/** Bytes of a message between its stamp and what its kind has. */
export const SAMPLE_HEADER = 9;

/** Of a gap: nobody knows how many units are missing. */
export const UNCOUNTED = 0xffffffff;

interface Numbered {
  /** When it was, in ms since the board's start: of a batch when its last unit was there, never too early. */
  tick: number;
  /** Another one after each start of the board. */
  boot: number;
  /** Of the first unit, of the first one missing, or of the next one. */
  number: number;
}

export interface SampleBatch extends Numbered {
  kind: "batch";
  /** What held of all its units; by driver, protocols/device/sensor. */
  flags: number;
  data: Bytes;
}

export interface SampleGap extends Numbered {
  kind: "gap";
  /** Units that are missing; null where nobody counted. */
  lost: number | null;
  /** FIFO_FULL, RING_FULL, READER_SLOW ...: docs/sensors.md. */
  cause: string;
}

export interface SampleEvent extends Numbered {
  kind: "event";
  /** What happened, by driver. */
  event: Record<string, unknown>;
}

export type SampleMessage = SampleBatch | SampleGap | SampleEvent;

/**
 * @param tick the message's stamp, in ms
 * @param rest what follows the stamp
 * @returns null for what is none
 */
export function decodeSamples(tick: number, rest: Bytes): SampleMessage | null {
  if (rest.length <= SAMPLE_HEADER) return null;
  const boot = u32(rest, 0);
  const number = u32(rest, 4);
  const kind: SampleKind = u8(rest, SAMPLE_HEADER - 1);
  const body = slice(rest, SAMPLE_HEADER, rest.length);
  if (kind == SampleKind.batch)
    return { kind: "batch", tick, boot, number, flags: u8(body, 0), data: slice(body, 1, body.length) };
  if (kind == SampleKind.gap && body.length >= 4) {
    const lost = u32(body, 0);
    const cause = toText(slice(body, 4, body.length));
    return { kind: "gap", tick, boot, number, lost: lost == UNCOUNTED ? null : lost, cause };
  }
  const event = kind == SampleKind.event ? parse(toText(body)) : null;
  return event && { kind: "event", tick, boot, number, event };
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value == "object" ? (value as Record<string, unknown> | null) : null;
  } catch (e) {
    return null;
  }
}
