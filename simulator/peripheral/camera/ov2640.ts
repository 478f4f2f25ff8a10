/** A simulated OV2640 on I2C: banks of registers by SCCB, of which those of the image's form and size count. OmniVision, OV2640 data sheet 1.6 and SCCB 2.2. */
import { Sensor, SENSOR } from "../../../protocols/device/camera/ov2640.js";
import type { I2cChip } from "../../bus.js";
import type { Clock } from "../../clock.js";
import type { Size } from "./frames.js";

/** It hears nothing for so long after its reset bit. */
const RESET_MS = 50;
const PRODUCT = [0x26, 0x42];
/** Of another sensor, OV7725. */
const OTHER = [0x77, 0x21];

export interface SensorState {
  /** Whether it has power, is not held in reset and not in standby. */
  runs(): boolean;
  /** It is another one. */
  wrong(): boolean;
  /** It does not take a byte, this time. */
  refuses(): boolean;
}

export class Ov2640 implements I2cChip {
  readonly kind = "i2c";
  readonly address = SENSOR;
  readonly stuck = false;
  /** Registers that were written. */
  writes = 0;
  private clock: Clock | undefined;
  private banks = [new Uint8Array(256), new Uint8Array(256)];
  private bank = 0;
  private register = 0;
  private taken = 0;
  /** SCCB knows no repeated START. */
  private open = false;
  private deafUntil = 0;

  constructor(private readonly state: SensorState) {}

  connect(clock: Clock): void {
    this.clock = clock;
  }

  /** The power comes, or its reset bit. */
  reset(): void {
    this.banks = [new Uint8Array(256), new Uint8Array(256)];
    this.bank = this.register = 0;
    this.open = false;
  }

  get jpeg(): boolean {
    return (this.banks[Sensor.dsp]![Sensor.format]! & Sensor.jpegBit) !== 0;
  }

  get size(): Size {
    const dsp = this.banks[Sensor.dsp]!;
    const upper = dsp[Sensor.upper]!;
    const width = 4 * (dsp[Sensor.width]! | ((upper & 3) << 8));
    const height = 4 * (dsp[Sensor.height]! | ((upper & 4) << 6));
    return `${width}x${height}`;
  }

  /** 1 to 100, as encoders of JPEG take it. */
  get quality(): number {
    return Math.max(1, (63 - (this.banks[Sensor.dsp]![Sensor.quantisation]! & 0x3f)) / 0.61);
  }

  start(reading: boolean): boolean {
    const heard = !this.open && this.state.runs() && this.clock!.now() >= this.deafUntil;
    this.open = heard;
    if (!heard) return false;
    if (!reading) this.taken = 0;
    return true;
  }

  write(byte: number): boolean {
    this.taken++;
    // One register at a time: it does not count on.
    if (this.taken > 2 || this.state.refuses()) return false;
    if (this.taken === 1) this.register = byte;
    else this.set(byte);
    return true;
  }

  read(): number {
    if (this.register === Number(Sensor.bank)) return this.bank;
    const id = this.state.wrong() ? OTHER : PRODUCT;
    if (this.bank === Number(Sensor.array) && this.register === Number(Sensor.product)) return id[0]!;
    if (this.bank === Number(Sensor.array) && this.register === Number(Sensor.version)) return id[1]!;
    return this.banks[this.bank]![this.register]!;
  }

  stop(): void {
    this.open = false;
  }

  private set(value: number): void {
    this.writes++;
    if (this.register === Number(Sensor.bank)) this.bank = value & 1;
    else if (
      this.bank === Number(Sensor.array) &&
      this.register === Number(Sensor.common7) &&
      value & Sensor.resetBit
    ) {
      this.reset();
      this.deafUntil = this.clock!.now() + RESET_MS;
    } else this.banks[this.bank]![this.register] = value;
  }
}
