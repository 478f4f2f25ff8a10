/**
 * A simulated MAX30102 under a finger: its registers, the FIFO of 32 samples that overflows, and the interrupt pin. Maxim, MAX30102 data sheet
 * 19-7740. The address stays at 07 in a burst; the read pointer moves with a sample's first byte (page 15), and then the overflow counter
 * is zero again. Slots of the multi-LED mode, the temperature and the ambient light are not simulated.
 */
import type { I2cChip } from "../../bus.js";
import type { Clock, Timer } from "../../clock.js";
import { Faults } from "./faults.js";
import type { FaultOptions } from "./faults.js";
import { DEPTH, SampleFifo } from "./max30102-fifo.js";
import { Fifo, Mode, PART, RATES, Register, REVISION, Status, WRITABLE } from "./max30102-registers.js";
import { light } from "./pleth.js";

export type Max30102Fault = "absent" | "wrong" | "stuck" | "silent" | "nofinger";

export interface Max30102Options extends Omit<FaultOptions<Max30102Fault>, "errors"> {
  /** %, beats a minute. */
  spo2?: number;
  pulse?: number;
}

export interface LightSample {
  red: number;
  infrared: number;
}

/** Counts at an LED current of one step of the register, and without a finger. */
const COUNTS_A_STEP = { red: 3000, infrared: 3600 };
const REFLECTED = 0.01;
const FULL = 0x3ffff;
/** The least of the widths has 15 bits of 18. */
const WIDTHS = 3;

export class Max30102 implements I2cChip {
  readonly kind = "i2c";
  readonly address = 0x57;
  spo2: number;
  pulse: number;
  /** Samples measured; of those `lost` found the FIFO full. */
  produced = 0;
  readonly faults: Faults<Max30102Fault>;
  /** Called with each sample measured. */
  onSample: ((sample: LightSample) => void) | undefined;

  private clock: Clock | undefined;
  private timer: Timer | undefined;
  private readonly registers = new Uint8Array(256);
  private readonly fifo = new SampleFifo();
  private listener: ((level: boolean) => void) | undefined;
  private level = true;
  /** Register of the next byte, once a write has given it. */
  private register: number | undefined;
  private begun = 0;
  private ticks = 0;

  constructor({ spo2 = 97, pulse = 72, ...faults }: Max30102Options = {}) {
    this.spo2 = spo2;
    this.pulse = pulse;
    this.faults = new Faults(faults);
    this.reset();
  }

  get lost(): number {
    return this.fifo.lost;
  }

  /** Called when the interrupt pin changes, and with what it is now: low is an interrupt. */
  set onInt(listener: ((level: boolean) => void) | undefined) {
    this.listener = listener;
    listener?.(this.level);
  }

  get stuck(): boolean {
    return this.faults.fault === "stuck" && this.faults.plugged;
  }

  connect(clock: Clock): void {
    this.clock = clock;
    this.faults.connect(clock, (plugged) => (plugged ? this.power() : this.unpower()));
    if (this.faults.plugged) this.power();
  }

  /** The simulation is over. */
  close(): void {
    this.timer?.cancel();
  }

  start(reading: boolean): boolean {
    if (this.faults.fault === "absent" || !this.faults.plugged) return false;
    if (!reading) this.register = undefined;
    this.fifo.begin();
    return true;
  }

  write(byte: number): boolean {
    if (this.register === undefined) this.register = byte;
    else {
      this.set(this.register, byte);
      this.advance();
    }
    return true;
  }

  read(): number {
    const byte = this.get(this.register ?? 0);
    this.advance();
    return byte;
  }

  stop(): void {}

  private advance(): void {
    if (this.register !== Register.data) this.register = ((this.register ?? 0) + 1) & 0xff;
  }

  private power(): void {
    this.reset();
    this.registers[Register.status1]! |= Status.power;
    this.interrupt();
  }

  private unpower(): void {
    this.reset();
    // Its pin is open, and the board's resistor pulls it up.
    this.interrupt();
  }

  private reset(): void {
    this.timer?.cancel();
    this.registers.fill(0);
    this.registers[Register.part] = this.faults.fault === "wrong" ? 0x11 : PART;
    this.registers[Register.revision] = REVISION;
    this.fifo.clear();
  }

  private get(register: Register): number {
    const place = placeOf(register);
    if (place !== undefined) return this.fifo.get(place);
    if (register === Register.data) {
      if (this.fifo.held > 0) this.clear(Register.status1, Status.ready);
      return this.fifo.pop();
    }
    const value = this.registers[register]!;
    if (register === Register.status1 || register === Register.status2) this.clear(register, 0xff);
    return value;
  }

  private set(register: Register, value: number): void {
    const { registers } = this;
    const place = placeOf(register);
    if (place !== undefined) this.fifo.set(place, value);
    if (!WRITABLE.includes(register)) return;
    registers[register] = value;
    if (register === Register.mode && value & Mode.reset) this.reset();
    if (register === Register.mode || register === Register.spo2 || register === Register.fifo) this.run();
    this.interrupt();
  }

  private clear(register: Register, bits: number): void {
    this.registers[register]! &= ~bits;
    this.interrupt();
  }

  /** Measures at the rate that the registers say, from now on. */
  private run(): void {
    this.timer?.cancel();
    const mode = this.registers[Register.mode]!;
    const which = mode & Mode.which;
    if (mode & Mode.shutdown || (which !== Number(Mode.spo2) && which !== Number(Mode.heartRate))) return;
    if (!this.clock || this.faults.fault === "silent") return;
    this.begun = this.clock.now();
    this.ticks = 0;
    this.schedule();
  }

  /** Milliseconds a sample of the FIFO: so many measurements are one. */
  private get period(): number {
    const rate = RATES[(this.registers[Register.spo2]! >> 2) & 7]!;
    const averaged = Math.min(32, 1 << (this.registers[Register.fifo]! >> 5));
    return (1000 * averaged) / rate;
  }

  private schedule(): void {
    const clock = this.clock!;
    const ms = this.begun + ++this.ticks * this.period - clock.now();
    this.timer = (clock.within ?? clock.after).call(clock, Math.max(0, ms), () => {
      this.measure();
      this.schedule();
    });
  }

  private measure(): void {
    const { registers } = this;
    const sample = this.sample(this.clock!.now() / 1000);
    this.produced++;
    this.onSample?.(sample);
    const single = (registers[Register.mode]! & Mode.which) === Number(Mode.heartRate);
    const bytes = [sample.red, ...(single ? [] : [sample.infrared])].flatMap(triplet);
    const rollover = Boolean(registers[Register.fifo]! & Fifo.rollover);
    this.fifo.push(Uint8Array.from(bytes), rollover);
    registers[Register.status1]! |= Status.ready;
    if (this.fifo.held === DEPTH - (registers[Register.fifo]! & Fifo.left))
      registers[Register.status1]! |= Status.almostFull;
    this.interrupt();
  }

  private sample(seconds: number): LightSample {
    const { registers } = this;
    const [red, infrared] = this.faults.fault === "nofinger" ? [REFLECTED, REFLECTED] : light(seconds, this);
    const unused = (1 << (WIDTHS - (registers[Register.spo2]! & 3))) - 1;
    const counts = (part: number, led: number, step: number): number =>
      Math.min(FULL, Math.round(part * led * step)) & ~unused;
    return {
      red: counts(red, registers[Register.led1]!, COUNTS_A_STEP.red),
      infrared: counts(infrared, registers[Register.led2]!, COUNTS_A_STEP.infrared),
    };
  }

  /** The pin is low while anything is told that is enabled; that the power came is always told. */
  private interrupt(): void {
    const { registers } = this;
    const told = registers[Register.status1]! & (registers[Register.enable1]! | Status.power);
    const level = told === 0;
    if (level === this.level) return;
    this.level = level;
    this.listener?.(level);
  }
}

function triplet(counts: number): number[] {
  return [counts >> 16, (counts >> 8) & 0xff, counts & 0xff];
}

/** Of the FIFO's pointers and counter. */
function placeOf(register: Register): number | undefined {
  return register >= Register.writePointer && register <= Register.readPointer
    ? register - Register.writePointer
    : undefined;
}
