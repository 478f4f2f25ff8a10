/** Commands for barcodes and QR codes. */
import { barcode, inDots } from "./barcode.js";
import type { Barcode } from "./barcode.js";
import { Bitmap } from "./bitmap.js";
import type { Command } from "./commands.js";
import { count } from "./commands-graphics.js";
import { fontA, fontB } from "./font.js";
import type { Mechanism } from "./mechanism.js";
import { qrCode } from "./qr.js";

const LEVELS = ["L", "M", "Q", "H"] as const;

export const symbolCommands: Record<string, Command> = {
  "GS h": (printer, [n]) => (printer.barcode.height = n! || 1),
  "GS w": (printer, [n]) => {
    if (n! >= 1 && n! <= 6) printer.barcode.module = n!;
  },
  "GS H": (printer, [n]) => (printer.barcode.textAt = n! & 3),
  "GS f": (printer, [n]) => (printer.barcode.small = (n! & 1) === 1),
  "GS k": (printer, p) => {
    const formA = p[0]! <= 6;
    const type = formA ? p[0]! + 65 : p[0]!;
    const symbol = barcode(type, formA ? p.subarray(1, -1) : p.subarray(2));
    if (symbol) printBarcode(printer, symbol);
    else count(printer, `GS k ${type}`);
  },
  "GS ( k": (printer, p) => {
    if (p[2] === 49) qr(printer, p[3]!, p.subarray(4));
    else count(printer, `GS ( k ${p[2] ?? 0}`);
  },
};

/** A barcode that is wider than the area is not printed at all, as on the real ones. */
function printBarcode(printer: Mechanism, symbol: Barcode): void {
  const { height, module, textAt, small } = printer.barcode;
  const { set } = printer;
  const elements = inDots(symbol.elements, module);
  const width = elements.reduce((sum, element) => sum + element, 0);
  if (width > set.room) return count(printer, "GS k wider than the area");
  const bars = new Bitmap(width, height);
  elements.reduce((x, element, i) => {
    if (i % 2 === 0) bars.fill(x, 0, element, height);
    return x + element;
  }, 0);
  if (textAt & 1) printText(printer, symbol.text, small);
  set.block(bars, symbol.text);
  if (textAt & 2) printText(printer, symbol.text, small);
}

/** A line in plain characters, whatever style is set. */
function printText({ set }: Mechanism, text: string, small: boolean): void {
  const { style } = set;
  const font = small ? fontB : fontA;
  set.style = { ...style, font, bold: false, underline: 0, reverse: false, width: 1, height: 1, spacing: 0 };
  for (const byte of Buffer.from(text, "latin1")) set.text(byte);
  set.printLine(0);
  set.style = style;
}

function qr(printer: Mechanism, fn: number, p: Uint8Array): void {
  switch (fn) {
    case 65: // model: only model 2 is drawn
      return;
    case 67:
      if (p[0]! >= 1 && p[0]! <= 16) printer.qr.module = p[0]!;
      return;
    case 69:
      printer.qr.level = LEVELS[p[0]! - 48] ?? printer.qr.level;
      return;
    case 80:
      printer.qr.data = p.slice(1);
      return;
    case 81: {
      const symbol = qrCode(printer.qr.data, printer.qr.level)?.scale(printer.qr.module, printer.qr.module);
      const text = Buffer.from(printer.qr.data).toString("utf8");
      if (symbol && symbol.width <= printer.set.room) printer.set.block(symbol, text);
      else count(printer, "GS ( k does not fit");
      return;
    }
    default:
      count(printer, `GS ( k function ${fn}`);
  }
}
