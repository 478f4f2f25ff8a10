/** Commands for pictures. */
import { bytesPerColumn } from "../../../protocols/device/escpos/grammar.js";
import { Bitmap } from "./bitmap.js";
import type { Command } from "./commands.js";
import type { Mechanism } from "./mechanism.js";

const le16 = (p: Uint8Array, at: number): number => p[at]! + 256 * p[at + 1]!;
/** Modes 1 and 3 double the width, 2 and 3 the height. */
const doubled = (dots: Bitmap, m: number): Bitmap => dots.scale(m & 1 ? 2 : 1, m & 2 ? 2 : 1);

export const graphicsCommands: Record<string, Command> = {
  "GS v": ({ set }, p) => {
    if (p[0] === 0x30) set.block(doubled(Bitmap.fromRows(le16(p, 2), le16(p, 4), p.subarray(6)), p[1]!));
  },
  // 8 dots of ESC * stand three times as high as 24, and the single densities twice as wide as the double ones.
  "ESC *": ({ set }, p) => {
    const bytes = bytesPerColumn(p[0]!);
    if (bytes === 0) return;
    const dots = Bitmap.fromColumns(le16(p, 1), bytes, p.subarray(3));
    set.inline(dots.scale(p[0]! & 1 ? 1 : 2, bytes === 1 ? 3 : 1));
  },
  "GS ( L": (printer, p) => graphics(printer, p.subarray(2)),
  "GS 8 L": (printer, p) => graphics(printer, p.subarray(4)),
  "GS *": (printer, p) => (printer.downloaded = Bitmap.fromColumns(8 * p[0]!, p[1]!, p.subarray(2))),
  "GS /": ({ set, downloaded }, p) => {
    if (downloaded) set.block(doubled(downloaded, p[0]!));
  },
  "FS q": (printer, p) => {
    printer.stored = [];
    for (let at = 1; printer.stored.length < p[0]!;) {
      const [x, y] = [le16(p, at), le16(p, at + 2)];
      printer.stored.push(Bitmap.fromColumns(8 * x, y, p.subarray(at + 4)));
      at += 4 + 8 * x * y;
    }
  },
  "FS p": ({ set, stored }, p) => {
    const dots = stored[p[0]! - 1];
    if (dots) set.block(doubled(dots, p[1]!));
  },
};

/** m fn ...: function 112 stores rows, 113 columns, 50 (or 2) prints what was stored. */
function graphics(printer: Mechanism, p: Uint8Array): void {
  const fn = p[1]!;
  if (fn === 2 || fn === 50) {
    if (printer.graphics) printer.set.block(printer.graphics);
    printer.graphics = undefined;
  } else if ((fn === 112 || fn === 113) && p.length >= 10) {
    const [bx, by, width, height] = [p[3]!, p[4]!, le16(p, 6), le16(p, 8)];
    const data = p.subarray(10);
    const dots =
      fn === 112
        ? Bitmap.fromRows(Math.ceil(width / 8), height, data)
        : Bitmap.fromColumns(width, Math.ceil(height / 8), data);
    const cut = dots.crop(0, 0, Math.min(width, dots.width), Math.min(height, dots.height));
    printer.graphics = cut.scale(bx === 2 ? 2 : 1, by === 2 ? 2 : 1);
  } else count(printer, `GS ( L function ${fn}`);
}

/** Notes a function that is understood and has no effect. */
export function count(printer: Mechanism, name: string): void {
  printer.ignored[name] = (printer.ignored[name] ?? 0) + 1;
}
