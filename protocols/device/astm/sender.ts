/**
 * The sending side of ASTM E1381, as an analyser has it: it has the right of way when both sides want to send. Bytes and the time come in,
 * bytes and deadlines go out. E 1381 - 95, 6.2 to 6.5; waits and tries as in Roche, cobas e 411 Host Interface Manual 2.3, pages 22 to 24.
 */
import { byte, u8 } from "../../bytes/index.js";
import type { Bytes } from "../../bytes/index.js";
import { Control, encodeFrame, framesOf, LONGEST_TEXT, NUMBERS, TRIES, Wait } from "./frame.js";
import type { AstmFrame } from "./frame.js";

/** asking: an ENQ is out; pausing: until the next one; sending: a frame is out. */
export type SenderState = "idle" | "asking" | "pausing" | "sending";

/** How a transfer ended: all is acknowledged, nobody answered, the receiver refused too often, or wants to send something itself. */
export type SenderEnd = "done" | "no answer" | "refused" | "interrupted";

export interface SenderListener {
  send(bytes: Bytes): void;
  /** @param texts of which all frames are acknowledged */
  ended(end: SenderEnd, texts: number): void;
}

export class AstmSender {
  state: SenderState = "idle";
  /** When to call `expire`. */
  deadline: number | null = null;
  private frames: AstmFrame[] = [];
  private tries = 0;
  private texts = 0;

  constructor(
    private readonly listener: SenderListener,
    private readonly longest: number = LONGEST_TEXT,
  ) {}

  /** One transfer. @throws Error when another one is under way */
  start(texts: readonly Bytes[], now: number): void {
    if (this.state !== "idle") throw new Error("a transfer is under way");
    this.frames = [];
    for (const text of texts)
      this.frames = this.frames.concat(framesOf(text, (1 + this.frames.length) % NUMBERS, this.longest));
    this.tries = 0;
    this.texts = 0;
    this.ask(now);
  }

  push(data: Bytes, now: number): void {
    for (let i = 0; i < data.length; i++) this.take(u8(data, i), now);
  }

  /** The time of `deadline` has come. */
  expire(now: number): void {
    if (this.deadline === null || now < this.deadline) return;
    if (this.state === "pausing") this.ask(now);
    else this.end("no answer");
  }

  private take(character: Control, now: number): void {
    if (this.state === "asking") {
      if (character == Control.ack) {
        this.tries = 0;
        this.transmit(now);
      } else if (character == Control.enq) this.pause(Wait.contention, now);
      else if (character == Control.nak) {
        this.tries++;
        if (this.tries < TRIES) this.pause(Wait.refused, now);
        else this.end("refused");
      }
    } else if (this.state === "sending") {
      // An EOT says yes, and asks for the line.
      if (character == Control.ack || character == Control.eot) this.acknowledged(character == Control.eot, now);
      else {
        this.tries++;
        if (this.tries < TRIES) this.transmit(now);
        else this.end("refused");
      }
    }
  }

  private ask(now: number): void {
    this.state = "asking";
    this.deadline = now + Wait.answer;
    this.listener.send(byte(Control.enq));
  }

  private pause(ms: number, now: number): void {
    this.state = "pausing";
    this.deadline = now + ms;
  }

  private transmit(now: number): void {
    const [frame] = this.frames;
    if (!frame) {
      this.end("done");
      return;
    }
    this.state = "sending";
    this.deadline = now + Wait.answer;
    this.listener.send(encodeFrame(frame));
  }

  private acknowledged(interrupted: boolean, now: number): void {
    this.tries = 0;
    if (this.frames.shift()!.last) this.texts++;
    if (interrupted && this.frames.length > 0) this.end("interrupted");
    else this.transmit(now);
  }

  private end(end: SenderEnd): void {
    this.state = "idle";
    this.deadline = null;
    this.frames = [];
    this.listener.send(byte(Control.eot));
    this.listener.ended(end, this.texts);
  }
}
