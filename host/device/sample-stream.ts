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
  /** Ms from unit to unit, if all came evenly. */
  private readonly period: number;
  /** Ms that a unit is nearer to the next one of its reading than if all came evenly; and a unit that was the last of its reading, while one is known. */
  private readonly closer: number;
  /** Ms from the last unit of a reading to the first of the next, and from one to the next within it. */
  private readonly pause: number;
  private readonly apart: number;
  private end: number | undefined;
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
    const period = 1000 / (rate * table.unitsPerReading);
    this.rhythm = new SampleClock(period);
    this.period = period;
    this.apart = table.unitTime ?? period;
    this.closer = period - this.apart;
    this.pause = period + this.closer * (table.unitsPerReading - 1);
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
      const { name, on, changes } = message.event;
      const alarm = { name: String(name), on: typeof on === "boolean" ? on : null };
      yield {
        kind: "alarm",
        number,
        boot,
        ...when,
        ...alarm,
        ...(typeof changes === "number" && changes > 1 && { changes }),
      };
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
    if (lost === null) this.forget();
    const decoder = this.complete ? this.decoder : this.table.decoder(this.rate);
    return { kind: "gap", number, boot, ...when, lost: decoder.gap(lost), cause };
  }

  private *batch({ number, boot, tick, flags, data }: SampleBatch, arrived: number): Generator<Item, void> {
    const units = Math.floor(data.length / this.table.unitBytes);
    this.next = (number + units) >>> 0;
    const decoded = this.decoder.decode(data, flags);
    const complete = decoded.readings.at(-1);
    if (complete) {
      // What came before anybody knew which unit is which was no rhythm of readings.
      if (this.end === undefined && this.closer) this.rhythm.reset();
      this.end = (number + complete.unit) >>> 0;
    }
    const last = (number + units - 1) >>> 0;
    const late = this.table.late?.(flags) ?? this.untilNext(last, this.table.looked?.(flags));
    if (units > 0) this.follow(last, tick - this.closer * this.before(last), late);
    this.several ||= units > 1 || late !== undefined;
    for (const { unit, item } of inOrder(decoded)) {
      const at = (number + unit) >>> 0;
      const when = this.clock.toUtc(this.several ? this.rhythm.tickOf(at) : tick, arrived);
      when.uncertainty += LOOP;
      if (this.several) when.uncertainty += this.rhythm.uncertainty + this.unknown;
      yield { ...item, number: at, boot, ...when };
    }
  }

  /** Units from this one to the last of its reading; none where nobody knows. */
  private before(unit: number): number {
    const { unitsPerReading } = this.table;
    const left = ((this.end ?? unit) - unit) % unitsPerReading;
    return left < 0 ? left + unitsPerReading : left;
  }

  private follow(last: number, tick: number, late: number | undefined): void {
    const { looked, unitsPerReading } = this.table;
    // Of bytes that a cable's end kept nobody knows: those behind them begin a rhythm of their own.
    if (looked && late !== undefined && this.rhythm.leaps(last, tick, late, unitsPerReading)) this.rhythm.reset();
    this.rhythm.add(last, tick, late);
  }

  /** Units by which the stamp of this one is late at the most, as so many ms before it the next one was not there. */
  private untilNext(unit: number, looked: number | undefined): number | undefined {
    if (looked === undefined) return undefined;
    return (looked + (this.before(unit) ? this.apart : this.pause)) / this.period;
  }

  /** How much later one may be, in ms, where nobody knows which of its reading it is. */
  private get unknown(): number {
    return this.end === undefined ? this.closer * (this.table.unitsPerReading - 1) : 0;
  }

  private forget(): void {
    this.rhythm.reset();
    this.end = undefined;
  }

  private restart(): void {
    this.decoder = this.table.decoder(this.rate);
    this.forget();
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
