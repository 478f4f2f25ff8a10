import assert from "node:assert/strict";
import { Reassembly } from "../../host/reassembly.js";
import { encode, Frame, Kind, tag } from "../../protocols/index.js";
import { random } from "../protocols/pair.js";

const MAX = 65_535;

function assembled(chunks: Uint8Array[], max = MAX, check: number = Frame.check): Buffer[] {
  const told: Buffer[] = [];
  const frames = new Reassembly(max, check, (bytes) => told.push(Buffer.from(bytes)));
  for (const chunk of chunks) frames.push(chunk);
  return told;
}

/** A frame with a key's longer trailer; nobody looks at its bytes here. */
function keyed(size: number): Buffer {
  return Buffer.concat([encode(tag(Kind.data, 0, 1), 7, Buffer.alloc(size, size), 0), Buffer.alloc(4)]);
}

describe("frames that TCP brings in pieces", () => {
  for (const [name, make, check] of [
    ["a CRC", (size: number): Uint8Array => encode(tag(Kind.data, 0, 1), 7, Buffer.alloc(size, size), 9), Frame.check],
    ["a MAC", keyed, Frame.mac],
  ] as const)
    it(`are put together, long ones each by itself, with ${name}`, () => {
      const rand = random(3);
      for (let run = 0; run < 50; run++) {
        const hello = encode(tag(Kind.hello, 3, 0), 0, Buffer.alloc(40), 0);
        const sizes = Array.from({ length: 20 }, () => Math.floor(rand() * (rand() < 0.4 ? 40_000 : 30)));
        const frames = [hello, ...sizes.map(make)];
        const stream = Buffer.concat(frames);
        const chunks: Uint8Array[] = [];
        const longest = rand() < 0.5 ? 65_536 : 100;
        for (let at = 0; at < stream.length;)
          chunks.push(stream.subarray(at, (at += 1 + Math.floor(rand() * longest))));
        const told = assembled(chunks, MAX, check);
        assert.ok(Buffer.concat(told).equals(stream), `run ${run}`);
        for (const frame of frames) if (frame.length >= 4096) assert.ok(told.some((bytes) => bytes.equals(frame)));
      }
    });

  it("hold back nothing that is no frame", () => {
    const far = [0xd5, 0x9a, 0xff, 0xff];
    for (const text of ["HTTP/1.1 400", "\xd5?", "\xd5\x9a\xff\xff\0\0\0\0"]) {
      const noise = Buffer.from(text, "latin1");
      assert.deepEqual(assembled([noise]), [noise]);
    }
    const long = Buffer.from(encode(tag(Kind.data, 0, 1), 0, Buffer.alloc(600), 0).subarray(0, 100));
    assert.deepEqual(assembled([long], 524), [long], "longer than agreed");
    assert.deepEqual(assembled([Buffer.from(far)]), [], "perhaps a frame");
  });
});
