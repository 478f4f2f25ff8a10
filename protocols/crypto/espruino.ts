/**
 * Cryptography on the board: the interpreter's own module `crypto`. Any step that fails for want of memory gives
 * undefined, and what is made of it throws ENOMEM: nothing leaves half made.
 *
 * Instructions on the 32-bit build for 512 B: `frameTag` 500,000, `crypt` 400,000, `hmacKey` 400,000. A result takes
 * memory in one piece, for which the interpreter searches its free list; the hashing and the cipher themselves are
 * 80,000 and 110,000. A list of strings is hashed 100,000 cheaper than the strings joined.
 */
import type { Bytes } from "../bytes/espruino.js";

declare function require(module: "crypto"): {
  SHA256(data: unknown): ArrayBuffer;
  /** Without options: CBC from an iv of zeros, which for one block is AES itself. In CTR the counter starts at 0. */
  AES: { encrypt(data: unknown, key: unknown, options?: { mode: "CTR" | "ECB" }): ArrayBuffer };
};
declare const E: { toString(data: ArrayBufferLike | Bytes): Bytes; toUint8Array(data: Bytes): Uint8Array };

export interface HmacKey {
  /** The key with RFC 2104's pads, 64 bytes each. */
  readonly ipad: Bytes;
  readonly opad: Bytes;
}

export type CipherKey = Bytes;

const CTR = { mode: "CTR" } as const;

function noMemory(): never {
  throw new Error("ENOMEM: too little memory for a hash");
}

/** Bytes of a piece when there is no memory in one piece for all: four blocks, six variables. */
const PIECE = 64;

/** @resident */
export function sha256(data: Bytes | readonly Bytes[]): Bytes {
  return E.toString(require("crypto").SHA256(data) || noMemory());
}

/** @later key */
export function hmacKey(key: Bytes): HmacKey {
  const lanes = new Uint32Array(16);
  lanes.set(new Uint32Array(E.toUint8Array(key).buffer));
  const pad = (mask: number): Bytes => E.toString(lanes.map((word) => word ^ mask).buffer);
  return { ipad: pad(0x36363636), opad: pad(0x5c5c5c5c) };
}

/** @later key @resident */
export function hmac(key: HmacKey, message: Bytes): Bytes {
  return sha256([key.opad, sha256([key.ipad, message])]);
}

/** @inline */
export function frameTag(key: HmacKey, prefix: Bytes, message: Bytes): Bytes {
  return E.toString(
    require("crypto").SHA256([key.opad, require("crypto").SHA256([key.ipad, prefix, message]) || noMemory()]) ||
      noMemory(),
  ).substring(0, 8);
}

/**
 * Compares hashes: how long that takes tells of hashes only.
 * @inline
 */
export function sameProof(a: Bytes, b: Bytes): boolean {
  return sha256(a) === sha256(b);
}

/** @inline */
export function sameTag(a: Bytes, b: Bytes): boolean {
  return a === b;
}

/** @inline */
export function cipherKey(key: Bytes): CipherKey {
  return key;
}

/** @inline */
export function crypt(key: CipherKey, nonce: Bytes, data: Bytes): Bytes {
  return E.toString(
    require("crypto").AES.encrypt(data, require("crypto").AES.encrypt(nonce, key), CTR) || inPieces(key, nonce, data),
  );
}

/** @inline */
export function encrypt(key: CipherKey, nonce: Bytes, data: Bytes): Bytes {
  return crypt(key, nonce, data);
}

/**
 * The same when memory is too scattered for the result in one piece, as it becomes on a board with 5,000 variables after
 * some jobs. Five times as slow: what to add to the data is worked out for a piece at a time, and added by words.
 */
function inPieces(key: CipherKey, nonce: Bytes, data: Bytes): Bytes {
  const frameKey = require("crypto").AES.encrypt(nonce, key);
  const n = data.length;
  let stream: Uint32Array;
  const add = (word: number, i: number): number => word ^ stream[i]!;
  let out = "";
  for (let at = 0; at < n; at += PIECE) {
    let counters = "";
    for (let i = at >> 4; i < (at + PIECE) >> 4; i++)
      counters += "\0\0\0\0\0\0\0\0\0\0\0\0\0" + String.fromCharCode(i >> 16, i >> 8, i);
    stream = new Uint32Array(require("crypto").AES.encrypt(counters, frameKey, { mode: "ECB" }) || noMemory());
    // Whole words.
    const piece = E.toUint8Array(data.substring(at, at + PIECE) + "\0\0\0").buffer;
    out += E.toString(new Uint32Array(piece, 0, piece.byteLength >> 2).map(add).buffer);
  }
  return out.substring(0, n);
}
