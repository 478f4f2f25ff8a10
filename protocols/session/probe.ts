/** How boards are found: a probe, and what each board answers. docs/protocol/discovery.md. */
import { EMPTY, same, slice, u8 } from "../bytes/index.js";
import type { Bytes } from "../bytes/index.js";
import { sameProof } from "../crypto/index.js";
import type { HmacKey } from "../crypto/index.js";
import { proofOf } from "./agreement.js";
import { Hello, helloFrame, helloHead, helloPayload, NOBODY, Step, termsText, UNPROVED } from "./hello.js";

/** Sizes and times of discovery. */
export const enum Probe {
  /** Payload of a probe to most boards, and to those that cut datagrams at 260 bytes [DISC-2]. */
  long = Hello.max,
  short = 240,
  /** Ms after an answer in which a board says nothing [DISC-5]. */
  pause = 100,
}

/** What a board says of itself to whoever has its key, or to everybody if it has none; to others `name`, `board` and `tcp` [DISC-4]. */
export interface Presence {
  name: string;
  board: string;
  /** Port of its TCP link, 0 where it has none. */
  tcp: number;
  firmware?: string;
  /** Seconds since its start. */
  uptime?: number;
  /** Sessions at the moment. */
  sessions?: number;
  /** As many as fit: name, driver, whether it answered when it was last asked (null: never asked), whether it is at work. */
  devices?: [name: string, driver: string, answers: boolean | null, working: boolean][];
  /** How many devices it has. */
  count?: number;
}

/** Whether a whole handshake frame is a probe. @inline */
export function isProbe(frame: Bytes): boolean {
  return u8(frame, PROBE_STEP) == Step.probe;
}

/** Offset of the step in a whole frame. */
const PROBE_STEP = 9;

/**
 * A board's answer to a probe.
 * @param key the board's, or null
 * @param about what it says of itself as JSON of so many bytes at the most, or "" when that is too little
 * @returns a frame no longer than the probe, or EMPTY
 */
export function answerProbe(frame: Bytes, key: HmacKey | null, about: (known: boolean, most: number) => string): Bytes {
  const payload = helloPayload(frame);
  if (payload.length < Hello.fixed) return EMPTY;
  const proof = slice(payload, Hello.proof, Hello.fixed);
  const known = !key || sameProof(proof, probeProof(key, payload));
  const text = about(known, payload.length - Hello.fixed);
  if (!text) return EMPTY;
  const nonce = slice(payload, 2, Hello.peer);
  const head = helloHead(Step.presence, NOBODY, nonce);
  return helloFrame(Step.presence, NOBODY, nonce, key && known ? proofOf(key, head, text, proof) : UNPROVED, text);
}

/** What shows that a probe's sender has the key [DISC-3]. @inline */
function probeProof(key: HmacKey, payload: Bytes): Bytes {
  return proofOf(key, slice(payload, 0, Hello.proof), "", EMPTY);
}

/** A host's question. */
export interface Question {
  frame: Bytes;
  nonce: Bytes;
  key: HmacKey | null;
  proof: Bytes;
}

/** @param nonce 64 random bits of the asker @param length of the payload: `Probe.long` or `Probe.short` */
export function probe(nonce: Bytes, key: HmacKey | null, length: number): Question {
  const proof = key ? proofOf(key, helloHead(Step.probe, nonce, NOBODY), "", EMPTY) : UNPROVED;
  const frame = helloFrame(Step.probe, nonce, NOBODY, proof, " ".repeat(length - Hello.fixed));
  return { frame, nonce, key, proof };
}

/** What came back. */
export interface Answer {
  /** JSON: a `Presence`, if the sender keeps to it. */
  text: string;
  /** Version of the protocol that the board speaks. */
  version: number;
  /** The question whose key the board has proved to have. */
  proved: Question | undefined;
}

/** @param frame a whole valid handshake frame @returns null for what answers none of these questions [DISC-6] */
export function heardOf(frame: Bytes, questions: readonly Question[]): Answer | null {
  const payload = helloPayload(frame);
  if (payload.length < Hello.fixed || u8(payload, 1) != Step.presence) return null;
  const nonce = slice(payload, Hello.peer, Hello.proof);
  const asked = questions.filter((question) => same(question.nonce, nonce));
  if (asked.length === 0) return null;
  const text = termsText(payload);
  const head = slice(payload, 0, Hello.proof);
  const proof = slice(payload, Hello.proof, Hello.fixed);
  const proved = asked.find(({ key, proof: answered }) => key && sameProof(proof, proofOf(key, head, text, answered)));
  return { text, version: u8(payload, 0), proved };
}
