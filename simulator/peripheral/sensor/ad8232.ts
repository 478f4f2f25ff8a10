/** A simulated AD8232 on a body: a voltage around half the supply, and two pins that say which electrode is off. */
import type { Clock } from "../../clock.js";
import type { PinLines, PinPeripheral } from "../../pins.js";
import { Faults } from "./faults.js";
import type { FaultOptions } from "./faults.js";
import { RATE, recording } from "./recording.js";

/** V, and the gain of the usual circuit: protocols/device/sensor/ad8232.ts has the source. */
const SUPPLY = 3.3;
const GAIN = 1100;

const MEAN = recording.reduce((sum, value) => sum + value, 0) / recording.length;

/** More than a buffer of a converter takes. */
const REMEMBERED_MS = 10_000;

export type Electrode = "plus" | "minus";

/** V around half the supply, and Hz: what a converter sees on a pin that nothing hangs on. */
const HUM = 0.5;
const MAINS = 50;

export interface Ad8232Options extends Pick<FaultOptions<"absent">, "fault" | "unplugged"> {
  /** An electrode that is off from the start. */
  off?: Electrode | "both" | "none";
  /** mV of the body at a moment in s since the power came; the recording, again and again, if left out. */
  signal?: (seconds: number) => number;
}

/** What is on the converter's pin: the body, the amplifier's end, or nothing. */
type Output = "body" | "end" | "open";

const ROLES: Record<Electrode, string> = { plus: "loPlus", minus: "loMinus" };

export class Ad8232 implements PinPeripheral {
  readonly kind = "pins";
  private readonly off = new Set<Electrode>();
  private readonly faults: Faults<"absent">;
  private readonly signal: (seconds: number) => number;
  private lines: PinLines | undefined;
  private clock: Clock | undefined;
  private start = 0;
  /** Since when what has been so: a converter may ask for the voltage of a moment before. */
  private changes: { at: number; output: Output }[] = [];

  constructor({ off = "none", signal = recorded, ...faults }: Ad8232Options = {}) {
    this.signal = signal;
    this.faults = new Faults(faults);
    for (const electrode of ["plus", "minus"] as const)
      if (off === electrode || off === "both") this.off.add(electrode);
  }

  attach(lines: PinLines, clock: Clock): void {
    this.lines = lines;
    this.clock = clock;
    this.start = clock.now();
    this.changes = [];
    this.faults.connect(clock, () => this.change());
    this.change();
    lines.supply("out", (at) => this.voltage(at));
  }

  /** Takes an electrode off, or puts it back. */
  lead(electrode: Electrode, on: boolean): void {
    if (on) this.off.delete(electrode);
    else this.off.add(electrode);
    this.change();
  }

  private change(): void {
    const there = this.faults.plugged && this.faults.fault !== "absent";
    const at = this.clock?.now() ?? 0;
    this.changes = this.changes.filter((change, i, { [i + 1]: next }) => !next || next.at > at - REMEMBERED_MS);
    this.changes.push({ at, output: !there ? "open" : this.off.size > 0 ? "end" : "body" });
    for (const electrode of ["plus", "minus"] as const)
      this.lines?.drive(ROLES[electrode], there ? this.off.has(electrode) : undefined);
  }

  /** What the body has at a moment in ms of the clock, in mV. */
  truth(at: number): number {
    return this.signal((at - this.start) / 1000);
  }

  /** With an electrode off the amplifier runs into its supply. */
  private voltage(at: number): number {
    const { output } = this.changes.findLast((change) => change.at <= at) ?? this.changes[0]!;
    if (output === "end") return SUPPLY;
    if (output === "open") return SUPPLY / 2 + HUM * Math.sin((2 * Math.PI * MAINS * at) / 1000);
    return Math.min(SUPPLY, Math.max(0, SUPPLY / 2 + (this.truth(at) * GAIN) / 1000));
  }
}

/** Electrodes at the wrists see less than those of the recording, whose highest peaks the amplifier could not follow. */
const AT_THE_WRISTS = 0.6;

/** The recording, in a line from sample to sample, around its mean: the amplifier passes no steady voltage. In mV. */
export function recorded(seconds: number): number {
  const at = (seconds * RATE) % recording.length;
  const index = Math.floor(at);
  const [from, to] = [recording[index]!, recording[(index + 1) % recording.length]!];
  return AT_THE_WRISTS * (from + (to - from) * (at - index) - MEAN);
}
