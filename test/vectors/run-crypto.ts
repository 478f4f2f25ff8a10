/** Runs the vectors of cryptography, on Node and, compiled for the board, there. It says `ok` or what failed. */
import { EMPTY, byte, join, slice } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import { cipherKey, crypt, frameTag, hmac, hmacKey, sameProof, sameTag, sha256 } from "../../protocols/crypto/index.js";

/** As in crypto.json: all bytes as hex, a key of HMAC filled up to 32 bytes. */
export type CryptoVector = { title: string } & (
  | { message: string; hash: string }
  | { key: string; message: string; mac: string }
  | { key: string; nonce: string; data: string; cipher: string }
);

function fromHex(hex: string): Bytes {
  let out = EMPTY;
  for (let i = 0; i < hex.length; i += 2) out = join(out, byte(parseInt(hex.substring(i, i + 2), 16)));
  return out;
}

/** `mac` may be the beginning of it. */
function runHmac(key: Bytes, message: Bytes, mac: Bytes): string {
  const prepared = hmacKey(key);
  if (!sameTag(slice(hmac(prepared, message), 0, mac.length), mac)) return "another HMAC";
  const short = slice(mac, 0, 8);
  for (let at = 0; at <= message.length; at += 7)
    if (!sameTag(frameTag(prepared, slice(message, 0, at), slice(message, at, message.length)), short))
      return "another tag when cut at " + at;
  if (sameTag(frameTag(prepared, message, byte(0)), short)) return "the same tag for more";
  if (sameTag(short, slice(mac, 0, 7))) return "a shorter tag is the same";
  if (!sameProof(slice(mac, 0, 8), short) || sameProof(short, slice(mac, 1, 9))) return "proofs are compared wrongly";
  return "ok";
}

function runCipher(key: Bytes, nonce: Bytes, data: Bytes, cipher: Bytes): string {
  const prepared = cipherKey(key);
  if (!sameTag(crypt(prepared, nonce, data), cipher)) return "another cipher text";
  if (!sameTag(crypt(prepared, nonce, cipher), data)) return "does not decrypt";
  return "ok";
}

export function runCrypto(v: CryptoVector): string {
  if ("hash" in v) return sameTag(sha256(fromHex(v.message)), fromHex(v.hash)) ? "ok" : "another hash";
  if ("mac" in v) return runHmac(fromHex(v.key), fromHex(v.message), fromHex(v.mac));
  return runCipher(fromHex(v.key), fromHex(v.nonce), fromHex(v.data), fromHex(v.cipher));
}
