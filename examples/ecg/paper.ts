/** An ECG on its usual paper: 25 mm a second, 10 mm a mV, a line each mm and a darker one each 5 mm. Not for diagnosis. */
import { PNG } from "pngjs";
import type { SensorGap, SensorReading } from "../../host/index.js";

/** Pixels of a mm. */
const MM = 4;
const PER_SECOND = 25 * MM;
const PER_MV = 10 * MM;
/** mV above and below the middle of what is drawn, at the least. */
const HALF = 1.5;

type Color = readonly [red: number, green: number, blue: number];
const PAPER: Color = [255, 250, 248];
const FINE: Color = [250, 222, 218];
const COARSE: Color = [240, 178, 170];
const MISSING: Color = [205, 205, 205];
const INK: Color = [20, 20, 40];

/** @returns a PNG; where readings are missing or have no value the paper is grey and has no line */
export function ecgPaper(items: readonly (SensorReading | SensorGap)[], seconds: number): Buffer {
  const values = items.flatMap((item) => (item.kind === "reading" && item.values[0] !== null ? [item.values[0]!] : []));
  const middle = values.length ? (Math.min(...values) + Math.max(...values)) / 2 : 0;
  const half = Math.max(HALF, ...values.map((value) => Math.abs(value - middle) + 0.2));
  const paper = new Paper(Math.ceil(seconds * PER_SECOND), 2 * Math.ceil(half * PER_MV));
  const start = items.find(({ kind }) => kind === "reading")?.utc ?? 0;
  let before: { x: number; y: number } | undefined;
  for (const item of items) {
    const value = item.kind === "reading" ? item.values[0]! : null;
    if (value === null) {
      before = undefined;
      continue;
    }
    const x = Math.round(((item.utc - start) / 1000) * PER_SECOND);
    const y = Math.round(paper.height / 2 - (value - middle) * PER_MV);
    paper.line(before ?? { x, y }, { x, y });
    before = { x, y };
  }
  return paper.png();
}

class Paper {
  private readonly image: PNG;
  private readonly drawn: Uint8Array;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.image = new PNG({ width, height });
    this.drawn = new Uint8Array(width);
  }

  line(from: { x: number; y: number }, to: { x: number; y: number }): void {
    const steps = Math.max(1, Math.abs(to.x - from.x), Math.abs(to.y - from.y));
    for (let i = 0; i <= steps; i++) {
      const x = Math.round(from.x + (i / steps) * (to.x - from.x));
      const y = Math.round(from.y + (i / steps) * (to.y - from.y));
      // Two pixels wide.
      for (let corner = 0; corner < 4; corner++) this.dot(x + (corner & 1), y + (corner >> 1), INK);
      if (x >= 0 && x < this.width) this.drawn[x] = 1;
    }
  }

  png(): Buffer {
    for (let y = 0; y < this.height; y++)
      for (let x = 0; x < this.width; x++) {
        if (this.image.data[4 * (y * this.width + x) + 3]) continue;
        const on = (every: number): boolean => x % every === 0 || y % every === 0;
        const blank = this.drawn[x] ? PAPER : MISSING;
        this.dot(x, y, on(5 * MM) ? COARSE : on(MM) ? FINE : blank);
      }
    return PNG.sync.write(this.image);
  }

  private dot(x: number, y: number, color: Color): void {
    if (x >= 0 && x < this.width && y >= 0 && y < this.height)
      this.image.data.set([...color, 255], 4 * (y * this.width + x));
  }
}
