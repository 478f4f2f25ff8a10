/** How the next character looks, and where the next line goes. ESC @ brings it all back to these defaults. */
import { fontA } from "./font.js";
import type { Font } from "./font.js";

export type Alignment = "left" | "center" | "right";

export interface Style {
  font: Font;
  bold: boolean;
  /** Dots: 0, 1 or 2. */
  underline: number;
  reverse: boolean;
  upsideDown: boolean;
  /** Times the font's size, 1 to 8. */
  width: number;
  height: number;
  /** Dots to the right of each character. */
  spacing: number;
  /** ESC t and ESC R. */
  codePage: number;
  characterSet: number;
  /** Two bytes a character above 7F hex (FS &). */
  wide: boolean;
}

export interface Layout {
  align: Alignment;
  /** Dots from one line to the next, at least. */
  lineSpacing: number;
  leftMargin: number;
  /** Dots from the left margin; more than there are means all. */
  areaWidth: number;
  /** Dots from the left margin, ascending. */
  tabs: number[];
}

export function defaultStyle(): Style {
  return {
    font: fontA,
    bold: false,
    underline: 0,
    reverse: false,
    upsideDown: false,
    width: 1,
    height: 1,
    spacing: 0,
    codePage: 0,
    characterSet: 0,
    wide: false,
  };
}

/** A sixth of an inch at 180 dots an inch. */
export const DEFAULT_LINE_SPACING = 30;

export function defaultLayout(): Layout {
  const tabs = Array.from({ length: 32 }, (_, i) => (i + 1) * 8 * fontA.width);
  return { align: "left", lineSpacing: DEFAULT_LINE_SPACING, leftMargin: 0, areaWidth: Infinity, tabs };
}
