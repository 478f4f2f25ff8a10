/**
 * The side that is asked for sessions: who may come in. A board has one door for all its links. It keeps nothing of
 * who has not proved that he has the key. docs/protocol/session.md, sections 2 and 6.
 */
import { crc32, EMPTY, same, slice, u16, u8 } from "../bytes/index.js";
import type { Bytes } from "../bytes/index.js";
import { sameProof } from "../crypto/index.js";
import type { HmacKey } from "../crypto/index.js";
import type { Failure } from "../errors/index.js";
import { Frame, residue, Sync } from "../link/frame.js";
import { agree, proofOf } from "./agreement.js";
import type { Agreement } from "./agreement.js";
import {
  Hello,
  helloFrame,
  helloHead,
  helloPayload,
  NOBODY,
  randomEpoch,
  resuming,
  Step,
  termsText,
  UNPROVED,
} from "./hello.js";
import type { Terms } from "./hello.js";
import type { Session } from "./session.js";

/** Slow-down of guessing, in ms [SES-26]. */
const enum Slow {
  least = 50,
  most = 1000,
}

/** The CRC over a whole frame of a handshake: it bears no session's mark. */
export const plain = residue(0);

export class Door {
  /** Proofs that were wrong, and offers with a proof that came too soon after one. */
  forged = 0;
  slowed = 0;
  /** Offers that answer a challenge that is used up: a copy, or somebody else was faster. */
  stale = 0;
  /** Offers of another version of the protocol. */
  foreign = 0;
  /** What the last offer agreed on, or null: there is no session yet, only its first frame makes one [SES-6]. */
  agreed: Agreement | null = null;
  private _challenge: Bytes;
  private _strikes = 0;
  private _until = 0;

  /**
   * @param random gives 32 random bits
   * @param key the pre-shared key; null lets in whoever knocks
   * @param _find a session by its id, wherever it is: it may go on elsewhere
   */
  constructor(
    private readonly _random: () => number,
    readonly key: HmacKey | null,
    private readonly _find: (id: number) => Session | null,
  ) {
    this._challenge = randomEpoch(_random);
  }

  /**
   * A handshake's frame came from somebody.
   * @param terms what this side tells of itself on the link
   * @param known what is agreed with him already: its answer may have been lost
   * @param trusted no key is asked for on this link
   * @returns the frame to answer, or EMPTY
   */
  knock(frame: Bytes, terms: Terms, known: Agreement | null, trusted: boolean, now: number): Bytes {
    this.agreed = null;
    const payload = helloPayload(frame);
    if (u8(payload, 1) != Step.offer || payload.length < Hello.fixed) return EMPTY;
    const peerEpoch = slice(payload, 2, Hello.peer);
    const version = u8(payload, 0);
    if (version != Hello.version) {
      this.foreign++;
      return this.deny(frame, "EPROTONOSUPPORT: this side speaks version " + Hello.version + ", the other " + version);
    }
    const key = trusted ? null : this.key;
    const proof = slice(payload, Hello.proof, Hello.fixed);
    if (known && same(known.peerEpoch, peerEpoch)) return this._welcome(known, key, proof, terms);
    const text = termsText(payload);
    if (key) {
      const answered = slice(payload, Hello.peer, Hello.proof);
      if (!same(answered, this._challenge)) {
        if (!same(answered, NOBODY)) this.stale++;
        return helloFrame(Step.challenge, this._challenge, peerEpoch, UNPROVED, "");
      }
      if (now < this._until) {
        this.slowed++;
        return EMPTY;
      }
      if (!sameProof(proof, proofOf(key, slice(payload, 0, Hello.proof), text, EMPTY))) {
        this.forged++;
        this._until = now + Math.min(Slow.most, Slow.least << Math.min(this._strikes++, 8));
        return this.deny(frame, "EACCES: that is not this board's key");
      }
      this._strikes = 0;
    }
    // Used up: the same offer, or a copy of it, finds another challenge.
    const epoch = this._challenge;
    this._challenge = randomEpoch(this._random);
    const agreed = agree(false, epoch, peerEpoch, key, text, undefined);
    this.agreed = agreed;
    this._resume(agreed, now);
    return this._welcome(agreed, key, proof, terms);
  }

  /** A refusal for whoever sent this offer [SES-15]. */
  deny(frame: Bytes, failure: Failure): Bytes {
    return helloFrame(Step.refusal, this._challenge, slice(helloPayload(frame), 2, Hello.peer), UNPROVED, failure);
  }

  /** Finds the session that is to go on: from now on its old link is over. */
  private _resume(agreed: Agreement, now: number): void {
    let terms: Terms | null = null;
    try {
      terms = JSON.parse(agreed.text!) as Terms | null;
    } catch (e) {
      // The session will find the same, and end.
    }
    if (!terms || !terms.resume) return;
    let old = this._find(terms.resume);
    const before = terms.before;
    if (!old && before && before[0] && (old = this._find(before[0]))) {
      // What was to follow it never began here [SES-29].
      terms.resume = before[0];
      terms.next = before[1]!;
      terms.have = before[2]!;
      agreed.text = JSON.stringify(terms);
    }
    if (old && old.leave(now)) agreed.old = old;
  }

  /** @resident large */
  private _welcome(agreed: Agreement, key: HmacKey | null, offered: Bytes, terms: Terms): Bytes {
    const text = JSON.stringify(agreed.old ? resuming(terms, agreed.old) : terms);
    const head = helloHead(Step.answer, agreed.epoch, agreed.peerEpoch);
    return helloFrame(
      Step.answer,
      agreed.epoch,
      agreed.peerEpoch,
      key ? proofOf(key, head, text, offered) : UNPROVED,
      text,
    );
  }
}

/**
 * What a stranger's first bytes are: 1 one whole frame of a handshake, 0 perhaps its beginning, -1 anything else. So who
 * has no session needs no decoder.
 */
export function isHello(bytes: Bytes): number {
  const n = bytes.length;
  if (n > Hello.max + Frame.overhead || (n > 1 && u16(bytes, 0) != Sync.word) || (n > 4 && u8(bytes, 4) >> 5))
    return -1;
  if (n < Frame.overhead || n < u16(bytes, 2) + Frame.overhead) return 0;
  return crc32(bytes) == plain ? 1 : -1;
}
