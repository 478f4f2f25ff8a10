import assert from "node:assert/strict";
import fc from "fast-check";
import { CommandScanner } from "../../../protocols/device/escpos/index.js";
import { naiveBoundaries } from "./naive.js";

/** Offset of the last boundary within the whole stream, chunk after chunk; -1 while a chunk has none. */
function scan(stream: Uint8Array, cuts: number[]): number[] {
  const scanner = new CommandScanner();
  const found: number[] = [];
  for (let from = 0, i = 0; from < stream.length; i++) {
    const to = Math.min(stream.length, from + (cuts[i % cuts.length] ?? 1));
    const last = scanner.push(stream.subarray(from, to));
    found.push(last < 0 ? -1 : from + last);
    from = to;
  }
  return found;
}

function expected(stream: Uint8Array, cuts: number[]): number[] {
  const { after, before } = naiveBoundaries(stream);
  const found: number[] = [];
  for (let from = 0, i = 0; from < stream.length; i++) {
    const to = Math.min(stream.length, from + (cuts[i % cuts.length] ?? 1));
    const inChunk = [...after.filter((at) => at <= to), ...before.filter((at) => at < to)].filter((at) => at >= from);
    found.push(Math.max(-1, ...inChunk));
    from = to;
  }
  return found;
}

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replace(/\s/g, ""), "hex"));

function agree(stream: Uint8Array, cuts: number[]): void {
  assert.deepEqual(scan(stream, cuts), expected(stream, cuts), Buffer.from(stream).toString("hex"));
}

/** Bytes that lead somewhere: prefixes, command letters, small counts. */
const telling = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(0x10, 0x1b, 0x1c, 0x1d) },
  { weight: 3, arbitrary: fc.constantFrom(...Buffer.from("&(*DqgC;8vkQVz2W!@L\x04\x05\x14\x00\x01\x02\x03")) },
  { weight: 1, arbitrary: fc.nat(255) },
);

describe("ESC/POS command scanner", () => {
  it("finds each boundary that a naive parser finds, however the stream is cut", () => {
    fc.assert(
      fc.property(
        fc.array(telling, { maxLength: 120 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        (bytes, cuts) => agree(Uint8Array.from(bytes), cuts),
      ),
      { numRuns: 3000 },
    );
  });

  it("finds nothing inside any command of every family, at every split point", () => {
    const commands = {
      "real-time": "10 04 01, 10 05 01, 10 14 01 00 01, 10 14 08 01 03 14 01 06 02 08",
      "no parameter": "1b 40, 1b 32, 1c 26, 1d 3a, 0a, 0c",
      "fixed parameters": "1b 21 0a, 1b 24 10 04, 1b 70 10 04 01, 1b 57 10 04 01 10 04 01 00 00, 1d 4c 10 04",
      "length first": "1d 28 6b 03 00 10 04 01, 1c 28 41 02 00 30 00, 1d 38 4c 03 00 00 00 10 04 01",
      raster: "1d 76 30 00 02 00 02 00 10 04 01 0a",
      "bit image": "1b 2a 21 02 00 10 04 01 10 04 01, 1b 2a 00 03 00 10 04 01, 1d 2a 01 01 10 04 01 10 04 01 10 04",
      "ended by NUL": "1b 44 08 10 18 00, 1d 6b 04 31 32 33 00",
      barcode: "1d 6b 49 04 7b 42 10 04",
      "groups within": "1b 26 03 41 42 01 10 04 01 02 10 04 01 10 04 01, 1c 71 01 01 00 01 00 10 04 01 10 04 01 10 04",
      cut: "1d 56 00, 1d 56 42 10",
    };
    for (const [family, list] of Object.entries(commands))
      for (const text of list.split(", ")) {
        const command = hex(text);
        for (let at = 0; at <= command.length; at++) {
          const scanner = new CommandScanner();
          const first = scanner.push(command.subarray(0, at));
          assert.equal(first, at === command.length ? at : 0, `${family}: ${text} cut at ${at}`);
          const second = scanner.push(command.subarray(at));
          const rest = command.length - at;
          assert.equal(second, rest, `${family}: ${text} after ${at}`);
        }
      }
  });

  it("passes a raster page without a boundary until its last byte, in memory that does not grow", () => {
    const page = Buffer.alloc(8 + 72 * 4000, Buffer.of(0x10, 0x04, 0x01));
    Buffer.from("1d763000 4800 a00f".replaceAll(" ", ""), "hex").copy(page);
    const scanner = new CommandScanner();
    assert.equal(scanner.push(page.subarray(0, 8)), 0);
    for (let at = 8; at < page.length - 4096; at += 4096)
      assert.equal(scanner.push(page.subarray(at, at + 4096)), -1, `at ${at}`);
    const rest = (page.length - 8) % 4096 || 4096;
    assert.equal(scanner.push(page.subarray(page.length - rest)), rest);
    assert.ok(scanner.atBoundary);
  });

  it("offers no place within a line that may have two-byte characters, and one before the next control code", () => {
    const scanner = new CommandScanner();
    const line = Buffer.from("ab\x83A\x83\x10\n", "latin1");
    assert.equal(scanner.push(line.subarray(0, 4)), 2, "before the first high byte");
    assert.equal(scanner.push(line.subarray(4, 5)), -1, "between the halves");
    assert.equal(scanner.push(Buffer.from("\n")), 1, "after the line");
  });
});
