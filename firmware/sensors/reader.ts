/** One socket that reads a sensor: what it cannot take is counted and told to it. */
import { be32, byte, EMPTY, fromText, isEmpty, join, slice } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import { SAMPLE_HEADER, SampleKind, UNCOUNTED } from "../../protocols/service/samples.js";
import { Stamp } from "../../protocols/service/clock.js";

/** Of messages and records; as protocols/socket has them. */
export const enum ReaderType {
  datagram = 2,
  rdm = 4,
  seqpacket = 5,
}

export interface Reader {
  readonly socket: DevsockProgramSocket;
  /** It takes no more now. */
  full: boolean;
  /** Units, or of events messages, that it did not get; UNCOUNTED when nobody knows how many. */
  missed: number;
  /** Stamp, boot and number of the first message that it did not get. */
  first: Bytes;
}

/** Bytes of a message before its kind. */
const HEAD = Stamp.bytes + SAMPLE_HEADER - 1;

/**
 * Gives a message to a reader.
 * @param units how many it stands for; -1 when nobody knows
 */
export function put(reader: Reader, message: Bytes, units: number): void {
  const type = reader.socket.type;
  if (!reader.full) {
    if (reader.socket.post(message) || type == ReaderType.datagram) return;
    reader.full = true;
    // A record is taken all the same.
    if (type == ReaderType.seqpacket) return;
  }
  if (isEmpty(reader.first)) reader.first = slice(message, 0, HEAD);
  if (type == ReaderType.rdm) reader.missed++;
  else reader.missed = units < 0 || reader.missed == UNCOUNTED ? UNCOUNTED : reader.missed + units;
}

/**
 * It takes more again: what it missed is told first.
 * @returns whether that were events
 */
export function resume(reader: Reader): boolean {
  const { first, missed, socket } = reader;
  reader.full = false;
  if (isEmpty(first)) return false;
  const events = socket.type == ReaderType.rdm;
  reader.full = !socket.post(join(first, join(byte(SampleKind.gap), join(be32(missed), fromText("READER_SLOW")))));
  if (events && reader.full) return false;
  reader.first = EMPTY;
  reader.missed = 0;
  return events;
}
