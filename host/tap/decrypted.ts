/**
 * A tap above the encryption: the frames of a session with a key as they would be without one. The key itself, and what is made
 * from it, is never told.
 */
import { encode, Frame, Hello, Initiator, markOf, sequenceOf, slice, tagOf, UNPROVED } from "../../protocols/index.js";
import type { Agreement, Bytes, Failure, Guard, HmacKey, Session, Terms } from "../../protocols/index.js";
import type { Packet } from "./packet.js";
import type { Taps } from "./taps.js";

/** A handshake as it is without a key: nothing is proved, and frames end with a CRC. */
export function unproved(hello: Bytes): Bytes {
  const payload = Uint8Array.from(slice(hello, Frame.header, hello.length - Frame.check));
  payload.set(UNPROVED, Hello.proof);
  return encode(tagOf(hello), 0, payload, 0);
}

/** Asks for a session, and tells the taps what its frames hold. */
export class TappedInitiator extends Initiator {
  constructor(
    terms: Terms,
    random: () => number,
    key: HmacKey | null,
    old: Session | null,
    private readonly taps: Taps,
    private readonly address: string,
  ) {
    super(terms, random, key, old);
  }

  override heard(payload: Bytes): Failure {
    const before = this.agreed;
    const failure = super.heard(payload);
    const { agreed } = this;
    if (agreed?.guard && agreed !== before) agreed.guard = this.tapped(agreed, agreed.guard);
    return failure;
  }

  private tapped({ mark, epoch, peerEpoch }: Agreement, guard: Guard): Guard {
    const peerMark = markOf(peerEpoch, epoch);
    const { taps, address } = this;
    const tell = (direction: Packet["direction"], frame: Bytes): void =>
      taps.tell({ address, direction, kind: "frame", bytes: frame }, "decrypted");
    const tapped = Object.create(guard) as Guard;
    tapped.seal = (word, field, counter, payload) => {
      if (taps.wanted) tell("out", encode(word, field, payload, mark));
      return guard.seal(word, field, counter, payload);
    };
    tapped.open = (frame, counter) => {
      const payload = guard.open(frame, counter);
      if (!payload) taps.tell({ address, direction: "in", kind: "noise", bytes: frame, note: "MAC" }, "decrypted");
      else if (taps.wanted) tell("in", encode(tagOf(frame), sequenceOf(frame), payload, peerMark));
      return payload;
    };
    return tapped;
  }
}
