/** What is printed in tests from end to end: bytes that any layer in between could trip over. The same in every run. */
import { sampleReceipt } from "../../examples/receipts/receipt.js";
import { Random } from "../../simulator/random.js";

/** Seed of the noise, chosen so that no long command is left open at its end. */
const NOISE = 16;
/** Line feeds at the end, enough for a short command that was left open. */
const CALM = 300;

/** A receipt made by receiptline. */
export function receipt(): Buffer {
  return sampleReceipt();
}

/**
 * Every value, long runs of 00, C0 and FF, 10 04 (with and without a status number) at every alignment, the bytes
 * that frames and flow control are made of, and noise. A printer that has taken all of it is between two commands.
 */
export function everyByte(size = 65_536): Buffer {
  const parts: Buffer[] = [Buffer.from("\x1b@every byte\n", "latin1")];
  const ascending = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  parts.push(ascending, Buffer.from(ascending).reverse());
  for (const value of [0x00, 0xc0, 0xff, 0x11, 0x13, 0xd5])
    for (const length of [1, 7, 300, 1500]) parts.push(Buffer.alloc(length, value), Buffer.of(0x0a));
  // All payload sizes are even: two runs, one byte apart, put 10 04 on each offset of each frame.
  for (const length of [1200, 1201]) parts.push(Buffer.alloc(length, Buffer.of(0x10, 0x04)));
  for (let n = 0; n <= 8; n++)
    for (let gap = 0; gap < 9; gap++) parts.push(Buffer.of(0x10, 0x04, n), Buffer.alloc(gap));
  // Begins of frames, whole and torn, and what escapes or ends bytes elsewhere: SLIP, PPP, telnet, text.
  for (const text of [
    "d59a",
    "d59ad59a",
    "d59a0004400000020102",
    "d59affff",
    "dbdcdbdd",
    "7e7d5e7e",
    "fffb",
    "0d0a00",
    "1a04",
  ])
    parts.push(Buffer.alloc(120, text, "hex"), Buffer.alloc(121, text, "hex"));
  const known = Buffer.concat(parts);
  const random = new Random(NOISE);
  const noise = Buffer.from(Array.from({ length: size - known.length - CALM }, () => random.next() >>> 24));
  return Buffer.concat([known.subarray(0, size - CALM), noise, Buffer.alloc(CALM, "\n")]);
}

/** A page for a head of 576 dots in bands of GS v 0: a drawing, then noise, then bytes that look like commands. */
export function rasterPage(size = 300 * 1024): Buffer {
  const parts: Buffer[] = [Buffer.from("\x1b@", "latin1")];
  const random = new Random(2);
  for (let y = 0, length = 0; length < size; length += 8 + WIDTH * ROWS) {
    const band = Buffer.alloc(8 + WIDTH * ROWS);
    band.set([0x1d, 0x76, 0x30, 0, WIDTH & 255, WIDTH >> 8, ROWS & 255, ROWS >> 8]);
    for (let at = 8; at < band.length; at += WIDTH, y++)
      for (let x = 0; x < WIDTH; x++) band[at + x] = dots(x, y, random);
    parts.push(band);
  }
  parts.push(Buffer.from("\n\n\x1dV\x42\x00", "latin1"));
  return Buffer.concat(parts);
}

/** Bytes of a row, and rows of a band. */
const WIDTH = 72;
const ROWS = 128;

/** What a printer would answer, or obey, if it stood between two commands. */
const COMMANDS = Buffer.from("1004011004021004041005 1b40 1d61ff 1d5600 1113".replaceAll(" ", ""), "hex");

function dots(x: number, y: number, random: Random): number {
  const third = (y >> 7) % 3;
  if (third === 0) return (Math.hypot(x * 8 - 288, (y & 127) - 64) | 0) & 16 ? 0xff : 0x00;
  if (third === 1) return random.next() >>> 24;
  return COMMANDS[(x + y) % COMMANDS.length]!;
}

/** Name and bytes of each payload, small ones first. */
export const payloads: readonly { name: string; bytes: Buffer }[] = [
  { name: "a receipt", bytes: receipt() },
  { name: "64 KB of every kind of byte", bytes: everyByte() },
  { name: "a raster page of 300 KB", bytes: rasterPage() },
];
