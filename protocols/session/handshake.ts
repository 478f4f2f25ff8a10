/** How two sides agree on a session. docs/protocol/session.md, section 2. */
import { EMPTY, u32, u8 } from "../bytes/index.js";
import type { Bytes } from "../bytes/index.js";
import type { Failure } from "../errors/index.js";
import { encode, Kind, residue, tag } from "../link/frame.js";
import { encodeHello, Hello, markOf, Step, termsText } from "./hello.js";

/** What a handshake agreed on. */
export interface Agreement {
  /** This side's epoch and the peer's. */
  epoch: number;
  peerEpoch: number;
  /** What this side adds to the CRC of its frames. */
  mark: number;
  /** The CRC over a whole frame of the peer's. */
  residue: number;
  /** The peer's terms, as it sent them; empty once they were read. */
  text: string;
}

export class Handshake {
  /** The frame to send, or EMPTY. */
  hello: Bytes = EMPTY;
  /** The session that the first frame of it opens [SES-6], or null. */
  pending: Agreement | null = null;
  /** Initiator: the epoch that it offers. */
  readonly epoch: number = 0;

  /**
   * @param _text this side's terms as JSON
   * @param _random gives 32 random bits: the epoch
   */
  constructor(
    initiator: boolean,
    private readonly _text: string,
    private readonly _random: () => number,
  ) {
    if (!initiator) return;
    this.epoch = _random() >>> 0 || 1;
    this._say(Step.offer, this.epoch, 0, _text);
  }

  /**
   * Responder: an offer came. The answer is given again for a repeated offer; nothing ends before it is confirmed.
   * @param current the open session, or null
   */
  offered(payload: Bytes, current: Agreement | null): void {
    const version = u8(payload, 0);
    const peerEpoch = u32(payload, 2);
    if (version != Hello.version) return this._say(Step.refusal, 0, peerEpoch, otherVersion(version));
    if (current && current.peerEpoch == peerEpoch) return this._say(Step.answer, current.epoch, peerEpoch, this._text);
    let pending = this.pending;
    if (!pending || pending.peerEpoch != peerEpoch)
      this.pending = pending = agree(this._random() >>> 0 || 1, peerEpoch, termsText(payload));
    this._say(Step.answer, pending.epoch, peerEpoch, this._text);
  }

  /**
   * Initiator: an answer or a refusal came. After a fitting answer `pending` is there.
   * @returns why there will be no session, or ""
   */
  answered(payload: Bytes): Failure {
    const step = u8(payload, 1);
    const version = u8(payload, 0);
    if (u32(payload, 6) != this.epoch) return "";
    if (step == Step.refusal) return termsText(payload);
    if (step != Step.answer) return "";
    if (version != Hello.version) return otherVersion(version);
    this.pending = agree(this.epoch, u32(payload, 2), termsText(payload));
    this.hello = EMPTY;
    return "";
  }

  private _say(step: Step, epoch: number, peerEpoch: number, text: string): void {
    this.hello = encode(tag(Kind.hello, 3, 0), 0, encodeHello(step, epoch, peerEpoch, text), 0);
  }
}

function agree(epoch: number, peerEpoch: number, text: string): Agreement {
  return { epoch, peerEpoch, mark: markOf(epoch, peerEpoch), residue: residue(markOf(peerEpoch, epoch)), text };
}

function otherVersion(version: number): Failure {
  return (
    "EPROTONOSUPPORT: this side speaks version " + Hello.version + ", the other " + version + "; update the older one"
  );
}

/** The CRC over a whole frame of a handshake: it bears no session's mark. */
export const plain = residue(0);
