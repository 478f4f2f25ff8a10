/**
 * Whether bytes are one whole JPEG (ITU-T T.81): segments and tables here, what is in its scans in jpeg-scan.ts. Baseline only, as
 * cameras for boards make no other: so a changed marker cannot pass for another process.
 */
import { checkScan, HuffmanTable } from "./jpeg-scan.js";
import type { ScanComponent } from "./jpeg-scan.js";

export interface Jpeg {
  width: number;
  height: number;
  /** Bytes up to its end; what follows is padding. */
  length: number;
}

/** One component of a picture at an eighth of its size. */
export interface Plane {
  /** Blocks in a row and in a column, those that only fill up with them. */
  across: number;
  down: number;
  /** Mean of each block, row by row: 0 to 255, and a little beyond. */
  means: Float32Array;
}

/** @returns what is wrong, where it is not whole */
export function checkJpeg(bytes: Uint8Array): Jpeg | string {
  return new JpegCheck(bytes).run();
}

/** The means of its blocks, of each component. @returns what is wrong, where it is not whole */
export function meansOf(bytes: Uint8Array): (Jpeg & { planes: Plane[] }) | string {
  const planes: Plane[] = [];
  const found = new JpegCheck(bytes, planes).run();
  return typeof found === "string" ? found : { ...found, planes };
}

const enum Marker {
  SOF0 = 0xc0,
  DHT = 0xc4,
  SOI = 0xd8,
  EOI = 0xd9,
  SOS = 0xda,
  DQT = 0xdb,
  DRI = 0xdd,
  APP0 = 0xe0,
  APP15 = 0xef,
  COM = 0xfe,
}

interface Component {
  id: number;
  /** Samples of it in each direction, for one of the coarsest. */
  across: number;
  down: number;
  quantization: number;
  scanned: boolean;
}

interface Frame {
  width: number;
  height: number;
  /** The finest component's. */
  across: number;
  down: number;
  components: Component[];
}

/** What is wrong, or "". */
type Fault = string;

class JpegCheck {
  /** What a level is multiplied by, by the table's number. */
  private readonly quantization = new Map<number, number>();
  /** By class (0 DC, 16 AC) and number. */
  private readonly huffman = new Map<number, HuffmanTable>();
  private frame: Frame | undefined;
  private interval = 0;
  private scan: ScanComponent[] = [];
  /** Units in that scan (MCUs). */
  private units = 0;

  constructor(
    private readonly bytes: Uint8Array,
    /** Where the means of its blocks go, if somebody wants them. */
    private readonly planes?: Plane[],
  ) {}

  run(): Jpeg | string {
    const { bytes } = this;
    if (bytes[0] !== 0xff || bytes[1] !== Marker.SOI) return "it does not begin as a JPEG does";
    for (let at = 2; ;) {
      if (at < bytes.length && bytes[at] !== 0xff) return `damaged at byte ${at}: no marker where one belongs`;
      while (bytes[at + 1] === 0xff) at++;
      const marker = bytes[at + 1];
      if (marker === undefined) return this.short();
      if (marker === (Marker.EOI as number)) return this.whole(at + 2);
      const from = at + 4;
      const to = at + 2 + this.u16(at + 2);
      const fault = to < from ? "a segment without a length" : this.segment(marker, from, to);
      // NaN: the length itself is not all there.
      if (!(to <= bytes.length)) return this.short();
      if (fault) return `damaged at byte ${at}: ${fault}`;
      at = to;
      if (marker !== (Marker.SOS as number)) continue;
      const end = checkScan(bytes, to, this.scan, this.units, this.interval);
      if (typeof end === "string") return end;
      at = end;
    }
  }

  private whole(length: number): Jpeg | string {
    const { frame } = this;
    if (!frame?.components.every(({ scanned }) => scanned)) return "it ends before all of its picture is there";
    const { width, height } = frame;
    return { width, height, length };
  }

  private short(): string {
    return `cut short at byte ${this.bytes.length}: its end is missing`;
  }

  private segment(marker: Marker, from: number, to: number): Fault {
    const segment = this.bytes.subarray(from, to);
    if (marker >= Marker.APP0 && marker <= Marker.APP15) return "";
    switch (marker) {
      case Marker.COM:
        return "";
      case Marker.DQT:
        return this.quantizationTables(segment);
      case Marker.DHT:
        return this.huffmanTables(segment);
      case Marker.SOF0:
        return this.frameHeader(segment);
      case Marker.DRI:
        this.interval = this.u16(from);
        return segment.length === 2 ? "" : "a restart interval of a wrong length";
      case Marker.SOS:
        return this.scanHeader(segment);
      default:
        return `a marker FF${marker.toString(16).toUpperCase()} that no baseline JPEG has there`;
    }
  }

  private quantizationTables(segment: Uint8Array): Fault {
    for (let at = 0; at < segment.length; at += 65) {
      const number = segment[at]!;
      const values = segment.subarray(at + 1, at + 65);
      if (number > 3 || values.length < 64 || values.includes(0)) return "a quantization table that is none";
      this.quantization.set(number, values[0]!);
    }
    return segment.length > 0 ? "" : "no quantization table in its segment";
  }

  private huffmanTables(segment: Uint8Array): Fault {
    for (let at = 0; at < segment.length;) {
      const number = segment[at]!;
      const counts = segment.subarray(at + 1, at + 17);
      const total = counts.reduce((sum, count) => sum + count, 0);
      const symbols = segment.subarray(at + 17, (at += 17 + total));
      const right = number < 16 ? isSize : isRunAndSize;
      if ((number & 15) > 1 || number > 17 || counts.length < 16 || symbols.length < total || !symbols.every(right))
        return "a Huffman table that is none";
      const table = HuffmanTable.make(counts, symbols);
      if (!table) return "a Huffman table with more codes than there are";
      this.huffman.set(number, table);
    }
    return segment.length > 0 ? "" : "no Huffman table in its segment";
  }

  private frameHeader(segment: Uint8Array): Fault {
    const [precision, , , , , count] = segment;
    if (this.frame) return "a second frame";
    if (segment.length < 6 || segment.length !== 6 + 3 * count!) return "a frame header of a wrong length";
    const height = (segment[1]! << 8) | segment[2]!;
    const width = (segment[3]! << 8) | segment[4]!;
    const components: Component[] = [];
    for (let at = 6; at < segment.length; at += 3)
      components.push({
        id: segment[at]!,
        across: segment[at + 1]! >> 4,
        down: segment[at + 1]! & 15,
        quantization: segment[at + 2]!,
        scanned: false,
      });
    const [across, down] = [largest(components, "across"), largest(components, "down")];
    const known = new Set(components.map(({ id }) => id)).size === count && count > 0 && count <= 4;
    const sampled = components.every((one) => one.across >= 1 && one.across <= 4 && one.down >= 1 && one.down <= 4);
    if (precision !== 8 || width === 0 || height === 0 || !known || !sampled) return "a frame header that is none";
    this.frame = { width, height, across, down, components };
    return "";
  }

  private scanHeader(segment: Uint8Array): Fault {
    const count = segment[0] ?? 0;
    if (!this.frame) return "a scan before its frame";
    if (count < 1 || count > 4 || segment.length !== 4 + 2 * count) return "a scan header of a wrong length";
    // All coefficients at once, in full.
    if (segment[1 + 2 * count] !== 0 || segment[2 + 2 * count] !== 63 || segment[3 + 2 * count] !== 0)
      return "a scan header that is none";
    this.scan = [];
    for (let at = 1; at <= 2 * count; at += 2) {
      const component = this.frame.components.find(({ id }) => id === segment[at]);
      const [dc, ac] = [this.huffman.get(segment[at + 1]! >> 4), this.huffman.get(16 + (segment[at + 1]! & 15))];
      if (!component || component.scanned || !dc || !ac || !this.quantization.has(component.quantization))
        return "a scan of what is not defined";
      component.scanned = true;
      this.units = this.unitsOf(count === 1 ? component : { across: 1, down: 1 });
      const blocks = count === 1 ? 1 : component.across * component.down;
      this.scan.push({ blocks, dc, ac, onlevel: this.planes && this.collect(component, count === 1) });
    }
    return this.scan.reduce((sum, { blocks }) => sum + blocks, 0) > 10 ? "a scan of more blocks than are allowed" : "";
  }

  /** A component alone comes block by block, several together in units of the coarsest one's. */
  private unitsOf({ across, down }: Pick<Component, "across" | "down">): number {
    return this.blocksAcross(across) * this.blocksDown(down);
  }

  /** Of a component with so many samples for one of the coarsest. */
  private blocksAcross(samples: number): number {
    return Math.ceil((this.frame!.width * samples) / this.frame!.across / 8);
  }

  private blocksDown(samples: number): number {
    return Math.ceil((this.frame!.height * samples) / this.frame!.down / 8);
  }

  /** Puts levels, as they come in the scan's order, where their blocks are. */
  private collect(component: Component, alone: boolean): (level: number) => void {
    const { across: x, down: y } = alone ? { across: 1, down: 1 } : component;
    const [across, down] = alone
      ? [this.blocksAcross(component.across), this.blocksDown(component.down)]
      : [this.blocksAcross(1) * x, this.blocksDown(1) * y];
    const means = new Float32Array(across * down);
    const step = this.quantization.get(component.quantization)! / 8;
    this.planes![this.frame!.components.indexOf(component)] = { across, down, means };
    let count = 0;
    return (level) => {
      const unit = Math.floor(count / (x * y));
      const within = count++ % (x * y);
      const column = (unit % (across / x)) * x + (within % x);
      const row = Math.floor(unit / (across / x)) * y + Math.floor(within / x);
      means[row * across + column] = 128 + level * step;
    };
  }

  private u16(at: number): number {
    return at + 1 < this.bytes.length ? (this.bytes[at]! << 8) | this.bytes[at + 1]! : NaN;
  }
}

function largest(components: Component[], direction: "across" | "down"): number {
  return Math.max(0, ...components.map((component) => component[direction]));
}

/** Bits of a difference, of 8-bit samples. */
function isSize(symbol: number): boolean {
  return symbol <= 11;
}

/** Zeros before a coefficient and its bits; 00 and F0 stand for zeros alone. */
function isRunAndSize(symbol: number): boolean {
  return symbol === 0x00 || symbol === 0xf0 || ((symbol & 15) >= 1 && (symbol & 15) <= 10);
}
