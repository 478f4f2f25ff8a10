/**
 * The sample receipt: sample.receipt, made into ESC/POS by receiptline, a public tool for receipts.
 * Run it to get the bytes: `npx tsx examples/receipts/receipt.ts > receipt.bin`
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PNG } from "pngjs";
import receiptline from "receiptline";

/** The sources are one folder up from the compiled file's. */
const SOURCE = [
  new URL("sample.receipt", import.meta.url),
  new URL("../../../examples/receipts/sample.receipt", import.meta.url),
];

/** A cup, one character a square of dots. */
const LOGO = `
........#...#...........
.......#...#............
........#...#...........
.......#...#............
........................
..################......
..#..............#####..
..#..............#...#..
..#..............#...#..
..#..............#####..
..##............##......
...##..........##.......
....############........
........................
#####################...
.###################....`.trim();

const SQUARE = 7;

/** The sample receipt's bytes for a printer with 48 characters a line (80 mm paper). */
export function sampleReceipt(): Buffer {
  const file = SOURCE.find((url) => existsSync(url));
  if (!file) throw new Error("ENOENT: examples/receipts/sample.receipt is missing; run this in a checkout");
  return receipt(readFileSync(file, "utf8").replace("LOGO", logo().toString("base64")));
}

/** ESC/POS from a receiptline document. @param columns characters a line: 48 on 80 mm paper, 32 on 58 mm */
export function receipt(document: string, columns = 48): Buffer {
  const options = {
    cpl: columns,
    encoding: "multilingual",
    command: "escpos",
    spacing: true,
    gradient: false,
  } as const;
  return Buffer.from(receiptline.transform(document, options), "latin1");
}

function logo(): Buffer {
  const rows = LOGO.split("\n");
  const png = new PNG({ width: rows[0]!.length * SQUARE, height: rows.length * SQUARE });
  for (let y = 0; y < png.height; y++)
    for (let x = 0; x < png.width; x++) {
      const ink = rows[Math.floor(y / SQUARE)]![Math.floor(x / SQUARE)] === "#";
      png.data.set(ink ? [0, 0, 0, 255] : [255, 255, 255, 255], 4 * (y * png.width + x));
    }
  return PNG.sync.write(png);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(sampleReceipt());
