/** Commands for characters, lines and feed. */
import { isCutAfterFeed } from "../../../protocols/device/escpos/grammar.js";
import type { Command } from "./commands.js";
import { fontA, fontB } from "./font.js";
import type { Mechanism } from "./mechanism.js";
import { DEFAULT_LINE_SPACING } from "./style.js";

/** Numbers may also be sent as the digit's character. */
const digit = (b: number): number => (b >= 0x30 && b <= 0x39 ? b - 0x30 : b);
const le16 = (p: Uint8Array, at = 0): number => p[at]! + 256 * p[at + 1]!;

/** Feed between the print head and the cutter, when a cut asks for it: GS V 65 and 66. */
const HEAD_TO_CUTTER = 96;

/** Tab positions that the printer keeps. */
const TABS = 32;

export const textCommands: Record<string, Command> = {
  LF: ({ set }) => set.newLine(),
  FF: ({ set }) => {
    if (!set.lineIsEmpty) set.newLine();
  },
  CR: () => {},
  HT: ({ set }) => set.tab(),
  "ESC @": (printer) => {
    printer.initialize();
    printer.events.initialized();
  },
  "ESC !": ({ set: { style } }, [n]) => {
    style.font = n! & 1 ? fontB : fontA;
    style.bold = !!(n! & 8);
    style.height = n! & 16 ? 2 : 1;
    style.width = n! & 32 ? 2 : 1;
    style.underline = n! & 128 ? 1 : 0;
  },
  "ESC M": ({ set: { style } }, [n]) => (style.font = digit(n!) === 1 ? fontB : fontA),
  "ESC E": ({ set: { style } }, [n]) => (style.bold = !!(n! & 1)),
  "ESC G": ({ set: { style } }, [n]) => (style.bold = !!(n! & 1)),
  "ESC -": ({ set: { style } }, [n]) => {
    if (digit(n!) <= 2) style.underline = digit(n!);
  },
  "GS B": ({ set: { style } }, [n]) => (style.reverse = !!(n! & 1)),
  "GS !": ({ set: { style } }, [n]) => {
    style.width = ((n! >> 4) & 7) + 1;
    style.height = (n! & 7) + 1;
  },
  "ESC {": ({ set: { style } }, [n]) => (style.upsideDown = !!(n! & 1)),
  "ESC SP": ({ set: { style } }, [n]) => (style.spacing = n!),
  "ESC t": ({ set: { style } }, [n]) => (style.codePage = n!),
  "ESC R": ({ set: { style } }, [n]) => (style.characterSet = n!),
  "FS &": ({ set: { style } }) => (style.wide = true),
  "FS .": ({ set: { style } }) => (style.wide = false),
  "ESC a": ({ set: { layout } }, [n]) => {
    const align = (["left", "center", "right"] as const)[digit(n!)];
    if (align) layout.align = align;
  },
  "ESC 2": ({ set: { layout } }) => (layout.lineSpacing = DEFAULT_LINE_SPACING),
  "ESC 3": ({ set: { layout } }, [n]) => (layout.lineSpacing = n!),
  "ESC D": ({ set }, p) => {
    const columns = [...p.subarray(0, -1)].slice(0, TABS);
    set.layout.tabs = columns.map((column) => column * set.style.font.width * set.style.width);
  },
  "ESC $": ({ set }, p) => set.moveTo(le16(p)),
  "ESC \\": ({ set }, p) => set.moveBy(le16(p) >= 0x8000 ? le16(p) - 0x10000 : le16(p)),
  "GS L": ({ set }, p) => {
    if (set.lineIsEmpty) set.layout.leftMargin = Math.min(le16(p), set.paper.width - 1);
  },
  "GS W": ({ set }, p) => {
    if (set.lineIsEmpty) set.layout.areaWidth = Math.max(1, le16(p));
  },
  "ESC d": ({ set }, [n]) => {
    if (n === 0) set.printLine(0);
    for (let i = 0; i < n!; i++) set.newLine();
  },
  "ESC J": ({ set }, [n]) => set.printLine(n!),
  "GS V": (printer, p) => cut(printer, p),
  "ESC i": (printer) => cut(printer, Uint8Array.of(0)),
  "ESC m": (printer) => cut(printer, Uint8Array.of(1)),
};

/** The forms with a distance feed first. */
function cut(printer: Mechanism, p: Uint8Array): void {
  const { set, paper } = printer;
  if (!set.lineIsEmpty) set.newLine();
  if (isCutAfterFeed(p[0]!)) paper.feed(HEAD_TO_CUTTER + p[1]!);
  paper.cut(p[0] !== 0 && p[0] !== 0x30 && p[0] !== 65);
  printer.events.cut();
}
