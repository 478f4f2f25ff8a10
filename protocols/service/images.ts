/**
 * What goes over a camera's socket, `camera0:image` (SOCK_SEQPACKET): requests one way, images the other way, in the order of the
 * requests. docs/protocol/services.md, [SVC-40] to [SVC-46].
 *
 *     request: a JSON object as text: size, quality; both may be left out
 *     image:   stamp of when it was taken (6), 0, length (4), the JPEG: shorter when the camera stopped within it, and then a failure follows
 *     failure: stamp (6), 1, why as text
 */
import { be32, fromText, join, slice, toText, u32, u8 } from "../bytes/index.js";
import type { Bytes } from "../bytes/index.js";
import type { Failure } from "../errors/index.js";
import { readStamp, Stamp, stampOf } from "./clock.js";

export const enum ImageKind {
  image = 0,
  failure = 1,
}

export const enum ImageBound {
  /** Bytes of an image's record before the JPEG. */
  header = 11,
  /** Bytes of a failure's record before its text. */
  failureHeader = 7,
  /** Requests of a socket that are not answered. */
  requests = 2,
  /** Bytes of a request. */
  request = 64,
  /** Best quality; the least is 1. */
  quality = 100,
}

export interface ImageRequest {
  /** Width and height in pixels, `640x480`; what the camera is configured to when left out. */
  size?: string;
  /** 1 to 100, as JPEG encoders have it; what the camera is configured to when left out. */
  quality?: number;
}

export interface ImageRecord {
  kind: "image";
  /** When it was taken, in ms since the board's start. */
  tick: number;
  /** Bytes that the camera said it has: it may say some more, which are padding. */
  length: number;
  /** The JPEG; less than `length` when the camera stopped within it: then why follows, as a failure. */
  data: Bytes;
}

export interface ImageFailure {
  kind: "failure";
  tick: number;
  failure: Failure;
}

/** What comes before an image's bytes. @param seconds since the board's start */
export function imageHeader(seconds: number, length: number): Bytes {
  return join(join(stampOf(seconds), fromText("\x00")), be32(length));
}

/** All of a failure's record. */
export function imageFailure(seconds: number, failure: Failure): Bytes {
  return join(join(stampOf(seconds), fromText("\x01")), fromText(failure));
}

/** @returns null for what is none */
export function decodeImage(record: Bytes): ImageRecord | ImageFailure | null {
  if (record.length < ImageBound.failureHeader) return null;
  const tick = readStamp(record, 0);
  const kind: ImageKind = u8(record, Stamp.bytes);
  if (kind == ImageKind.failure)
    return { kind: "failure", tick, failure: toText(slice(record, ImageBound.failureHeader, record.length)) };
  if (kind != ImageKind.image || record.length < ImageBound.header) return null;
  const length = u32(record, ImageBound.failureHeader);
  const data = slice(record, ImageBound.header, record.length);
  return data.length > length ? null : { kind: "image", tick, length, data };
}
