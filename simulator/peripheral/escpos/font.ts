/** The printer's two fonts. */
import { inflateSync } from "node:zlib";
import { Bitmap } from "./bitmap.js";
import { CHARACTERS, FONT_A, FONT_B } from "./font-data.js";

export interface Font {
  /** Cell of a character, in dots. */
  readonly width: number;
  readonly height: number;
  /** Dots from the top of the cell down to the line on which letters stand. */
  readonly baseline: number;
  glyph(character: string): Bitmap;
}

/** Font A: 12 by 24 dots. */
export const fontA: Font = load(FONT_A, 12, 24, { width: 12, height: 24, baseline: 19 });

/** Font B: 8 by 16 dots in a cell of 9 by 17. */
export const fontB: Font = load(FONT_B, 8, 16, { width: 9, height: 17, baseline: 13 });

function load(data: string, width: number, height: number, cell: Omit<Font, "glyph">): Font {
  let dots: Bitmap | undefined;
  const glyphs = new Map<string, Bitmap>();
  return {
    ...cell,
    glyph(character) {
      dots ??= Bitmap.fromRows(1, (width * height * CHARACTERS.length) / 8, inflateSync(Buffer.from(data, "base64")));
      let glyph = glyphs.get(character);
      if (!glyph) glyphs.set(character, (glyph = draw(character, dots, width, height, cell)));
      return glyph;
    },
  };
}

function draw(character: string, all: Bitmap, width: number, height: number, cell: Omit<Font, "glyph">): Bitmap {
  const glyph = new Bitmap(cell.width, cell.height);
  const at = CHARACTERS.indexOf(character);
  if (at < 0) return missing(cell.width, cell.height);
  const size = width * height;
  glyph.draw(new Bitmap(width, height, all.dots.subarray(at * size, (at + 1) * size)), 0, 0);
  return glyph;
}

/** An empty box: a character that these fonts lack must show. */
export function missing(width: number, height: number): Bitmap {
  const box = new Bitmap(width, height);
  const right = width - 2;
  const bottom = height - 5;
  box.fill(1, 2, right, 1);
  box.fill(1, bottom, right, 1);
  box.fill(1, 2, 1, bottom - 2);
  box.fill(right, 2, 1, bottom - 2);
  return box;
}
