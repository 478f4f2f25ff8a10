/**
 * The handshake's payload. docs/protocol/session.md, section 2.
 *
 *     +---------+--------+----------------+----------------+----------------------+
 *     | version |  step  |  own epoch     |  peer's epoch  |  JSON: the terms     |
 *     +----1----+---1----+-------4--------+-------4--------+----------------------+
 */
import { be32, byte, crc32, fromText, join, slice, toText } from "../bytes/index.js";
import type { Bytes } from "../bytes/index.js";

/** Sizes and numbers of the handshake. */
export const enum Hello {
  /** The version of this protocol [SES-1]. */
  version = 1,
  /** Bytes before the JSON. */
  fixed = 10,
  /** Longest handshake payload taken from a stranger [SES-3]. */
  max = 400,
  /** Shortest limit of a frame's payload that a side may ask for. */
  least = 32,
}

/** What a handshake frame does [SES-2]. */
export const enum Step {
  offer = 0,
  answer = 1,
  /** Not possible; the JSON is a failure text. */
  refusal = 2,
}

/** What each side tells of itself; every field has a default so that a newer peer may leave some out. */
export interface Terms {
  /** Longest payload that this side takes in one frame, in bytes. */
  payload?: number;
  /** How many sequenced frames this side keeps while one before them is missing. */
  window?: number;
  /** Bytes that this side receives at once: a sender that fills them with whole frames costs it least. */
  chunk?: number;
  /** How long this side keeps a silent session, in ms. */
  lifetime?: number;
  /** The board's name and kind, its boot count, the firmware's version. */
  name?: string;
  board?: string;
  boot?: number;
  firmware?: string;
}

export function encodeHello(step: Step, epoch: number, peerEpoch: number, text: string): Bytes {
  return join(join(join(byte(Hello.version), byte(step)), join(be32(epoch), be32(peerEpoch))), fromText(text));
}

/** The JSON part of a handshake payload as text. */
export function termsText(payload: Bytes): string {
  return toText(slice(payload, Hello.fixed, payload.length));
}

/** A session's mark for one direction: both epochs, the sender's first [SES-4]. Never 0, which is the handshake's. */
export function markOf(senderEpoch: number, receiverEpoch: number): number {
  return crc32(join(be32(senderEpoch), be32(receiverEpoch))) || 1;
}
