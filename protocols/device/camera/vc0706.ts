/**
 * VC0706 (PTC06, PTC08, LinkSprite LS-Y201): a camera of a module that compresses, on a UART. Facts and sources: docs/devices/vc0706.md.
 *
 *     request: 56, serial number (1, usually 0), command, length of the rest (1), rest
 *     reply: 76, serial number, command, status (1), length of the data (1), data
 *     read: a reply without data, the bytes of the image, the same reply again
 */
import { be16, be32, binary, byte, join, pair, same, slice, words } from "../../bytes/index.js";
import type { Bytes } from "../../bytes/index.js";

export const enum Vc {
  version = 0x11,
  baud = 0x24,
  reset = 0x26,
  readRegister = 0x30,
  writeRegister = 0x31,
  read = 0x32,
  length = 0x34,
  frame = 0x36,
}

/** What the frame buffer shall do. */
export const enum VcFrame {
  freeze = 0,
  freezeNext = 1,
  step = 2,
  resume = 3,
}

/** Of a reply: command not received, data's length, its form, not now, went wrong. */
export const enum VcStatus {
  ok = 0,
  unknown = 1,
  length = 2,
  form = 3,
  busy = 4,
  failed = 5,
}

/** Bytes of a reply without data; those of an image are between two. */
export const VC_REPLY = 5;
/** Of what it says to the length of an image. */
export const VC_LENGTH_REPLY = 9;

/** How those begin. */
const VC_AROUND: Bytes = binary("\x76\0\x32\0\x76\0\x32\0");

/** A part of the image begins at a multiple of it, and is one, padded behind the image's end. */
export const VC_CHUNK = 8;

/** Bytes that are asked for at once. */
export const VC_PARTS = { least: 64, usual: 768, most: 1024 };

/** Its speed after power-on and after a reset, bits a second. */
export const VC_BAUD = 38_400;

/** Its clock, from which the speed is divided. */
const CLOCK = 432e6;
const DIVIDER = 256;

/** What the register of the size holds. */
export const VC_SIZES: Record<string, number> = { "640x480": 0x00, "320x240": 0x11, "160x120": 0x22 };

export function vcRequest(command: Vc, rest: Bytes): Bytes {
  return join(join(pair(0x56, 0), pair(command, rest.length)), rest);
}

/** @inline */
export function vcFrame(what: VcFrame): Bytes {
  return vcRequest(Vc.frame, byte(what));
}

/** How long the frozen image is. @inline */
export function vcAskLength(): Bytes {
  return vcRequest(Vc.length, byte(0));
}

/**
 * Asks for a part of the frozen image.
 * @param length a multiple of VC_CHUNK, as `at` is
 * @param delay before and behind the bytes, in 0.01 ms
 */
export function vcRead(at: number, length: number, delay: number): Bytes {
  return join(words(0x5600, 0x320c, 0x000a, at >> 16), words(at, length >> 16, length, delay));
}

/** Its size from the next reset on: the register is in its EEPROM. @param code of VC_SIZES @inline */
export function vcSize(code: number): Bytes {
  return vcRequest(Vc.writeRegister, join(be32(0x04010019), byte(code)));
}

/** @param compression 0 to FF, more is smaller and worse; until the next reset @inline */
export function vcCompression(compression: number): Bytes {
  return vcRequest(Vc.writeRegister, join(be32(0x01011204), byte(compression)));
}

/** @param quality 1 to 100, as encoders of JPEG take it @inline */
export function vcCompressionOf(quality: number): number {
  return Math.round((100 - quality) * 2.55);
}

/** Answered at the old speed. @inline */
export function vcBaud(baud: number): Bytes {
  return vcRequest(Vc.baud, join(byte(1), be16(vcBaudCode(baud))));
}

/** What a speed is on the wire: 115200 0DA6. */
export function vcBaudCode(baud: number): number {
  return Math.round(CLOCK / baud) - DIVIDER;
}

/** The speed that a code is. */
export function vcBaudOf(code: number): number {
  return CLOCK / (code + DIVIDER);
}

/** Whether a part of `n` bytes is between two good replies. @inline */
export function vcFrames(part: Bytes, n: number): boolean {
  return same(join(slice(part, 0, 4), slice(part, VC_REPLY + n, VC_REPLY + n + 4)), VC_AROUND);
}

/** Whether a reply begins as the one to a command that was carried out. @inline */
export function vcAccepts(reply: Bytes, command: Vc): boolean {
  return same(slice(reply, 0, 4), join(pair(0x76, 0), pair(command, VcStatus.ok)));
}
