/**
 * A printer, a camera, an ECG and an oximeter on an Espruino WiFi, in virtual time: all of them work at once, and electrodes come off at any moment. `SECONDS=3600 npx mocha test/e2e/all-at-once.test.ts` for an hour: docs/performance.md.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { parseConfig } from "../../host/index.js";
import type { Board } from "../../host/index.js";
import { Arducam } from "../../simulator/peripheral/camera/arducam.js";
import { Ad8232 } from "../../simulator/peripheral/sensor/ad8232.js";
import { Max30102 } from "../../simulator/peripheral/sensor/max30102.js";
import { image, IMAGES } from "../simulator/peripheral/camera/bench.js";
import { Rig, withFirmware } from "./rig.js";

const FIRMWARE = fileURLToPath(new URL("../../dist/firmware", import.meta.url));

/** Virtual s. */
const SECONDS = Number(process.env["SECONDS"] ?? 30);

const SIZE = "640x480";
const FILES = [1, 2].map((number) => image(SIZE, number));
const RECEIPT = Buffer.alloc(2000, "one of many lines of a receipt\n");

/** From the end of one image or receipt to the next, in ms. */
const IMAGE_MS = 10_000;
const RECEIPT_MS = 10_000;

/** How long an electrode is off, and what lies between two such moments at the least, in ms. */
const OFF_MS = 600;
const BETWEEN_MS = 4000;

/** ms to an alarm, 99th percentile. */
const MOST_MS = 100;

/** Of the board's time. In a short run the camera's setting up and what is loaded for the first job weigh more. */
const MOST_SHARE = SECONDS < 300 ? 0.75 : 0.7;

const RATES = { ecg0: 250, spo2: 100 };
type Name = keyof typeof RATES;
const names = Object.keys(RATES) as Name[];

/** The camera's registers bear a quarter of what the oximeter's FIFO asks for. */
const BUSES = {
  spi0: { port: "SPI1", bitrate: 4_000_000, cs: ["A4"], pins: { sck: "A5", miso: "A6", mosi: "B5" } },
  i2c0: { port: "I2C1", bitrate: 400_000, pins: { scl: "B8", sda: "B9" } },
  i2c1: { port: "I2C2", bitrate: 100_000, pins: { scl: "B10", sda: "B3" } },
};
const DEVICES = {
  camera0: { driver: "ov2640", spi: "spi0", cs: 0, i2c: "i2c1", size: SIZE },
  ecg0: { driver: "ad8232", rate: RATES.ecg0, pins: { out: "A0", loPlus: "A1", loMinus: "A7" } },
  spo2: { driver: "max30102", bus: "i2c0", rate: RATES.spo2, pins: { int: "A8" } },
};

/** Readings, those lost, and when an electrode's alarm came, in ms. */
interface Heard {
  readings: Record<Name, number>;
  lost: Record<Name, number>;
  told: number[];
}

describe("all at once", function () {
  withFirmware();
  this.timeout(60_000 + SECONDS * 1000);

  it("is what check lets an Espruino WiFi have", () => {
    const printer0 = { driver: "escpos", uart: "Serial1", baud: 115_200, flow: "xonxoff" };
    const links = { tcp: { port: 9180, insecure: true } };
    const config = { board: "espruino-wifi", network: { ssid: "lab" }, links, buses: BUSES };
    assert.ok(parseConfig({ ...config, devices: { printer0, ...DEVICES } }, { firmware: FIRMWARE }));
  });

  it(`on an Espruino WiFi no sample is lost in ${SECONDS} s, no image is broken, and alarms come`, async () => {
    const ecg = new Ad8232();
    const rig = new Rig({
      ...{ board: "espruino-wifi", links: ["tcp"], config: { buses: BUSES, endpoints: [] }, devices: DEVICES },
      peripherals: { camera0: new Arducam({ image: IMAGES }), ecg0: ecg, spo2: new Max30102() },
    });
    // It joins its network.
    await rig.run(5000);
    const host = await rig.connect("tcp");
    const abort = new AbortController();
    const { signal } = abort;
    const failures: unknown[] = [];
    const beside = (work: Promise<void>): void =>
      void work.catch((error: unknown) => void (signal.aborted || failures.push(error)));
    const every = async (ms: number, work: () => Promise<void>): Promise<void> => {
      while (!signal.aborted) {
        await work();
        await new Promise<void>((resolve) => rig.clock.after(ms, resolve));
      }
    };
    const heard: Heard = { readings: { ecg0: 0, spo2: 0 }, lost: { ecg0: 0, spo2: 0 }, told: [] };
    for (const name of names) beside(listen(host, name, heard, rig, signal));
    beside(hear(host, heard, rig, signal));
    await rig.run(3000);
    for (const name of names) heard.readings[name] = 0;
    const busy = (): number => Object.values(rig.board.runtime.spent).reduce((sum, ms) => sum + ms, 0);
    const [from, before] = [rig.clock.now(), busy()];
    const images = { whole: 0, wrong: 0, bytes: 0, ms: 0 };
    const receipts = { count: 0, ms: 0 };
    beside(
      every(IMAGE_MS, async () => {
        const asked = rig.clock.now();
        const { data, broken } = await host.camera().snapshot({ signal });
        const same = FILES.some((file) => data.equals(file));
        images.whole += same ? 1 : 0;
        images.wrong += broken + (same ? 0 : 1);
        images.bytes += data.length;
        images.ms += rig.clock.now() - asked;
      }),
    );
    beside(
      every(RECEIPT_MS, async () => {
        const asked = rig.clock.now();
        await host.printer("printer0").print(RECEIPT, { signal, job: null });
        receipts.count++;
        receipts.ms += rig.clock.now() - asked;
      }),
    );
    const off: number[] = [];
    for (let i = 0; rig.clock.now() - from < SECONDS * 1000; i++) {
      await rig.run(BETWEEN_MS + ((i * 137) % 400));
      off.push(rig.clock.now());
      ecg.lead("plus", false);
      await rig.run(OFF_MS);
      ecg.lead("plus", true);
    }
    await rig.run(BETWEEN_MS);
    const seconds = (rig.clock.now() - from) / 1000;

    const share = (busy() - before) / (seconds * 1000);
    abort.abort();
    const { told, lost, readings } = heard;
    const took = told.map((at, i) => at - off[i]!).sort((a, b) => a - b);
    const [median, most] = [0.5, 0.99].map((part) => took[Math.floor(took.length * part)]!) as [number, number];
    if (SECONDS >= 60)
      process.stdout.write(
        `      ${seconds.toFixed(0)} s: ${names.map((name) => `${name} ${readings[name]} read, ${lost[name]} lost`).join("; ")}; ` +
          `${images.whole} images, each ${(images.ms / 1000 / images.whole).toFixed(1)} s, ${((1000 * images.bytes) / images.ms).toFixed(0)} B/s, ${images.wrong} wrong; ` +
          `${receipts.count} receipts, ${((1000 * RECEIPT.length * receipts.count) / receipts.ms).toFixed(0)} B/s; ` +
          `${told.length} of ${off.length} alarms, median ${median.toFixed(0)} ms, p99 ${most.toFixed(0)} ms, most ${took.at(-1)?.toFixed(0)} ms; ${(100 * share).toFixed(0)} % of the board's time\n`,
      );
    assert.deepEqual(failures, []);
    assert.deepEqual(lost, { ecg0: 0, spo2: 0 });
    for (const name of names)
      assert.ok(readings[name] > RATES[name] * (seconds - 1), `${name}: ${readings[name]} readings`);
    assert.equal(images.wrong, 0);
    assert.equal(told.length, off.length);
    assert.equal(rig.board.runtime.counters.dropped, 0);
    assert.ok(most < MOST_MS, `${most} ms`);
    assert.ok(share < MOST_SHARE, `${share} of the board's time`);
  });
});

async function listen(host: Board, name: Name, heard: Heard, rig: Rig, signal: AbortSignal): Promise<void> {
  for await (const item of host.sensor(name).samples({ signal })) {
    if (item.kind === "gap") heard.lost[name] += item.lost ?? NaN;
    else heard.readings[name]++;
  }
}

async function hear(host: Board, heard: Heard, rig: Rig, signal: AbortSignal): Promise<void> {
  for await (const item of host.sensor("ecg0").alarms({ signal }))
    if (item.kind === "alarm" && item.on) heard.told.push(rig.clock.now());
}
