/**
 * ESC/POS, how long a command is. Commands carry no length of their own: each has its own shape, and whoever wants to
 * know where one ends has to know them all. Sources: docs/devices/escpos.md.
 */

export const enum Code {
  dle = 0x10,
  esc = 0x1b,
  fs = 0x1c,
  gs = 0x1d,
  /** The first code that is text: every lower one is a command or is ignored. */
  text = 0x20,
}

/** What comes after the header bytes seen so far, where it is no number of bytes. */
export const enum After {
  /** Data up to and including a NUL. */
  nul = -1e11,
  /** Data up to and including the fifth semicolon (GS C ;). */
  semicolons = -2e11,
  /** The second byte belongs to no command: the first is dropped, the second starts anew. */
  restart = -3e11,
}

/** Second bytes of the commands whose parameters have a fixed number: the index is that number. */
type Fixed = string[];

const ESC: Fixed = ["\x0c2<@LSimoqv", "! %-3=?EGJKMRTUVadertu{", "$\\cf", "p", "", "", "", "", "W"];
const FS: Fixed = ["&.", "!-CW", "S?p"];
const GS: Fixed = ["\x0c:cy", "!/BEFHITabfhjnrw", "$ALPW\\", "^"];

/** The number of parameter bytes as a negative result, or `restart` where there is no such command. */
function fixed(table: Fixed, second: number): number {
  const name = String.fromCharCode(second);
  for (let count = 0; count < table.length; count++) if (table[count]!.indexOf(name) >= 0) return -count;
  return second < Code.text ? After.restart : 0;
}

/** @resident */
function le16(h: number[], at: number): number {
  return h[at]! + 256 * h[at + 1]!;
}

function le32(h: number[], at: number): number {
  return le16(h, at) + 65536 * le16(h, at + 2);
}

/** `count` header bytes are needed to tell; until they are there, the difference. */
function needs(h: number[], count: number): number {
  return Math.max(0, count - h.length);
}

/**
 * What follows the header `h` of a command, which starts with its control code.
 * @returns a positive number of further header bytes, zero or a negative number of data bytes that end the command,
 * or one of the `After` values
 */
export function after(h: number[]): number {
  if (h[0]! >= Code.text) return 0;
  if (h[0] === Code.dle) return h.length < 2 ? 1 : afterDle(h);
  if (h[0] === Code.esc) return h.length < 2 ? 1 : afterEsc(h);
  if (h[0] === Code.fs) return h.length < 2 ? 1 : afterFs(h);
  if (h[0] === Code.gs) return h.length < 2 ? 1 : afterGs(h);
  return 0;
}

/** EOT, ENQ and DC4, whose function number tells the rest. */
function afterDle(h: number[]): number {
  const second = h[1]!;
  if (second !== 0x04 && second !== 0x05 && second !== 0x14) return After.restart;
  if (h.length < 3) return second === 0x05 ? -1 : 1;
  const n = h[2]!;
  if (second === 0x04) return n === 7 || n === 8 || n === 18 ? -1 : 0;
  return n === 1 || n === 2 ? -2 : n === 3 ? -5 : n === 7 ? -1 : n === 8 ? -7 : 0;
}

function afterEsc(h: number[]): number {
  switch (h[1]) {
    case 0x26: // ESC & y c1 c2: a group for each character follows, see `groups`
      return needs(h, 5);
    case 0x28: // ESC ( x pL pH
      return needs(h, 5) || -le16(h, 3);
    case 0x2a: // ESC * m nL nH
      return h.length < 3 ? 1 : bytesPerColumn(h[2]!) === 0 ? 0 : needs(h, 5) || -le16(h, 3) * bytesPerColumn(h[2]!);
    case 0x44: // ESC D
      return After.nul;
    default:
      return fixed(ESC, h[1]!);
  }
}

/** Of a bit image of 8 or 24 dots in height. 0 for a mode that does not exist: the rest is then ordinary data. */
export function bytesPerColumn(mode: number): number {
  return mode === 32 || mode === 33 ? 3 : mode < 2 ? 1 : 0;
}

function afterFs(h: number[]): number {
  switch (h[1]) {
    case 0x28: // FS ( x pL pH
      return needs(h, 5) || -le16(h, 3);
    case 0x32: // FS 2 c1 c2: one character of 24 by 24 dots
      return -74;
    case 0x67: // FS g 1 writes, FS g 2 reads: m, address, nL nH
      return needs(h, 10) || (h[2] === 0x31 ? -le16(h, 8) : 0);
    case 0x71: // FS q n: a group for each image follows
      return needs(h, 3);
    default:
      return fixed(FS, h[1]!);
  }
}

function afterGs(h: number[]): number {
  switch (h[1]) {
    case 0x28: // GS ( x pL pH
      return needs(h, 5) || -le16(h, 3);
    case 0x2a: // GS * x y
      return needs(h, 4) || -8 * h[2]! * h[3]!;
    case 0x38: // GS 8 x p1 p2 p3 p4
      return needs(h, 7) || -le32(h, 3);
    case 0x43: // GS C: counter
      return needs(h, 3) || afterCounter(h[2]!);
    case 0x44: // GS D m fn a kc1 kc2 b c, then a Windows bitmap, which tells its own size
      return needs(h, 15) || -Math.max(0, le32(h, 11) - 6);
    case 0x51: // GS Q 0, GS v 0: m xL xH yL yH
    case 0x76:
      return h.length < 3 ? 1 : h[2] !== 0x30 ? 0 : needs(h, 8) || -le16(h, 4) * le16(h, 6);
    case 0x56: // GS V m, GS V m n
      return needs(h, 3) || (isCutAfterFeed(h[2]!) ? -1 : 0);
    case 0x67: // GS g 0, GS g 2: m nL nH
      return -4;
    case 0x6b: // GS k m
      return afterBarcode(h);
    case 0x7a: // GS z 0 t1 t2
      return -3;
    default:
      return fixed(GS, h[1]!);
  }
}

function afterCounter(form: number): number {
  return form === 0x3b ? After.semicolons : form === 0x30 || form === 0x32 ? -2 : form === 0x31 ? -6 : 0;
}

/** Functions B, C and D of GS V have a distance. */
export function isCutAfterFeed(m: number): boolean {
  return m === 65 || m === 66 || m === 97 || m === 98 || m === 103 || m === 104;
}

/** Form A ends with NUL, form B has a length. */
function afterBarcode(h: number[]): number {
  if (h.length < 3) return 1;
  if (h[2]! <= 6) return After.nul;
  if (h[2]! < 65 || h[2]! > 79) return 0;
  return needs(h, 4) || -h[3]!;
}

/** Number of groups after a finished header, each with a header of its own. 0 for nearly every command. */
export function groups(h: number[]): number {
  if (h[0] === Code.esc && h[1] === 0x26) return Math.max(0, h[4]! - h[3]! + 1);
  if (h[0] === Code.fs && h[1] === 0x71) return h[2]!;
  return 0;
}

/** What follows the header `g` of a group of the command with the header `h`; same result as `after`. */
export function afterGroup(h: number[], g: number[]): number {
  if (h[0] === Code.esc) return needs(g, 1) || -h[2]! * g[0]!; // x columns of y bytes
  return needs(g, 4) || -8 * le16(g, 0) * le16(g, 2); // xL xH yL yH
}
