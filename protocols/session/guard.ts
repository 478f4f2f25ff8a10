/**
 * What protects the frames of a session from strangers: AES-128 in counter mode, then HMAC-SHA256 over header and ciphertext, cut to
 * 64 bits. Keys are those of one session and one direction. docs/protocol/session.md, section 6.
 *
 *     +-----------+- - - - - - - - -+--------------+----------+
 *     | header, 8 | counter, if the | ciphertext n | MAC      |
 *     |           | kind is not     |              |          |
 *     |           | sequenced, 4    |              |          |
 *     +-----------+- - - - - - - - -+--------------+----8-----+
 */
import { be32, byte, EMPTY, endFrame, frameAround, isEmpty, join, slice, u32 } from "../bytes/index.js";
import type { Bytes } from "../bytes/index.js";
import { cipherKey, crypt, encrypt, frameTag, hmac, hmacKey, sameTag } from "../crypto/index.js";
import type { CipherKey, HmacKey } from "../crypto/index.js";
import { Frame, header } from "../link/frame.js";

/** Bytes of a frame's MAC [SES-24]. */
const MAC = Frame.mac;

/** What the nonce has behind the counter: which of the two kinds of counter it is. */
const REST = join(join(be32(0), be32(0)), join(byte(0), byte(0)));
const SEQUENCED = join(join(byte(1), byte(0)), REST);
const UNSEQUENCED = join(join(byte(2), byte(0)), REST);

/** What a direction's keys are made from: its MAC's; the cipher's is one more [SES-23]. */
const enum Label {
  there = 1,
  back = 3,
}

/** @see Guard @later key */
export function guardOf(master: Bytes, initiator: boolean): Guard {
  return new Guard(master, initiator);
}

export class Guard {
  private readonly _sealMac: HmacKey;
  private readonly _sealCipher: CipherKey;
  private readonly _openMac: HmacKey;
  private readonly _openCipher: CipherKey;
  /** Frames that bear a counter of their own: how many went out. */
  sent = 0;
  /** The newest counter that came, and which before it. */
  private _newest = -1;
  private _seen = 0;

  /** @param master from the pre-shared key and both epochs [SES-23] */
  constructor(master: Bytes, initiator: boolean) {
    const key = hmacKey(master);
    const seal = initiator ? Label.there : Label.back;
    const open = Label.there + Label.back - seal;
    this._sealMac = hmacKey(hmac(key, byte(seal)));
    this._sealCipher = cipherKey(slice(hmac(key, byte(seal + 1)), 0, 16));
    this._openMac = hmacKey(hmac(key, byte(open)));
    this._openCipher = cipherKey(slice(hmac(key, byte(open + 1)), 0, 16));
  }

  /**
   * A whole frame.
   * @param field its sequence field
   * @param counter of a sequenced frame: its whole number, of which the field is the low part; else -1
   */
  seal(tagWord: number, field: number, counter: number, payload: Bytes): Bytes {
    let lead = EMPTY;
    let rest = SEQUENCED;
    if (counter < 0) {
      lead = be32((counter = this.sent++));
      rest = UNSEQUENCED;
    }
    const count = be32(counter);
    if (!isEmpty(payload)) payload = encrypt(this._sealCipher, join(count, rest), payload);
    let frame = frameAround(join(header(lead.length + payload.length, tagWord, field), lead), payload);
    frame = endFrame(frame, frameTag(this._sealMac, count, frame));
    return frame;
  }

  /**
   * The payload of a whole frame, or null for a forged or damaged one, or one that came before.
   * @param counter of a sequenced frame: its whole number; else -1
   */
  open(frame: Bytes, counter: number): Bytes | null {
    const end = frame.length - MAC;
    const from = counter < 0 ? Frame.header + 4 : Frame.header;
    if (from > end) return null;
    const count = counter < 0 ? slice(frame, Frame.header, from) : be32(counter);
    const mac = frameTag(this._openMac, count, slice(frame, 0, end));
    if (!sameTag(mac, slice(frame, end, end + MAC)) || (counter < 0 && !this._fresh(u32(count, 0)))) return null;
    if (from == end) return EMPTY;
    return crypt(this._openCipher, join(count, counter < 0 ? UNSEQUENCED : SEQUENCED), slice(frame, from, end));
  }

  /** Whether a frame with this counter of its own did not come before; it is known from now on [SES-25]. @resident */
  private _fresh(counter: number): boolean {
    const ahead = counter - this._newest;
    if (ahead > 0) {
      this._seen = ahead > 31 ? 1 : (this._seen << ahead) | 1;
      this._newest = counter;
      return true;
    }
    const bit = 1 << -ahead;
    if (ahead < -31 || this._seen & bit) return false;
    this._seen |= bit;
    return true;
  }
}
