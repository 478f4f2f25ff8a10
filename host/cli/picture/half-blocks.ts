/** A picture in a terminal: two pixels a character, one above the other (U+2580), in its colours. */
import type { Thumbnail } from "../../index.js";

/** How many colours a terminal has. */
export type Colours = "all" | 256;

type Pixel = readonly [red: number, green: number, blue: number];

/** A smaller picture is made so wide, in characters, if a whole number of times does it. */
const WIDE = 60;

/** @returns undefined where there is no picture: no terminal, or one without enough colours */
export function coloursOf(out: { isTTY?: boolean }, env: NodeJS.ProcessEnv): Colours | undefined {
  const { TERM = "", COLORTERM = "", NO_COLOR } = env;
  if (!out.isTTY || TERM === "dumb" || NO_COLOR) return undefined;
  if (/^(truecolor|24bit)$/.test(COLORTERM)) return "all";
  return TERM.includes("256color") ? 256 : undefined;
}

/** @param size of the room for it, in characters @returns its lines */
export function halfBlocks(picture: Thumbnail, size: { columns: number; rows: number }, colours: Colours): string[] {
  const { width, height } = picture;
  const most = Math.min(size.columns / width, (2 * size.rows) / height);
  // A fraction makes it smaller, a whole number larger.
  const scale = most < 1 ? most : Math.min(Math.floor(most), Math.max(1, Math.floor(WIDE / width)));
  const columns = Math.max(1, Math.floor(width * scale));
  const rows = Math.max(1, Math.floor(height * scale));
  const at = (x: number, y: number): Pixel => pixelOf(picture, x / scale, y / scale);
  return Array.from({ length: Math.ceil(rows / 2) }, (_, row) => line(columns, 2 * row, rows, at, colours));
}

function line(columns: number, y: number, rows: number, at: (x: number, y: number) => Pixel, colours: Colours): string {
  let text = "";
  let before = "";
  for (let x = 0; x < columns; x++) {
    const below = y + 1 < rows ? sgr(48, at(x, y + 1), colours) : "49";
    const now = `\x1b[${sgr(38, at(x, y), colours)};${below}m`;
    text += (now === before ? "" : now) + "▀";
    before = now;
  }
  return `${text}\x1b[0m`;
}

function pixelOf({ width, height, pixels }: Thumbnail, x: number, y: number): Pixel {
  const at = 3 * (Math.min(height - 1, Math.floor(y)) * width + Math.min(width - 1, Math.floor(x)));
  return [pixels[at]!, pixels[at + 1]!, pixels[at + 2]!];
}

/** @param what 38 the upper pixel, 48 the lower one */
function sgr(what: number, [red, green, blue]: Pixel, colours: Colours): string {
  if (colours === "all") return `${what};2;${red};${green};${blue}`;
  // The cube of six steps for each.
  const step = (value: number): number => Math.round((value / 255) * 5);
  return `${what};5;${16 + 36 * step(red) + 6 * step(green) + step(blue)}`;
}
