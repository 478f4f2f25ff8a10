/**
 * Readings, gaps and alarms as the bytes of an EDF+D file, without a clock and without a file.
 *
 * A record is a row of places, one for each reading at the nominal rate. A reading that is missing or has no value leaves its
 * place at the digital minimum, which stands for no value, and an annotation says from when to when and why. What is missing
 * beyond a record's end is a break between two records. So nothing is made up, and no two records overlap.
 *
 * A board's clock is not UTC: a record begins at the UTC of its first reading, unless that is within a tolerance of where the
 * record before ends; then it begins there, and readers see an unbroken signal.
 */
import type { SensorTable } from "../../../protocols/device/sensor/index.js";
import type { SensorAlarm, SensorGap, SensorReading } from "../../device/readings.js";
import { WaitingAnnotations } from "./annotations.js";
import { COUNT_AT, countField, DURATION_AT, durationField, encodeHeader } from "./header.js";
import type { EdfSubject } from "./header.js";
import { layoutOf } from "./layout.js";
import type { EdfLayout } from "./layout.js";
import { EdfRecord } from "./record.js";

/** Bytes of the file, and where they belong: in their order it can be read after each of them. */
export interface EdfBytes {
  at: number;
  bytes: Buffer;
}

export interface EdfCounts {
  readings: number;
  /** Of them, without a value in one channel or more. */
  withoutValue: number;
  gaps: number;
  /** Readings in them; null where nobody counted those of one. */
  lost: number | null;
  alarms: number;
  /** Annotations for which there was no room; 0 but in a storm of alarms. */
  annotationsLeftOut: number;
  records: number;
}

/** How far a record may begin from the UTC of its first reading, in ms, or in tenths of the time between two readings. */
const TOLERANCE = 5;
/** The uncertainty of a reading's time widens it, up to this: within it nobody knows better. */
const WIDEST = 100;
/** A board that is faster than UTC has records that are shorter than their nominal time: the header then says so. */
const SHORTER = 500e-6;
/** Fewer readings in a record are of a sensor whose own rhythm is less exact than a clock: theirs are shorter by a tenth of the time between two. */
const SLOW = 10;

const SECOND = 1e6;
const NO_READING = "no reading";

export class EdfRecorder {
  readonly layout: EdfLayout;
  private readonly notes = new WaitingAnnotations();
  private readonly counts = { readings: 0, withoutValue: 0, gaps: 0, lost: 0 as number | null, alarms: 0, records: 0 };
  private readonly made: EdfBytes[] = [];
  /** Microseconds from reading to reading. */
  private readonly interval: number;
  /** Of the file, in ms of UTC; whole seconds. */
  private start: number | undefined;
  /** Of a record as the header says it, in microseconds. */
  private duration: number;
  /** Whatever follows is in microseconds since the start. */
  private end = 0;
  private record: EdfRecord | undefined;
  private last: { at: number; boot: number; uncertainty: number } | undefined;
  private missing: { cause: string; lost: number | null } | undefined;
  private told = 0;
  /** By how much records were last said to be late; 0 when they are on time. */
  private late = 0;
  private changed = false;

  /** @throws DevsockError EINVAL for a rate, a range or a subject that an EDF+ file cannot say */
  constructor(
    table: SensorTable,
    rate: number,
    private readonly subject: EdfSubject = {},
  ) {
    this.layout = layoutOf(table, rate);
    this.duration = this.layout.duration;
    this.interval = this.duration / this.layout.readings;
    encodeHeader(this.layout, 0, subject);
  }

  get summary(): EdfCounts {
    return { ...this.counts, annotationsLeftOut: this.notes.leftOut };
  }

  reading(reading: SensorReading): void {
    const at = this.since(reading.utc, 0);
    // The first record has to begin within the file's first second.
    const early = this.counts.records === 0 && at >= SECOND;
    if (early && !this.record) this.record = new EdfRecord(this.layout, this.end);
    let absent = this.absent(reading, at);
    const why = this.missing?.cause ?? NO_READING;
    if (this.record && (this.record.next > 0 || early)) {
      const room = this.layout.readings - this.record.next;
      this.record.pad(absent, why);
      absent -= room;
      if (absent >= 0) this.close(why);
    }
    if (!this.record) this.record = new EdfRecord(this.layout, this.onset(at, absent, reading.uncertainty));
    // It was begun for events alone.
    else if (this.record.next === 0) this.record.onset = this.onset(at, absent, reading.uncertainty);
    this.record.put(reading.values, reading.why);
    this.tellUncertainty(at, reading.uncertainty);
    this.counts.readings++;
    if (reading.values.some((value) => value === null)) this.counts.withoutValue++;
    this.last = { at, boot: reading.boot, uncertainty: reading.uncertainty };
    this.missing = undefined;
    this.changed = true;
    if (this.record.full) this.close(NO_READING);
  }

  gap({ utc, lost, cause }: SensorGap): void {
    this.counts.gaps++;
    this.counts.lost = sum(this.counts.lost, lost);
    this.missing = { cause, lost: this.missing ? sum(this.missing.lost, lost) : lost };
    this.notes.addGap(this.since(utc, 1), cause, lost, this.interval);
  }

  alarm({ utc, name, on, changes }: SensorAlarm): void {
    const at = this.since(utc, 1);
    this.counts.alarms++;
    const often = changes ? `, changed ${changes} times` : "";
    this.notes.add(at, `alarm${on === null ? "" : on ? " begins" : " ends"}: ${name}${often}`);
  }

  /** The record that is not full yet as well: it is written again when more of it is there. */
  flush(): void {
    if (!this.record && this.notes.length && this.start !== undefined)
      this.record = new EdfRecord(this.layout, this.end);
    if (this.record && (this.changed || this.notes.length)) this.write(this.record, "not recorded yet");
    this.changed = false;
  }

  /** Ends the file. @param now ms of UTC: when it began, if nothing ever came */
  finish(now: number): void {
    if (this.start === undefined) this.since(now, 0);
    if (this.record) this.close("end of the recording");
    while (this.notes.length) {
      this.record = new EdfRecord(this.layout, this.end);
      this.close("end of the recording");
    }
  }

  /** What has to be written now. */
  take(): EdfBytes[] {
    return this.made.splice(0);
  }

  /**
   * The first moment makes the file's start, and its header.
   * @param ahead seconds that the file begins before: readings of about the time of an alarm may come after it
   */
  private since(utc: number, ahead: number): number {
    if (this.start === undefined) {
      this.start = (Math.floor(utc / 1000) - ahead) * 1000;
      this.made.push({ at: 0, bytes: encodeHeader(this.layout, this.start, this.subject) });
    }
    return Math.round((utc - this.start) * 1000);
  }

  /** How many readings are missing before this one: as they were counted, if the clock does not say otherwise. */
  private absent({ boot, uncertainty }: SensorReading, at: number): number {
    const { last, missing, record } = this;
    if (!last) return record ? Math.max(0, Math.round((at - record.onset) / this.interval) - record.next) : 0;
    const byTime = Math.max(0, Math.round((at - last.at) / this.interval) - 1);
    if (!missing) return last.boot === boot && byTime < this.layout.readings ? 0 : byTime;
    const blur = 1 + Math.ceil(((uncertainty + last.uncertainty) * 1000) / this.interval);
    return missing.lost !== null && Math.abs(byTime - missing.lost) <= blur ? missing.lost : byTime;
  }

  /** Where a record begins whose first reading was at `at`. */
  private onset(at: number, absent: number, uncertainty: number): number {
    if (this.counts.records === 0) return Math.max(at, 0);
    const expected = Math.round(this.end + absent * this.interval);
    const tolerance = Math.max(TOLERANCE * 1000, this.interval / 10, Math.min(uncertainty, WIDEST) * 1000);
    const broken = absent > 0 && at >= this.end;
    if (broken || Math.abs(at - expected) <= tolerance) {
      if (this.late) this.notes.add(expected, "time: records are on time again");
      this.late = 0;
      return broken ? at : expected;
    }
    const onset = Math.max(at, this.end);
    if (onset - at > Math.max(tolerance, 2 * this.late)) this.fallBehind(onset, onset - at);
    return onset;
  }

  /** More readings came than fit into the time: from now on records may follow each other sooner. */
  private fallBehind(onset: number, by: number): void {
    this.late = by;
    this.notes.add(onset, `time: records begin up to ${Math.ceil(by / 1000)} ms late`);
    const { readings } = this.layout;
    const shorter = readings < SLOW ? 1 / (SLOW * readings) : SHORTER;
    const duration = Math.round(this.layout.duration * (1 - shorter));
    if (duration === this.duration) return;
    this.duration = duration;
    this.made.push({ at: DURATION_AT, bytes: Buffer.from(durationField(duration)) });
  }

  /** At the start, and when it is twice what was told. */
  private tellUncertainty(at: number, uncertainty: number): void {
    if (uncertainty <= 2 * this.told && this.told > 0) return;
    if (this.told === Infinity) return;
    this.told = Math.max(uncertainty, 0.1);
    const known = Number.isFinite(uncertainty);
    this.notes.add(at, known ? `time: UTC within ${this.told.toFixed(1)} ms` : "time: UTC is not known");
  }

  private close(rest: string): void {
    const { record } = this;
    if (!record) return;
    this.write(record, rest);
    this.counts.records++;
    this.end = record.onset + this.duration;
    this.record = undefined;
    this.changed = false;
  }

  private write(record: EdfRecord, rest: string): void {
    record.note(this.notes.take(record.room));
    const bytes = record.encode(rest);
    const header = 256 * (this.layout.signals.length + 2);
    this.made.push({ at: header + this.counts.records * bytes.length, bytes });
    this.made.push({ at: COUNT_AT, bytes: Buffer.from(countField(this.counts.records + 1)) });
  }
}

function sum(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : one + other;
}
