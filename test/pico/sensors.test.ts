import assert from "node:assert/strict";
import type { SensorAlarm, SensorGap, SensorReading } from "../../host/index.js";
import { Ad8232 } from "../../simulator/peripheral/sensor/ad8232.js";
import { Ds18b20 } from "../../simulator/peripheral/sensor/ds18b20.js";
import { Max30102 } from "../../simulator/peripheral/sensor/max30102.js";
import type { LightSample } from "../../simulator/peripheral/sensor/max30102.js";
import { Mlx90614 } from "../../simulator/peripheral/sensor/mlx90614.js";
import { firmwareOn, onPico, withFirmware } from "./rig.js";

type Item = SensorReading | SensorGap | SensorAlarm;

const ECG = { driver: "ad8232", rate: 250, pins: { out: "D26", loPlus: "D2", loMinus: "D3" } };
const SECONDS = 4;

/** Of all three together; `PICO_SECONDS=60 npx mocha test/pico/sensors.test.ts -g together` for a minute. */
const TOGETHER = Number(process.env["PICO_SECONDS"] ?? 20);

/** A signal that says when it was: mV a second, and seconds after which it begins anew. */
const SLOPE = 1;
const AGAIN = 2.4;
/** ms that one step of the converter stands for. */
const STEP = ((1000 * 3300) / 4096 / 1100) * SLOPE;
/** Readings until the host knows the rhythm: of the first batch it says 32 ms where 42 are true. */
const SETTLING = 50;
/** How far from the truth a reading's time may be, ms. */
const BOUND = 2;

/** ms from the start until the host knows the board's clock well enough beside three sensors that are started. */
const KNOWN_MS = 3000;

/** It knows when it was read. */
class WatchedMlx90614 extends Mlx90614 {
  readonly reads: number[] = [];
  constructor(private readonly now: () => number) {
    super({ object: 34 });
  }
  override start(reading: boolean): boolean {
    if (reading) this.reads.push(this.now());
    return super.start(reading);
  }
}

/** How far an ECG's reading is from when it was, by its own value, ms. */
function offOf({ utc, values }: SensorReading): number {
  const was = (values[0]! / SLOPE + AGAIN / 2) * 1000;
  const away = Math.abs(((utc / 1000) % AGAIN) * 1000 - was);
  return Math.min(away, AGAIN * 1000 - away);
}

onPico("sensors on the emulated Pico", function () {
  this.timeout(900_000);
  withFirmware();

  it("an ECG at 250 Hz comes whole while it is watched, each sample within its uncertainty of when it was", async () => {
    const ecg = new Ad8232({ signal: (s) => ((s % AGAIN) - AGAIN / 2) * SLOPE });
    const rig = firmwareOn({ config: { board: "pico", devices: { ecg0: ECG } }, peripherals: { ecg0: ecg } });
    const host = await rig.connect();
    const abort = new AbortController();
    const all: Item[] = [];
    const watching = (async () => {
      for await (const item of host.sensor("ecg0").samples({ live: true, signal: abort.signal })) all.push(item);
    })().catch(() => undefined);
    await rig.pass(SECONDS * 1000);
    abort.abort();
    await rig.during(watching);
    const readings = all.filter((item) => item.kind === "reading");
    assert.equal(readings.length, all.length, JSON.stringify(all.find((item) => item.kind !== "reading")));
    assert.ok(readings.length > (SECONDS - 1) * 248, `${readings.length} readings`);
    for (const [i, reading] of readings.entries()) {
      assert.equal(reading.number, readings[0]!.number + i);
      if (i < SETTLING) continue;
      const { uncertainty } = reading;
      const error = offOf(reading);
      assert.ok(error <= uncertainty + STEP, `${error.toFixed(2)} ms away, ${uncertainty.toFixed(2)} stated`);
      assert.ok(error <= BOUND + STEP, `${error.toFixed(2)} ms away`);
    }
  });

  it(`an ECG, a MAX30102 and an MLX90614 are recorded together for ${TOGETHER} s: nothing is lost, and each reading's time is within ${BOUND} ms`, async () => {
    const now = (): number => rig.machine.time.now();
    const ecg = new Ad8232({ signal: (s) => ((s % AGAIN) - AGAIN / 2) * SLOPE });
    const chip = new Max30102();
    const skin = new WatchedMlx90614(() => now());
    const lit: number[] = [];
    chip.onSample = () => void lit.push(now());
    const rig = firmwareOn({
      config: {
        board: "pico",
        buses: { i2c0: { port: "I2C1", bitrate: 100_000 } },
        devices: {
          ecg0: ECG,
          spo2: { driver: "max30102", bus: "i2c0", pins: { int: "D14" } },
          skin: { driver: "mlx90614", bus: "i2c0" },
        },
      },
      peripherals: { ecg0: ecg, spo2: chip, skin },
    });
    const host = await rig.connect();
    const begun = now();
    const abort = new AbortController();
    const all: Record<string, Item[]> = { ecg0: [], spo2: [], skin: [] };
    const recording = Object.entries(all).map(async ([name, items]) => {
      for await (const item of host.sensor(name).samples({ signal: abort.signal })) items.push(item);
    });
    await rig.pass(TOGETHER * 1000);
    abort.abort();
    await rig.during(Promise.allSettled(recording));
    const truths: Record<string, (reading: SensorReading, index: number) => number> = {
      ecg0: (reading) => Math.max(0, offOf(reading) - STEP),
      // It is started for its first reader.
      spo2: ({ utc }, i) => Math.abs(utc - lit[i]!),
      skin: ({ utc }) => Math.min(...skin.reads.map((read) => Math.abs(utc - read))),
    };
    for (const [name, items] of Object.entries(all)) {
      let worst = 0;
      let outside = 0;
      for (const [i, item] of items.entries()) {
        assert.ok(item.kind === "reading", `${name}, ${i}: ${JSON.stringify(item)}`);
        assert.equal(item.number, items[0]!.number + i, name);
        const error = truths[name]!(item, i);
        if (error > item.uncertainty) outside++;
        if (item.utc > begun + KNOWN_MS) worst = Math.max(worst, error);
      }
      assert.ok(items.length > (TOGETHER - 1) * { ecg0: 248, spo2: 99, skin: 0.9 }[name]!, `${name}: ${items.length}`);
      assert.equal(outside, 0, name);
      assert.ok(worst <= BOUND, `${name}: ${worst.toFixed(2)} ms`);
    }
    assert.equal(chip.lost, 0);
  });

  it("a MAX30102 by its interrupt, an MLX90614 on the same bus and a DS18B20 on its wire lose nothing together", async () => {
    const light: LightSample[] = [];
    const chip = new Max30102();
    chip.onSample = (sample) => void light.push(sample);
    const rig = firmwareOn({
      config: {
        board: "pico",
        buses: { i2c0: { port: "I2C1", bitrate: 100_000 } },
        devices: {
          spo2: { driver: "max30102", bus: "i2c0", pins: { int: "D14" } },
          skin: { driver: "mlx90614", bus: "i2c0" },
          body: { driver: "ds18b20", pins: { data: "D15" } },
        },
      },
      peripherals: { spo2: chip, skin: new Mlx90614({ object: 34 }), body: new Ds18b20({ temperature: 36.5 }) },
    });
    const host = await rig.connect();
    const abort = new AbortController();
    const all: Record<string, Item[]> = { spo2: [], skin: [], body: [] };
    const watching = Object.entries(all).map(async ([name, items]) => {
      for await (const item of host.sensor(name).samples({ live: true, signal: abort.signal })) items.push(item);
    });
    await rig.pass(SECONDS * 1000);
    abort.abort();
    await rig.during(Promise.allSettled(watching));
    for (const [name, items] of Object.entries(all))
      for (const [i, item] of items.entries()) {
        assert.ok(item.kind === "reading", `${name}: ${JSON.stringify(item)}`);
        assert.equal(item.number, items[0]!.number + i);
      }
    const counts = Object.values(all).map((items) => items.length);
    assert.ok(counts[0]! > (SECONDS - 2) * 95 && counts[1]! >= 2 && counts[2]! >= 2, counts.join());
    assert.equal(chip.lost, 0);
    const values = all["spo2"]!.map((item) => (item.kind === "reading" ? item.values : []));
    const first = light.findIndex(({ red, infrared }) => red === values[0]![0] && infrared === values[0]![1]);
    assert.deepEqual(
      values,
      light.slice(first, first + values.length).map(({ red, infrared }) => [red, infrared]),
    );
    const lastOf = (name: string): number | null => (all[name]!.at(-1) as SensorReading).values[0]!;
    assert.ok(Math.abs(lastOf("skin")! - 34) < 0.1 && lastOf("body") === 36.5, `${lastOf("skin")}, ${lastOf("body")}`);
  });
});
