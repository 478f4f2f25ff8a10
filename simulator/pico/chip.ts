/** The emulator with shorter ways to memory: nearly all that a processor does is to fetch, to load and to store. */
import { RP2040 } from "rp2040js";

const FLASH = 0x10000000;
const FLASH_SIZE = 0x1000000;
const RAM = 0x20000000;
const RAM_SIZE = 264 * 1024;

export class Chip extends RP2040 {
  private readonly flash32 = new Int32Array(this.flash.buffer);
  private readonly ram16 = new Uint16Array(this.sram.buffer);
  private readonly ram32 = new Int32Array(this.sram.buffer);

  override readUint32(address: number): number {
    const inRam = address - RAM;
    if (inRam >= 0 && inRam < RAM_SIZE && (address & 3) === 0) return this.ram32[inRam >> 2]! >>> 0;
    const inFlash = address - FLASH;
    if (inFlash >= 0 && inFlash < FLASH_SIZE && (address & 3) === 0) return this.flash32[inFlash >> 2]! >>> 0;
    return super.readUint32(address);
  }

  override readUint16(address: number): number {
    const inFlash = address - FLASH;
    if (inFlash >= 0 && inFlash < FLASH_SIZE) return this.flash16[inFlash >> 1]!;
    const inRam = address - RAM;
    if (inRam >= 0 && inRam < RAM_SIZE) return this.ram16[inRam >> 1]!;
    return super.readUint16(address);
  }

  override writeUint32(address: number, value: number): void {
    const inRam = address - RAM;
    if (inRam >= 0 && inRam < RAM_SIZE && (address & 3) === 0) this.ram32[inRam >> 2] = value;
    else super.writeUint32(address, value);
  }
}
