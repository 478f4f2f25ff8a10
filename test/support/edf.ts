/**
 * A strict reader of EDF+ files, for tests: written from the specification (edfplus.info/specs/edf.html and edfplus.html), it
 * knows nothing of our writer and forgives nothing.
 */
import assert from "node:assert/strict";
import { TextDecoder } from "node:util";

export interface EdfAnnotation {
  /** Seconds since the file's start. */
  onset: number;
  duration: number | undefined;
  text: string;
}

export interface EdfSignal {
  label: string;
  unit: string;
  /** Value of a digital step. */
  step: number;
  physical: (digital: number) => number;
  /** Digital values by record. */
  records: number[][];
}

export interface EdfFile {
  patient: string;
  recording: string;
  /** ms of UTC. */
  start: number;
  /** Of a record, in seconds. */
  duration: number;
  /** Of each record. */
  onsets: number[];
  signals: EdfSignal[];
  annotations: EdfAnnotation[];
}

const MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ");
const NUMBER = /^-?\d+(\.\d+)?$/;
const LABEL = "EDF Annotations";

/** Takes fields of fixed width in their order. */
class Fields {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  text(width: number, name: string): string {
    assert.ok(this.at + width <= this.bytes.length, `the header ends within ${name}`);
    const raw = this.bytes.toString("latin1", this.at, (this.at += width));
    assert.match(raw, /^[ -~]*$/, `${name} has other bytes than printable ASCII: ${JSON.stringify(raw)}`);
    assert.ok(!raw.startsWith(" ") || raw.trim() === "", `${name} is not left-justified: "${raw}"`);
    return raw.trimEnd();
  }

  number(width: number, name: string): number {
    const text = this.text(width, name);
    assert.match(text, NUMBER, `${name} is no number: "${text}"`);
    return Number(text);
  }

  whole(width: number, name: string): number {
    const value = this.number(width, name);
    assert.ok(Number.isInteger(value), `${name} is not whole: ${value}`);
    return value;
  }
}

/** @throws AssertionError for each deviation from the specification */
export function readEdf(bytes: Buffer): EdfFile {
  const fields = new Fields(bytes);
  assert.equal(fields.text(8, "version"), "0");
  const patient = fields.text(80, "patient");
  checkPatient(patient);
  const recording = fields.text(80, "recording");
  const start = checkStart(recording, fields.text(8, "start date"), fields.text(8, "start time"));
  const headerBytes = fields.whole(8, "bytes of the header");
  assert.equal(fields.text(44, "reserved"), "EDF+D");
  const count = fields.whole(8, "number of records");
  const duration = fields.number(8, "duration of a record");
  const signalCount = fields.whole(4, "number of signals");
  assert.ok(duration > 0 && signalCount >= 1);
  assert.equal(headerBytes, 256 * (signalCount + 1), "bytes of the header");
  const signals = readSignals(fields, signalCount);
  const recordBytes = signals.reduce((sum, { samples }) => sum + 2 * samples, 0);
  assert.ok(recordBytes <= 61440, "a record has 61440 bytes at the most");
  assert.equal(bytes.length, headerBytes + count * recordBytes, "the file is as long as its header says");
  const file: EdfFile = { patient, recording, start, duration, onsets: [], signals: [], annotations: [] };
  const ordinary = signals.filter(({ label }) => label !== LABEL);
  file.signals = ordinary.map(({ label, unit, step, physical }) => ({ label, unit, step, physical, records: [] }));
  for (let record = 0; record < count; record++) {
    let at = headerBytes + record * recordBytes;
    let first = true;
    for (const signal of signals) {
      const part = bytes.subarray(at, (at += 2 * signal.samples));
      if (signal.label === LABEL) {
        const annotations = readAnnotations(part, first, file);
        file.annotations.push(...annotations);
        first = false;
      } else file.signals[ordinary.indexOf(signal)]!.records.push(samplesOf(part, signal));
    }
  }
  checkOnsets(file);
  return file;
}

function checkPatient(patient: string): void {
  const [code, sex, birthdate, name] = patient.split(" ");
  assert.ok(code && name, `the patient has four subfields: ${patient}`);
  assert.match(sex!, /^[FMX]$/);
  if (birthdate !== "X") dateOf(birthdate!);
}

/** dd-MMM-yyyy. */
function dateOf(text: string): [day: number, month: number, year: number] {
  const match = /^(\d\d)-([A-Z]{3})-(\d{4})$/.exec(text);
  assert.ok(match, `no date: ${text}`);
  const month = MONTHS.indexOf(match[2]!) + 1;
  assert.ok(month > 0, `no month: ${text}`);
  return [Number(match[1]), month, Number(match[3])];
}

function checkStart(recording: string, date: string, time: string): number {
  const [word, long, ...rest] = recording.split(" ");
  assert.equal(word, "Startdate");
  assert.ok(rest.length >= 3, "the recording has five subfields");
  const [day, month, year] = dateOf(long!);
  const two = (value: number): string => String(value % 100).padStart(2, "0");
  assert.equal(date, [day, month, year].map(two).join("."), "both dates are the same");
  const match = /^([01]\d|2[0-3])\.([0-5]\d)\.([0-5]\d)$/.exec(time);
  assert.ok(match, `no time: ${time}`);
  const start = Date.UTC(year, month - 1, day, ...match.slice(1).map(Number));
  assert.equal(new Date(start).getUTCDate(), day, "the day is one of the month");
  return start;
}

interface SignalHeader {
  label: string;
  unit: string;
  physicalMin: number;
  digitalMin: number;
  digitalMax: number;
  samples: number;
  step: number;
  physical: (digital: number) => number;
}

function readSignals(fields: Fields, count: number): SignalHeader[] {
  const each = <T>(read: () => T): T[] => Array.from({ length: count }, read);
  const labels = each(() => fields.text(16, "label"));
  const transducers = each(() => fields.text(80, "transducer"));
  const units = each(() => fields.text(8, "unit"));
  const physicalMin = each(() => fields.number(8, "physical minimum"));
  const physicalMax = each(() => fields.number(8, "physical maximum"));
  const digitalMin = each(() => fields.whole(8, "digital minimum"));
  const digitalMax = each(() => fields.whole(8, "digital maximum"));
  const prefilters = each(() => fields.text(80, "prefiltering"));
  const samples = each(() => fields.whole(8, "samples in a record"));
  each(() => fields.text(32, "reserved"));
  assert.ok(labels.includes(LABEL), "EDF+ has a signal of annotations");
  return labels.map((label, i) => {
    assert.ok(samples[i]! >= 1 && label !== "");
    assert.ok(
      digitalMin[i]! >= -32768 && digitalMax[i]! <= 32767 && digitalMin[i]! < digitalMax[i]!,
      "the digital range",
    );
    assert.notEqual(physicalMin[i], physicalMax[i], "the physical range is not empty");
    if (label === LABEL)
      assert.deepEqual(
        [digitalMin[i], digitalMax[i], transducers[i], units[i], prefilters[i]],
        [-32768, 32767, "", "", ""],
        "annotations have neither transducer nor unit, and all digits",
      );
    const step = (physicalMax[i]! - physicalMin[i]!) / (digitalMax[i]! - digitalMin[i]!);
    const physical = (digital: number): number => physicalMin[i]! + (digital - digitalMin[i]!) * step;
    return {
      label,
      unit: units[i]!,
      physicalMin: physicalMin[i]!,
      digitalMin: digitalMin[i]!,
      digitalMax: digitalMax[i]!,
      samples: samples[i]!,
      step,
      physical,
    };
  });
}

function samplesOf(part: Buffer, { samples, digitalMin, digitalMax }: SignalHeader): number[] {
  const values = Array.from({ length: samples }, (_, i) => part.readInt16LE(2 * i));
  for (const value of values) assert.ok(value >= digitalMin && value <= digitalMax, `${value} is beyond the range`);
  return values;
}

/** The lists of one signal in one record; the first list of the first such signal has the record's time. */
function readAnnotations(part: Buffer, timed: boolean, { onsets }: EdfFile): EdfAnnotation[] {
  const end = part.findLastIndex((byte) => byte !== 0) + 1;
  assert.ok(end < part.length, "the last list is ended by a zero byte");
  const lists = end === 0 ? [] : part.toString("latin1", 0, end).split("\0");
  const found: EdfAnnotation[] = [];
  lists.forEach((list, i) => {
    const match = /^([+-]\d+(?:\.\d+)?)(?:\x15(\d+(?:\.\d+)?))?\x14((?:[^\x14]*\x14)+)$/.exec(list);
    assert.ok(match, `no time-stamped annotations list: ${JSON.stringify(list)}`);
    const [, onset, duration, texts] = match;
    const all = texts!
      .split("\x14")
      .slice(0, -1)
      .map((text) => new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(text, "latin1")));
    for (const text of all) assert.doesNotMatch(text, /[\x00-\x08\x0b\x0c\x0e-\x1f]/);
    if (timed && i === 0) {
      assert.equal(duration, undefined, "a record's time has no duration");
      assert.equal(all.shift(), "", "the record's time comes first, with an empty annotation");
      onsets.push(Number(onset));
    }
    for (const text of all) {
      assert.notEqual(text, "", "an annotation says something");
      found.push({ onset: Number(onset), duration: duration === undefined ? undefined : Number(duration), text });
    }
  });
  if (timed) assert.ok(lists.length > 0, "a record has its time");
  return found;
}

function checkOnsets({ onsets, duration }: EdfFile): void {
  const micro = (seconds: number): number => Math.round(seconds * 1e6);
  onsets.forEach((onset, i) => {
    if (i === 0) assert.ok(onset >= 0 && onset < 1, `the first record begins within the first second, not at ${onset}`);
    else
      assert.ok(
        micro(onset) - micro(onsets[i - 1]!) >= micro(duration),
        `records ${i - 1} and ${i} overlap: ${onsets[i - 1]} and ${onset}, each of ${duration}`,
      );
  });
}

/** One place of a file: when, and what each signal has there, null where it has no value. */
export interface EdfPlace {
  /** ms of UTC. */
  utc: number;
  values: (number | null)[];
}

/**
 * What the digital minimum means in our files: each such sample is said to be without a value, and no other one is.
 * @returns all places in their order
 */
export function placesOf(file: EdfFile): EdfPlace[] {
  const words = file.annotations.filter(({ text }) => text.startsWith("no value"));
  const places: EdfPlace[] = [];
  file.onsets.forEach((onset, record) => {
    const count = file.signals[0]!.records[record]!.length;
    const own = words.filter((word) => word.onset < onset + file.duration && word.onset + word.duration! > onset);
    for (let i = 0; i < count; i++) {
      const at = onset + ((i + 0.5) * file.duration) / count;
      const here = own.filter((word) => word.onset <= at && word.onset + word.duration! > at);
      const values = file.signals.map(({ label, records, physical }) => {
        const digital = records[record]![i]!;
        assert.notEqual(digital, 32767, "the digital maximum is not used");
        if (digital === -32768) assert.ok(here.length, `${label} has no value at ${at} s, and nothing says so`);
        else
          assert.ok(
            !here.some(({ text }) => text.startsWith("no value:")),
            `${label} is said to have no value at ${at} s`,
          );
        return digital === -32768 ? null : physical(digital);
      });
      places.push({ utc: file.start + 1000 * (onset + (i * file.duration) / count), values });
    }
  });
  return places;
}
