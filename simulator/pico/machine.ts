/**
 * A Raspberry Pi Pico without hardware: the RP2040's emulator with what it lacks put beside it, and its run loop. The
 * same image, files and seed give the same run, cycle for cycle.
 */
import { BasePeripheral } from "rp2040js";
import type { RP2040 } from "rp2040js";
import { Random } from "../random.js";
import { Voltages } from "./adc.js";
import { Chip } from "./chip.js";
import { FLASH_BYTES, hookedBootRom, onRomCall } from "./flash.js";
import { I2cPort } from "./i2c.js";
import { Pins } from "./pins.js";
import { Pl011 } from "./pl011.js";
import { ChipClock, EmulatedTime } from "./time.js";
import { UsbCable } from "./usb.js";

export interface MachineOptions {
  /** What lies in flash from its beginning. */
  flash: Uint8Array;
  bootRom: Uint8Array;
  seed: number;
  /** Whether a host has its USB port open: true by default. Without one the interpreter sleeps while there is nothing to do. */
  usb?: boolean | undefined;
  log?: (line: string) => void;
}

/** Where peripherals lie in the emulator's table: their address without its last 12 bits. */
const enum At {
  uart = 0x40034,
  i2c = 0x40044,
  timer = 0x40054,
  watchdog = 0x40058,
  oscillator = 0x40060,
}

const I2C_IRQ = 23;
/** The chip's timer: the first and the last of its alarms. */
const ALARM_0 = 0x10;
const ALARM_3 = 0x1c;
const RANDOM_BIT = 0x1c;
/** The program's second stage of booting, which the boot ROM calls. */
const ENTRY = 0x10000000;
/** High while the USB cable is plugged. */
const VBUS = "D24";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

export class Machine {
  readonly time = new EmulatedTime();
  readonly pins = new Pins();
  readonly voltages = new Voltages(this.time);
  readonly usb: UsbCable;
  /** Of the present boot. */
  chip!: RP2040;
  uarts: Pl011[] = [];
  i2cs: I2cPort[] = [];
  /** Times it has started. */
  boots = 0;
  /** Cycles that the processor was awake. */
  busyCycles = 0;
  /** Called for each boot, when the chip is there and before it runs. */
  onboot: () => void = () => {};
  private readonly rom: Uint32Array<ArrayBuffer>;
  private readonly random: Random;
  private clock: ChipClock | undefined;
  private nsPerCycle = 8;
  private restart = false;

  constructor(private readonly options: MachineOptions) {
    this.rom = hookedBootRom(options.bootRom);
    this.random = new Random(options.seed);
    this.usb = new UsbCable(this.time, options.usb ?? true);
  }

  get flash(): Uint8Array {
    return this.chip.flash.subarray(0, FLASH_BYTES);
  }

  /** Switches it on, or off and on: flash stays. */
  powerCycle(): void {
    const flash = this.boots++ ? this.flash.slice() : this.options.flash;
    this.clock?.end();
    for (const port of [...this.uarts, ...this.i2cs]) port.end();
    this.clock = new ChipClock(this.time);
    const chip = (this.chip = new Chip(this.clock));
    chip.logger = silent;
    // The emulator forgets its flash with this.
    chip.loadBootrom(this.rom);
    chip.flash.set(flash);
    chip.onBreak = (number) => onRomCall(chip, this.time, number);
    this.nsPerCycle = 1e9 / chip.clkSys;
    chip.addClockListener((hz) => (this.nsPerCycle = 1e9 / hz));
    this.equip(chip, this.clock);
    this.onboot();
    this.pins.drive(VBUS, true);
    chip.core.PC = ENTRY;
  }

  /** Runs until `ms` of the machine's time, and stops before it only for an error in a peripheral. */
  runTo(ms: number): void {
    const { time } = this;
    const end = ms * 1e6;
    while (time.nanos < end) {
      if (this.restart) {
        this.restart = false;
        this.powerCycle();
      }
      this.run(end);
    }
  }

  /** Executes, or skips to the next alarm while the processor sleeps, until `end` or a restart. */
  private run(end: number): void {
    const { time, chip } = this;
    const { core } = chip;
    const before = core.cycles;
    while (time.nanos < end && !this.restart) {
      if (core.waiting) {
        time.advanceTo(Math.min(time.due, end));
        continue;
      }
      const until = time.nanos + core.executeInstruction() * this.nsPerCycle;
      if (until < time.due) time.nanos = Math.max(time.nanos, until);
      else time.advanceTo(until);
    }
    this.busyCycles += core.cycles - before;
  }

  private equip(chip: RP2040, clock: ChipClock): void {
    const { peripherals } = chip;
    const { log } = this.options;
    this.uarts = [0, 1].map((i) => new Pl011(chip, `Serial${i + 1}`, this.time, log));
    this.i2cs = [0, 1].map((i) => new I2cPort(chip, `I2C${i + 1}`, I2C_IRQ + i, this.time));
    for (const i of [0, 1]) {
      peripherals[At.uart + 4 * i] = this.uarts[i]!;
      peripherals[At.i2c + 4 * i] = chip.i2c[i] = this.i2cs[i]!;
    }
    peripherals[At.oscillator] = new Oscillator(chip, this.random);
    const watchdog = peripherals[At.watchdog] as unknown as { onWatchdogTrigger: () => void };
    watchdog.onWatchdogTrigger = () => {
      // It would fire for ever.
      clock.end();
      this.restart = true;
    };
    const timer = peripherals[At.timer]!;
    const write = timer.writeUint32.bind(timer);
    timer.writeUint32 = (offset, value) => {
      clock.wholeMicros = offset >= ALARM_0 && offset <= ALARM_3;
      write(offset, value);
      clock.wholeMicros = false;
    };
    this.pins.attach(chip);
    this.voltages.attach(chip.adc);
    this.usb.attach(chip);
  }
}

/** The ring oscillator: what the chip takes its randomness from. */
class Oscillator extends BasePeripheral {
  constructor(
    chip: RP2040,
    private readonly random: Random,
  ) {
    super(chip, "ROSC");
  }

  override readUint32(offset: number): number {
    return offset === RANDOM_BIT ? this.random.next() & 1 : 0xffffffff;
  }
}
