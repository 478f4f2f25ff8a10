import assert from "node:assert/strict";
import fc from "fast-check";
import { EdfRecorder } from "../../../host/bridge/edf/recorder.js";
import type { EdfBytes } from "../../../host/bridge/edf/recorder.js";
import type { SensorReading } from "../../../host/device/readings.js";
import { sensorTable } from "../../../protocols/device/sensor/index.js";
import type { SensorTable } from "../../../protocols/device/sensor/index.js";
import { placesOf, readEdf } from "../../support/edf.js";
import type { EdfFile } from "../../support/edf.js";

const SEED = 4;
const START = Date.UTC(2026, 1, 28, 23, 59, 58, 250);

const ecg = sensorTable("ad8232")!;
const oximeter: SensorTable = {
  ...ecg,
  driver: "test",
  title: "Oximeter",
  channels: [
    { name: "spo2", title: "SpO2", unit: "%", code: 150456, least: 0, most: 100 },
    { name: "temperature", title: "Temp skin", unit: "Cel", code: null, least: -40, most: 125.3333333 },
  ],
};

/** The file as it is on a disk after some pieces. */
class Disk {
  file = Buffer.alloc(0);

  write(pieces: EdfBytes[]): void {
    for (const { at, bytes } of pieces) {
      if (at + bytes.length > this.file.length)
        this.file = Buffer.concat([this.file, Buffer.alloc(at + bytes.length - this.file.length)]);
      bytes.copy(this.file, at);
    }
  }
}

function reading(utc: number, values: (number | null)[], more: Partial<SensorReading> = {}): SensorReading {
  const why = values.includes(null) ? "leads off" : "";
  return { kind: "reading", number: 0, boot: 1, utc, uncertainty: 2, values, why, ...more };
}

function gap(utc: number, lost: number | null, cause = "FIFO_FULL") {
  return { kind: "gap" as const, number: 0, boot: 1, utc, uncertainty: 2, lost, cause };
}

function alarm(utc: number, name: string, on: boolean | null) {
  return { kind: "alarm" as const, number: 0, boot: 1, utc, uncertainty: 2, name, on };
}

function finished(recorder: EdfRecorder): EdfFile {
  const disk = new Disk();
  recorder.finish(START);
  disk.write(recorder.take());
  return readEdf(disk.file);
}

const texts = (file: EdfFile): string[] => file.annotations.map(({ text }) => text);

describe("an EDF+ recorder", function () {
  this.timeout(60_000);
  it("writes readings within half a digital step, in UTC, and knows nobody", () => {
    const recorder = new EdfRecorder(ecg, 250);
    const values = Array.from({ length: 600 }, (_, i) => Math.sin(i / 7) * 1.5);
    values.forEach((value, i) => recorder.reading(reading(START + 4 * i, [value])));
    const file = finished(recorder);
    assert.equal(file.start, START - 250);
    assert.deepEqual([file.patient, file.recording], ["X X X X", "Startdate 28-FEB-2026 X X devsock"]);
    assert.deepEqual([file.duration, file.onsets], [1, [0.25, 1.25, 2.25]]);
    const places = placesOf(file);
    values.forEach((value, i) => assert.ok(Math.abs(places[i]!.values[0]! - value) <= 0.5001 * file.signals[0]!.step));
    assert.ok(places.slice(600).every((place) => place.values[0] === null));
    assert.deepEqual(texts(file), ["time: UTC within 2.0 ms", "no value: end of the recording"]);
  });

  it("never writes a reading without a value as a number, and says of which channel and why", () => {
    const recorder = new EdfRecorder(oximeter, 4);
    const all = [
      [97, 36.6],
      [null, 36.6],
      [null, null],
      [98, 130],
    ] as (number | null)[][];
    all.forEach((values, i) => recorder.reading(reading(START + 250 * i, values)));
    const file = finished(recorder);
    const found = placesOf(file).map(({ values }) => values.map((value) => value && Math.round(value * 10) / 10));
    assert.deepEqual(found, [
      [97, 36.6],
      [null, 36.6],
      [null, null],
      [98, null],
    ]);
    assert.deepEqual(texts(file).slice(1), [
      "no value in spo2: leads off",
      "no value: leads off",
      "no value in temperature: out of range",
    ]);
    assert.deepEqual([file.signals[1]!.label, file.signals[1]!.unit], ["Temp skin", "degC"]);
  });

  it("leaves the places of missing readings free within a record, and breaks between records", () => {
    const recorder = new EdfRecorder(ecg, 250);
    for (let i = 0; i < 100; i++) recorder.reading(reading(START + 4 * i, [0.5]));
    recorder.gap(gap(START + 400, 31));
    for (let i = 131; i < 140; i++) recorder.reading(reading(START + 4 * i, [-0.5]));
    recorder.gap(gap(START + 560, null, "LINK"));
    for (let i = 0; i < 250; i++) recorder.reading(reading(START + 7003 + 4 * i, [0.25]));
    const file = finished(recorder);
    assert.deepEqual(file.onsets, [0.25, 7.253]);
    const rounded = placesOf(file).map(({ values }) => values[0] && Math.round(values[0] * 100) / 100);
    const row = (count: number, value: number | null): (number | null)[] => Array<number | null>(count).fill(value);
    assert.deepEqual(rounded, [
      ...row(100, 0.5),
      ...row(31, null),
      ...row(9, -0.5),
      ...row(110, null),
      ...row(250, 0.25),
    ]);
    const found = file.annotations.filter(({ text }) => /gap|no value/.test(text));
    assert.deepEqual(found, [
      { onset: 0.65, duration: 0.124, text: "gap: FIFO_FULL, 31 readings lost" },
      { onset: 0.81, duration: undefined, text: "gap: LINK, nobody counted the readings" },
      { onset: 0.65, duration: 0.124, text: "no value: FIFO_FULL" },
      { onset: 0.81, duration: 0.44, text: "no value: LINK" },
    ]);
  });

  it("has alarms as annotations, also before the first reading and while none comes", () => {
    const recorder = new EdfRecorder(ecg, 250);
    recorder.alarm(alarm(START, "probe off", true));
    recorder.flush();
    recorder.reading(reading(START + 5000, [0]));
    recorder.alarm(alarm(START + 60_000, "probe off", false));
    recorder.flush();
    const file = finished(recorder);
    assert.equal(file.start, START - 1250);
    const said = file.annotations.filter(({ text }) => text.startsWith("alarm") || text.startsWith("gap"));
    assert.deepEqual(
      said.map(({ onset, text }) => [onset, text]),
      [
        [1.25, "alarm begins: probe off"],
        [61.25, "alarm ends: probe off"],
      ],
    );
    assert.deepEqual(
      placesOf(file)
        .filter(({ values }) => values[0] !== null)
        .map(({ utc }) => Math.abs(utc - START - 5000) <= 5),
      [true],
    );
  });

  for (const ppm of [-100, 100])
    it(`keeps its records within 5 ms of UTC when the board is ${ppm} ppm off, for twenty minutes`, () => {
      const recorder = new EdfRecorder(ecg, 50);
      const count = 1200 * 50;
      const utc = (i: number): number => START + (i * 20) / (1 + ppm * 1e-6);
      for (let i = 0; i < count; i++) recorder.reading(reading(utc(i), [i / count]));
      const file = finished(recorder);
      const places = placesOf(file).filter(({ values }) => values[0] !== null);
      assert.equal(places.length, count);
      const worst = places.reduce((most, place, i) => Math.max(most, Math.abs(place.utc - utc(i))), 0);
      assert.ok(worst <= 5.6, `${worst} ms`);
      assert.equal(file.duration, ppm > 0 ? 0.9995 : 1);
    });

  it("follows a slow sensor that does not keep its own rhythm", () => {
    const recorder = new EdfRecorder(ecg, 1);
    const times = Array.from({ length: 100 }, (_, i) => START + 1000 * i - (i < 3 ? 0 : 150) + 20 * Math.sin(i));
    for (const utc of times) recorder.reading(reading(utc, [0]));
    const file = finished(recorder);
    assert.equal(file.duration, 0.9);
    placesOf(file).forEach(({ utc }, i) => assert.ok(Math.abs(utc - times[i]!) <= (i < 3 || i > 10 ? 101 : 171)));
    assert.ok(texts(file).includes("time: records are on time again"));
  });

  it("says when records cannot begin as early as they should: UTC was set back", () => {
    const recorder = new EdfRecorder(ecg, 250);
    for (let i = 0; i < 250 * 60; i++) recorder.reading(reading(START + 4 * i - (i < 1000 ? 0 : 20), [0]));
    const file = finished(recorder);
    const said = file.annotations.filter(({ text }) => text.startsWith("time: records"));
    assert.deepEqual(
      said.map(({ text }) => text),
      ["time: records begin up to 20 ms late", "time: records are on time again"],
    );
    assert.ok(said[1]!.onset - said[0]!.onset < 40);
  });

  it("puts many gaps into a few words, and many stretches into one, before it loses any", () => {
    const recorder = new EdfRecorder(ecg, 250);
    for (let i = 0; i < 1000; i++) {
      if (i % 3 === 0) recorder.gap(gap(START + 4 * i, 1));
      else recorder.reading(reading(START + 4 * i, [i % 3 === 1 ? 0.1 : null]));
    }
    const file = finished(recorder);
    placesOf(file);
    const lost = file.annotations.map(({ text }) => Number(/gap: FIFO_FULL, (\d+)/.exec(text)?.[1] ?? 0));
    assert.equal(
      lost.reduce((a, b) => a + b, 0),
      334,
    );
    assert.equal(recorder.summary.lost, 334);
    for (let i = 0; i < 300; i++) recorder.alarm(alarm(START, "storm", null));
    assert.equal(recorder.summary.annotationsLeftOut, 300 - 256);
  });

  it("takes a subject, and refuses what the header cannot hold", () => {
    const subject = {
      code: "MCH-0234567",
      sex: "F",
      birthdate: "1951-08-02",
      name: "Haagse Harry",
      technician: "NN",
    } as const;
    const file = finished(new EdfRecorder(ecg, 250, subject));
    assert.equal(file.patient, "MCH-0234567 F 02-AUG-1951 Haagse_Harry");
    assert.match(file.recording, / X NN devsock$/);
    assert.throws(
      () => new EdfRecorder(ecg, 250, { birthdate: "1951-02-30" }),
      /EINVAL: "1951-02-30" is no date of birth/,
    );
    assert.throws(() => new EdfRecorder(ecg, 250, { name: "x".repeat(80) }), /EINVAL: .* at most 80 characters/);
    assert.throws(() => new EdfRecorder(ecg, 250, { name: "Jürgen" }), /EINVAL: .*ASCII/);
    assert.throws(() => new EdfRecorder(ecg, 0), /EINVAL: 0 readings a second cannot be recorded/);
  });

  it(`is whole after every piece, whatever is missing, and keeps each value at its time: seed ${SEED}`, () => {
    const step = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({ kind: fc.constant("run" as const), count: fc.integer({ min: 1, max: 400 }) }),
      },
      {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constant("off" as const), count: fc.integer({ min: 1, max: 300 }) }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constant("gap" as const),
          count: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 3000 })),
          counted: fc.boolean(),
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("alarm" as const), on: fc.option(fc.boolean()) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("boot" as const) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant("flush" as const) }) },
    );
    const plan = fc.record({
      rate: fc.constantFrom(1, 3, 75, 100, 250, 62.5, 333),
      ppm: fc.integer({ min: -80, max: 80 }),
      jitter: fc.constantFrom(0, 0.8),
      steps: fc.array(step, { minLength: 1, maxLength: 25 }),
    });
    fc.assert(
      fc.property(plan, ({ rate, ppm, jitter, steps }) => {
        const recorder = new EdfRecorder(ecg, rate);
        const disk = new Disk();
        const truth: { utc: number; value: number }[] = [];
        const interval = 1000 / rate / (1 + ppm * 1e-6);
        let at = START;
        let boot = 1;
        let seen = 0;
        for (const one of steps) {
          if (one.kind === "run" || one.kind === "off")
            for (let i = 0; i < one.count; i++, at += interval) {
              const utc = at + jitter * Math.sin(++seen * 2.3);
              const value = one.kind === "run" ? Math.sin(seen) : null;
              if (value !== null) truth.push({ utc, value });
              recorder.reading(reading(utc, [value], { boot }));
            }
          if (one.kind === "gap") {
            recorder.gap(gap(at, one.counted ? one.count : null));
            at += one.count * interval;
          }
          if (one.kind === "alarm") recorder.alarm(alarm(at, "low battery", one.on));
          if (one.kind === "boot") {
            boot++;
            at += 4321.5;
          }
          if (one.kind === "flush") recorder.flush();
          disk.write(recorder.take());
          if (disk.file.length) readEdf(disk.file);
        }
        recorder.finish(START);
        disk.write(recorder.take());
        const file = readEdf(disk.file);
        const places = placesOf(file).filter(({ values }) => values[0] !== null);
        assert.equal(places.length, truth.length);
        const tolerance = 5 + 2 * jitter + 1.2 * (1000 / rate);
        truth.forEach(({ utc, value }, i) => {
          assert.ok(Math.abs(places[i]!.values[0]! - value) <= file.signals[0]!.step);
          assert.ok(Math.abs(places[i]!.utc - utc) <= tolerance, `${places[i]!.utc - utc} ms`);
        });
        assert.equal(recorder.summary.readings - recorder.summary.withoutValue, truth.length);
      }),
      { seed: SEED, numRuns: 80 },
    );
  });
});
