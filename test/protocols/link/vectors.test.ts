import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { crc32, Decoder, encode, Kind, residue, tag } from "../../../protocols/index.js";
import { runVector } from "../../vectors/run-link.js";
import type { Vector } from "../../vectors/run-link.js";

const vectors = JSON.parse(readFileSync(new URL("../../vectors/link.json", import.meta.url), "utf8")) as Vector[];

describe("the frame's vectors", () => {
  for (const vector of vectors) it(`${vector.title}`, () => assert.equal(runVector(vector, 1, 1), "ok"));
});

describe("the decoder", () => {
  const take = (max: number) => {
    const frames: Uint8Array[] = [];
    let discarded = 0;
    const decoder = new Decoder(
      {
        frame: (frame) => crc32(frame) === residue(9) && frames.push(frame) > 0,
        ondiscard: (_reason, bytes) => void (discarded += bytes),
      },
      max,
    );
    return { decoder, frames, discarded: () => discarded };
  };

  it("takes the longest payload there is, a byte at a time", () => {
    const frame = encode(tag(Kind.data, 0, 1), 0, Buffer.alloc(65535, 7), 9);
    const { decoder, frames } = take(65535);
    decoder.push(frame.subarray(0, 20), 0);
    decoder.push(frame.subarray(20, 65546), 0);
    assert.equal(frames.length, 0);
    decoder.push(frame.subarray(65546), 0);
    assert.deepEqual(frames, [frame]);
  });

  it("does not wait for a frame longer than it takes", () => {
    const { decoder, frames, discarded } = take(100);
    decoder.push(encode(tag(Kind.data, 0, 1), 0, Buffer.alloc(101), 9), 0);
    decoder.push(encode(tag(Kind.data, 0, 1), 0, Buffer.alloc(100), 9), 0);
    assert.equal(frames.length, 1);
    assert.equal(discarded(), 113);
    assert.equal(decoder.rest.length, 0);
  });

  it("never holds more than one frame and one chunk of noise", () => {
    const { decoder } = take(500);
    let a = 12345;
    for (let i = 0; i < 2000; i++) {
      const noise = Uint8Array.from({ length: 61 }, () => ((a = (Math.imul(a, 1103515245) + 12345) >>> 0) >> 16) & 255);
      decoder.push(noise, 0);
      assert.ok(decoder.rest.length <= 512);
    }
  });
});
