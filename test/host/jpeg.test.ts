import assert from "node:assert/strict";
import { checkJpeg } from "../../host/device/jpeg.js";
import { jpegs, markersOf, numbered, progressive } from "../support/jpegs.js";

const APPLICATION = (marker: number): boolean => (marker >= 0xe0 && marker <= 0xef) || marker === 0xfe;

function assertBroken(bytes: Buffer, what: string): void {
  const found = checkJpeg(bytes);
  assert.equal(typeof found, "string", `${what} was taken: ${JSON.stringify(found)}`);
}

function without(bytes: Buffer, from: number, to: number): Buffer {
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
}

describe("a JPEG", () => {
  for (const { name, width, height, data } of jpegs)
    describe(name, () => {
      it("is whole, with its size, and what is behind it is padding", () => {
        assert.deepEqual(checkJpeg(data), { width, height, length: data.length });
        const padded = Buffer.concat([data, Buffer.alloc(7), Buffer.from([0xff, 0xd9])]);
        assert.deepEqual(checkJpeg(padded), { width, height, length: data.length });
      });

      it("may have bytes that fill before a marker", () => {
        for (const { at } of markersOf(data).slice(1)) {
          const filled = Buffer.concat([data.subarray(0, at), Buffer.from([0xff, 0xff]), data.subarray(at)]);
          assert.deepEqual(checkJpeg(filled), { width, height, length: data.length + 2 }, `before byte ${at}`);
        }
      });

      it("is broken when it ends early, at whatever byte, also when its end is there", () => {
        for (let length = 0; length < data.length; length++) {
          assertBroken(data.subarray(0, length), `${length} bytes`);
          const { end } = markersOf(data).find(({ marker }) => marker === 0xda)!;
          if (length < data.length - 3 && length > end)
            assertBroken(Buffer.concat([data.subarray(0, length), data.subarray(-2)]), `${length} bytes and an end`);
        }
      });

      it("is broken when a bit of a marker is another one", () => {
        const markers = markersOf(data);
        assert.ok(markers.length >= 8);
        for (const { at, marker } of markers)
          for (let bit = 0; bit < 16; bit++) {
            const flipped = Buffer.from(data);
            flipped[at + (bit >> 3)]! ^= 1 << (bit & 7);
            // Whose data it is changes nothing in the picture.
            if (APPLICATION(marker) && APPLICATION(flipped[at + 1]!) && flipped[at] === 0xff) continue;
            assertBroken(flipped, `bit ${bit} of FF${marker.toString(16)} at ${at}`);
          }
      });

      it("is broken when a segment, or what is between two markers, is missing or there twice", () => {
        const markers = markersOf(data);
        markers.forEach(({ at, marker, end }, i) => {
          if (APPLICATION(marker)) return;
          const next = markers[i + 1]?.at ?? data.length;
          assertBroken(without(data, at, end), `without FF${marker.toString(16)}`);
          if (next > end) assertBroken(without(data, end, next), "without a scan's bytes");
          const twice = Buffer.concat([data.subarray(0, next), data.subarray(at)]);
          // Tables may be told again, and what follows the end is padding.
          if (![0xdb, 0xc4, 0xdd, 0xd9].includes(marker)) assertBroken(twice, `with FF${marker.toString(16)} twice`);
        });
      });

      it("is broken when its picture's bytes are zeros from somewhere on", () => {
        const { end } = markersOf(data).find(({ marker }) => marker === 0xda)!;
        for (const from of [0.1, 0.5, 0.8]) {
          const zeros = Buffer.from(data);
          assertBroken(zeros.fill(0, Math.round(end + from * (data.length - end - 2)), data.length - 2), `${from}`);
        }
      });
    });

  it("of another process is refused by name", () => {
    assert.match(checkJpeg(progressive) as string, /a marker FFC2 that no baseline JPEG has there/);
  });

  it("may have any comment", () => {
    const data = numbered(jpegs[0]!, 7, 100_000);
    assert.equal(data.length, 100_000);
    assert.deepEqual(checkJpeg(data), { width: 48, height: 32, length: data.length });
  });

  it("is none in noise, whatever it begins with", () => {
    const noise = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * i * 31 + i * 17) >> 3));
    assertBroken(noise, "noise");
    assertBroken(Buffer.concat([Buffer.from([0xff, 0xd8]), noise]), "noise behind a beginning");
    assertBroken(Buffer.alloc(0), "nothing");
    assertBroken(Buffer.from([0xff, 0xd8, 0xff, 0xd9]), "a beginning and an end");
    assertBroken(Buffer.alloc(1000, 0xff), "FF");
  });
});
