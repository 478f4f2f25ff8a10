/** A JPEG's picture at an eighth of its size, without decoding it: each pixel is the mean of a block. */
import { meansOf } from "./jpeg.js";
import type { Plane } from "./jpeg.js";

export interface Thumbnail {
  width: number;
  height: number;
  /** Red, green and blue of each pixel, row by row. */
  pixels: Uint8ClampedArray;
}

/** @returns undefined for what is no whole JPEG, and for one of other colours than YCbCr and grey */
export function thumbnail(jpeg: Uint8Array): Thumbnail | undefined {
  const found = meansOf(jpeg);
  if (typeof found === "string" || (found.planes.length !== 1 && found.planes.length !== 3)) return undefined;
  const { planes } = found;
  const [width, height] = [Math.ceil(found.width / 8), Math.ceil(found.height / 8)];
  const finest = {
    across: Math.max(...planes.map(({ across }) => across)),
    down: Math.max(...planes.map(({ down }) => down)),
  };
  const pixels = new Uint8ClampedArray(3 * width * height);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at += 3) {
      const [luma, blue = 128, red = 128] = planes.map((plane) => meanAt(plane, x, y, finest)) as [
        number,
        number?,
        number?,
      ];
      // JFIF 1.02.
      pixels[at] = luma + 1.402 * (red - 128);
      pixels[at + 1] = luma - 0.344136 * (blue - 128) - 0.714136 * (red - 128);
      pixels[at + 2] = luma + 1.772 * (blue - 128);
    }
  return { width, height, pixels };
}

function meanAt({ across, down, means }: Plane, x: number, y: number, finest: Pick<Plane, "across" | "down">): number {
  const column = Math.min(across - 1, Math.floor((x * across) / finest.across));
  const row = Math.min(down - 1, Math.floor((y * down) / finest.down));
  return means[row * across + column]!;
}
