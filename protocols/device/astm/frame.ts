/**
 * ASTM E1381, the low-level protocol of laboratory analysers (since 2003 CLSI LIS1-A): characters and frames. E 1381 - 95, 6.2 to 6.6; layout,
 * checksum and the 240 characters as in Roche, cobas e 411 Host Interface Manual 2.3, page 19.
 *
 *     frame: STX, number (1, "0" to "7"), text (at most 240), ETX or ETB, checksum (2, hexadecimal), CR, LF
 *
 * The checksum adds all from the number to ETX or ETB, modulo 256. ETB: the text goes on in the next frame; ETX: it ends.
 */
import { byte, fromText, join, slice, toText, u8 } from "../../bytes/index.js";
import type { Bytes } from "../../bytes/index.js";

export const enum Control {
  stx = 0x02,
  etx = 0x03,
  eot = 0x04,
  enq = 0x05,
  ack = 0x06,
  lf = 0x0a,
  cr = 0x0d,
  nak = 0x15,
  etb = 0x17,
}

/** Numbers of frames: the first of a transfer is 1, after 7 comes 0. */
export const NUMBERS = 8;

/** Characters of a frame's text. Some analysers send more: then it is a setting. */
export const LONGEST_TEXT = 240;

/** Characters of a frame between STX and LF without its text. */
export const AROUND_TEXT = 6;

/** How often a frame is sent, or an ENQ, before the sender gives up. */
export const TRIES = 6;

/** In ms. */
export const enum Wait {
  /** The sender, for an answer. */
  answer = 15_000,
  /** The receiver, for a frame or the end. */
  frame = 30_000,
  /** The receiver, for the next character of a frame: what is missing will not come, and the sender waits 15 s for a word about it. */
  character = 3_000,
  /** The sender, after an ENQ was refused. */
  refused = 10_000,
  /** The analyser, when both want to send. */
  contention = 1_000,
}

export interface AstmFrame {
  number: number;
  text: Bytes;
  /** ETX: the text ends here. */
  last: boolean;
}

export function encodeFrame({ number, text, last }: AstmFrame): Bytes {
  const summed = join(join(fromText(String(number)), text), byte(last ? Control.etx : Control.etb));
  const check = sumOf(summed).toString(16).toUpperCase();
  const trailer = fromText((check.length < 2 ? "0" : "") + check + "\r\n");
  return join(join(byte(Control.stx), summed), trailer);
}

/**
 * @param inside all between STX and LF
 * @returns the frame, or why it is none: `framing`, `checksum`
 */
export function decodeFrame(inside: Bytes): AstmFrame | string {
  const end = inside.length - 4;
  const number = inside.length < AROUND_TEXT - 1 ? -1 : u8(inside, 0) - 0x30;
  if (number < 0 || number >= NUMBERS || u8(inside, inside.length - 1) != Control.cr) return "framing";
  const ending: Control = u8(inside, end);
  if (ending != Control.etx && ending != Control.etb) return "framing";
  const check = toText(slice(inside, end + 1, end + 3));
  if (!/^[0-9a-fA-F]{2}$/.test(check)) return "framing";
  if (parseInt(check, 16) != sumOf(slice(inside, 0, end + 1))) return "checksum";
  return { number, text: slice(inside, 1, end), last: ending == Control.etx };
}

/** The frames of a text, from number `first` on. */
export function framesOf(text: Bytes, first: number, longest: number): AstmFrame[] {
  const frames: AstmFrame[] = [];
  for (let at = 0; at == 0 || at < text.length; at += longest) {
    const last = at + longest >= text.length;
    const number = (first + frames.length) % NUMBERS;
    frames.push({ number, text: slice(text, at, last ? text.length : at + longest), last });
  }
  return frames;
}

function sumOf(bytes: Bytes): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) sum += u8(bytes, i);
  return sum & 0xff;
}
