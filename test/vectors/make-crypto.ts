/** Makes crypto.json: from the RFCs' own figures, and from AES one block at a time, without the code under test. */
import { createCipheriv, createDecipheriv, createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import type { CryptoVector } from "./run-crypto.js";

type Published = Omit<Extract<CryptoVector, { mac: string }>, "title">;

const ascii = (text: string): string => Buffer.from(text).toString("hex");

/** RFC 4231, section 4. Test case 5 gives the first 128 bits only. */
const hmacs: Published[] = [
  { key: "0b".repeat(20), message: ascii("Hi There"), mac: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
  { key: ascii("Jefe"), message: ascii("what do ya want for nothing?"), mac: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
  { key: "aa".repeat(20), message: "dd".repeat(50), mac: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
  { key: "0102030405060708090a0b0c0d0e0f10111213141516171819", message: "cd".repeat(50), mac: "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" },
  { key: "0c".repeat(20), message: ascii("Test With Truncation"), mac: "a3b6167473100ee06e0c796c2955552b" },
  { key: "aa".repeat(131), message: ascii("Test Using Larger Than Block-Size Key - Hash Key First"), mac: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
  { key: "aa".repeat(131), message: ascii("This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm."), mac: "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" },
];

/** HMAC hashes a key above 64 bytes, and fills a shorter one up with zeros: so all may be of 32 bytes. */
function of32(key: string): string {
  const bytes = Buffer.from(key, "hex");
  return (bytes.length > 64 ? createHash("sha256").update(bytes).digest() : Buffer.concat([bytes], 32)).toString("hex");
}

function block(key: Buffer, data: Buffer): Buffer {
  return createCipheriv("aes-128-ecb", key, null).setAutoPadding(false).update(data);
}

/** Counter mode from AES alone. */
function counterMode(key: Buffer, nonce: Buffer, data: Buffer): Buffer {
  const frameKey = block(key, nonce);
  const out = Buffer.from(data);
  const counter = Buffer.alloc(16);
  for (let at = 0; at < data.length; at += 16) {
    counter.writeUInt32BE(at / 16, 12);
    const stream = block(frameKey, counter);
    for (let i = at; i < Math.min(at + 16, data.length); i++) out[i]! ^= stream[i - at]!;
  }
  return out;
}

const key = Buffer.from("000102030405060708090a0b0c0d0e0f", "hex");
const nonce = Buffer.from("00112233445566778899aabbccddeeff", "hex");
/** The nonce of which the frame's key is that of RFC 4493, section 4, where AES-128(key, 0) is given. */
const published = createDecipheriv("aes-128-ecb", key, null)
  .setAutoPadding(false)
  .update(Buffer.from("2b7e151628aed2a6abf7158809cf4f3c", "hex"));

const hex = (data: Buffer): string => data.toString("hex");
const cipher = (title: string, data: Buffer, n = nonce, k = key): CryptoVector => ({
  ...{ title, key: hex(k), nonce: hex(n), data: hex(data) },
  cipher: hex(counterMode(k, n, data)),
});
const ramp = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, i) => (i * 7) & 255));

const vectors: CryptoVector[] = [
  { title: "SHA-256 of nothing", message: "", hash: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
  { title: "SHA-256 of abc", message: ascii("abc"), hash: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
  ...hmacs.map((v, i) => ({ ...v, title: `HMAC-SHA256, test case ${i + 1} of RFC 4231`, key: of32(v.key) })),
  {
    ...{ title: "AES, a frame's key that is RFC 4493's, zeros", key: hex(key), nonce: hex(published) },
    ...{ data: "00".repeat(16), cipher: "7df76b0c1ab899b33e42f047b91b546f" },
  },
  cipher("AES, an empty payload", ramp(0)),
  cipher("AES, one byte", ramp(1)),
  cipher("AES, a block and a byte", ramp(17)),
  cipher("AES, another nonce", ramp(32), Buffer.from("ff".repeat(16), "hex")),
  cipher("AES, a board's longest payload", ramp(524)),
  cipher("AES, more than 256 blocks", ramp(4100), nonce, Buffer.from("f0".repeat(16), "hex")),
];

writeFileSync(new URL("crypto.json", import.meta.url), `${JSON.stringify(vectors, null, 2)}\n`);
