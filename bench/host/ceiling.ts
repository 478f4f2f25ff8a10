/**
 * `host.crypto.ceiling`: what AES-128-CTR and HMAC-SHA256 of Node alone make of writes of 64 KiB, each in one piece and with its keys at
 * hand: no stream that is encrypted as docs/protocol/session.md wants it goes faster with one thread on a side.
 */
import { createCipheriv, createHmac, createSecretKey } from "node:crypto";

const key = createSecretKey(new Uint8Array(32));
const cipherKey = new Uint8Array(16);
const counter = new Uint8Array(16);

/** @returns MB a second */
export function cryptoRate(chunk: Uint8Array, ms: number): number {
  const start = performance.now();
  let bytes = 0;
  for (; performance.now() - start < ms; bytes += chunk.length) {
    const text = createCipheriv("aes-128-ctr", cipherKey, counter).update(chunk);
    createHmac("sha256", key).update(text).digest();
  }
  return bytes / 1000 / (performance.now() - start);
}
