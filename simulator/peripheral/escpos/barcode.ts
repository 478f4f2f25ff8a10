/** Barcodes of GS k as bars and spaces. Sources of the tables: docs/devices/escpos.md. */

export interface Barcode {
  /** Widths of bar, space, bar ... in narrow bars; 2.5 is the wide one of the codes that have two widths. */
  elements: number[];
  /** Human readable form. */
  text: string;
}

const WIDE = 2.5;

/** Dots of the elements when the narrow bar has `module` of them. A fraction is a whole dot. */
export function inDots(elements: number[], module: number): number[] {
  return elements.map((width) => Math.ceil(width * module));
}

/** Left-hand odd parity digits of EAN and UPC; the even ones are these inverted and turned, the right ones inverted. */
const EAN = "0001101 0011001 0010011 0111101 0100011 0110001 0101111 0111011 0110111 0001011".split(" ");
/** Which of the first six digits of an EAN-13 are even, by its first digit. */
const EAN_PARITY = "OOOOOO OOEOEE OOEEOE OOEEEO OEOOEE OEEOOE OEEEOO OEOEOE OEOEEO OEEOEO".split(" ");
/** The same for UPC-E with number system 0, by the check digit. */
const UPCE_PARITY = "EEEOOO EEOEOO EEOOEO EEOOOE EOEEOO EOOEEO EOOOEE EOEOEO EOEOOE EOOEOE".split(" ");

/** Wide and narrow elements, bar first. */
const CODE39_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%*";
const CODE39 = (
  "nnnwwnwnn wnnwnnnnw nnwwnnnnw wnwwnnnnn nnnwwnnnw wnnwwnnnn nnwwwnnnn nnnwnnwnw wnnwnnwnn nnwwnnwnn wnnnnwnnw " +
  "nnwnnwnnw wnwnnwnnn nnnnwwnnw wnnnwwnnn nnwnwwnnn nnnnnwwnw wnnnnwwnn nnwnnwwnn nnnnwwwnn wnnnnnnww nnwnnnnww " +
  "wnwnnnnwn nnnnwnnww wnnnwnnwn nnwnwnnwn nnnnnnwww wnnnnnwwn nnwnnnwwn nnnnwnwwn wwnnnnnnw nwwnnnnnw wwwnnnnnn " +
  "nwnnwnnnw wwnnwnnnn nwwnwnnnn nwnnnnwnw wwnnnnwnn nwwnnnwnn nwnwnwnnn nwnwnnnwn nwnnnwnwn nnnwnwnwn nwnnwnwnn"
).split(" ");
const ITF = "nnwwn wnnnw nwnnw wwnnn nnwnw wnwnn nwwnn nnnww wnnwn nwnwn".split(" ");
const CODABAR_CHARACTERS = "0123456789-$:/.+ABCD";
const CODABAR = (
  "nnnnnww nnnnwwn nnnwnnw wwnnnnn nnwnnwn wnnnnwn nwnnnnw nwnnwnn nwwnnnn wnnwnnn " +
  "nnnwwnn nnwwnnn wnnnwnw wnwnnnw wnwnwnn nnwnwnw nnwwnwn nwnwnnw nnnwnww nnnwwwn"
).split(" ");

/** CODE128: widths of bar, space, bar, space, bar, space of each symbol; the stop has a seventh. */
const CODE128 = (
  "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 " +
  "123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 " +
  "232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 " +
  "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 " +
  "111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 " +
  "111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 " +
  "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112"
).split(" ");

/** A barcode by the number that follows GS k in its second form (65 to 73), or nothing when the data is no such code. */
export function barcode(type: number, data: Uint8Array): Barcode | undefined {
  const text = Buffer.from(data).toString("latin1");
  switch (type) {
    case 65:
      return /^\d{11,12}$/.test(text) ? upcA(text.slice(0, 11)) : undefined;
    case 66:
      return /^\d{6}$|^0\d{6,7}$|^0\d{10,11}$/.test(text) ? upcE(text) : undefined;
    case 67:
      return /^\d{12,13}$/.test(text) ? ean13(text.slice(0, 12)) : undefined;
    case 68:
      return /^\d{7,8}$/.test(text) ? ean8(text.slice(0, 7)) : undefined;
    case 69:
      return code39(text.replace(/^\*(.*)\*$/, "$1"));
    case 70:
      return /^(\d\d)+$/.test(text) ? itf(text) : undefined;
    case 71:
      return /^[A-Da-d][0-9\-$:/.+]*[A-Da-d]$/.test(text) ? codabar(text.toUpperCase()) : undefined;
    case 73:
      return code128(data);
    default:
      return undefined;
  }
}

/** Weights 3 and 1 from the right. */
function checkDigit(digits: string): string {
  const sum = [...digits].reverse().reduce((total, digit, i) => total + Number(digit) * (i % 2 ? 1 : 3), 0);
  return String((10 - (sum % 10)) % 10);
}

const inverted = (modules: string): string => modules.replace(/./g, (module) => (module === "0" ? "1" : "0"));
const odd = (digit: string): string => EAN[Number(digit)]!;
const right = (digit: string): string => inverted(odd(digit));
const even = (digit: string): string => [...right(digit)].reverse().join("");
const byParity = (digits: string, parity: string): string =>
  [...digits].map((digit, i) => (parity[i] === "O" ? odd(digit) : even(digit))).join("");

function ean13(digits: string): Barcode {
  const text = digits + checkDigit(digits);
  const left = byParity(text.slice(1, 7), EAN_PARITY[Number(text[0])]!);
  return { elements: runs(`101${left}01010${[...text.slice(7)].map(right).join("")}101`), text };
}

function upcA(digits: string): Barcode {
  const { elements, text } = ean13(`0${digits}`);
  return { elements, text: text.slice(1) };
}

function ean8(digits: string): Barcode {
  const text = digits + checkDigit(digits);
  const halves = [[...text.slice(0, 4)].map(odd).join(""), [...text.slice(4)].map(right).join("")];
  return { elements: runs(`101${halves.join("01010")}101`), text };
}

/** From six digits without or with the number system, or from a UPC-A that has a short form. */
function upcE(text: string): Barcode | undefined {
  const short = text.length > 8 ? shorten(text.slice(1, 11)) : text.length === 6 ? text : text.slice(1, 7);
  if (!short) return undefined;
  const check = checkDigit(`0${lengthen(short)}`);
  const elements = runs(`101${byParity(short, UPCE_PARITY[Number(check)]!)}010101`);
  return { elements, text: `0${short}${check}` };
}

/** The ten digits of manufacturer and article that six digits stand for. */
function lengthen(short: string): string {
  const [a, b, c, d, e, last] = short as unknown as string[];
  if (last! <= "2") return `${a}${b}${last}0000${c}${d}${e}`;
  if (last === "3") return `${a}${b}${c}00000${d}${e}`;
  if (last === "4") return `${a}${b}${c}${d}00000${e}`;
  return `${a}${b}${c}${d}${e}0000${last}`;
}

function shorten(long: string): string | undefined {
  const m = long.slice(0, 5);
  const p = long.slice(5);
  if (/^..[0-2]00$/.test(m) && p < "01000") return m.slice(0, 2) + p.slice(2) + m[2];
  if (/^...00$/.test(m) && p < "00100") return `${m.slice(0, 3)}${p.slice(3)}3`;
  if (/^....0$/.test(m) && p < "00010") return `${m.slice(0, 4)}${p.slice(4)}4`;
  return p >= "00005" && p < "00010" ? m + p[4] : undefined;
}

/** Lengths of the runs of equal digits. */
function runs(modules: string): number[] {
  return (modules.match(/0+|1+/g) ?? []).map((run) => run.length);
}

/** "n" and "w" as widths. */
function twoWidths(widths: string): number[] {
  return [...widths].map((width) => (width === "w" ? WIDE : 1));
}

function code39(text: string): Barcode | undefined {
  const symbols = [...`*${text}*`].map((character) => CODE39[CODE39_CHARACTERS.indexOf(character)]);
  if (text === "" || text.includes("*") || symbols.includes(undefined)) return undefined;
  return { elements: twoWidths(symbols.join("n")), text: `*${text}*` };
}

function itf(text: string): Barcode {
  let widths = "nnnn";
  for (let i = 0; i < text.length; i += 2)
    for (let k = 0; k < 5; k++) widths += ITF[Number(text[i])]![k]! + ITF[Number(text[i + 1])]![k]!;
  return { elements: twoWidths(`${widths}wnn`), text };
}

function codabar(text: string): Barcode {
  const symbols = [...text].map((character) => CODABAR[CODABAR_CHARACTERS.indexOf(character)]!);
  return { elements: twoWidths(symbols.join("n")), text };
}

/** What stands after "{" in the data of GS k 73, as a symbol value in code set A, B or C. */
const SPECIAL: Record<string, [number, number]> = {
  S: [98, 98],
  "1": [102, 102],
  "2": [97, 97],
  "3": [96, 96],
  "4": [101, 100],
};
const START: Record<string, number> = { A: 103, B: 104, C: 105 };
const SWITCH: Record<string, number> = { A: 101, B: 100, C: 99 };

function code128(data: Uint8Array): Barcode | undefined {
  const symbols = code128Symbols(data);
  if (!symbols || symbols.values.length < 2) return undefined;
  const { values, text } = symbols;
  const sum = values.reduce((total, value, i) => total + value * Math.max(1, i), 0);
  const widths = [...values, sum % 103, 106].map((value) => CODE128[value]!).join("");
  return { elements: [...widths].map(Number), text };
}

/** The data begins with a code set, {A, {B or {C. In set C each byte is a pair of digits. */
function code128Symbols(data: Uint8Array): { values: number[]; text: string } | undefined {
  const values: number[] = [];
  let text = "";
  let set = "";
  let shifted = false;
  for (let i = 0; i < data.length; i++) {
    const byte = data[i]!;
    const mark = byte === 0x7b && i + 1 < data.length ? String.fromCharCode(data[++i]!) : "";
    if (mark in START) {
      values.push((set ? SWITCH : START)[mark]!);
      set = mark;
    } else if (!set) return undefined;
    else if (mark && mark !== "{") {
      const special = SPECIAL[mark];
      if (!special || (set === "C" && mark !== "1")) return undefined;
      values.push(special[set === "A" ? 0 : 1]);
      shifted = mark === "S";
    } else {
      const value = code128Value(byte, shifted ? (set === "A" ? "B" : "A") : set);
      if (value < 0) return undefined;
      values.push(value);
      text += set === "C" ? String(byte).padStart(2, "0") : byte < 0x20 ? " " : String.fromCharCode(byte);
      shifted = false;
    }
  }
  return { values, text };
}

function code128Value(byte: number, set: string): number {
  if (set === "C") return byte < 100 ? byte : -1;
  if (byte >= 0x20 && byte < 0x60) return byte - 0x20;
  if (set === "A") return byte < 0x20 ? byte + 64 : -1;
  return byte >= 0x60 && byte < 0x80 ? byte - 0x20 : -1;
}
