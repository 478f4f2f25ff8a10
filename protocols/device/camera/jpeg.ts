/**
 * Where a JPEG ends and how large its picture is, of ITU-T T.81 annex B. Without decoding: what is inside a scan is not looked at.
 *
 *     FF D8, segments: FF, marker (1), length with itself (2), content; a scan's data: any bytes, FF 00 for FF, FF D0 to FF D7; FF D9
 */
import { u16, u8 } from "../../bytes/index.js";
import type { Bytes } from "../../bytes/index.js";

export interface JpegForm {
  width: number;
  height: number;
  /** Up to and with FF D9: what is behind it is not of the image. */
  length: number;
}

const enum Marker {
  soi = 0xffd8,
  eoi = 0xffd9,
  sos = 0xffda,
}

/** @returns why these bytes are no whole JPEG, if they are none */
export function readJpeg(bytes: Bytes): JpegForm | string {
  const { length } = bytes;
  if (length < 4 || u16(bytes, 0) != Marker.soi) return "it does not begin with FF D8";
  let [width, height, scans] = [0, 0, 0];
  for (let at = 2; at + 4 <= length || (at + 2 <= length && u16(bytes, at) == Marker.eoi);) {
    const marker = u16(bytes, at);
    if (marker == Marker.eoi) {
      if (width > 0 && scans > 0) return { width, height, length: at + 2 };
      return "it has no picture";
    }
    if (marker < 0xffc0 || marker > 0xfffe) return `there is no marker at ${at}`;
    const size = u16(bytes, at + 2);
    if (isFrame(marker) && at + 9 <= length) {
      height = u16(bytes, at + 5);
      width = u16(bytes, at + 7);
    }
    at += 2 + size;
    if (marker != Marker.sos) continue;
    scans++;
    at = endOfScan(bytes, at);
  }
  return "its end is missing";
}

/** SOF0 to SOF15 without DHT, JPG and DAC. */
function isFrame(marker: number): boolean {
  return marker >= 0xffc0 && marker <= 0xffcf && marker != 0xffc4 && marker != 0xffc8 && marker != 0xffcc;
}

/** The first marker that is not part of the scan. */
function endOfScan(bytes: Bytes, from: number): number {
  for (let at = from; at + 1 < bytes.length; at++) {
    if (u8(bytes, at) != 0xff) continue;
    const next = u8(bytes, at + 1);
    if (next != 0 && next != 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  return bytes.length;
}
