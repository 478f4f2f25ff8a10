/**
 * JPEG as cameras make it: baseline, 4:2:2 (one of two columns has colour), the tables of ITU-T T.81 annex K, without restart markers. An image is
 * the same whenever it is made.
 */
import type { Colour } from "./card.js";
import { CHROMA, HEADER_TABLES, LUMA, ZIGZAG } from "./encoder-tables.js";
import type { Component } from "./encoder-tables.js";

const BLOCK = 8;
/** Pixels of a unit: two blocks of light, one of each colour. */
const UNIT = 2 * BLOCK;

/** By frequency and place. */
const COSINES = Array.from({ length: BLOCK }, (_, u) =>
  Array.from(
    { length: BLOCK },
    (_, x) => (u === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * x + 1) * u * Math.PI) / 16),
  ),
);

/** @param quality 1 to 100, as libjpeg takes it @param colourAt of a pixel */
export function encodeJpeg(
  width: number,
  height: number,
  quality: number,
  colourAt: (x: number, y: number) => Colour,
): Uint8Array {
  const tables = [LUMA, CHROMA].map(({ quantisation }) => scaled(quantisation, quality));
  const bits = new BitWriter(header(width, height, tables));
  const previous = [0, 0, 0];
  for (let y = 0; y < height; y += BLOCK)
    for (let x = 0; x < width; x += UNIT) {
      const [left, right, blue, red] = unitAt(x, y, (px, py) =>
        colourAt(Math.min(px, width - 1), Math.min(py, height - 1)),
      );
      for (const [i, block] of [left, right, blue, red].entries()) {
        const which = Math.max(0, i - 1);
        const levels = quantised(block!, tables[which === 0 ? 0 : 1]!);
        encodeBlock(bits, levels, previous[which]!, which === 0 ? LUMA : CHROMA);
        previous[which] = levels[0]!;
      }
    }
  return bits.end();
}

function scaled(quantisation: readonly number[], quality: number): number[] {
  const whole = Math.min(100, Math.max(1, Math.round(quality)));
  const scale = whole < 50 ? Math.floor(5000 / whole) : 200 - 2 * whole;
  return quantisation.map((step) => Math.min(255, Math.max(1, Math.floor((step * scale + 50) / 100))));
}

function header(width: number, height: number, tables: readonly number[][]): number[] {
  const quantisation = tables.flatMap((table, i) => [0xff, 0xdb, 0, 67, i, ...ZIGZAG.map((place) => table[place]!)]);
  return [
    ...[0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0],
    ...quantisation,
    ...[0xff, 0xc0, 0, 17, 8, height >> 8, height & 0xff, width >> 8, width & 0xff],
    ...[3, 1, 0x21, 0, 2, 0x11, 1, 3, 0x11, 1],
    ...HEADER_TABLES,
    ...[0xff, 0xda, 0, 12, 3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0],
  ];
}

/** Two blocks of light, and of blue and red the means of two pixels, all around 0. */
function unitAt(x: number, y: number, colourAt: (x: number, y: number) => Colour): number[][] {
  const blocks: number[][] = [[], [], new Array<number>(64).fill(0), new Array<number>(64).fill(0)];
  for (let row = 0; row < BLOCK; row++)
    for (let column = 0; column < UNIT; column++) {
      const [r, g, b] = colourAt(x + column, y + row);
      blocks[column >> 3]!.push(0.299 * r + 0.587 * g + 0.114 * b - 128);
      const at = row * BLOCK + (column >> 1);
      blocks[2]![at]! += (-0.168736 * r - 0.331264 * g + 0.5 * b) / 2;
      blocks[3]![at]! += (0.5 * r - 0.418688 * g - 0.081312 * b) / 2;
    }
  return blocks;
}

/** Levels of its frequencies, in the order in which they are written. */
function quantised(block: readonly number[], table: readonly number[]): number[] {
  const rows = transformed(block);
  const all = transformed(rows);
  return ZIGZAG.map((place) => Math.round(all[place]! / table[place]!));
}

/** Frequencies of each row, and rows and columns changed: twice gives both. */
function transformed(block: readonly number[]): number[] {
  const out = new Array<number>(64);
  for (let row = 0; row < BLOCK; row++)
    for (let u = 0; u < BLOCK; u++) {
      let sum = 0;
      for (let x = 0; x < BLOCK; x++) sum += COSINES[u]![x]! * block[row * BLOCK + x]!;
      out[u * BLOCK + row] = sum;
    }
  return out;
}

/** F.1.2 of the standard: a difference of the mean, then runs of zeros and what follows them. */
function encodeBlock(bits: BitWriter, levels: readonly number[], previous: number, { dc, ac }: Component): void {
  put(bits, dc, 0, levels[0]! - previous);
  const last = levels.findLastIndex((level) => level !== 0);
  let zeros = 0;
  for (let i = 1; i <= last; i++) {
    if (levels[i] === 0) {
      zeros++;
      continue;
    }
    for (; zeros > 15; zeros -= 16) bits.put(ac.get(0xf0)!);
    put(bits, ac, zeros << 4, levels[i]!);
    zeros = 0;
  }
  if (last < 63) bits.put(ac.get(0x00)!);
}

/** How many bits a number has, with what goes before it, then those bits. */
function put(bits: BitWriter, codes: Component["dc"], before: number, value: number): void {
  const length = value === 0 ? 0 : 32 - Math.clz32(Math.abs(value));
  bits.put(codes.get(before | length)!);
  if (length > 0) bits.put({ code: value < 0 ? value + (1 << length) - 1 : value, length });
}

class BitWriter {
  private held = 0;
  private count = 0;

  constructor(private readonly bytes: number[]) {}

  put({ code, length }: { code: number; length: number }): void {
    for (let bit = length - 1; bit >= 0; bit--) {
      this.held = (this.held << 1) | ((code >> bit) & 1);
      if (++this.count === 8) this.flush();
    }
  }

  /** The rest of a byte is ones. */
  end(): Uint8Array {
    while (this.count > 0) this.put({ code: 1, length: 1 });
    this.bytes.push(0xff, 0xd9);
    return Uint8Array.from(this.bytes);
  }

  private flush(): void {
    this.bytes.push(this.held);
    if (this.held === 0xff) this.bytes.push(0);
    this.held = this.count = 0;
  }
}
