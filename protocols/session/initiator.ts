/** The side that asks for a session. docs/protocol/session.md, section 2. */
import { EMPTY, same, slice, u8 } from "../bytes/index.js";
import type { Bytes } from "../bytes/index.js";
import { sameProof } from "../crypto/index.js";
import type { HmacKey } from "../crypto/index.js";
import type { Failure } from "../errors/index.js";
import { agree, proofOf } from "./agreement.js";
import type { Agreement } from "./agreement.js";
import { Hello, helloFrame, helloHead, NOBODY, randomEpoch, resuming, Step, termsText, UNPROVED } from "./hello.js";
import type { Terms } from "./hello.js";
import type { Session } from "./session.js";

export class Initiator {
  /** The frame to send until it is answered. */
  hello: Bytes;
  /** When to offer again. */
  at = 0;
  /** When the session began; nothing of it has come yet while that is when it was last `heard`. */
  begun = -1;
  /** What the answer agreed on. */
  agreed: Agreement | undefined;
  readonly keyed: boolean;
  /** `resume`, `next` and `have` of the session that goes on with the answer: it is still there until that has been heard. */
  went: number[] | undefined;
  private readonly _epoch: Bytes;
  private readonly _text: string;
  private _proof: Bytes = UNPROVED;
  private _proved = 0;

  /**
   * @param terms what this side tells of itself
   * @param random gives 32 random bits
   * @param _key the pre-shared key, or null: then no board that has one takes us
   * @param _old the session that is to go on, or null
   */
  constructor(
    terms: Terms,
    random: () => number,
    private readonly _key: HmacKey | null = null,
    private readonly _old: Session | null = null,
  ) {
    this.keyed = !!_key;
    this._epoch = randomEpoch(random);
    const mine = _old ? resuming(terms, _old) : terms;
    if (_old && _old.initiator && _old.heard == _old.initiator.begun) mine.before = _old.initiator.went;
    this._text = JSON.stringify(mine);
    this.hello = helloFrame(Step.offer, this._epoch, NOBODY, UNPROVED, this._text);
  }

  /**
   * The responder said something. After a fitting answer `agreed` is there.
   * @returns why there will be no session, or ""
   */
  heard(payload: Bytes): Failure {
    const step = u8(payload, 1);
    const version = u8(payload, 0);
    if (payload.length < Hello.fixed || !same(slice(payload, Hello.peer, Hello.proof), this._epoch)) return "";
    if (step == Step.refusal) return termsText(payload);
    if (version != Hello.version) return otherVersion(version);
    const epoch = slice(payload, 2, Hello.peer);
    if (step == Step.challenge) return this._challenged(epoch);
    if (step != Step.answer || this.agreed) return "";
    const key = this._key;
    if (key) {
      const proof = slice(payload, Hello.proof, Hello.fixed);
      const text = termsText(payload);
      if (!sameProof(proof, proofOf(key, slice(payload, 0, Hello.proof), text, this._proof)))
        return this._proved
          ? "EACCES: the board does not prove that it has this key"
          : "EACCES: the board asks for no key, so it may be another one";
    }
    this.agreed = agree(true, this._epoch, epoch, key, this._goesOn(termsText(payload)), this._old || undefined);
    this.hello = EMPTY;
    return "";
  }

  /** @returns the answer's terms; where it goes on with the session before ours, nothing of ours has arrived [SES-29] */
  private _goesOn(text: string): string {
    const old = this._old;
    if (!old) return text;
    const { before } = JSON.parse(this._text) as Terms;
    this.went = [old.id, old.count(), old.arrivals()];
    const terms = termsOf(text);
    if (!before || !terms || terms.resume != before[0]) return text;
    this.went = before;
    terms.resume = old.id;
    terms.next = terms.have = 0;
    return JSON.stringify(terms);
  }

  /** The board has a key and wants to see that this side has it too. */
  private _challenged(challenge: Bytes): Failure {
    const key = this._key;
    if (!key) return "EACCES: this board has a key";
    this._proof = proofOf(key, helloHead(Step.offer, this._epoch, challenge), this._text, EMPTY);
    this._proved = 1;
    this.hello = helloFrame(Step.offer, this._epoch, challenge, this._proof, this._text);
    return "";
  }
}

/** The terms, or null where the session will find that they make no sense. */
function termsOf(text: string): Terms | null {
  try {
    return JSON.parse(text) as Terms | null;
  } catch {
    return null;
  }
}

function otherVersion(version: number): Failure {
  return "EPROTONOSUPPORT: this side speaks version " + Hello.version + ", the other " + version;
}
