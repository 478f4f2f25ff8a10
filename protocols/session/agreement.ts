/** What a handshake agreed on. docs/protocol/session.md, sections 2 and 6. */
import { byte, fromText, join, slice } from "../bytes/index.js";
import type { Bytes } from "../bytes/index.js";
import { hmac } from "../crypto/index.js";
import type { HmacKey } from "../crypto/index.js";
import { residue } from "../link/frame.js";
import { guardOf } from "./guard.js";
import type { Guard } from "./guard.js";
import { markOf } from "./hello.js";
import type { Session } from "./session.js";

export interface Agreement {
  /** This side's epoch and the peer's. */
  epoch: Bytes;
  peerEpoch: Bytes;
  /** The session's name on both sides: it can go on over another link under it. */
  id: number;
  /** Without a key: what this side adds to the CRC of its frames, and the CRC over a whole frame of the peer's. */
  mark: number;
  residue: number;
  /** With a key: what seals and opens frames. */
  guard: Guard | undefined;
  /** The peer's terms, as it sent them, until the session begins. */
  text: string | undefined;
  /** The session that goes on here, until it does. */
  old: Session | undefined;
}

/** Begins what a session's keys are made from; a handshake begins with its version, which is another number [SES-23]. */
const KEYS = 0x4b;

/** @param key the pre-shared key, or null */
export function agree(
  initiator: boolean,
  epoch: Bytes,
  peerEpoch: Bytes,
  key: HmacKey | null,
  text: string,
  old: Session | undefined,
): Agreement {
  const mark = markOf(epoch, peerEpoch);
  const peerMark = markOf(peerEpoch, epoch);
  const both = initiator ? join(epoch, peerEpoch) : join(peerEpoch, epoch);
  return {
    epoch,
    peerEpoch,
    id: initiator ? mark : peerMark,
    mark,
    residue: key ? -1 : residue(peerMark),
    guard: key ? guardOf(hmac(key, join(byte(KEYS), both)), initiator) : undefined,
    text,
    old,
  };
}

/** What shows that a handshake's sender has the key: over all of it but the proof, and what it answers [SES-22]. @inline */
export function proofOf(key: HmacKey, head: Bytes, text: string, answered: Bytes): Bytes {
  return slice(hmac(key, join(join(head, answered), fromText(text))), 0, 16);
}
