/** What a viewer still shows of a sensor: its last seconds, and what was said lately. */
import type { ComputedOximetry, SensorAlarm, SensorGap, SensorReading } from "../../index.js";
import type { Shown } from "./words.js";

/** Readings that are kept at the most, whatever the window. */
const MOST = 40_000;
const WORDS = 50;

/** A reading, and whether the one before it belongs to it: nothing is missing between them. */
export interface Placed {
  utc: number;
  values: readonly (number | null)[];
  joined: boolean;
}

export class TraceHistory {
  readonly placed: Placed[] = [];
  /** The newest last. */
  readonly said: (SensorGap | SensorAlarm)[] = [];
  newest: SensorReading | undefined;
  computed: ComputedOximetry | undefined;
  readings = 0;
  gaps = 0;
  /** Null where nobody counted those of one. */
  lost: number | null = 0;
  alarms = 0;
  private broken = true;

  /** @param window seconds */
  constructor(readonly window: number) {}

  /** @returns false for an alarm that came before */
  add(item: Shown): boolean {
    if (item.kind === "reading") return this.place(item);
    if (item.kind === "computed") {
      this.computed = item;
      return true;
    }
    if (item.kind === "gap") {
      this.gaps++;
      this.lost = this.lost === null || item.lost === null ? null : this.lost + item.lost;
      this.broken = true;
    } else if (this.known(item)) return false;
    else this.alarms++;
    this.said.push(item);
    if (this.said.length > WORDS) this.said.shift();
    return true;
  }

  private place(reading: SensorReading): true {
    const { utc, values } = reading;
    this.readings++;
    this.newest = reading;
    this.placed.push({ utc, values, joined: !this.broken });
    this.broken = false;
    const first = utc - this.window * 1000;
    while (this.placed.length > MOST || this.placed[0]!.utc < first) this.placed.shift();
    return true;
  }

  /** Alarms come twice: among the readings, and ahead of all else. */
  private known({ boot, number, name, on, utc }: SensorAlarm): boolean {
    return this.said.some(
      (other) =>
        other.kind === "alarm" &&
        other.boot === boot &&
        other.number === number &&
        other.name === name &&
        other.on === on &&
        Math.abs(other.utc - utc) < 1000,
    );
  }
}
