/**
 * The board's flash: the emulated flash controller has no chip behind it, so the entries of the boot ROM by which
 * programs erase and write take their way to here.
 */
import type { RP2040 } from "rp2040js";
import { failure } from "../simulation.js";
import type { EmulatedTime } from "./time.js";

/** Of the Pico: a W25Q16JV. */
export const FLASH_BYTES = 2 * 1024 * 1024;
/** Its typical times: a sector of 4 KB is erased in 45 ms, a page of 256 B written in 0.4 ms. The chip waits, interrupts off. */
const SECTOR = 4096;
const ERASE_NS = 45e6;
const PAGE = 256;
const PROGRAM_NS = 0.4e6;
const BLANK = 0xff;

/** RP2040 data sheet 2.8.3: where the boot ROM says at which address its table of functions is, each a code of two letters and an address. */
const ROM_BYTES = 16384;
const TABLE_POINTER = 0x14;
const HOOKED = ["IF", "EX", "RE", "RP", "FC", "CX"] as const;
type Hook = (typeof HOOKED)[number];

/** Thumb: `bkpt #n` calls the hook, `bx lr` returns. */
const BKPT = 0xbe00;
const BX_LR = 0x4770;

/**
 * The boot ROM with hooks in place of what drives the flash.
 * @throws Error EINVAL when it is none
 */
export function hookedBootRom(rom: Uint8Array): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(ROM_BYTES / 4);
  const view = new DataView(words.buffer);
  new Uint8Array(words.buffer).set(rom.subarray(0, ROM_BYTES));
  if (rom.length !== ROM_BYTES || String.fromCharCode(...rom.subarray(0x10, 0x12)) !== "Mu")
    throw failure(
      "EINVAL",
      `PICO_BOOTROM is no boot ROM of an RP2040: give its ${ROM_BYTES} bytes as they lie in the chip`,
    );
  for (let at = view.getUint16(TABLE_POINTER, true); view.getUint16(at, true) !== 0; at += 4) {
    const code = String.fromCharCode(view.getUint8(at), view.getUint8(at + 1));
    const number = HOOKED.indexOf(code as Hook);
    if (number < 0) continue;
    const entry = view.getUint16(at + 2, true) & ~1;
    view.setUint16(entry, BKPT | number, true);
    view.setUint16(entry + 2, BX_LR, true);
  }
  return words;
}

/** Does what the boot ROM's functions would do, in the time that the flash takes for it. */
export function onRomCall(chip: RP2040, time: EmulatedTime, number: number): void {
  const [offset, second, third] = chip.core.registers as unknown as [number, number, number];
  const hook = HOOKED[number];
  if (hook === "RE") {
    chip.flash.fill(BLANK, offset, offset + second);
    time.advance(ERASE_NS * Math.ceil(second / SECTOR));
  } else if (hook === "RP") {
    // Writing takes bits from 1 to 0 and never back.
    for (let i = 0; i < third; i++) chip.flash[offset + i]! &= chip.readUint8(second + i);
    time.advance(PROGRAM_NS * Math.ceil(third / PAGE));
  }
}
