/**
 * The frame: the same on TCP, UDP and serial. docs/protocol/link.md is its specification; clause numbers below.
 *
 *      0        1        2        3        4        5        6        7        8          8+n
 *     +--------+--------+--------+--------+--------+--------+--------+--------+----------+-----------------+
 *     |   sync D5 9A    |    length n     | kind prio channel | sequence check|  payload | CRC-32, LE      |
 *     +--------+--------+--------+--------+--3-----2-----11---+----11------5--+----------+-----------------+
 */
import { be16, crc32, endFrame, join, le32, pair, startFrame, u16, words } from "../bytes/index.js";
import type { Bytes } from "../bytes/index.js";

/** First two bytes of every frame [LINK-2]. */
export const enum Sync {
  word = 0xd59a,
  first = 0xd5,
  second = 0x9a,
}

/** Sizes and ranges of the frame. */
export const enum Frame {
  /** Bytes before the payload. */
  header = 8,
  /** Bytes behind the payload: a CRC, or in a session with a key its MAC [LINK-5]. */
  check = 4,
  mac = 8,
  /** Bytes around the payload, without a key. */
  overhead = 12,
  /** Longest payload that the length field can say. */
  maxPayload = 65535,
  channels = 2048,
  sequences = 2048,
  /** What a tag of kind `last` has that one of kind `data` has not. */
  last = 0x8000,
}

/** What a frame carries [LINK-6]. */
export const enum Kind {
  /** Handshake; the only kind that bears no session's mark. */
  hello = 0,
  /** Acknowledgement, credits, keepalive; its sequence field is the next one expected. */
  ack = 1,
  /** Bytes of a stream; sequenced. */
  data = 2,
  /** Opening, half-close and reset of a socket; sequenced. */
  control = 3,
  /** One datagram; not sequenced, never resent. */
  datagram = 4,
  /** One message that waits for nothing before it; sequenced. */
  message = 5,
  /** Bytes of a record, and it ends with them; sequenced. */
  last = 6,
  /** The session ends, with a reason; not sequenced. */
  bye = 7,
}

/** Kind, priority (3 first, 0 last) and channel in the 16 bits in which they travel. @inline */
export function tag(kind: Kind, priority: number, channel: number): number {
  return (kind << 13) | (priority << 11) | channel;
}

/** @inline */
export function kindOf(tagWord: number): Kind {
  return tagWord >> 13;
}

/** @inline */
export function priorityOf(tagWord: number): number {
  return (tagWord >> 11) & 3;
}

/** @inline */
export function channelOf(tagWord: number): number {
  return tagWord & 2047;
}

/** What the length and the tag add to the header's check. @inline */
export function headSum(length: number, tagWord: number): number {
  return length + 3 * tagWord;
}

/** The header's own check [LINK-4]: one flipped bit in any field always shows, as 31 is prime. @inline */
export function headerCheck(sum: number, sequence: number): number {
  return (sum + 5 * sequence) % 31;
}

/** The first six bytes: sync word, length and tag. @inline */
export function front(length: number, tagWord: number): Bytes {
  return join(be16(Sync.word), join(be16(length), be16(tagWord)));
}

/** Sequence number and check in the 16 bits in which they travel. @inline */
export function sequenceWord(sum: number, sequence: number): number {
  return (sequence << 5) | headerCheck(sum, sequence);
}

/** The same as bytes. @inline */
export function sequenceBytes(sum: number, sequence: number): Bytes {
  return pair(sequence >> 3, sequenceWord(sum, sequence));
}

/** The first eight bytes. @resident */
export function header(length: number, tagWord: number, sequence: number): Bytes {
  return words(Sync.word, length, tagWord, sequenceWord(headSum(length, tagWord), sequence));
}

/** What `startFrame` gave, with its CRC. Assigned to the variable it came from, it grows in place on the board. @inline */
export function sealed(frame: Bytes, mark: number): Bytes {
  return endFrame(frame, le32(crc32(frame) ^ mark));
}

/**
 * A whole frame.
 * @param mark what a session adds to the CRC so that no other session takes the frame for its own [LINK-5]
 * @resident
 */
export function encode(tagWord: number, sequence: number, payload: Bytes, mark: number): Bytes {
  const frame = startFrame(header(payload.length, tagWord, sequence), payload);
  return sealed(frame, mark);
}

/** The CRC-32 of a whole valid frame, CRC included: the same for every frame with this mark [LINK-5]. @inline */
export function residue(mark: number): number {
  return crc32(le32(mark));
}

/** Kind, priority and channel of a whole frame. @inline */
export function tagOf(frame: Bytes): number {
  return u16(frame, 4);
}

/** Sequence number of a whole frame. @inline */
export function sequenceOf(frame: Bytes): number {
  return u16(frame, 6) >> 5;
}
