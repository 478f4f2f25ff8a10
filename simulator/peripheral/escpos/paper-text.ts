/** Paper for a terminal: text as text, pictures as half blocks as large as fit. */
import { Bitmap } from "./bitmap.js";
import { fontA } from "./font.js";
import type { Entry, Paper, TextRun } from "./paper.js";
import { DEFAULT_LINE_SPACING } from "./style.js";

/** Upper and lower half of a place, each inked or not. */
const BLOCKS = [" ", "▄", "▀", "█"];
/** Left and right half of a place. */
const SIDES = [" ", "▐", "▌", "█"];

export function describe(paper: Paper): string {
  const columns = Math.floor(paper.width / fontA.width);
  const lines: string[] = [];
  for (const entry of paper.entries) lines.push(...describeEntry(paper, entry, columns));
  return lines.map((line) => line.trimEnd() + "\n").join("");
}

function describeEntry(paper: Paper, entry: Entry, columns: number): string[] {
  switch (entry.kind) {
    case "text":
      return [textLine(entry.left, entry.runs)];
    case "picture":
      return pictureLines(pictureOf(paper, entry), entry, columns);
    case "feed":
      return blankLines(entry.height);
    case "cut":
      return ["- ".repeat(columns / 2)];
  }
}

function pictureOf(paper: Paper, entry: Entry & { kind: "picture" }): Bitmap {
  return paper.bitmap(entry.top, entry.height).crop(entry.left, 0, entry.width, entry.height);
}

/** Each character in the column where it stands; a wide one is followed by blanks. */
function textLine(left: number, runs: TextRun[]): string {
  const unit = Math.min(...runs.map((run) => run.unit));
  const columns: string[] = [];
  for (const run of runs) {
    let at = Math.round((left + run.x) / unit);
    while (columns[at] !== undefined && columns[at] !== " ") at++;
    columns[at] = run.text;
    for (let i = 1; i < Math.round(run.width / unit); i++) columns[at + i] ??= " ";
  }
  return Array.from(columns, (text) => text ?? " ").join("");
}

/** A picture shrinks by more than text does: its middle is what stays in place. */
function pictureLines(all: Bitmap, entry: Entry & { kind: "picture" }, columns: number): string[] {
  const ink = inkBox(all);
  if (!ink) return blankLines(entry.height);
  const lines = isBarcode(ink.dots) ? barcodeLines(ink.dots, columns) : blockLines(ink.dots, columns);
  const middle = (entry.left + ink.left + ink.dots.width / 2) / fontA.width;
  const width = lines[0]!.length;
  const indent = Math.max(0, Math.min(columns - width, Math.round(middle - width / 2)));
  return lines.map((line) => " ".repeat(indent) + line);
}

/** Two dots, one above the other, to a place. */
function blockLines(dots: Bitmap, columns: number): string[] {
  const small = shrink(dots, columns);
  const lines: string[] = [];
  for (let y = 0; y < small.height; y += 2) {
    let line = "";
    for (let x = 0; x < small.width; x++) line += BLOCKS[2 * small.get(x, y) + small.get(x, y + 1)];
    lines.push(line);
  }
  return lines;
}

/** Two dots side by side to a place, so that the usual barcodes fit with every bar. */
function barcodeLines(dots: Bitmap, columns: number): string[] {
  const small = shrink(
    dots.crop(0, 0, dots.width, 1),
    2 * columns,
    squares(dots.crop(0, 0, dots.width, 1), dots.width),
  );
  let line = "";
  for (let x = 0; x < small.width; x += 2) line += SIDES[2 * small.get(x, 0) + small.get(x + 1, 0)];
  return [line, line];
}

function blankLines(height: number): string[] {
  return new Array<string>(Math.floor(height / DEFAULT_LINE_SPACING)).fill("");
}

/** The part of a picture that has ink, or nothing when it is blank. */
function inkBox(all: Bitmap): { dots: Bitmap; left: number } | undefined {
  let [left, right, top, bottom] = [all.width, -1, -1, -1];
  for (let y = 0; y < all.height; y++)
    for (let x = 0; x < all.width; x++)
      if (all.get(x, y)) {
        left = Math.min(left, x);
        right = Math.max(right, x);
        if (top < 0) top = y;
        bottom = y;
      }
  return top < 0 ? undefined : { dots: all.crop(left, top, right - left + 1, bottom - top + 1), left };
}

/**
 * Makes a picture fit. One that is made of larger squares, such as a QR code, becomes one dot a square where that
 * fits, so that it can still be read.
 */
function shrink(dots: Bitmap, columns: number, pitch = squares(dots)): Bitmap {
  const step = Math.max(pitch, Math.ceil(dots.width / columns));
  const small = new Bitmap(Math.ceil(dots.width / step), Math.ceil(dots.height / step));
  for (let y = 0; y < small.height; y++)
    for (let x = 0; x < small.width; x++)
      small.dots[y * small.width + x] = coverage(dots, x * step, y * step, step) >= 0.5 ? 1 : 0;
  return small;
}

/** Inked share of a square, as far as it lies within the picture. */
function coverage(dots: Bitmap, left: number, top: number, size: number): number {
  const right = Math.min(left + size, dots.width);
  const bottom = Math.min(top + size, dots.height);
  let ink = 0;
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) ink += dots.get(x, y);
  return ink / ((right - left) * (bottom - top));
}

/** Side of the squares that the whole picture is made of, in dots; 1 for most pictures. */
function squares(dots: Bitmap, height = dots.height): number {
  let side = gcd(dots.width, height);
  for (let y = 0; y < dots.height && side > 1; y++)
    for (let x = 1; x < dots.width && side > 1; x++) if (dots.get(x, y) !== dots.get(x - 1, y)) side = gcd(side, x);
  for (let y = 1; y < dots.height && side > 1; y++) if (!sameRow(dots, y, y - 1)) side = gcd(side, y);
  return side;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

function sameRow(dots: Bitmap, y: number, other: number): boolean {
  for (let x = 0; x < dots.width; x++) if (dots.get(x, y) !== dots.get(x, other)) return false;
  return true;
}

/** All rows are the same, and not all ink. */
function isBarcode(dots: Bitmap): boolean {
  for (let y = 1; y < dots.height; y++) if (!sameRow(dots, y, 0)) return false;
  return dots.height > 1 && dots.dots.includes(0);
}
