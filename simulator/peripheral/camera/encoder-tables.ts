/** Tables of ITU-T T.81: the order of frequencies (figure A.6), quantisation (K.1), lengths and values of codes (K.3). */

interface Code {
  code: number;
  length: number;
}

export interface Component {
  /** Steps by place, of quality 50. */
  quantisation: readonly number[];
  dc: ReadonlyMap<number, Code>;
  ac: ReadonlyMap<number, Code>;
}

/** Places of a block, row by row, in the order in which they are written: along diagonals, up and down in turn. */
export const ZIGZAG: readonly number[] = Array.from({ length: 64 }, (_, place) => place).sort(
  (a, b) => diagonal(a) - diagonal(b) || (diagonal(a) % 2 === 0 ? b - a : a - b),
);

function diagonal(place: number): number {
  return (place >> 3) + (place & 7);
}

const LUMA_STEPS = fromHex(
  "100b0a101828333d0c0c0e131a3a3c370e0d1018283945380e11161d3357503e12162538446d674d182337405168715c3140" +
    "4e5767797865485c5f6270646763",
);
/** Of the upper left corner; all else is 99. */
const CHROMA_CORNER = [
  [17, 18, 24, 47],
  [18, 21, 26, 66],
  [24, 26, 56, 99],
  [47, 66, 99, 99],
];

/** How many codes there are of 1 to 16 bits, then what they stand for. */
const SPECIFICATIONS = {
  lumaDc: fromHex("00010501010101010100000000000000000102030405060708090a0b"),
  lumaAc: fromHex(
    "0002010303020403050504040000017d01020300041105122131410613516107227114328191a1082342b1c11552d1f02433" +
      "627282090a161718191a25262728292a3435363738393a434445464748494a535455565758595a636465666768696a737475" +
      "767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2" +
      "d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa",
  ),
  chromaDc: fromHex("00030101010101010101010000000000000102030405060708090a0b"),
  chromaAc: fromHex(
    "00020102040403040705040400010277000102031104052131061241510761711322328108144291a1b1c109233352f01562" +
      "72d10a162434e125f11718191a262728292a35363738393a434445464748494a535455565758595a636465666768696a7374" +
      "75767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9" +
      "cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa",
  ),
};

export const LUMA: Component = {
  quantisation: LUMA_STEPS,
  dc: codesOf(SPECIFICATIONS.lumaDc),
  ac: codesOf(SPECIFICATIONS.lumaAc),
};

export const CHROMA: Component = {
  quantisation: Array.from({ length: 64 }, (_, place) => CHROMA_CORNER[place >> 3]?.[place & 7] ?? 99),
  dc: codesOf(SPECIFICATIONS.chromaDc),
  ac: codesOf(SPECIFICATIONS.chromaAc),
};

/** DHT segments. */
export const HEADER_TABLES: readonly number[] = [
  ...segment(0x00, SPECIFICATIONS.lumaDc),
  ...segment(0x10, SPECIFICATIONS.lumaAc),
  ...segment(0x01, SPECIFICATIONS.chromaDc),
  ...segment(0x11, SPECIFICATIONS.chromaAc),
];

function segment(which: number, specification: readonly number[]): number[] {
  const length = 3 + specification.length;
  return [0xff, 0xc4, length >> 8, length & 0xff, which, ...specification];
}

/** Annex C: codes of one length follow each other; each longer one begins behind them with a zero more. */
function codesOf(specification: readonly number[]): Map<number, Code> {
  const codes = new Map<number, Code>();
  let [code, at] = [0, 16];
  for (let length = 1; length <= 16; length++, code <<= 1)
    for (let i = 0; i < specification[length - 1]!; i++) codes.set(specification[at++]!, { code: code++, length });
  return codes;
}

function fromHex(text: string): number[] {
  return [...Buffer.from(text, "hex")];
}
