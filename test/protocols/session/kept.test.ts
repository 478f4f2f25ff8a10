import assert from "node:assert/strict";
import { cipherKey, crypt, encode, encrypt, Guard, keepable, Kind, tag } from "../../../protocols/index.js";

const WORD = tag(Kind.data, 0, 1);
const made = (n: number): Uint8Array => Uint8Array.from({ length: n }, (_, i) => i * 7);

describe("what is kept until it is acknowledged", () => {
  for (const n of [0, 1, 15, 16, 17, 524, 1000, 1024, 40_000])
    it(`is what was sent, whatever the writer does with its ${n} bytes`, () => {
      const guard = new Guard(made(32), true);
      for (const seal of [
        (payload: Uint8Array): Uint8Array => encode(WORD, 5, payload, 77),
        (payload: Uint8Array): Uint8Array => guard.seal(WORD, 5, 5, payload),
      ]) {
        // In the midst of other bytes, which stay as they are.
        const memory = made(n + 100);
        const payload = memory.subarray(50, 50 + n);
        const frame = seal(payload);
        const kept = keepable(payload, frame);
        assert.deepEqual(memory, made(n + 100));
        memory.fill(0);
        assert.deepEqual(Uint8Array.from(kept), made(n + 100).subarray(50, 50 + n));
        // The same memory with other bytes, as a writer does that has only one buffer.
        const again = keepable(payload, seal(payload));
        assert.deepEqual(Uint8Array.from(again), new Uint8Array(n));
      }
    });
});

describe("encryption into a frame", () => {
  it("gives the bytes that it gives elsewhere", () => {
    const key = cipherKey(made(16));
    for (const n of [1, 15, 16, 17, 255, 4096, 40_000])
      assert.deepEqual(
        Uint8Array.from(encrypt(key, made(16), made(n))),
        Uint8Array.from(crypt(key, made(16), made(n))),
      );
  });
});
