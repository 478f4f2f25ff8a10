/** What is in a scan of a baseline JPEG (ITU-T T.81, annex F): every block is read, so that bytes that are missing or too many show. */

/** Bits that one look at a table decodes; longer codes are rare. */
const SHORT = 9;
/** Bits of the longest code. */
const LONG = 16;

export class HuffmanTable {
  /** By the next bits: length of the code (high byte) and its symbol; 0 for a longer one. */
  private readonly short = new Uint16Array(1 << SHORT);
  /** By length: the last code, and what to add to a code for the place of its symbol. */
  private readonly last = new Int32Array(LONG + 1).fill(-1);
  private readonly place = new Int32Array(LONG + 1);
  private readonly symbols: Uint8Array;

  private constructor(counts: Uint8Array, symbols: Uint8Array) {
    this.symbols = symbols;
    for (let length = 1, code = 0, at = 0; length <= LONG; length++, code <<= 1) {
      const count = counts[length - 1]!;
      this.place[length] = at - code;
      for (let i = 0; i < count && length <= SHORT; i++) {
        const from = (code + i) << (SHORT - length);
        this.short.fill((length << 8) | symbols[at + i]!, from, from + (1 << (SHORT - length)));
      }
      code += count;
      at += count;
      if (count > 0) this.last[length] = code - 1;
    }
  }

  /** @returns undefined where there are more codes than bits allow */
  static make(counts: Uint8Array, symbols: Uint8Array): HuffmanTable | undefined {
    let room = 1;
    for (const count of counts) if ((room = room * 2 - count) < 0) return undefined;
    return new HuffmanTable(counts, symbols);
  }

  /** The next symbol; -1 where no code begins so. */
  next(bits: BitReader): number {
    const ahead = bits.ahead();
    const found = this.short[ahead >> (LONG - SHORT)]!;
    if (found > 0) {
      bits.skip(found >> 8);
      return found & 255;
    }
    for (let length = SHORT + 1; length <= LONG; length++) {
      const code = ahead >> (LONG - length);
      if (code > this.last[length]!) continue;
      bits.skip(length);
      return this.symbols[this.place[length]! + code]!;
    }
    return -1;
  }
}

/** The bits up to the next marker, without what is stuffed; behind them zeros. */
class BitReader {
  private held = 0;
  private count = 0;
  /** Of those held: bits that are not there. */
  private beyond = 0;

  constructor(
    private readonly bytes: Uint8Array,
    /** Of the next byte, or of a marker's FF. */
    public at: number,
  ) {}

  /** The next 16. */
  ahead(): number {
    while (this.count < LONG) this.fill();
    return (this.held >>> (this.count - LONG)) & 0xffff;
  }

  skip(bits: number): void {
    while (this.count < bits) this.fill();
    this.count -= bits;
  }

  /** The next bits as a difference: F.2.2.1, its table of ranges. */
  difference(size: number): number {
    if (size === 0) return 0;
    const value = this.ahead() >> (LONG - size);
    this.skip(size);
    return value >= 1 << (size - 1) ? value : value - (1 << size) + 1;
  }

  /** Of the bits that are there; below 0 when more were read. */
  get left(): number {
    return this.count - this.beyond;
  }

  /** What is left is less than a byte, and a marker follows. */
  get atMarker(): boolean {
    return this.left < 8 && this.bytes[this.at] === 0xff && this.bytes[this.at + 1] !== 0;
  }

  private fill(): void {
    const byte = this.bytes[this.at];
    const marker = byte === undefined || (byte === 0xff && this.bytes[this.at + 1] !== 0);
    if (marker) this.beyond += 8;
    else this.at += byte === 0xff ? 2 : 1;
    this.held = (this.held << 8) | (marker ? 0 : byte);
    this.count += 8;
  }
}

export interface ScanComponent {
  /** In each unit of the scan (MCU). */
  blocks: number;
  dc: HuffmanTable;
  ac: HuffmanTable;
  /** Told the level of each block, as it is quantized, in the scan's order. */
  onlevel?: ((level: number) => void) | undefined;
}

/**
 * @param from where the scan's bytes begin
 * @param units of the whole scan (MCUs)
 * @param interval units from restart marker to restart marker; 0 for none
 * @returns where the marker behind it is, or what is wrong
 */
export function checkScan(
  bytes: Uint8Array,
  from: number,
  components: readonly ScanComponent[],
  units: number,
  interval: number,
): number | string {
  let bits = new BitReader(bytes, from);
  const levels = new Int32Array(components.length);
  for (let unit = 0; unit < units; unit++) {
    if (interval > 0 && unit > 0 && unit % interval === 0) {
      const next = restart(bytes, bits, unit / interval - 1);
      if (next === undefined) return `damaged at byte ${bits.at}: no restart marker where one belongs`;
      bits = new BitReader(bytes, next);
      levels.fill(0);
    }
    for (let i = 0; i < components.length; i++) {
      const component = components[i]!;
      for (let block = 0; block < component.blocks; block++) {
        const size = component.dc.next(bits);
        levels[i]! += bits.difference(Math.max(0, size));
        if (size < 0 || !passBlock(bits, component.ac)) return `damaged at byte ${bits.at}: no code of its tables`;
        component.onlevel?.(levels[i]!);
      }
    }
    if (bits.left < 0) return `cut short at byte ${bits.at}: ${unit} of ${units} blocks are there`;
  }
  return bits.atMarker ? bits.at : `damaged at byte ${bits.at}: more than its blocks are there`;
}

/** Where the bytes behind a restart marker begin. */
function restart(bytes: Uint8Array, bits: BitReader, number: number): number | undefined {
  if (!bits.atMarker) return undefined;
  let { at } = bits;
  while (bytes[at + 1] === 0xff) at++;
  return bytes[at + 1] === 0xd0 + (number & 7) ? at + 2 : undefined;
}

/** What a block has beside its level. */
function passBlock(bits: BitReader, ac: HuffmanTable): boolean {
  for (let k = 1; k < 64; k++) {
    const code = ac.next(bits);
    if (code < 0) return false;
    if (code === 0) return true;
    k += code >> 4;
    if (k > 63) return false;
    bits.skip(code & 15);
  }
  return true;
}
