import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recordSensor } from "../../host/index.js";
import type { SensorAlarm, SensorGap, SensorReading, SensorSource } from "../../host/index.js";
import { sensorTable } from "../../protocols/device/sensor/index.js";
import { readWithBiosig } from "../support/biosig.js";
import { placesOf, readEdf } from "../support/edf.js";
import { biosig, judgedBy } from "../support/judges.js";

const START = Date.UTC(2026, 10, 28, 12, 0, 0, 400);

function reading(utc: number, value: number | null): SensorReading {
  const why = value === null ? "lead LO+ off" : "";
  return { kind: "reading", number: 0, boot: 1, utc, uncertainty: 1.5, values: [value], why };
}

async function* samples(): AsyncGenerator<SensorReading | SensorGap> {
  for (let i = 0; i < 100; i++) yield reading(START + 4 * i, Math.sin(i / 9));
  yield { kind: "gap", number: 0, boot: 1, utc: START + 400, uncertainty: 1.5, lost: 31, cause: "FIFO_FULL" };
  for (let i = 131; i < 600; i++) yield reading(START + 4 * i, i >= 300 && i < 320 ? null : Math.sin(i / 9));
  yield { kind: "gap", number: 0, boot: 1, utc: START + 2400, uncertainty: 1.5, lost: null, cause: "LINK" };
  for (let i = 2600; i < 2900; i++) yield reading(START + 4 * i, Math.cos(i / 9));
}

async function* alarms(): AsyncGenerator<SensorAlarm> {
  yield { kind: "alarm", number: 0, boot: 1, utc: START + 900, uncertainty: 1.5, name: "low battery", on: true };
}

judgedBy([biosig], "BioSig with our EDF+ files", function () {
  this.timeout(20_000);
  let dir: string;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), "devsock-"));
  });

  after(() => rm(dir, { recursive: true }));

  it("reads the same samples, times and annotations as our own strict reader", async () => {
    const path = join(dir, "f.edf");
    const sensor: SensorSource = { table: sensorTable("ad8232")!, rate: 250, samples, alarms };
    const counts = await recordSensor(sensor, path);
    assert.deepEqual(counts, {
      readings: 869,
      withoutValue: 20,
      gaps: 2,
      lost: null,
      alarms: 1,
      records: 5,
      annotationsLeftOut: 0,
    });
    const ours = readEdf(await readFile(path));
    const { header, samples: found } = await readWithBiosig(path);
    assert.deepEqual([header.TYPE, header.NumberOfRecords, header.Samplingrate], ["EDF", 5, 250]);
    const [channel] = header.CHANNEL;
    assert.deepEqual([channel!.Label, channel!.PhysicalUnit], ["ECG", "mV"]);
    const places = placesOf(ours);
    assert.equal(found.length, places.length);
    places.forEach(({ values }, i) => {
      const expected = values[0] ?? channel!.PhysicalMinimum;
      assert.ok(
        Math.abs(found[i]![0]! - expected) <= channel!.scaling,
        `sample ${i}: ${found[i]![0]} is not ${expected}`,
      );
    });
    const breaks = header.EVENT.filter(({ TYP }) => TYP === "0x7ffe");
    assert.equal(breaks.length, ours.onsets.length);
    const words = header.EVENT.filter(({ TYP }) => TYP !== "0x7ffe");
    assert.deepEqual(
      words.map(({ Description }) => Description),
      ours.annotations.map(({ text }) => text),
    );
    for (const text of ["gap: FIFO_FULL, 31 readings lost", "no value: lead LO+ off", "alarm begins: low battery"])
      assert.ok(
        words.some(({ Description }) => Description === text),
        text,
      );
    const lost = words.find(({ Description }) => Description === "no value: FIFO_FULL")!;
    assert.ok(Math.abs(lost.DUR - 0.124) < 0.001 && Math.abs(lost.POS - 0.4) < 0.001, JSON.stringify(lost));
  });
});
