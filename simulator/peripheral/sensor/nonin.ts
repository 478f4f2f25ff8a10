/** A simulated Nonin OEM III on a finger: data format 2, 75 frames a second. protocols/device/sensor/nonin.ts has the sources. */
import type { FaultOptions } from "./faults.js";
import { wave } from "./pleth.js";
import { SerialSource } from "./serial-source.js";
import type { SerialFault } from "./serial-source.js";

/** What the device says of itself. */
export type NoninCondition = "disconnected" | "artifact" | "outoftrack" | "alarm";

const RATE = 75;
const PACKET = 25;
const STATUS: Record<NoninCondition, number> = { disconnected: 0x40, artifact: 0x20, outoftrack: 0x10, alarm: 0x08 };
/** A pulse of good quality shows for so many seconds. */
const GREEN = 0x02;
const GREEN_S = 0.16;

const NO_SPO2 = 127;
const NO_PULSE = 511;
const REVISION = 48;

export interface NoninOptions extends FaultOptions<NoninCondition | SerialFault> {
  /** %, beats a minute. */
  spo2?: number;
  pulse?: number;
}

export class Nonin extends SerialSource<NoninCondition> {
  spo2: number;
  pulse: number;
  private place = 0;

  constructor({ spo2 = 97, pulse = 72, ...faults }: NoninOptions = {}) {
    super(RATE, faults);
    this.spo2 = spo2;
    this.pulse = pulse;
  }

  /** The condition that holds, or none. */
  set condition(condition: NoninCondition | "none") {
    this.faults.fault = condition;
  }

  protected begin(): void {
    this.place = 0;
  }

  protected frame(seconds: number): Uint8Array {
    const { fault } = this.faults;
    const condition = fault in STATUS ? STATUS[fault as NoninCondition] : 0;
    const off = condition === STATUS.disconnected;
    const quality = !off && ((seconds * this.pulse) / 60) % 1 < (GREEN_S * this.pulse) / 60 ? GREEN : 0;
    const status = 0x80 | condition | quality | (this.place === 0 ? 1 : 0);
    const pleth = off ? 0 : Math.round(60 + 140 * wave(seconds, this.pulse));
    const bytes = [0x01, status, pleth, this.field(off)];
    this.place = (this.place + 1) % PACKET;
    return Uint8Array.of(...bytes, bytes.reduce((sum, byte) => sum + byte, 0) & 0xff);
  }

  /** The packet's fields: averages of four beats, then the same of eight, for displays too. */
  private field(off: boolean): number {
    const pulse = off ? NO_PULSE : this.pulse;
    const spo2 = off ? NO_SPO2 : this.spo2;
    const fields: Record<number, number> = { 3: REVISION };
    for (const place of [0, 13, 19, 21]) {
      fields[place] = pulse >> 7;
      fields[place + 1] = pulse & 0x7f;
    }
    for (const place of [2, 8, 9, 10, 15, 16]) fields[place] = spo2;
    return fields[this.place] ?? 0;
  }
}
