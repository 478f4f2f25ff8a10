/** One-wire in the simulator: what a device must offer, and the wire that devices hang on. All at the level of bytes. */
import type { Clock } from "./clock.js";

/** A device's end of the wire. */
export interface OneWireDevice {
  readonly kind: "onewire";
  /** Family, serial number (6), CRC: the lowest bit of the first byte is sent first. */
  readonly rom: Uint8Array;
  connect(clock: Clock): void;
  /** The master pulls the wire low. @returns whether it says that it is there */
  reset(): boolean;
  write(byte: number): void;
  /** @returns what it drives: ones where it is silent */
  read(): number;
  /** The simulation is over: timers go. */
  close?(): void;
}

export class OneWireBus {
  constructor(readonly devices: readonly OneWireDevice[]) {}

  /** @returns whether anybody is there */
  reset(): boolean {
    return this.devices.map((device) => device.reset()).some(Boolean);
  }

  write(byte: number): void {
    for (const device of this.devices) device.write(byte);
  }

  /** A zero of one is a zero of all. */
  read(): number {
    return this.devices.reduce((all, device) => all & device.read(), 0xff);
  }

  /** What a search finds: the ROMs of all that are there, in the order of their bits as a search walks through them, zeros first. */
  search(): Uint8Array[] {
    const there = this.devices.filter((device) => device.reset()).map(({ rom }) => rom);
    return there.sort((a, b) => (order(a) < order(b) ? -1 : 1));
  }
}

function order(rom: Uint8Array): string {
  return [...rom].map((byte) => [...byte.toString(2).padStart(8, "0")].reverse().join("")).join("");
}
