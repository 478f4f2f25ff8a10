/**
 * OV528 (C328, uCAM, CJ-OV528, Grove serial camera): a camera that hands its image over in packages with a sum. Facts and sources: docs/devices/ov528.md.
 *
 *     command, either way: AA, number (1), four parameters
 *     package: number (2), length of the data (2), data, low byte of the sum of all before it (1), 00; little-endian
 */
import { be16, be32, binary, join, pair, same, slice, sum8, u16, u8 } from "../../bytes/index.js";
import type { Bytes } from "../../bytes/index.js";

export const enum Ov {
  initial = 0x01,
  get = 0x04,
  snapshot = 0x05,
  packageSize = 0x06,
  baud = 0x07,
  reset = 0x08,
  powerOff = 0x09,
  data = 0x0a,
  sync = 0x0d,
  ack = 0x0e,
  nak = 0x0f,
}

/** Numbers of errors that a NAK bears. */
export const enum OvError {
  pictureType = 0x01,
  unexpectedCommand = 0x06,
  format = 0x09,
  size = 0x0a,
  parameter = 0x0b,
  command = 0x0d,
  notReady = 0x0f,
  package = 0x10,
  packageSize = 0x11,
}

export const OV_COMMAND = 6;

/** What asks for a package, before its number. */
const OV_ASK: Bytes = binary("\xaa\x0e\0\0");

/** Bytes of a package besides its data. */
export const OV_AROUND = 6;
export const OV_LEAST_PACKAGE = 64;
export const OV_MOST_PACKAGE = 512;

/** Bytes between the parts of an image: with it a host says that it has all of it. */
export const OV_END = 0xf0f0;

/** It answers one of so many SYNC, which are at first 5 ms apart, each time 1 ms more. */
export const OV_SYNCS = 60;

/** JPEG. */
export const OV_FORMAT = 0x07;

export const OV_SIZES: Record<string, number> = { "640x480": 7, "320x240": 5, "160x120": 3 };

/** Types of pictures: the one that SNAPSHOT keeps, and one that is taken when it is asked for. */
export const enum OvPicture {
  snapshot = 1,
  preview = 5,
}

/** Speeds of which it finds out which one a SYNC has. */
export const OV_BAUDS: readonly number[] = [115_200, 57_600, 38_400, 28_800, 19_200, 14_400, 9600, 7200];

/** 14.7456 MHz by 8: by 2, and by twice the second divider and one, which is 1. */
const CLOCK = 1_843_200;

/** @param parameters four bytes */
export function ovCommand(command: Ov, parameters: number): Bytes {
  return join(be16(0xaa00 | command), be32(parameters));
}

/** @param code of OV_SIZES @inline */
export function ovInitial(code: number): Bytes {
  return ovCommand(Ov.initial, (OV_FORMAT << 16) | code);
}

/** @param size of all of a package, OV_LEAST_PACKAGE to OV_MOST_PACKAGE @inline */
export function ovPackageSize(size: number): Bytes {
  return ovCommand(Ov.packageSize, 0x08000000 | ((size & 0xff) << 16) | (size & 0xff00));
}

/** Answered at the old speed. @inline */
export function ovBaud(baud: number): Bytes {
  return ovCommand(Ov.baud, (ovDivider(baud) << 24) | 0x010000);
}

/** The first divider where the second is 1: 115200 0F. @inline */
export function ovDivider(baud: number): number {
  return CLOCK / baud - 1;
}

/** The speed of two dividers. */
export function ovBaudOf(first: number, second: number): number {
  return (2 * CLOCK) / ((first + 1) * (second + 1));
}

/** Asks for a package, or says OV_END. @inline */
export function ovAsk(number: number): Bytes {
  return join(OV_ASK, pair(number, number >> 8));
}

/** Whether it says that it did a command. @inline */
export function ovAccepts(reply: Bytes, command: Ov): boolean {
  return u16(reply, 0) == 0xaa0e && u8(reply, 2) == command;
}

/** How long the image is, of a DATA. */
export function ovLength(data: Bytes): number {
  return u8(data, 3) | (u8(data, 4) << 8) | (u8(data, 5) << 16);
}

/**
 * The data of a package.
 * @param bytes from its first to its last
 * @param length of the data
 * @returns null if it is damaged, or another one than was asked for
 */
export function ovData(bytes: Bytes, number: number, length: number): Bytes | null {
  const head = join(pair(number, number >> 8), pair(length, length >> 8));
  const verify = u16(bytes, length + 4);
  // The sum of all bytes is twice the one that the last but one says.
  return same(slice(bytes, 0, 4), head) && verify == ((sum8(bytes) - (verify >> 8)) & 0xff) << 8
    ? slice(bytes, 4, length + 4)
    : null;
}
