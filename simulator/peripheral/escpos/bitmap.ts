/** Black and white pictures in memory: one byte a dot, 1 is ink. */

export class Bitmap {
  readonly dots: Uint8Array;

  constructor(
    readonly width: number,
    readonly height: number,
    dots?: Uint8Array,
  ) {
    this.dots = dots ?? new Uint8Array(width * height);
  }

  /** From rows of whole bytes, left dot in the highest bit. At most as many rows as there are bytes for. */
  static fromRows(bytesPerRow: number, rows: number, packed: Uint8Array): Bitmap {
    const height = bytesPerRow === 0 ? 0 : Math.min(rows, Math.ceil(packed.length / bytesPerRow));
    const bitmap = new Bitmap(bytesPerRow * 8, height);
    const length = Math.min(packed.length, bytesPerRow * height);
    for (let i = 0; i < length; i++) bitmap.setByte(8 * i, 1, packed[i]!);
    return bitmap;
  }

  /** From columns of whole bytes, top dot in the highest bit. At most as many columns as there are bytes for. */
  static fromColumns(columns: number, bytesPerColumn: number, packed: Uint8Array): Bitmap {
    const width = bytesPerColumn === 0 ? 0 : Math.min(columns, Math.ceil(packed.length / bytesPerColumn));
    const bitmap = new Bitmap(width, bytesPerColumn * 8);
    const length = Math.min(packed.length, width * bytesPerColumn);
    for (let i = 0; i < length; i++) {
      const x = Math.floor(i / bytesPerColumn);
      bitmap.setByte((i % bytesPerColumn) * 8 * width + x, width, packed[i]!);
    }
    return bitmap;
  }

  private setByte(at: number, step: number, byte: number): void {
    for (let bit = 0; bit < 8; bit++) if (byte & (0x80 >> bit)) this.dots[at + bit * step] = 1;
  }

  get(x: number, y: number): number {
    return x < 0 || y < 0 || x >= this.width || y >= this.height ? 0 : this.dots[y * this.width + x]!;
  }

  /** Adds the ink of another picture. What lies outside is cut off. */
  draw(other: Bitmap, left: number, top: number): void {
    const from = Math.max(0, -left);
    const to = Math.min(other.width, this.width - left);
    for (let y = Math.max(0, -top); y < other.height && y + top < this.height; y++)
      for (let x = from; x < to; x++)
        if (other.dots[y * other.width + x]) this.dots[(y + top) * this.width + x + left] = 1;
  }

  fill(left: number, top: number, width: number, height: number): void {
    for (let y = top; y < top + height; y++) this.dots.fill(1, y * this.width + left, y * this.width + left + width);
  }

  /** Each dot becomes `sx` by `sy` dots. */
  scale(sx: number, sy: number): Bitmap {
    if (sx === 1 && sy === 1) return this;
    const out = new Bitmap(this.width * sx, this.height * sy);
    for (let y = 0; y < out.height; y++)
      for (let x = 0; x < out.width; x++)
        out.dots[y * out.width + x] = this.dots[Math.floor(y / sy) * this.width + Math.floor(x / sx)]!;
    return out;
  }

  invert(): Bitmap {
    return new Bitmap(
      this.width,
      this.height,
      this.dots.map((dot) => 1 - dot),
    );
  }

  rotate180(): Bitmap {
    return new Bitmap(this.width, this.height, this.dots.slice().reverse());
  }

  crop(left: number, top: number, width: number, height: number): Bitmap {
    const out = new Bitmap(width, height);
    out.draw(this, -left, -top);
    return out;
  }

  /** As text, one line a row. */
  toString(): string {
    let text = "";
    for (let y = 0; y < this.height; y++) {
      for (let x = 0; x < this.width; x++) text += this.dots[y * this.width + x] ? "#" : ".";
      text += "\n";
    }
    return text;
  }
}
