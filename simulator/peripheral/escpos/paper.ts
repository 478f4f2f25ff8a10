/** The paper that comes out: what is on it as dots, and as text for a terminal. */
import { PNG } from "pngjs";
import { Bitmap } from "./bitmap.js";
import { describe } from "./paper-text.js";

/** Text as it was set: where it begins, how wide it is, and the width of a character of its font. */
export interface TextRun {
  x: number;
  width: number;
  unit: number;
  text: string;
}

/** What came onto the paper, from the top. */
export type Entry =
  | { kind: "text"; top: number; height: number; left: number; runs: TextRun[] }
  | { kind: "picture"; top: number; height: number; left: number; width: number; text?: string }
  | { kind: "feed"; top: number; height: number }
  | { kind: "cut"; top: number; height: 0; partial: boolean };

/** Rows of dots that are kept, 5 m of paper: older ones are torn off. */
export const LONGEST_PAPER = 40_000;

/** Blank paper at each side, 4 mm: the print head does not reach there. */
const MARGIN = 32;
const INK = 0x18;
const PAPER = 0xff;
const CUT = 0xb0;

export class Paper {
  private dots: Uint8Array;
  /** Rows that are on the paper. */
  height = 0;
  /** Rows that were torn off because the paper became too long. */
  torn = 0;
  entries: Entry[] = [];

  /** @param width dots of the print head */
  constructor(readonly width: number) {
    this.dots = new Uint8Array(width * 256);
  }

  /** Rows that ever came out. */
  get length(): number {
    return this.torn + this.height;
  }

  addText(dots: Bitmap, left: number, runs: TextRun[]): void {
    this.entries.push({ kind: "text", ...this.place(dots, left), left, runs });
  }

  /** @param text what it says, for a reader without eyes for it */
  addPicture(dots: Bitmap, left: number, text?: string): void {
    const entry: Entry = { kind: "picture", ...this.place(dots, left), left, width: dots.width };
    this.entries.push(text === undefined ? entry : { ...entry, text });
  }

  feed(rows: number): void {
    if (rows <= 0) return;
    const last = this.entries.at(-1);
    const top = this.grow(rows);
    if (last?.kind === "feed") last.height += rows;
    else this.entries.push({ kind: "feed", top, height: rows });
  }

  cut(partial: boolean): void {
    this.entries.push({ kind: "cut", top: this.height, height: 0, partial });
  }

  private place(dots: Bitmap, left: number): { top: number; height: number } {
    const height = Math.min(dots.height, LONGEST_PAPER);
    const top = this.grow(height);
    new Bitmap(this.width, this.height, this.dots).draw(dots, left, top);
    return { top, height };
  }

  /** Adds blank rows. @returns the first one */
  private grow(rows: number): number {
    if (this.height + rows > LONGEST_PAPER) this.tear(Math.max(LONGEST_PAPER / 4, rows));
    const needed = (this.height + rows) * this.width;
    if (needed > this.dots.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.dots.length));
      larger.set(this.dots);
      this.dots = larger;
    }
    const top = this.height;
    this.height += rows;
    return top;
  }

  private tear(rows: number): void {
    const gone = Math.min(rows, this.height);
    this.dots.copyWithin(0, gone * this.width, this.height * this.width);
    this.dots.fill(0, (this.height - gone) * this.width);
    this.height -= gone;
    this.torn += gone;
    for (const entry of this.entries) entry.top -= gone;
    this.entries = this.entries.filter((entry) => entry.top >= 0);
  }

  /** What is between two rows. */
  bitmap(top = 0, height = this.height - top): Bitmap {
    const from = top * this.width;
    return new Bitmap(this.width, height, this.dots.slice(from, from + height * this.width));
  }

  /** A copy from a row on, counted over all that ever came out; from the oldest one that is kept if that is gone. */
  from(row: number): Paper {
    const top = Math.max(0, row - this.torn);
    const piece = new Paper(this.width);
    piece.dots = this.dots.slice(top * this.width, this.height * this.width);
    piece.height = this.height - top;
    const entries = this.entries.filter((entry) => entry.top >= top && (entry.top > top || entry.kind !== "cut"));
    piece.entries = entries.map((entry) => ({ ...entry, top: entry.top - top }));
    return piece;
  }

  /** As a picture file: margins at both sides, a dashed line at each cut. */
  png(): Buffer {
    const width = this.width + 2 * MARGIN;
    const png = new PNG({ width, height: Math.max(1, this.height), inputColorType: 0, colorType: 0, bitDepth: 8 });
    png.data = Buffer.alloc(width * png.height, PAPER);
    for (let y = 0; y < this.height; y++)
      for (let x = 0; x < this.width; x++) if (this.dots[y * this.width + x]) png.data[y * width + x + MARGIN] = INK;
    for (const entry of this.entries)
      if (entry.kind === "cut" && entry.top > 0)
        for (let x = 0; x < width; x++) if (x % 12 < 7) png.data[(entry.top - 1) * width + x] = CUT;
    return PNG.sync.write(png, { inputColorType: 0, inputHasAlpha: false, colorType: 0, bitDepth: 8 });
  }

  /** As a terminal shows it: text as text, pictures as half blocks, a line of dashes at each cut. */
  text(): string {
    return describe(this);
  }
}
