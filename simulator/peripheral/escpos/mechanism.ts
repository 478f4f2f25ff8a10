/** The printer behind its receive buffer: settings, stored pictures and paper. Commands work on it. */
import type { Bitmap } from "./bitmap.js";
import type { Paper } from "./paper.js";
import { Typesetter } from "./typesetter.js";

/** Where the text of a barcode goes. */
export interface BarcodeSettings {
  /** Dots. */
  height: number;
  /** Dots of the narrowest bar. */
  module: number;
  /** Bit 0 above, bit 1 below. */
  textAt: number;
  /** Font of that text is B. */
  small: boolean;
}

export interface QrSettings {
  /** Dots a module. */
  module: number;
  level: "L" | "M" | "Q" | "H";
  /** What GS ( k function 80 stored. */
  data: Uint8Array;
}

/** What a command can ask of the printer around the mechanism. */
export interface MechanismEvents {
  /** Bytes for the host. */
  reply(bytes: Uint8Array): void;
  /** GS a. */
  autoStatus(mask: number): void;
  /** Paper sensors as GS r 1 answers them, drawer as GS r 2 does. */
  sensors(): { paper: number; drawer: number };
  /** ESC @ was carried out. */
  initialized(): void;
  /** GS V. */
  cut(): void;
}

export class Mechanism {
  readonly set: Typesetter;
  barcode: BarcodeSettings = defaultBarcode();
  qr: QrSettings = defaultQr();
  /** GS ( L function 112, waiting for function 50. */
  graphics: Bitmap | undefined;
  /** GS *. */
  downloaded: Bitmap | undefined;
  /** FS q: kept without power. */
  stored: Bitmap[] = [];
  /** Commands that were understood but have no effect here, and how often. */
  readonly ignored: Record<string, number> = {};

  constructor(
    readonly paper: Paper,
    readonly events: MechanismEvents,
  ) {
    this.set = new Typesetter(paper);
  }

  /** ESC @. */
  initialize(): void {
    this.set.reset();
    this.barcode = defaultBarcode();
    this.qr = defaultQr();
    this.graphics = undefined;
    this.downloaded = undefined;
  }
}

function defaultBarcode(): BarcodeSettings {
  return { height: 162, module: 3, textAt: 0, small: false };
}

function defaultQr(): QrSettings {
  return { module: 3, level: "L", data: new Uint8Array(0) };
}
