/** I2C and SPI in the simulator: what a chip must offer, and the buses that chips hang on. */
import type { Clock } from "./clock.js";

/** A chip's end of an I2C bus. */
export interface I2cChip {
  readonly kind: "i2c";
  /** 7 bits. */
  readonly address: number;
  /** It holds the bus low: nothing passes. */
  readonly stuck: boolean;
  /** Called when its interrupt pin changes, of a chip that has one. */
  onInt?: ((level: boolean) => void) | undefined;
  connect(clock: Clock): void;
  /** A START or repeated START with its address. @returns whether it acknowledges */
  start(reading: boolean): boolean;
  /** @returns whether it acknowledges the byte */
  write(byte: number): boolean;
  read(): number;
  stop(): void;
  /** The simulation is over: timers go. */
  close?(): void;
}

/** A chip's end of an SPI bus. */
export interface SpiChip {
  readonly kind: "spi";
  connect(clock: Clock): void;
  /** The bus is set up: bits a second, mode 0 to 3. Where nobody tells, it is as the chip wants it. */
  setClock?(hz: number, mode: number): void;
  select(on: boolean): void;
  /** @returns what it says while it hears a byte */
  exchange(byte: number): number;
  /** The simulation is over: timers go. */
  close?(): void;
}

export type Chip = I2cChip | SpiChip;

/** How a transfer ended: nobody acknowledged the address, or not all bytes; the bus is held low. */
export type I2cOutcome = "done" | "nobody" | "refused" | "stuck";

export class I2cBus {
  constructor(readonly chips: readonly I2cChip[]) {}

  write(address: number, data: Uint8Array, stop: boolean): I2cOutcome {
    const chip = this.start(address, false);
    if (typeof chip === "string") return chip;
    const taken = data.every((byte) => chip.write(byte));
    if (stop || !taken) chip.stop();
    return taken ? "done" : "refused";
  }

  read(address: number, count: number, stop: boolean): Uint8Array | I2cOutcome {
    const chip = this.start(address, true);
    if (typeof chip === "string") return chip;
    const data = Uint8Array.from({ length: count }, () => chip.read());
    if (stop) chip.stop();
    return data;
  }

  private start(address: number, reading: boolean): I2cChip | I2cOutcome {
    if (this.chips.some(({ stuck }) => stuck)) return "stuck";
    return this.chips.find((chip) => chip.address === address && chip.start(reading)) ?? "nobody";
  }
}

export class SpiBus {
  /** @param chips each with its number among the chip selects */
  constructor(readonly chips: readonly SpiChip[]) {}

  /** @param selected which chips hear it; a line that nobody drives reads as ones */
  exchange(selected: readonly SpiChip[], data: Uint8Array): Uint8Array {
    return data.map((byte) => selected.reduce((all, chip) => all & chip.exchange(byte), 0xff));
  }
}

export type Bus = I2cBus | SpiBus;

/** The bus of a port, with what hangs on it. */
export function busOf(port: string, chips: readonly Chip[]): Bus {
  return port.startsWith("I2C")
    ? new I2cBus(chips.filter((chip) => chip.kind === "i2c"))
    : new SpiBus(chips.filter((chip) => chip.kind === "spi"));
}
