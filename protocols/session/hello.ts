/**
 * The handshake's payload. docs/protocol/session.md, section 2.
 *
 *     +---------+--------+----------------+----------------+-----------+----------------------+
 *     | version |  step  |  own epoch     |  peer's epoch  |  proof    |  JSON: the terms     |
 *     +----1----+---1----+-------8--------+-------8--------+----16-----+----------------------+
 */
import { be32, byte, crc32, fromText, join, slice, toText } from "../bytes/index.js";
import type { Bytes } from "../bytes/index.js";
import { encode, Frame, Kind, tag } from "../link/frame.js";
import type { Session } from "./session.js";

/** Sizes and numbers of the handshake. */
export const enum Hello {
  /** The version of this protocol [SES-1]. */
  version = 3,
  epoch = 8,
  /** Offsets of the peer's epoch, the proof and the JSON. */
  peer = 10,
  proof = 18,
  fixed = 34,
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
  /** Offer again, with a proof over this epoch. */
  challenge = 3,
  /** Who is there? No session comes of it. docs/protocol/discovery.md */
  probe = 4,
  /** What a board says to that. */
  presence = 5,
}

/** What each side tells of itself; every field has a default so that a newer peer may leave some out. */
export interface Terms {
  /** Longest payload that this side takes in one frame, in bytes. */
  payload?: number;
  /** How many sequenced frames this side keeps while one before them is missing. */
  window?: number;
  /** How many sequenced frames this side keeps until they are acknowledged, on any link. */
  keep?: number;
  /** Bytes that this side receives at once: a sender that fills them with whole frames costs it least. */
  chunk?: number;
  /** How long this side keeps a silent session, and one that lost its link, in ms. */
  lifetime?: number;
  /**
   * The session that is to go on, or goes on, on this link; how many sequenced frames of it have come in order, and
   * which messages after the next one were delivered (bit i: message `next` + 1 + i).
   */
  resume?: number;
  next?: number;
  have?: number;
  /**
   * Initiator: the same three of the session before that, while nothing of the newer one has come: perhaps the other side
   * never heard of it [SES-29].
   */
  before?: number[];
  /** The board's name and kind, its boot count, the firmware's version. */
  name?: string;
  board?: string;
  boot?: number;
  firmware?: string;
}

/** No proof: sixteen zeros. */
export const UNPROVED: Bytes = join(join(be32(0), be32(0)), join(be32(0), be32(0)));

/** No epoch: the peer's is not known yet. */
export const NOBODY: Bytes = join(be32(0), be32(0));

/** A whole handshake frame: it bears no session's mark. */
export function helloFrame(step: Step, epoch: Bytes, peerEpoch: Bytes, proof: Bytes, text: string): Bytes {
  const fixed = join(join(helloHead(step, epoch, peerEpoch), proof), fromText(text));
  return encode(tag(Kind.hello, 3, 0), 0, fixed, 0);
}

/** What stands before the proof. @inline */
export function helloHead(step: Step, epoch: Bytes, peerEpoch: Bytes): Bytes {
  return join(join(byte(Hello.version), byte(step)), join(epoch, peerEpoch));
}

/** The JSON part of a handshake payload as text. @inline */
export function termsText(payload: Bytes): string {
  return toText(slice(payload, Hello.fixed, payload.length));
}

/** The handshake payload of a whole frame. @inline */
export function helloPayload(frame: Bytes): Bytes {
  return slice(frame, Frame.header, frame.length - Frame.check);
}

/** The terms, with the session that is to go on, or goes on. */
export function resuming(terms: Terms, old: Session): Terms {
  const all = JSON.parse(JSON.stringify(terms)) as Terms;
  all.resume = old.id;
  all.next = old.count();
  all.have = old.arrivals();
  return all;
}

/** 64 random bits [SES-4]. @param random gives 32 of them @inline */
export function randomEpoch(random: () => number): Bytes {
  return join(be32(random()), be32(random()));
}

/** A session's mark for one direction: both epochs, the sender's first [SES-4]. Never 0, which is the handshake's. @inline */
export function markOf(senderEpoch: Bytes, receiverEpoch: Bytes): number {
  return crc32(join(senderEpoch, receiverEpoch)) || 1;
}
