/**
 * Cryptography on Node. Its twin for the board is espruino.ts; the firmware build puts that one in this one's place.
 * Both are held to the same vectors (test/vectors/crypto.json).
 */
import { createCipheriv, createHash, createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import type { Cipher, KeyObject } from "node:crypto";
import { FRONT, roomy, TRAILER } from "../bytes/node.js";
import type { Bytes } from "../bytes/index.js";

/** A key for `hmac` and `frameTag`, with what can be worked out of it beforehand. */
export type HmacKey = KeyObject;

/** A key for `crypt`. */
export type CipherKey = Cipher;

const ZERO_IV = new Uint8Array(16);
/** The counter before 0. */
const BEFORE = new Uint8Array(16).fill(255);

/** SHA-256 (FIPS 180-4): 32 bytes. */
export function sha256(data: Bytes): Bytes {
  return createHash("sha256").update(data).digest();
}

/** @param key exactly 32 bytes */
export function hmacKey(key: Bytes): HmacKey {
  return createSecretKey(key);
}

/** HMAC-SHA256 (RFC 2104): 32 bytes. */
export function hmac(key: HmacKey, message: Bytes): Bytes {
  return createHmac("sha256", key).update(message).digest();
}

/** The first 8 bytes of the HMAC-SHA256 over `prefix` and `message`, one after the other. */
export function frameTag(key: HmacKey, prefix: Bytes, message: Bytes): Bytes {
  return createHmac("sha256", key).update(prefix).update(message).digest().subarray(0, 8);
}

/** Whether two proofs are the same, in a time that does not tell where they differ. */
export function sameProof(a: Bytes, b: Bytes): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Whether two tags are the same; on Node in a time that does not tell where they differ. */
export function sameTag(a: Bytes, b: Bytes): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** @param key exactly 16 bytes */
export function cipherKey(key: Bytes): CipherKey {
  return createCipheriv("aes-128-ecb", key, null).setAutoPadding(false);
}

/**
 * Encrypts, and decrypts what it has encrypted: AES-128 in counter mode (SP 800-38A), of which the counter starts at 0
 * and the key is `nonce` encrypted under `key` with AES-128. So no two frames share a key, and none needs a counter of
 * its own: the interpreter's counter mode ignores the one that it is given.
 *
 * @param nonce exactly 16 bytes, never twice with one key
 * @param data of any length
 */
export function crypt(key: CipherKey, nonce: Bytes, data: Bytes): Bytes {
  return createCipheriv("aes-128-ctr", key.update(nonce), ZERO_IV).update(data);
}

/** As `crypt`, for what is to be put in a frame: it leaves room before and behind, so that the frame is made without a copy. */
export function encrypt(key: CipherKey, nonce: Bytes, data: Bytes): Bytes {
  const copy = roomy(data);
  const all = new Uint8Array(copy.buffer, 0, FRONT + data.length + TRAILER);
  const out = createCipheriv("aes-128-ctr", key.update(nonce), BEFORE).update(all);
  return out.subarray(FRONT, all.length - TRAILER);
}
