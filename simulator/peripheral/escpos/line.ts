/** The print buffer: one line in the making. */
import { Bitmap } from "./bitmap.js";
import { missing } from "./font.js";
import type { Font } from "./font.js";
import type { TextRun } from "./paper.js";
import type { Style } from "./style.js";

interface Item {
  x: number;
  dots: Bitmap;
  /** Dots above and below the line on which letters stand. */
  above: number;
  below: number;
}

export class Line {
  private items: Item[] = [];
  private runs: TextRun[] = [];
  private above = 0;
  private below = 0;
  /** Where the next thing goes: dots from the left margin. */
  x = 0;
  /** How far to the right things have gone. */
  private right = 0;

  get empty(): boolean {
    return this.items.length === 0;
  }

  get width(): number {
    return this.right;
  }

  get height(): number {
    return this.above + this.below;
  }

  character(text: string, style: Style): void {
    const dots = cell(style.font.glyph(text), style.font, style);
    const above = style.font.baseline * style.height;
    this.runs.push({ x: this.x, width: dots.width, unit: style.font.width, text });
    this.put(dots, above, dots.height - above);
  }

  /** A character of two bytes: these fonts have none, so a box of its size. */
  wideCharacter(style: Style): void {
    const { font } = style;
    const dots = cell(missing(2 * font.width, font.height), font, style);
    const above = font.baseline * style.height;
    this.runs.push({ x: this.x, width: dots.width, unit: font.width, text: "□" });
    this.put(dots, above, dots.height - above);
  }

  /** A picture that stands in the line like a character. */
  picture(dots: Bitmap): void {
    const below = Math.min(5, dots.height);
    this.put(dots, dots.height - below, below);
  }

  private put(dots: Bitmap, above: number, below: number): void {
    this.items.push({ x: this.x, dots, above, below });
    this.above = Math.max(this.above, above);
    this.below = Math.max(this.below, below);
    this.x += dots.width;
    this.right = Math.max(this.right, this.x);
  }

  /** The finished line: its dots, and its text if it has nothing else. The buffer is empty after it. */
  take(): { dots: Bitmap; runs: TextRun[] | undefined } {
    const dots = new Bitmap(this.right, this.height);
    for (const { x, dots: item, above } of this.items) dots.draw(item, x, this.above - above);
    const runs = this.runs.length === this.items.length ? this.runs : undefined;
    this.clear();
    return { dots, runs };
  }

  clear(): void {
    this.items = [];
    this.runs = [];
    this.above = this.below = this.x = this.right = 0;
  }
}

/** A character's whole cell. Bold prints each dot twice, one dot apart; a reversed cell has no underline. */
function cell(glyph: Bitmap, font: Font, style: Style): Bitmap {
  const plain = new Bitmap(glyph.width + style.spacing, glyph.height);
  plain.draw(glyph, 0, 0);
  if (style.bold) plain.draw(glyph, 1, 0);
  const dots = plain.scale(style.width, style.height);
  if (style.reverse) return dots.invert();
  const bottom = Math.min(dots.height - style.underline, (font.baseline + 3) * style.height);
  dots.fill(0, bottom, dots.width, style.underline);
  return dots;
}
