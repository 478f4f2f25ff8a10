/** Cuts what passes in one direction into frames and what is between them. */
import { crc32, EMPTY, join, slice, u8 } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import { Decoder } from "../../protocols/link/decoder.js";
import type { FrameSink } from "../../protocols/link/decoder.js";
import { Frame, Kind, kindOf, residue, tagOf } from "../../protocols/link/frame.js";
import { Hello, markOf, Step } from "../../protocols/session/hello.js";

/** A half frame on a serial line ends after so much silence, in ms [LINK-9]. */
const HALF = 250;

/** What a connection's handshake says about its frames; both directions share one. */
export class Marks {
  /** Whether a handshake has passed: without it no frame of its session can be told from noise. */
  known = false;
  private readonly residues = new Set([residue(0)]);

  has(crc: number): boolean {
    return this.residues.has(crc);
  }

  learn(hello: Bytes): void {
    const at = Frame.header;
    const step: Step = u8(hello, at + 1);
    if (hello.length < Frame.overhead + Hello.fixed || step !== Step.answer) return;
    const epoch = slice(hello, at + 2, at + Hello.peer);
    const peerEpoch = slice(hello, at + Hello.peer, at + Hello.proof);
    this.residues.add(residue(markOf(epoch, peerEpoch))).add(residue(markOf(peerEpoch, epoch)));
    this.known = true;
  }
}

/** @param reason undefined for a frame, else why the bytes are none */
type Found = (bytes: Bytes, reason?: string) => void;

export class Cutter implements FrameSink {
  private readonly decoder = new Decoder(this, Frame.maxPayload);
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
    this.decoder.push(bytes, now);
    if (this.datagram) this.decoder.flush(now);
    this.tell();
  }

  /** Nothing more comes. */
  flush(now: number): void {
    this.decoder.flush(now);
    this.tell();
  }

  frame(frame: Bytes): boolean {
    if (!this.marks.has(crc32(frame))) return false;
    this.tell();
    if (kindOf(tagOf(frame)) === Kind.hello) this.marks.learn(frame);
    this.rest = slice(this.rest, frame.length, this.rest.length);
    this.found(frame);
    return true;
  }

  discard(reason: string, bytes: number): void {
    // The first reason is what went wrong, those that follow come of it.
    this.reason ||= reason;
    this.at += bytes;
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
