/** Records made-up readings of 250 Hz in real time to the file of its argument, until somebody ends it. */
import { setTimeout as pause } from "node:timers/promises";
import { recordSensor } from "../../host/index.js";
import type { SensorReading } from "../../host/index.js";
import { sensorTable } from "../../protocols/device/sensor/index.js";

const start = Date.now();

async function* samples(): AsyncGenerator<SensorReading> {
  for (let i = 0; ; i++) {
    const utc = start + 4 * i;
    if (utc > Date.now()) await pause(20);
    yield { kind: "reading", number: i, boot: 1, utc, uncertainty: 1, values: [Math.sin(i / 9)], why: "" };
  }
}

async function* alarms(): AsyncGenerator<never> {
  await new Promise(() => undefined);
}

process.stdout.write(`${start}\n`);
await recordSensor({ table: sensorTable("ad8232")!, rate: 250, samples, alarms }, process.argv[2]!);
