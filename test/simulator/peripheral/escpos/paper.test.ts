import assert from "node:assert/strict";
import fc from "fast-check";
import { PNG } from "pngjs";
import { Bitmap } from "../../../../simulator/peripheral/escpos/bitmap.js";
import type { EscposPrinter, Paper } from "../../../../simulator/peripheral/escpos/index.js";
import { LONGEST_PAPER } from "../../../../simulator/peripheral/escpos/index.js";
import { Bench, hex, picture } from "./bench.js";

type Part = string | Uint8Array | number[];

function printer(width: number, ...parts: Part[]): EscposPrinter {
  const bench = new Bench({ width });
  for (const part of parts) bench.sendNow([...(typeof part === "string" ? Buffer.from(part, "latin1") : part)]);
  return bench.printer;
}

function print(...parts: Part[]): Paper {
  return printer(576, ...parts).paper;
}

function dots(paper: Paper, left: number, top: number, width: number, height: number): string {
  return paper.bitmap().crop(left, top, width, height).toString();
}

/** The inked box of the whole paper: left, top, right, bottom, the last two after the ink. */
function ink(paper: Paper): number[] {
  const all = paper.bitmap();
  const [xs, ys]: [number[], number[]] = [[], []];
  for (let y = 0; y < all.height; y++)
    for (let x = 0; x < all.width; x++)
      if (all.get(x, y)) {
        xs.push(x);
        ys.push(y);
      }
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs) + 1, Math.max(...ys) + 1];
}

const LF = "\n";

describe("simulated printer: text on paper", () => {
  it("prints the letters of font A", () => {
    const rows = dots(print("T", LF), 0, 0, 12, 24).trimEnd().split("\n");
    const blank = "............";
    assert.deepEqual(rows.slice(0, 4), [blank, blank, blank, blank]);
    assert.equal(rows[4], ".##########.");
    assert.deepEqual(new Set(rows.slice(5, 19)), new Set([".....##....."]));
    assert.deepEqual(new Set(rows.slice(19)), new Set([blank]));
  });

  it("styles change the same letter as they should", () => {
    const plain = print("Rg", LF).bitmap().crop(0, 0, 24, 24);
    const styled = (code: string, width: number, height: number): Bitmap =>
      print(hex(code), "Rg", LF).bitmap().crop(0, 0, width, height);
    const bold = styled("1b4501", 24, 24);
    const smeared = new Bitmap(24, 24);
    for (const letter of [0, 12])
      for (const shift of [0, 1]) {
        const moved = new Bitmap(12, 24);
        moved.draw(plain.crop(letter, 0, 12, 24), shift, 0);
        smeared.draw(moved, letter, 0);
      }
    assert.equal(bold.toString(), smeared.toString(), "bold");
    assert.equal(styled("1b4701", 24, 24).toString(), smeared.toString(), "double strike");
    assert.equal(styled("1d2110", 48, 24).toString(), plain.scale(2, 1).toString(), "double width");
    assert.equal(styled("1d2101", 24, 48).toString(), plain.scale(1, 2).toString(), "double height");
    assert.equal(styled("1d2177", 192, 192).toString(), plain.scale(8, 8).toString(), "eight times");
    assert.equal(styled("1b2130", 48, 48).toString(), plain.scale(2, 2).toString(), "ESC !");
    assert.equal(styled("1d4201", 24, 24).toString(), plain.invert().toString(), "reverse");
    const underlined = styled("1b2d02", 24, 24);
    assert.equal(underlined.crop(0, 0, 24, 22).toString(), plain.crop(0, 0, 24, 22).toString());
    assert.equal(underlined.crop(0, 22, 24, 2).toString(), "########################\n".repeat(2), "underline");
  });

  it("turns a line upside down and keeps its side", () => {
    const plain = print("Rg", LF).bitmap().crop(0, 0, 24, 24);
    const turned = print(hex("1b7b01"), "Rg", LF).bitmap().crop(552, 0, 24, 24);
    assert.equal(turned.toString(), plain.rotate180().toString());
  });

  it("has a second font, chosen by ESC M and ESC !", () => {
    const b = print(hex("1b4d01"), "HH", LF);
    assert.deepEqual(ink(b).slice(2), [16, 12]);
    assert.equal(b.bitmap().toString(), print(hex("1b2101"), "HH", LF).bitmap().toString());
    assert.notEqual(b.bitmap().toString(), print("HH", LF).bitmap().toString());
  });

  it("prints the upper half of the chosen code page, and international characters", () => {
    assert.equal(print("\x80\xe1", LF).text(), "Çß\n");
    assert.equal(print(hex("1b7410"), "\x80\xe1", LF).text(), "€á\n");
    assert.equal(print(hex("1b7411"), "\x80\xe1", LF).text(), "Ас\n");
    assert.equal(print(hex("1b5202"), "[}]~", LF).text(), "ÄüÜß\n");
    assert.notEqual(ink(print(hex("1b7411"), "\x80", LF)).toString(), "", "the glyph is there");
  });

  it("shows a box for what it cannot print", () => {
    assert.equal(print(hex("1c26"), "\x88\x9f\x89\x41A", LF).text(), "□ □ A\n");
    assert.equal(ink(print(hex("1b7401"), "\xb1", LF))[2], 11);
  });

  it("aligns lines left, in the middle and right, within the margins", () => {
    const lefts = (code: string): number => ink(print(hex(code), "H", LF))[0]! - ink(print("H", LF))[0]!;
    assert.equal(lefts("1b6100"), 0);
    assert.equal(lefts("1b6101"), 282);
    assert.equal(lefts("1b6132"), 564);
    assert.equal(lefts("1d4c6400"), 100);
    assert.equal(lefts("1d4c6400 1d57c800 1b6102"), 100 + 200 - 12);
  });

  it("wraps a line that is full, at the width of its paper", () => {
    assert.equal(print("x".repeat(50), LF).text(), `${"x".repeat(48)}\nxx\n`);
    assert.equal(printer(384, "x".repeat(50), LF).paper.text(), `${"x".repeat(32)}\n${"x".repeat(18)}\n`);
    assert.equal(print(hex("1d2110"), "x".repeat(25), LF).text(), `${"x ".repeat(24).trim()}\nx\n`);
  });

  it("moves by tabs, to positions and by distances", () => {
    assert.equal(print("a\tb\tc", LF).text(), "a       b       c\n");
    assert.equal(print(hex("1b44030600"), "a\tb\tc\td", LF).text(), "a  b  cd\n");
    assert.equal(print("a", hex("1b247800"), "b", hex("1b5c1800"), "c", LF).text(), "a         b  c\n");
    const overprinted = print("ab", hex("1b5cf4ff"), "b", LF);
    assert.equal(overprinted.bitmap().toString(), print("ab", LF).bitmap().toString(), "back by a character");
  });

  it("feeds by lines, by dots and by the line spacing", () => {
    assert.equal(print("a", LF).height, 30);
    assert.equal(print(hex("1b3300"), "a", LF, "b", LF).height, 48, "a line is never lower than its letters");
    assert.equal(print(hex("1b3350"), "a", LF, hex("1b32"), "b", LF).height, 80 + 30);
    assert.equal(print("a", hex("1b6403")).height, 90);
    assert.equal(print("a", hex("1b4a64")).height, 100);
    assert.equal(print(hex("1d2103"), "a", LF).height, 96);
    assert.equal(print("a", LF, LF, LF, "b", LF).text(), "a\n\n\nb\n");
  });

  it("cuts where the paper is, or after a feed", () => {
    const paper = print("a", LF, hex("1d5601"), "b", hex("1d564205"), "c", LF);
    const cuts = paper.entries.flatMap((entry) => (entry.kind === "cut" ? [[entry.top, entry.partial]] : []));
    assert.deepEqual(cuts, [
      [30, true],
      [60 + 96 + 5, true],
    ]);
  });

  it("ESC @ brings all settings back, and forgets the line", () => {
    const paper = print(hex("1b4501 1d2111 1b6102 1b3364 1d4c6400 1b7411"), "lost", hex("1b40"), "a\x80", LF);
    assert.equal(paper.bitmap().toString(), print("a\x80", LF).bitmap().toString());
  });
});

describe("simulated printer: pictures on paper", () => {
  const PICTURE = picture("#..#.##.........\n.#######.......#\n#.......########");
  const ROWS = hex("9600 7f01 80ff");

  it("prints raster rows dot for dot, doubled by its mode, aligned", () => {
    for (const [mode, x, y] of [
      [0, 1, 1],
      [1, 2, 1],
      [2, 1, 2],
      [51, 2, 2],
    ] as const) {
      const paper = print([0x1d, 0x76, 0x30, mode, 2, 0, 3, 0], ROWS);
      assert.equal(dots(paper, 0, 0, 16 * x, 3 * y), PICTURE.scale(x, y).toString(), `mode ${mode}`);
      assert.equal(paper.height, 3 * y);
    }
    const right = print(hex("1b6102 1d763000 0200 0300"), ROWS);
    assert.equal(dots(right, 560, 0, 16, 3), PICTURE.toString());
  });

  it("cuts a raster off that is wider than its paper", () => {
    const paper = print(hex("1d763000 5000 0100"), Buffer.alloc(80, 0xff), "after", LF);
    assert.deepEqual(ink(paper).slice(0, 3), [0, 0, 576]);
    assert.match(paper.text(), /after/);
  });

  it("stores graphics and prints them on request: GS ( L and GS 8 L, rows and columns", () => {
    const image = [48, 112, 48, 1, 1, 49, 13, 0, 3, 0, ...ROWS];
    const expected = PICTURE.crop(0, 0, 13, 3);
    for (const head of [
      [0x1d, 0x28, 0x4c, image.length, 0],
      [0x1d, 0x38, 0x4c, image.length, 0, 0, 0],
    ]) {
      assert.equal(print(head, image).height, 0, "not yet");
      const paper = print(head, image, hex("1d284c02003032"));
      assert.equal(dots(paper, 0, 0, 16, 3), dots(paper, 0, 0, 13, 3).replace(/\n/g, "...\n"));
      assert.equal(dots(paper, 0, 0, 13, 3), expected.toString());
    }
    const columns = print(hex("1d284c0c00 3071300101 31 0200 0800 8001"), hex("1d284c02003032"));
    assert.equal(dots(columns, 0, 0, 2, 8), "#.\n..\n..\n..\n..\n..\n..\n.#\n");
  });

  it("prints bit images of 8 and 24 dots in a line with text", () => {
    const eight = print(hex("1b2a01 0200 8001"), LF);
    assert.equal(dots(eight, 0, 0, 2, 24), picture("#.\n..\n..\n..\n..\n..\n..\n.#").scale(1, 3).toString());
    const wide = print(hex("1b2a00 0200 8001"), LF);
    assert.equal(dots(wide, 0, 0, 4, 24), picture("#.\n..\n..\n..\n..\n..\n..\n.#").scale(2, 3).toString());
    const tall = print(hex("1b2a21 0100 800001"), "T", LF);
    assert.equal(dots(tall, 0, 0, 1, 24), `#\n${".\n".repeat(22)}#\n`);
    assert.equal(ink(tall)[2], 12, "the letter stands beside it");
  });

  it("joins strips of 24 rows without a gap", () => {
    const strip = [...hex("1b2a21 0800"), ...Buffer.alloc(24, 0xff), 0x0a];
    assert.equal(dots(print(hex("1b3318"), strip, strip), 0, 0, 8, 48), "########\n".repeat(48));
  });

  it("prints downloaded and stored images, the stored ones even after a power cut", () => {
    const columns = hex("80 00 00 00 00 00 00 01");
    const expected = Bitmap.fromColumns(8, 1, columns).toString();
    assert.equal(dots(print(hex("1d2a0101"), columns, hex("1d2f00")), 0, 0, 8, 8), expected);
    const machine = printer(576, hex("1c7102 01000100"), columns, hex("01000100"), Buffer.alloc(8, 0xff));
    machine.setPower(false);
    machine.setPower(true);
    const bench = new Bench();
    bench.sendNow([...hex("1c7101 01000100"), ...columns, ...hex("1b40 1c700100")]);
    assert.equal(dots(bench.printer.paper, 0, 0, 8, 8), expected);
  });
});

describe("simulated printer: what becomes of the paper", () => {
  it("is a picture file with margins, dot for dot", () => {
    const paper = print("PNG", LF, hex("1d763000 0100 0200 aa55"), hex("1d5600"));
    const png = PNG.sync.read(paper.png());
    assert.deepEqual([png.width, png.height], [576 + 64, paper.height]);
    const all = paper.bitmap();
    for (let y = 0; y < all.height - 1; y++)
      for (let x = 0; x < png.width; x++)
        assert.equal(png.data[4 * (y * png.width + x)]! < 128, !!all.get(x - 32, y), `${x}, ${y}`);
  });

  it("is torn off at its top when it becomes too long, and says how much", () => {
    const page = [...hex("1d763000 0100 e803"), ...Buffer.alloc(1000, 0xff)];
    const bench = new Bench();
    for (let i = 0; i < 100; i++) bench.sendNow(page);
    const { paper } = bench.printer;
    assert.equal(paper.length, 100_000);
    assert.ok(paper.height <= LONGEST_PAPER);
    assert.equal(paper.torn, paper.length - paper.height);
    assert.ok(paper.entries.every((entry) => entry.top >= 0 && entry.top < paper.height));
  });

  it("random bytes print something or nothing, never an error, in bounded memory", () => {
    const telling = fc.oneof(
      { weight: 2, arbitrary: fc.constantFrom(0x1b, 0x1c, 0x1d) },
      { weight: 2, arbitrary: fc.constantFrom(...Buffer.from("(8*&kLvqpVD!0\x00\x01\x02\x30\x31\x32\x70\x71")) },
      { weight: 1, arbitrary: fc.nat(255) },
    );
    fc.assert(
      fc.property(fc.array(telling, { maxLength: 400 }), (bytes) => {
        const { paper } = printer(384, bytes, Buffer.alloc(200, 0x0a));
        assert.ok(paper.height <= LONGEST_PAPER);
        paper.text();
      }),
      { numRuns: 400 },
    );
  });

  it("a header that promises more than it brings costs nothing", () => {
    const paper = print(hex("1d284c0c00 3070300101 31 ffff ffff ffff"), hex("1d284c02003032"), "ok", LF);
    assert.ok(paper.height < 100);
    assert.match(paper.text(), /ok/);
  });

  it("counts what it understands and does not do", () => {
    const machine = printer(576, hex("1b56 01 1b56 01 1d5001 02 1b70 00 01 01"));
    assert.deepEqual(machine.ignored, { "ESC V": 2, "GS P": 1, "ESC p": 1 });
  });
});
