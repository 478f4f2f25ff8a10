/** A simulated DS18B20: commands of its ROM and its scratchpad, conversions in their time. Maxim, DS18B20 data sheet 19-7487. */
import { oneWireCrc } from "../../../protocols/device/sensor/crc8.js";
import type { Clock } from "../../clock.js";
import type { OneWireDevice } from "../../onewire.js";
import { Faults } from "./faults.js";
import type { FaultOptions } from "./faults.js";

/** wrong: it is a DS18S20. */
export type Ds18b20Fault = "absent" | "wrong" | "stuck" | "brownout";

export interface Ds18b20Options extends FaultOptions<Ds18b20Fault> {
  /** °C */
  temperature?: number;
  /** Of the ROM. */
  serial?: number;
}

const enum Command {
  readRom = 0x33,
  matchRom = 0x55,
  skipRom = 0xcc,
  convert = 0x44,
  readScratchpad = 0xbe,
  writeScratchpad = 0x4e,
  readPower = 0xb4,
}

const FAMILY = 0x28;
/** A DS18S20 has the same commands, half degrees, and no resolution to be set: byte 4 is reserved. Maxim, DS18S20 data sheet 19-5474. */
const OTHER_FAMILY = 0x10;
const RESERVED = 0xff;
/** Of its steps in one of a DS18B20. */
const COARSER = 8;
const CONVERSION_MS = 750;
/** 85 °C, in sixteenths. */
const POWER_ON = 0x0550;
const SCRATCHPAD = 9;

/** What it waits for: nothing, a command of the ROM, a ROM that may be its own, a command of its own, bytes to write, to be read. */
type State = "deaf" | "rom" | "match" | "function" | "write" | "read" | "converting";

export class Ds18b20 implements OneWireDevice {
  readonly kind = "onewire";
  readonly rom: Uint8Array;
  temperature: number;
  /** Scratchpads that were read to the end, damaged ones with them. */
  produced = 0;
  readonly faults: Faults<Ds18b20Fault>;
  private clock: Clock | undefined;
  private state: State = "deaf";
  private heard: number[] = [];
  private answer: number[] = [];
  private steps = POWER_ON;
  private alarms = [0x4b, 0x46];
  private configuration = 0x7f;
  /** When a conversion ends, and what it will have found. */
  private converting: { until: number; steps: number } | undefined;

  constructor({ temperature = 36.5, serial = 1, ...faults }: Ds18b20Options = {}) {
    this.temperature = temperature;
    this.faults = new Faults(faults);
    const family = this.other ? OTHER_FAMILY : FAMILY;
    const rom = [family, ...[0, 8, 16, 24].map((shift) => (serial >>> shift) & 0xff), 0, 0];
    this.rom = Uint8Array.of(...rom, oneWireCrc(Uint8Array.from(rom)));
  }

  connect(clock: Clock): void {
    this.clock = clock;
    this.faults.connect(clock, () => this.power());
  }

  reset(): boolean {
    // A wire that is held low looks like a device that says it is there.
    if (this.stuck) return true;
    if (this.faults.fault === "absent" || !this.faults.plugged) return false;
    this.finish();
    this.state = "rom";
    this.heard = [];
    return true;
  }

  write(byte: number): void {
    if (this.stuck || !this.faults.plugged) return;
    if (this.state === "rom") this.romCommand(byte);
    else if (this.state === "function") this.command(byte);
    else if (this.state === "match" || this.state === "write") {
      this.heard.push(byte);
      if (this.state === "match" && this.heard.length === this.rom.length)
        this.state = this.heard.every((byte, i) => byte === this.rom[i]) ? "function" : "deaf";
      if (this.state === "write" && this.heard.length === (this.other ? 2 : 3)) this.configure();
    }
  }

  read(): number {
    if (this.stuck) return 0;
    if (!this.faults.plugged) return 0xff;
    this.finish();
    if (this.state === "converting") return this.converting ? 0x00 : 0xff;
    if (this.state !== "read") return 0xff;
    const byte = this.answer.shift();
    if (this.answer.length === 0 && byte !== undefined && this.heard[0] === Number(Command.readScratchpad)) {
      this.produced++;
      this.heard = [];
    }
    return byte ?? 0xff;
  }

  private get other(): boolean {
    return this.faults.fault === "wrong";
  }

  private get stuck(): boolean {
    return this.faults.fault === "stuck" && this.faults.plugged;
  }

  /** What was in the scratchpad is gone. */
  private power(): void {
    this.state = "deaf";
    this.steps = POWER_ON;
    this.converting = undefined;
  }

  private romCommand(byte: Command): void {
    this.state = byte === Command.skipRom ? "function" : byte === Command.matchRom ? "match" : "deaf";
    if (byte === Command.readRom) this.say([...this.rom]);
  }

  private command(byte: Command): void {
    this.state = "deaf";
    this.heard = [];
    if (byte === Command.convert) this.convert();
    else if (byte === Command.readScratchpad) {
      this.say([...this.faults.damage(this.scratchpad())]);
      this.heard = [byte];
    } else if (byte === Command.writeScratchpad) this.state = "write";
    else if (byte === Command.readPower) this.say([0xff]);
  }

  private say(bytes: number[]): void {
    this.answer = bytes;
    this.state = "read";
  }

  private convert(): void {
    const unused = 3 - ((this.configuration >> 5) & 3);
    const steps = (Math.round(this.temperature * 16) >> unused) << unused;
    this.converting = { until: this.now + CONVERSION_MS / (1 << unused), steps };
    this.state = "converting";
  }

  /** A supply that breaks down when it converts leaves the value of power-on. */
  private finish(): void {
    if (!this.converting || this.now < this.converting.until) return;
    this.steps = this.faults.fault === "brownout" ? POWER_ON : this.converting.steps;
    this.converting = undefined;
  }

  private configure(): void {
    this.alarms = this.heard.slice(0, 2);
    if (!this.other) this.configuration = (this.heard[2]! & 0x60) | 0x1f;
    this.state = "deaf";
  }

  private scratchpad(): Uint8Array {
    const word = (this.other ? Math.round(this.steps / COARSER) : this.steps) & 0xffff;
    const fifth = this.other ? RESERVED : this.configuration;
    const bytes = [word & 0xff, word >> 8, ...this.alarms, fifth, 0xff, 0x0c, 0x10];
    const scratchpad = new Uint8Array(SCRATCHPAD);
    scratchpad.set([...bytes, oneWireCrc(Uint8Array.from(bytes))]);
    return scratchpad;
  }

  private get now(): number {
    return this.clock?.now() ?? 0;
  }
}
