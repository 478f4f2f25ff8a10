/**
 * Draws what the simulated cameras of the tests see, test/images/WIDTHxHEIGHT-N.jpg: hills under a sun that moves from one image to the next, as 4:2:2 JPEG by
 * libjpeg's cjpeg. Run it only to change them: npx tsx scripts/make-images.ts
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const SIZES = [
  [160, 120],
  [320, 240],
  [640, 480],
] as const;
const IMAGES = 2;
const QUALITY = "60";

const directory = fileURLToPath(new URL("../test/images/", import.meta.url));
mkdirSync(directory, { recursive: true });
for (const [width, height] of SIZES)
  for (let image = 1; image <= IMAGES; image++) {
    const jpeg = execFileSync("cjpeg", ["-quality", QUALITY, "-sample", "2x1"], { input: draw(width, height, image) });
    writeFileSync(`${directory}${width}x${height}-${image}.jpg`, jpeg);
  }

/** As PPM. */
function draw(width: number, height: number, image: number): Buffer {
  const pixels = Buffer.alloc(3 * width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) pixels.set(colourAt(x / height, y / height, image), 3 * (y * width + x));
  return Buffer.concat([Buffer.from(`P6\n${width} ${height}\n255\n`), pixels]);
}

function colourAt(x: number, y: number, image: number): [number, number, number] {
  const sun = Math.hypot(x - 0.2 - 0.25 * image, y - 0.2);
  const grain = 18 * noise(Math.floor(200 * x), Math.floor(200 * y));
  if (y > 0.7 + 0.06 * Math.sin(9 * x)) return shade([70, 110, 40], grain);
  if (y > 0.5 + 0.1 * Math.sin(4 * x + 1)) return shade([60, 95, 110], grain / 2);
  if (sun < 0.09) return [250, 235, 150];
  return shade([120 + 80 * y, 160 + 60 * y, 225], 0);
}

function shade([r, g, b]: [number, number, number], grain: number): [number, number, number] {
  return [r + grain, g + grain, b + grain];
}

/** 0 to 1, of a place. */
function noise(x: number, y: number): number {
  const mixed = Math.imul(x * 374_761 + y * 668_265, 0x27d4_eb2d);
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 0x1_0000_0000;
}
