/** Real JPEGs, and what may happen to them on their way. */
import { readFileSync } from "node:fs";

interface Vectors {
  whole: { name: string; width: number; height: number; jpeg: string; eighth?: string }[];
  progressive: string;
}

const vectors = JSON.parse(readFileSync(new URL("../vectors/jpeg.json", import.meta.url), "utf8")) as Vectors;

export interface TestJpeg {
  name: string;
  width: number;
  height: number;
  data: Buffer;
  /** Red, green and blue of the picture at an eighth of its size, where another decoder makes the same of it. */
  eighth: Buffer | undefined;
}

export const jpegs: readonly TestJpeg[] = vectors.whole.map(({ jpeg, eighth, ...rest }) => ({
  ...rest,
  data: Buffer.from(jpeg, "base64"),
  eighth: eighth === undefined ? undefined : Buffer.from(eighth, "base64"),
}));

export const progressive = Buffer.from(vectors.progressive, "base64");

/**
 * The same picture with other bytes: a comment behind its beginning, of so many bytes with all, that a test knows it by.
 * @param bytes of the whole file; as it is with its comment if that is more
 */
export function numbered({ data }: TestJpeg, number: number, bytes = 0): Buffer {
  const text = Buffer.from(`image ${number}`);
  const fill = Math.max(0, bytes - data.length - 4 - text.length);
  const segments: Buffer[] = [comment(text)];
  for (let rest = fill; rest >= 4; rest -= 65_000) segments.push(comment(Buffer.alloc(Math.min(rest, 65_000) - 4)));
  return Buffer.concat([data.subarray(0, 2), ...segments, data.subarray(2)]);
}

export function numberOf(jpeg: Buffer): number {
  return Number(/image (\d+)/.exec(jpeg.toString("latin1"))?.[1] ?? NaN);
}

function comment(text: Buffer): Buffer {
  const head = Buffer.from([0xff, 0xfe, 0, 0]);
  head.writeUInt16BE(text.length + 2, 2);
  return Buffer.concat([head, text]);
}

/** Where each marker is, with the bytes of its segment; those within scans, too. */
export function markersOf(jpeg: Buffer): { at: number; marker: number; end: number }[] {
  const found: { at: number; marker: number; end: number }[] = [];
  for (let at = 0; at < jpeg.length;) {
    const marker = jpeg[at + 1]!;
    const alone = marker >= 0xd0 && marker <= 0xd9;
    const end = alone ? at + 2 : at + 2 + jpeg.readUInt16BE(at + 2);
    found.push({ at, marker, end });
    at = end;
    const scan = marker === 0xda || marker < 0xd8;
    while (scan && marker !== 0xc4 && marker !== 0xc0 && at < jpeg.length && !isMarker(jpeg, at)) at++;
  }
  return found;
}

function isMarker(jpeg: Buffer, at: number): boolean {
  return jpeg[at] === 0xff && jpeg[at + 1] !== 0;
}
