import assert from "node:assert/strict";
import { frame, windowOf } from "../../../host/cli/trace-view/frame.js";
import { TraceHistory } from "../../../host/cli/trace-view/history.js";
import { describeItem, jsonOf } from "../../../host/cli/trace-view/words.js";
import type { SensorReading } from "../../../host/index.js";
import { sensorTable } from "../../../protocols/device/sensor/index.js";

const START = Date.UTC(2026, 10, 28, 12, 0, 0);
const ecg = sensorTable("ad8232")!;
const rest = { number: 0, boot: 1, uncertainty: 1.25 };
const size = { columns: 60, rows: 14 };

function reading(second: number, value: number | null, why = ""): SensorReading {
  return { kind: "reading", ...rest, utc: START + 1000 * second, values: [value], why };
}

function wave(history: TraceHistory, from: number, to: number): void {
  for (let i = Math.round(from * 250); i < to * 250; i++) history.add(reading(i / 250, Math.sin(i / 40)));
}

const shown = (history: TraceHistory, at = size) => frame("ecg0", ecg, history, at);
/** The lines of dots. */
const picture = (lines: string[]) => lines.slice(2).filter((line) => /^[\u2800-\u28ff░]/.test(line));

describe("the trace in a terminal", () => {
  it("shows name, value, unit, time, scale and counts around ten seconds of dots", () => {
    const history = new TraceHistory(windowOf(250));
    wave(history, 0, 12);
    const lines = shown(history);
    assert.equal(lines[0], "ecg0  AD8232 ECG  2026-11-28 12:00:11.996 UTC ± 1.3 ms");
    assert.match(lines[1]!, /^ECG {2}-0\.411 mV {2}\(-1\.000 mV to 1\.000 mV, 10 s\)$/);
    assert.equal(lines.at(-1), "3000 readings, no gap. Not for diagnosis.");
    assert.equal(lines.length, size.rows);
    const dots = picture(lines);
    assert.equal(dots.length, 11);
    assert.ok(dots.every((line) => line.length === 60 && !line.includes("░")));
    // A sine has its top in the first row and its bottom in the last, and a dot in every column.
    for (const line of [dots[0]!, dots.at(-1)!]) assert.match(line, /[\u2801-\u28ff]/);
    for (let column = 0; column < 60; column++)
      assert.ok(
        dots.some((line) => line[column] !== "\u2800"),
        `${column}`,
      );
  });

  it("draws a rising line from the lower left to the upper right", () => {
    const history = new TraceHistory(10);
    for (let i = 0; i <= 10; i++) history.add(reading(i, i));
    const dots = picture(shown(history, { columns: 20, rows: 8 }));
    assert.deepEqual(dots, [
      "⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⢀⡠⠔⠊",
      "⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⢀⡠⠔⠊⠁⠀⠀⠀",
      "⠀⠀⠀⠀⠀⠀⠀⢀⣀⠤⠔⠊⠁⠀⠀⠀⠀⠀⠀⠀",
      "⠀⠀⠀⢀⡠⠔⠊⠁⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀",
      "⡠⠔⠊⠁⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀",
    ]);
  });

  it("shows a gap as a gap, and says how much and why", () => {
    const history = new TraceHistory(10);
    wave(history, 0, 4);
    history.add({ kind: "gap", ...rest, utc: START + 4000, lost: 500, cause: "FIFO_FULL" });
    wave(history, 6, 10);
    const lines = shown(history);
    for (const line of picture(lines)) assert.match(line, /^[^░]{24,25}░{10,12}[^░]{24,25}$/);
    assert.ok(lines.includes("12:00:04.000  gap: 500 readings are missing (FIFO_FULL)"));
    assert.equal(lines.at(-1), "2000 readings, 1 gap, 500 lost. Not for diagnosis.");
  });

  it("says in words that leads are off, and draws nothing then", () => {
    const history = new TraceHistory(10);
    wave(history, 0, 5);
    for (let i = 1250; i < 2500; i++) history.add(reading(i / 250, null, "lead LO+ off"));
    const lines = shown(history);
    assert.match(lines[1]!, /^ECG {2}no value: lead LO\+ off/);
    for (const line of picture(lines)) assert.match(line, /░{28,31}$/);
  });

  it("says alarms in words, each once though it comes twice, and nothing that moves a cursor", () => {
    const history = new TraceHistory(10);
    wave(history, 0, 1);
    const alarm = { kind: "alarm" as const, ...rest, utc: START + 500, name: "low \x1b[2Jbattery", on: true };
    history.add(alarm);
    history.add({ ...alarm });
    const said = shown(history).filter((line) => line.includes("ALARM"));
    assert.deepEqual(said, ["12:00:00.500  ALARM low ?[2Jbattery begins"]);
    assert.equal(history.alarms, 1);
  });

  it("fits a terminal of any size, and waits before the first reading", () => {
    const history = new TraceHistory(10);
    assert.equal(shown(history)[0], "ecg0  AD8232 ECG  waits for readings");
    wave(history, 0, 10);
    for (const [columns, rows] of [
      [20, 6],
      [33, 7],
      [300, 80],
    ] as const)
      for (const line of shown(history, { columns, rows })) assert.ok([...line].length <= columns);
    assert.ok(shown(history, { columns: 1, rows: 1 }).length <= 6);
  });

  it("keeps what it shows, and no more", () => {
    const history = new TraceHistory(10);
    wave(history, 0, 100);
    assert.equal(history.placed.length, 2501);
    for (let i = 0; i < 200; i++) history.add({ kind: "gap", ...rest, utc: START, lost: null, cause: "LINK" });
    assert.equal(history.said.length, 50);
    assert.match(shown(history).at(-1)!, /25000 readings, 200 gaps, not all counted/);
  });

  it("says what is computed, and that it is not calibrated, above the counts of readings", () => {
    const history = new TraceHistory(10);
    const computed = { kind: "computed", method: "oximetry", utc: START, uncertainty: 2, ratio: 0.6 } as const;
    const whole = { ...computed, pulse: 72.4, spo2: 94.6, perfusion: 1.5, why: "" };
    history.add(whole);
    assert.equal(shown(history).at(-2), "computed, not calibrated: Pulse 72 /min, SpO2 95 %");
    assert.deepEqual(jsonOf(whole, []), {
      ...{ kind: "computed", method: "oximetry", utc: START, uncertainty: 2, ratio: 0.6, perfusion: 1.5, why: "" },
      ...{ values: { pulse: 72.4, spo2: 94.6 }, units: { pulse: "/min", spo2: "%" } },
    });
    history.add({ ...computed, pulse: null, spo2: null, perfusion: null, why: "no finger" });
    assert.match(shown(history, { columns: 90, rows: 14 }).at(-2)!, /no value \(no finger\)$/);
  });

  it("gives programs values by the names of their channels", () => {
    const oximeter = sensorTable("max30102")!;
    const item = { ...reading(0, 1), values: [81_000, null], why: "saturated" };
    assert.deepEqual(jsonOf(item, oximeter.channels), { ...item, values: { red: 81_000, infrared: null } });
    assert.equal(
      describeItem({ kind: "gap", ...rest, utc: START, lost: null, cause: "LINK" }),
      "gap: readings are missing, nobody counted them (LINK)",
    );
  });
});
