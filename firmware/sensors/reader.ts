/** One socket that reads a sensor: what it cannot take is counted and told to it. */
import { be32, byte, EMPTY, fromText, isEmpty, join, slice } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import { SAMPLE_HEADER, SampleKind, UNCOUNTED } from "../../protocols/service/samples.js";
import { Stamp } from "../../protocols/service/clock.js";
import type { Feed } from "./feed.js";

/** Of messages and records; as protocols/socket has them. */
export const enum ReaderType {
  datagram = 2,
  rdm = 4,
  seqpacket = 5,
}

export interface Reader {
  readonly _feed: Feed;
  readonly _socket: DevsockProgramSocket;
  /** It takes no more now. */
  _full: boolean;
  /** Units, or of events messages, that it did not get; UNCOUNTED when nobody knows how many. */
  _missed: number;
  /** Stamp, boot and number of the first message that it did not get. */
  _first: Bytes;
}

/** Bytes of a message before its kind. */
const HEAD = Stamp.bytes + SAMPLE_HEADER - 1;

/**
 * Gives a message to a reader.
 * @param units how many it stands for; -1 when nobody knows
 */
export function put(reader: Reader, message: Bytes, units: number): void {
  const type = reader._socket.type;
  if (!reader._full) {
    if (reader._socket.post(message) || type == ReaderType.datagram) return;
    reader._full = true;
    // A record is taken all the same.
    if (type == ReaderType.seqpacket) return;
  }
  if (isEmpty(reader._first)) reader._first = slice(message, 0, HEAD);
  if (type == ReaderType.rdm) reader._missed++;
  else reader._missed = units < 0 || reader._missed == UNCOUNTED ? UNCOUNTED : reader._missed + units;
}

/**
 * It takes more again: what it missed is told first.
 * @returns whether that were events
 */
export function resume(reader: Reader): boolean {
  const socket = reader._socket;
  const first = reader._first;
  reader._full = false;
  if (isEmpty(first)) return false;
  const events = socket.type == ReaderType.rdm;
  const gap = join(byte(SampleKind.gap), join(be32(reader._missed), fromText("READER_SLOW")));
  reader._full = !socket.post(join(first, gap));
  if (events && reader._full) return false;
  reader._first = EMPTY;
  reader._missed = 0;
  return events;
}
