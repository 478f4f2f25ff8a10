/**
 * A serial flash of the 25 series on SPI: identification, status, read, write enable, page program, sector erase. Written
 * from the data sheet of Winbond's W25Q80DV; only the first sectors hold anything.
 */
import type { SpiChip } from "../../bus.js";
import type { Clock } from "../../clock.js";

const enum Command {
  pageProgram = 0x02,
  read = 0x03,
  writeDisable = 0x04,
  readStatus = 0x05,
  writeEnable = 0x06,
  sectorErase = 0x20,
  readId = 0x9f,
}

/** Manufacturer, type, and the logarithm of the size: Winbond, 1 MiB. */
const ID = [0xef, 0x40, 0x14];
const SIZE = 16_384;
const PAGE = 256;
const SECTOR = 4_096;
const PROGRAM_MS = 0.7;
const ERASE_MS = 60;

const BUSY = 0x01;
const ENABLED = 0x02;

export class SerialFlash implements SpiChip {
  readonly kind = "spi";
  readonly memory = new Uint8Array(SIZE).fill(0xff);
  private clock: Clock | undefined;
  private heard: number[] = [];
  private selected = false;
  private enabled = false;
  private busyUntil = 0;

  connect(clock: Clock): void {
    this.clock = clock;
  }

  select(on: boolean): void {
    if (this.selected && !on) this.finish();
    this.selected = on;
    this.heard = [];
  }

  exchange(byte: number): number {
    const n = this.heard.push(byte) - 1;
    const [command] = this.heard;
    if (n === 0) return 0xff;
    if (command === Command.readStatus) return (this.busy ? BUSY : 0) | (this.enabled ? ENABLED : 0);
    if (this.busy) return 0xff;
    if (command === Command.readId) return ID[(n - 1) % ID.length]!;
    if (command === Command.read && n > 3) return this.memory[(this.place + n - 4) % SIZE]!;
    return 0xff;
  }

  /** The rising edge of chip select is what begins to write. */
  private finish(): void {
    const [command] = this.heard;
    if (this.busy) return;
    if (command === Command.writeEnable) this.enabled = true;
    if (command === Command.writeDisable) this.enabled = false;
    if (!this.enabled || this.heard.length < 4) return;
    if (command === Command.sectorErase) {
      const from = this.place & ~(SECTOR - 1);
      this.memory.fill(0xff, from, from + SECTOR);
      this.wait(ERASE_MS);
    } else if (command === Command.pageProgram) {
      const page = this.place & ~(PAGE - 1);
      this.heard.slice(4).forEach((byte, i) => (this.memory[page | ((this.place + i) & (PAGE - 1))]! &= byte));
      this.wait(PROGRAM_MS);
    }
  }

  private wait(ms: number): void {
    this.enabled = false;
    this.busyUntil = this.now + ms;
  }

  private get place(): number {
    const [, high = 0, middle = 0, low = 0] = this.heard;
    return ((high << 16) | (middle << 8) | low) % SIZE;
  }

  private get busy(): boolean {
    return this.now < this.busyUntil;
  }

  private get now(): number {
    return this.clock?.now() ?? 0;
  }
}
