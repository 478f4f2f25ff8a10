/** A simulated MLX90614: reads of words by SMBus with a PEC. protocols/device/sensor/mlx90614.ts has the source. */
import { smbusPec } from "../../../protocols/device/sensor/crc8.js";
import type { I2cChip } from "../../bus.js";
import type { Clock } from "../../clock.js";
import { Faults } from "./faults.js";
import type { FaultOptions } from "./faults.js";

export type Mlx90614Fault = "absent" | "stuck" | "error";

export interface Mlx90614Options extends FaultOptions<Mlx90614Fault> {
  address?: number;
  /** °C of what it looks at, and of itself. */
  object?: number;
  ambient?: number;
}

const enum Command {
  ambient = 0x06,
  object = 0x07,
  /** EEPROM: the address, in the lower byte. */
  address = 0x2e,
  flags = 0xf0,
}

const ERROR = 0x8000;

export class Mlx90614 implements I2cChip {
  readonly kind = "i2c";
  readonly address: number;
  object: number;
  ambient: number;
  /** Words of the object's temperature that were read to the end, damaged ones with them. */
  produced = 0;
  readonly faults: Faults<Mlx90614Fault>;
  private command: number | undefined;
  private answer: Uint8Array | undefined;
  private given = 0;

  constructor({ address = 0x5a, object = 36.6, ambient = 24, ...faults }: Mlx90614Options = {}) {
    this.address = address;
    this.object = object;
    this.ambient = ambient;
    this.faults = new Faults(faults);
  }

  get stuck(): boolean {
    return this.faults.fault === "stuck" && this.faults.plugged;
  }

  connect(clock: Clock): void {
    this.faults.connect(clock, () => (this.command = undefined));
  }

  start(reading: boolean): boolean {
    if (this.faults.fault === "absent" || !this.faults.plugged) return false;
    if (!reading) this.command = undefined;
    else if (this.command !== undefined) this.prepare(this.command);
    return true;
  }

  write(byte: number): boolean {
    // It has no command that takes data but those of its EEPROM, which is not simulated.
    if (this.command !== undefined) return false;
    this.command = byte;
    return true;
  }

  read(): number {
    const byte = this.answer?.[this.given++];
    if (this.given === 3 && this.command === Number(Command.object)) this.produced++;
    return byte ?? 0xff;
  }

  stop(): void {
    this.command = undefined;
    this.answer = undefined;
  }

  /** Both addresses, the command and the word are under the PEC. */
  private prepare(command: number): void {
    const word = this.wordOf(command);
    const asked = [this.address << 1, command, (this.address << 1) | 1, word & 0xff, word >> 8];
    const answer = Uint8Array.of(...asked.slice(3), smbusPec(Uint8Array.from(asked)));
    this.answer = this.faults.damage(answer);
    this.given = 0;
  }

  private wordOf(command: Command): number {
    const { fault } = this.faults;
    if (command === Command.object) return toWord(this.object) | (fault === "error" ? ERROR : 0);
    if (command === Command.ambient) return toWord(this.ambient);
    if (command === Command.address) return 0xbe00 | this.address;
    return command === Command.flags ? 0x0010 : 0;
  }
}

function toWord(celsius: number): number {
  return Math.min(0x7fff, Math.max(0x27ad, Math.round((celsius + 273.15) * 50)));
}
