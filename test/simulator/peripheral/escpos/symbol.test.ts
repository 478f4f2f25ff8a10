import assert from "node:assert/strict";
import fc from "fast-check";
import receiptline from "receiptline";
import { barcode } from "../../../../simulator/peripheral/escpos/barcode.js";
import { Bench, hex } from "./bench.js";

type Judged = Parameters<typeof receiptline.barcode.generate>[0]["type"];

/** The same barcode by another implementation, as widths of bars and spaces; wide ones are 2.5 narrow ones. */
function judge(type: Judged, data: string): number[] {
  const { widths } = receiptline.barcode.generate({ data, type, width: 2, height: 24, hri: false, quietZone: false });
  return widths.filter((width) => width > 0).map((width) => width / 2);
}

const digits = (length: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(..."0123456789"), { minLength: length, maxLength: length }).map((list) => list.join(""));
const ascii = (text: string): Uint8Array => Buffer.from(text, "latin1");

describe("simulated printer: barcodes", () => {
  const cases: [string, number, Judged, fc.Arbitrary<string>][] = [
    ["UPC-A", 65, "upc", digits(11)],
    ["UPC-E", 66, "upc", digits(6).map((text) => `0${text}`)],
    ["EAN-13", 67, "ean", digits(12)],
    ["EAN-8", 68, "ean", digits(7)],
    ["CODE39", 69, "code39", fc.stringMatching(/^[0-9A-Z. $/+%-]{1,12}$/)],
    ["ITF", 70, "itf", fc.stringMatching(/^(\d\d){1,8}$/)],
    ["Codabar", 71, "codabar", fc.stringMatching(/^[A-D][0-9$:/.+-]{1,10}[A-D]$/)],
  ];
  for (const [name, type, judged, data] of cases)
    it(`${name} is what another implementation draws`, () => {
      fc.assert(
        fc.property(data, (text) => assert.deepEqual(barcode(type, ascii(text))?.elements, judge(judged, text))),
        { numRuns: 200 },
      );
    });

  it("CODE128 in its three sets is what another implementation draws", () => {
    assert.deepEqual(barcode(73, ascii("{BPrice: 12{{"))?.elements, judge("code128", "Price: 12{"));
    assert.deepEqual(barcode(73, ascii("{A\x01\x1fAB"))?.elements, judge("code128", "\x01\x1fAB"));
    assert.deepEqual(barcode(73, ascii("{C\x0c\x22\x38"))?.elements, judge("code128", "123456"));
    assert.deepEqual(barcode(73, ascii("{BNo {C\x0c\x22\x38"))?.elements, judge("code128", "No 123456"));
    assert.equal(barcode(73, ascii("{C\x0c\x22{BX"))?.text, "1234X");
  });

  it("draws none from data that is no such code", () => {
    for (const [type, data] of [
      [65, "123"],
      [67, "12345678901x"],
      [69, "lower"],
      [70, "123"],
      [71, "123"],
      [73, "no set"],
      [73, "{B"],
      [73, "{C\x64"],
      [99, "1"],
    ] as const)
      assert.equal(barcode(type, ascii(data)), undefined, data);
  });

  it("prints at its height and width, with its text below, in both forms of GS k", () => {
    const setup = hex("1d6832 1d7702 1d4802 1b6101");
    const bench = new Bench();
    bench.sendNow([...setup, ...hex("1d6b43 0c"), ...ascii("400638133393")]);
    const other = new Bench();
    other.sendNow([...setup, ...hex("1d6b02"), ...ascii("400638133393"), 0]);
    const { paper } = bench.printer;
    assert.equal(paper.bitmap().toString(), other.printer.paper.bitmap().toString());
    assert.equal(paper.height, 50 + 24);
    const { elements } = barcode(67, ascii("400638133393"))!;
    const row = elements.map((width, i) => (i % 2 ? ".." : "##").repeat(width)).join("") + "\n";
    const bars = paper.bitmap().crop((576 - 190) / 2, 0, 190, 50);
    assert.equal(bars.toString(), row.repeat(50));
    assert.match(paper.text(), /\n +4006381333931\n$/);
  });

  it("prints none that is wider than its area, and counts it", () => {
    const bench = new Bench({ width: 384 });
    bench.sendNow([...hex("1d7706 1d6b45 14"), ...ascii("ABCDEFGHIJKLMNOPQRST")]);
    assert.equal(bench.printer.paper.height, 0);
    assert.deepEqual(bench.printer.ignored, { "GS k wider than the area": 1 });
  });
});

const MASKS: ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

/** The data of a QR code up to version 6 without its mask, the number of which stands in row 8. */
function unmasked(code: number[][]): string[] {
  const size = code.length;
  const row = code[8]!;
  const mask = MASKS[4 * (row[2]! ^ 1) + 2 * row[3]! + (row[4]! ^ 1)]!;
  const isFormat = (x: number, y: number): boolean =>
    (y === 8 && (x < 9 || x >= size - 8)) || (x === 8 && (y < 9 || y >= size - 8));
  const isFixed = (x: number, y: number): boolean =>
    (x < 9 && y < 9) ||
    (x < 9 && y >= size - 8) ||
    (x >= size - 8 && y < 9) ||
    x === 6 ||
    y === 6 ||
    (size > 21 && Math.abs(x - (size - 7)) <= 2 && Math.abs(y - (size - 7)) <= 2);
  const dot = (value: number, x: number, y: number): number =>
    isFormat(x, y) ? 0 : isFixed(x, y) ? value : value ^ Number(mask(x, y));
  return code.map((dots, y) => dots.map((value, x) => dot(value, x, y)).join(""));
}

describe("simulated printer: QR codes", () => {
  function qr(text: string, module: number, level: number): Bench {
    const bench = new Bench();
    const store = Buffer.byteLength(text) + 3;
    bench.sendNow([...hex("1d286b0400314132 00"), 0x1d, 0x28, 0x6b, 3, 0, 49, 67, module]);
    bench.sendNow([0x1d, 0x28, 0x6b, 3, 0, 49, 69, level, 0x1d, 0x28, 0x6b, store & 255, store >> 8, 49, 80, 48]);
    bench.sendNow([...Buffer.from(text), ...hex("1d286b0300315130")]);
    return bench;
  }

  it("are what another implementation draws, but for the choice of the mask", () => {
    const text = fc.stringMatching(/^[a-z][ -z]{0,90}$/);
    fc.assert(
      fc.property(text, fc.constantFrom("l", "m", "q", "h"), (data, level) => {
        const drawn = qr(data, 1, 48 + "lmqh".indexOf(level)).printer.paper.bitmap();
        const other = receiptline.qrcode.generate({ data, type: "qrcode", cell: 3, level });
        const size = other.length;
        if (size > 41) return;
        assert.equal(drawn.height, size);
        const mine = Array.from({ length: size }, (_, y) => [...drawn.crop(0, y, size, 1).dots]);
        assert.deepEqual(unmasked(mine), unmasked(other.map((row) => [...row])), data);
      }),
      { numRuns: 60 },
    );
  });

  it("take less room for digits and capitals than for other text", () => {
    const side = (text: string): number => qr(text, 1, 48).printer.paper.height;
    assert.deepEqual([side("0".repeat(41)), side("A".repeat(25)), side("a".repeat(17))], [21, 21, 21]);
    assert.ok(side("a".repeat(18)) > 21);
  });

  it("are shown in a terminal module for module", () => {
    const { paper } = qr("terminal", 5, 48).printer;
    const lines = paper.text().trimEnd().split("\n");
    const all = paper.bitmap();
    for (let y = 0; y < all.height / 5; y++)
      for (let x = 0; x < all.height / 5; x++) {
        const block = lines[y >> 1]![x] ?? " ";
        assert.equal(block === "█" || block === (y % 2 ? "▄" : "▀"), !!all.get(5 * x, 5 * y), `${x}, ${y}`);
      }
  });

  it("too much data, or none, prints nothing and is counted", () => {
    assert.equal(qr("x".repeat(3000), 3, 51).printer.paper.height, 0);
    const empty = new Bench();
    empty.sendNow([...hex("1d286b0300315130")]);
    assert.deepEqual(empty.printer.ignored, { "GS ( k does not fit": 1 });
  });
});
