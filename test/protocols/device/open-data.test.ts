import assert from "node:assert/strict";
import fc from "fast-check";
import { CommandCursor, OpenData } from "../../../protocols/device/escpos/index.js";
import { everyByte, rasterPage, receipt } from "../../e2e/payloads.js";

const le16 = (n: number): number[] => [n & 255, n >> 8];
const bytes = (min: number, max: number): fc.Arbitrary<number[]> =>
  fc.array(fc.constantFrom(0, 1, 0x10, 0x1b, 0x1d, 0x28, 0x2a, 0x6b, 0x76, 0xff), { minLength: min, maxLength: max });
const digits = fc.array(fc.integer({ min: 0x30, max: 0x39 }), { minLength: 1, maxLength: 13 });

/** Commands that the board counts, short ones between them, and text. */
const command = fc.oneof(
  fc
    .tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 60 }))
    .chain(([x, y]) => bytes(x * y, x * y).map((data) => [0x1d, 0x76, 0x30, 0, ...le16(x), ...le16(y), ...data])),
  bytes(0, 400).map((data) => [0x1d, 0x28, 0x4c, ...le16(data.length), ...data]),
  bytes(0, 400).map((data) => [0x1d, 0x38, 0x4c, ...le16(data.length), 0, 0, ...data]),
  bytes(48, 48).map((data) => [0x1d, 0x2a, 2, 3, ...data]),
  bytes(30, 30).map((data) => [0x1b, 0x2a, 33, 10, 0, ...data]),
  bytes(1, 40).map((data) => [0x1d, 0x6b, 73, data.length, ...data]),
  digits.map((data) => [0x1d, 0x6b, 4, ...data, 0]),
  fc.constantFrom(
    [0x1b, 0x40],
    [0x1b, 0x21, 8],
    [0x1d, 0x21, 0x11],
    [0x1d, 0x56, 66, 3],
    [0x1b, 0x44, 8, 16, 0],
    [0x0a],
  ),
  digits,
);

function cut(stream: Uint8Array, sizes: number[], push: (piece: Uint8Array) => void): void {
  for (let at = 0, i = 0; at < stream.length; at += sizes[i++ % sizes.length]!)
    push(stream.subarray(at, Math.min(stream.length, at + sizes[i % sizes.length]!)));
}

describe("ESC/POS open data", () => {
  it("as many NULs as it says, after 16, end whatever command a job was cut off in, however it came in pieces", () => {
    fc.assert(
      fc.property(
        fc.array(command, { maxLength: 12 }).map((commands) => Uint8Array.from(commands.flat())),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 4 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (whole, sizes, part) => {
          const stream = whole.subarray(0, Math.round(whole.length * part));
          const open = new OpenData();
          const cursor = new CommandCursor();
          cut(stream, sizes, (piece) => open.push(piece));
          stream.forEach((b) => cursor.take(b));
          for (let n = 16; n > 0; n = open.left) {
            open.push(new Uint8Array(n));
            for (let i = 0; i < n; i++) cursor.take(0);
          }
          assert.ok(cursor.atBoundary && !open.isOpen(), Buffer.from(stream).toString("hex"));
        },
      ),
      { numRuns: 3000 },
    );
  });

  it("says nothing is open after a whole job, and what is after a part of a page", () => {
    for (const job of [receipt(), everyByte(16_000), rasterPage()]) {
      const open = new OpenData();
      cut(job, [500], (piece) => open.push(piece));
      assert.equal(open.isOpen(), false);
    }
    const open = new OpenData();
    const page = rasterPage();
    cut(page.subarray(0, 2 + 8 + 1000), [524], (piece) => open.push(piece));
    assert.equal(open.left, page.readUInt16LE(6) * page.readUInt16LE(8) - 1000);
  });
});
