/** ECG, two oximeters and a printer that is kept full, all on one board, in virtual time. */
import assert from "node:assert/strict";
import type { Board, SensorGap, SensorReading } from "../../host/index.js";
import { Ad8232 } from "../../simulator/peripheral/sensor/ad8232.js";
import { Max30102 } from "../../simulator/peripheral/sensor/max30102.js";
import { Nonin } from "../../simulator/peripheral/sensor/nonin.js";
import { Rig, withFirmware } from "./rig.js";

/** Virtual s; `SECONDS=3600 npx mocha test/e2e/bedside.test.ts` for an hour. */
const SECONDS = Number(process.env["SECONDS"] ?? 30);

const ECG = { driver: "ad8232", rate: 250 };
const OPTIONS = {
  linux: {
    ecg0: { ...ECG, pins: { out: "D1", loPlus: "D2", loMinus: "D3" } },
    spo2: { driver: "nonin", uart: "Serial3", baud: 9600, path: "/dev/null" },
    light0: { driver: "max30102", bus: "i2c0", rate: 100, pins: { int: "D4" } },
  },
  "pico-wiznet": {
    ecg0: { ...ECG, pins: { out: "A0", loPlus: "A1", loMinus: "B8" } },
    spo2: { driver: "nonin", uart: "Serial2", baud: 9600 },
    light0: { driver: "max30102", bus: "i2c0", rate: 100, pins: { int: "A5" } },
  },
};

const PORTS = { linux: { port: "I2C1" }, "pico-wiznet": { port: "I2C2", pins: { scl: "B10", sda: "B3" } } };

/** Readings a second. */
const RATES = { ecg0: 250, spo2: 75, light0: 100 };

describe("beside a bed", function () {
  withFirmware();
  this.timeout(20_000 + SECONDS * 2000);

  for (const board of ["linux"] as const)
    it(`on ${board} nothing is lost in ${SECONDS} s, while a printer at 115200 is kept full`, async () => {
      const rig = new Rig({
        board,
        devices: OPTIONS[board],
        peripherals: { ecg0: new Ad8232(), spo2: new Nonin(), light0: new Max30102() },
        config: { buses: { i2c0: { ...PORTS[board], bitrate: 400_000 } } },
        links: ["tcp"],
      });
      const host = await rig.connect("tcp");
      const signal = new AbortController();
      const reading = Object.entries(RATES).map(
        async ([name, rate]) => [name, rate, await count(host, name, signal.signal)] as const,
      );
      const printing = host.printer("printer0").print(Buffer.alloc(SECONDS * 11_000, "all the time\n"));
      await rig.run(SECONDS * 1000);
      signal.abort();
      for (const [name, rate, { readings, gaps }] of await rig.during(Promise.all(reading))) {
        assert.deepEqual(gaps, [], name);
        assert.ok(readings > rate * (SECONDS - 1), `${name}: ${readings} readings`);
      }
      await rig.during(printing);
      assert.ok(rig.printed > SECONDS * 10_000);
      await rig.finish();
    });
});

async function count(host: Board, name: string, signal: AbortSignal): Promise<{ readings: number; gaps: SensorGap[] }> {
  let readings = 0;
  const gaps: SensorGap[] = [];
  const take = (item: SensorReading | SensorGap): void => {
    if (item.kind === "gap") gaps.push(item);
    else readings++;
  };
  try {
    for await (const item of host.sensor(name).samples({ signal })) take(item);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return { readings, gaps };
}
