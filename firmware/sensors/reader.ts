/** One socket that reads a sensor: what it cannot take is counted and told to it. */
import { be32, byte, fromText, join } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import { SampleKind, UNCOUNTED } from "../../protocols/service/samples.js";

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
  /** The head of the first message that it did not get. */
  first: Bytes;
}

/**
 * Gives a message to a reader.
 * @param head stamp, boot and number
 * @param rest kind, and what follows
 * @param units how many it stands for; -1 when nobody knows
 */
export function put(reader: Reader, head: Bytes, rest: Bytes, units: number): void {
  const socket = reader.socket;
  if (reader.full) return miss(reader, head, units);
  const taken = socket.send(join(head, rest));
  if (socket.type == ReaderType.seqpacket) reader.full = !socket.record();
  else if (socket.type == ReaderType.rdm && !taken) {
    reader.full = true;
    miss(reader, head, 1);
  }
}

function miss(reader: Reader, head: Bytes, units: number): void {
  if (!reader.first) reader.first = head;
  reader.missed = units < 0 || reader.missed == UNCOUNTED ? UNCOUNTED : reader.missed + units;
}

/** It takes more again: what it missed is told first. */
export function resume(reader: Reader): void {
  reader.full = false;
  const { first, missed } = reader;
  if (!first) return;
  reader.first = "";
  reader.missed = 0;
  put(reader, first, join(byte(SampleKind.gap), join(be32(missed), fromText("READER_SLOW"))), missed);
}
