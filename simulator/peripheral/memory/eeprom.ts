/**
 * A 24C02: 256 bytes of EEPROM on I2C. Written from the data sheet of Microchip's 24AA02/24LC02B (DS21709): pages of
 * eight bytes whose address wraps within the page, a write cycle of 5 ms at most in which it acknowledges nothing.
 */
import type { I2cChip } from "../../bus.js";
import type { Clock } from "../../clock.js";

const SIZE = 256;
const PAGE = 8;
const WRITE_CYCLE_MS = 5;

export interface EepromOptions {
  /** 0x50 to 0x57, by its pins A0 to A2. */
  address?: number;
  /** It holds the data line low for ever, as after a reset within a byte. */
  stuck?: boolean;
}

export class Eeprom implements I2cChip {
  readonly kind = "i2c";
  readonly address: number;
  stuck: boolean;
  /** As when it leaves the factory. */
  readonly memory = new Uint8Array(SIZE).fill(0xff);
  private clock: Clock | undefined;
  private pointer = 0;
  private addressed = false;
  private page: { at: number; byte: number }[] = [];
  private busyUntil = 0;

  constructor({ address = 0x50, stuck = false }: EepromOptions = {}) {
    this.address = address;
    this.stuck = stuck;
  }

  connect(clock: Clock): void {
    this.clock = clock;
  }

  start(reading: boolean): boolean {
    if (this.now < this.busyUntil) return false;
    // A repeated START forgets what was to be written.
    this.page = [];
    if (!reading) this.addressed = false;
    return true;
  }

  write(byte: number): boolean {
    if (!this.addressed) {
      this.pointer = byte;
      this.addressed = true;
      return true;
    }
    this.page.push({ at: this.pointer, byte });
    this.pointer = (this.pointer & ~(PAGE - 1)) | ((this.pointer + 1) & (PAGE - 1));
    return true;
  }

  read(): number {
    const byte = this.memory[this.pointer]!;
    this.pointer = (this.pointer + 1) % SIZE;
    return byte;
  }

  stop(): void {
    if (this.page.length === 0) return;
    for (const { at, byte } of this.page) this.memory[at] = byte;
    this.page = [];
    this.busyUntil = this.now + WRITE_CYCLE_MS;
  }

  private get now(): number {
    return this.clock?.now() ?? 0;
  }
}
