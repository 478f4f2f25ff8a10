/** A simulated Contec CMS50 on a finger: five bytes with odd parity 60 times a second. protocols/device/sensor/cms50.ts has the sources. */
import type { FaultOptions } from "./faults.js";
import { wave } from "./pleth.js";
import { SerialSource } from "./serial-source.js";
import type { SerialFault } from "./serial-source.js";

export type Cms50Condition = "searching" | "probe" | "dropping";

const RATE = 60;
/** Bits of the first and the third byte. */
const FLAGS: Record<Cms50Condition, [number, number]> = {
  searching: [0x10, 0x20],
  probe: [0, 0x10],
  dropping: [0x20, 0],
};
const BEEP = 0x40;
const STRENGTH = 5;

const NO_SPO2 = 127;
const NO_PULSE = 255;

export interface Cms50Options extends FaultOptions<Cms50Condition | SerialFault> {
  /** %, beats a minute. */
  spo2?: number;
  pulse?: number;
}

export class Cms50 extends SerialSource<Cms50Condition> {
  readonly parity = "odd";
  spo2: number;
  pulse: number;

  constructor({ spo2 = 98, pulse = 66, ...faults }: Cms50Options = {}) {
    super(RATE, faults);
    this.spo2 = spo2;
    this.pulse = pulse;
  }

  /** The condition that holds, or none. */
  set condition(condition: Cms50Condition | "none") {
    this.faults.fault = condition;
  }

  protected begin(): void {}

  protected frame(seconds: number): Uint8Array {
    const { fault } = this.faults;
    const [first, third] = fault in FLAGS ? FLAGS[fault as Cms50Condition] : [0, 0];
    const off = fault === "searching" || fault === "probe";
    const beat = !off && ((seconds * this.pulse) / 60) % 1 < this.pulse / 60 / RATE ? BEEP : 0;
    const height = off ? 0 : wave(seconds, this.pulse);
    const pulse = off ? NO_PULSE : this.pulse;
    return Uint8Array.of(
      0x80 | first | beat | (off ? 0 : STRENGTH),
      Math.round(20 + 80 * height),
      third | ((pulse & 0x80) >> 1) | Math.round(15 * height),
      pulse & 0x7f,
      off ? NO_SPO2 : this.spo2,
    );
  }
}
