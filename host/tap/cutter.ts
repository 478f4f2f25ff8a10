/** Cuts what passes in one direction into frames and what is between them. */
import { crc32, EMPTY, join, same, slice, u8 } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import { Decoder } from "../../protocols/link/decoder.js";
import type { FrameSink } from "../../protocols/link/decoder.js";
import { Frame, Kind, kindOf, residue, tagOf } from "../../protocols/link/frame.js";
import { Hello, markOf, Step, UNPROVED } from "../../protocols/session/hello.js";

/** A half frame on a serial line ends after so much silence, in ms [LINK-9]. */
const HALF = 250;

/** What a connection's handshake says about its frames; both directions share one. */
export class Marks {
  /** Whether a handshake has passed: without it no frame of its session can be told from noise. */
  known = false;
  /** Bytes behind a payload: a CRC, or with a key a MAC, which nobody can verify who has no key. */
  check: number = Frame.check;
  /** Whether frames are encrypted. */
  sealed = false;
  private readonly residues = new Set([residue(0)]);

  has(frame: Bytes): boolean {
    return (this.sealed && kindOf(tagOf(frame)) !== Kind.hello) || this.residues.has(crc32(frame));
  }

  learn(hello: Bytes): void {
    const at = Frame.header;
    const step: Step = u8(hello, at + 1);
    if (hello.length < Frame.overhead + Hello.fixed || step !== Step.answer) return;
    const epoch = slice(hello, at + 2, at + Hello.peer);
    const peerEpoch = slice(hello, at + Hello.peer, at + Hello.proof);
    this.residues.add(residue(markOf(epoch, peerEpoch))).add(residue(markOf(peerEpoch, epoch)));
    this.sealed = !same(slice(hello, at + Hello.proof, at + Hello.fixed), UNPROVED);
    this.check = this.sealed ? Frame.mac : Frame.check;
    this.known = true;
  }
}

/** @param reason undefined for a frame, else why the bytes are none */
type Found = (bytes: Bytes, reason?: string) => void;

export class Cutter implements FrameSink {
  private check: number = Frame.check;
  private decoder = new Decoder(this, Frame.maxPayload);
  /** Bytes that came and are not told yet: noise first, up to `at`, then what the decoder has not decided about. */
  private rest: Bytes = EMPTY;
  private at = 0;
  private reason = "";

  constructor(
    private readonly marks: Marks,
    private readonly datagram: boolean,
    private readonly found: Found,
  ) {}

  push(bytes: Bytes, now: number): void {
    if (this.decoder.half && now - this.decoder.touched >= HALF) this.flush(now);
    this.rest = this.rest.length > 0 ? join(this.rest, bytes) : bytes;
    this.feed(bytes, now);
    // Behind a handshake with a key frames end otherwise: what followed it is cut anew.
    if (this.stale) {
      this.tell();
      this.check = this.marks.check;
      this.decoder = new Decoder(this, Frame.maxPayload, this.check);
      this.feed(this.rest, now);
    }
    this.tell();
  }

  /** Nothing more comes. */
  flush(now: number): void {
    this.decoder.flush(now);
    this.tell();
  }

  frame(frame: Bytes): boolean {
    if (this.stale) return true;
    if (!this.marks.has(frame)) return false;
    this.tell();
    if (kindOf(tagOf(frame)) === Kind.hello) this.marks.learn(frame);
    this.rest = slice(this.rest, frame.length, this.rest.length);
    this.found(frame);
    return true;
  }

  ondiscard(reason: string, bytes: number): void {
    if (this.stale) return;
    // The first reason is what went wrong, those that follow come of it.
    this.reason ||= reason;
    this.at += bytes;
  }

  private get stale(): boolean {
    return this.check !== this.marks.check;
  }

  private feed(bytes: Bytes, now: number): void {
    this.decoder.push(bytes, now);
    if (this.datagram) this.decoder.flush(now);
  }

  /** Noise, if there is any. */
  private tell(): void {
    if (this.at === 0) return;
    this.found(slice(this.rest, 0, this.at), this.reason);
    this.rest = slice(this.rest, this.at, this.rest.length);
    this.at = 0;
    this.reason = "";
  }
}
