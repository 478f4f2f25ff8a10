/** A picture for a camera that was given none: bars of colour, a grey ramp, and the number of the shot. */
import { encodeJpeg } from "./encoder.js";
import type { Size } from "./frames.js";

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [number, number, number];

const BARS: readonly Colour[] = [
  [235, 235, 235],
  [219, 219, 16],
  [16, 219, 219],
  [16, 219, 16],
  [219, 16, 219],
  [219, 16, 16],
  [16, 16, 219],
];
const BACKGROUND: Colour = [40, 44, 52];
const WHITE: Colour = [250, 250, 250];

/** Digits as rows of three bits. */
const DIGITS = ["75557", "26227", "71747", "71717", "55711", "74717", "74757", "71111", "75757", "75717"];
const DIGIT = { width: 4, height: 5 };
/** Digits of the number. */
const PLACES = 4;

/** @param shot what the number says */
export function drawCard(size: Size, quality: number, shot: number): Uint8Array {
  const [width, height] = size.split("x").map(Number) as [number, number];
  const text = String(shot % 10 ** PLACES).padStart(PLACES, "0");
  return encodeJpeg(width, height, quality, (x, y) => colourAt(x / width, y / height, text));
}

/** @param u from 0 at the left, `v` from 0 at the top, to 1 */
function colourAt(u: number, v: number, text: string): Colour {
  if (v < 0.5) return BARS[Math.floor(u * BARS.length)]!;
  if (v >= 0.9) {
    const grey = Math.round(16 + 219 * u);
    return [grey, grey, grey];
  }
  const column = Math.floor(((u - 0.1) / 0.8) * DIGIT.width * PLACES);
  const row = Math.floor(((v - 0.55) / 0.3) * DIGIT.height);
  return isInk(column, row, text) ? WHITE : BACKGROUND;
}

function isInk(column: number, row: number, text: string): boolean {
  if (column < 0 || row < 0 || row >= DIGIT.height) return false;
  const digit = text[Math.floor(column / DIGIT.width)];
  const place = column % DIGIT.width;
  return digit !== undefined && place < 3 && ((Number(DIGITS[Number(digit)]![row]) >> (2 - place)) & 1) === 1;
}
