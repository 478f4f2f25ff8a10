/** Messages of a sensor in their order: readings with their times, and every unit that is missing told once. */
import type { Decoded, SensorDecoder, SensorTable } from "../../protocols/device/sensor/index.js";
import type { SampleBatch, SampleGap, SampleMessage } from "../../protocols/service/samples.js";
import type { BoardClock, Timestamp } from "../board-clock.js";
import type { SensorAlarm, SensorGap, SensorReading } from "./readings.js";
import { SampleClock } from "./sample-clock.js";

export interface Arrived {
  message: SampleMessage;
  /** UTC in ms since 1970. */
  arrived: number;
}

type Item = SensorReading | SensorGap | SensorAlarm;

/** Numbers that a gap takes which nobody counted [SVC-31]. */
const UNCOUNTED_NUMBERS = 1;

/** Ms by which a stamp is late at the least: what the board's loop needs to hear of a full batch. */
const LOOP = 1;

export class SampleStream {
  private decoder: SensorDecoder;
  private readonly rhythm: SampleClock;
  private boot: number | undefined;
  /** The unit that has to come next; undefined before the first. */
  private next: number | undefined;
  /** Whether it sends several units at once, or says how late it may be: those have a rhythm, and what is read one by one has none. */
  private several = false;
  /** Something is missing before what comes next. */
  private broken = false;

  /** @param rate readings a second */
  constructor(
    private readonly table: SensorTable,
    private readonly rate: number,
    private readonly clock: Pick<BoardClock, "toUtc">,
    /** Whether every message comes, in its order; of events alone a number that was skipped says nothing. */
    private readonly complete = true,
  ) {
    this.decoder = table.decoder(rate);
    this.rhythm = new SampleClock(1000 / (rate * table.unitsPerReading));
  }

  /** The socket was opened again: what follows does not go on from what came. */
  reopened(): void {
    this.broken = this.boot !== undefined;
  }

  *take({ message, arrived }: Arrived): Generator<Item, void> {
    const { number, boot, tick } = message;
    const when = this.clock.toUtc(tick, arrived);
    const restarted = this.boot !== undefined && boot !== this.boot;
    if (restarted || this.broken) {
      this.restart();
      yield { kind: "gap", number, boot, ...when, lost: null, cause: restarted ? "RESTARTED" : "LINK" };
    }
    this.broken = false;
    this.boot = boot;
    if (message.kind === "event") {
      const { name, on } = message.event;
      yield { kind: "alarm", number, boot, ...when, name: String(name), on: typeof on === "boolean" ? on : null };
      return;
    }
    const missing = this.next === undefined || !this.complete ? 0 : (number - this.next) | 0;
    // What comes twice was told already.
    if (missing < 0) return;
    if (missing > 0) {
      const lost = this.decoder.gap(missing);
      yield { kind: "gap", number: this.next!, boot, ...when, lost, cause: "LINK" };
    }
    if (message.kind === "gap") yield this.gap(message, when);
    else yield* this.batch(message, arrived);
  }

  private gap({ number, boot, lost, cause }: SampleGap, when: Timestamp): SensorGap {
    // What a slow reader did not get may be more than one that nobody counted: all that is missing up to the next message is in it.
    this.next = lost === null && cause === "READER_SLOW" ? undefined : (number + (lost ?? UNCOUNTED_NUMBERS)) >>> 0;
    // Nobody knows how many there would have been: the rhythm begins anew.
    if (lost === null) this.rhythm.reset();
    const decoder = this.complete ? this.decoder : this.table.decoder(this.rate);
    return { kind: "gap", number, boot, ...when, lost: decoder.gap(lost), cause };
  }

  private *batch({ number, boot, tick, flags, data }: SampleBatch, arrived: number): Generator<Item, void> {
    const units = Math.floor(data.length / this.table.unitBytes);
    this.next = (number + units) >>> 0;
    const late = this.table.late?.(flags);
    if (units > 0) this.rhythm.add((number + units - 1) >>> 0, tick, late);
    this.several ||= units > 1 || late !== undefined;
    const decoded = this.decoder.decode(data, flags);
    for (const { unit, item } of inOrder(decoded)) {
      const at = (number + unit) >>> 0;
      const when = this.clock.toUtc(this.several ? this.rhythm.tickOf(at) : tick, arrived);
      if (this.several) when.uncertainty += LOOP + this.rhythm.uncertainty;
      yield { ...item, number: at, boot, ...when };
    }
  }

  private restart(): void {
    this.decoder = this.table.decoder(this.rate);
    this.rhythm.reset();
    this.next = undefined;
  }
}

type Untimed =
  | Pick<SensorReading, "kind" | "values" | "why">
  | Pick<SensorGap, "kind" | "lost" | "cause">
  | Pick<SensorAlarm, "kind" | "name" | "on">;

/** What a batch holds, in the order of its units. */
function inOrder({ readings, damaged, events }: Decoded): { unit: number; item: Untimed }[] {
  const all: { unit: number; item: Untimed }[] = [
    ...events.map(({ unit, name, on }) => ({ unit, item: { kind: "alarm", name, on } as const })),
    ...damaged.map(({ unit, cause }) => ({ unit, item: { kind: "gap", lost: 1, cause } as const })),
    ...readings.map(({ unit, values, why }) => ({ unit, item: { kind: "reading", values, why } as const })),
  ];
  // The sort is stable.
  return events.length || damaged.length ? all.sort((a, b) => a.unit - b.unit) : all;
}
