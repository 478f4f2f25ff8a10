/** Sensors on the real interpreter, the whole way: UARTs by terminals; I2C, one-wire, the converter and pins by objects in the interpreter's place. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { connect, receiveResults } from "../../host/index.js";
import type { AnalyserEvent, Board } from "../../host/index.js";
import { startSimulator, type Peripheral, type Simulator } from "../../simulator/index.js";
import type { Ad8232 } from "../../simulator/peripheral/sensor/ad8232.js";
import type { Analyser } from "../../simulator/peripheral/sensor/analyser.js";
import type { Cms50 } from "../../simulator/peripheral/sensor/cms50.js";
import type { Ds18b20 } from "../../simulator/peripheral/sensor/ds18b20.js";
import type { Max30102 } from "../../simulator/peripheral/sensor/max30102.js";
import type { Mlx90614 } from "../../simulator/peripheral/sensor/mlx90614.js";
import type { Nonin } from "../../simulator/peripheral/sensor/nonin.js";
import { causes, gapsOf, readingsOf, type Item } from "../e2e/sensor-listener.js";
import { pause, until } from "../support/wait.js";
import { espruino } from "./both.js";

const bundleDir = fileURLToPath(new URL("../../dist/firmware", import.meta.url));

/** ms without and with a fault. */
const GOOD_MS = 6000;
const FAULTY_MS = 3500;

interface Sensor<Kind extends Peripheral = never> {
  device: string;
  /** Of its channels, in UCUM. */
  units: string[];
  /** Readings of GOOD_MS at the least; a computer that is busy elsewhere gives fewer than there are. */
  least: number;
  good: (values: number[]) => boolean;
  /** What goes wrong, and what is told of it. */
  spoil: (device: Kind) => void;
  told: (items: Item[]) => void;
}

const gaps =
  (...expected: string[]) =>
  (items: Item[]) =>
    assert.deepEqual(causes(items), expected);

const ad8232: Sensor<Ad8232> = {
  ...{ device: "ad8232", units: ["mV"], least: 1000 },
  good: ([ecg]) => Math.abs(ecg!) < 1.4,
  spoil: (device) => device.lead("plus", false),
  told: (items) => {
    const readings = readingsOf(items);
    const off = readings.slice(readings.findIndex(({ why }) => why !== ""));
    assert.ok(off.length > 500 && off.every(({ why, values }) => why === "lead LO+ off" && values[0] === null));
  },
};
const ds18b20: Sensor<Ds18b20> = {
  ...{ device: "ds18b20,temperature=36.5", units: ["Cel"], least: 3 },
  good: ([celsius]) => celsius === 36.5,
  spoil: ({ faults }) => (faults.errors = 1),
  told: gaps("CRC"),
};
const max30102: Sensor<Max30102> = {
  ...{ device: "max30102", units: ["1", "1"], least: 400 },
  good: ([red, infrared]) => red! > 10_000 && infrared! > red!,
  spoil: ({ faults }) => (faults.fault = "absent"),
  told: gaps("ENXIO"),
};
const mlx90614: Sensor<Mlx90614> = {
  ...{ device: "mlx90614,object=34.5", units: ["Cel"], least: 3 },
  good: ([celsius]) => Math.abs(celsius! - 34.5) < 0.02,
  spoil: ({ faults }) => (faults.errors = 1),
  told: gaps("PEC"),
};
const nonin: Sensor<Nonin> = {
  ...{ device: "nonin,spo2=96,pulse=70", units: ["1", "%", "/min"], least: 300 },
  good: ([, spo2, pulse]) => spo2 === 96 && pulse === 70,
  spoil: ({ faults }) => (faults.errors = 0.2),
  told: (items) => assert.ok(causes(items).includes("checksum"), causes(items).join()),
};
const cms50: Sensor<Cms50> = {
  ...{ device: "cms50,spo2=94,pulse=61", units: ["1", "%", "/min"], least: 250 },
  good: ([, spo2, pulse]) => spo2 === 94 && pulse === 61,
  spoil: ({ faults }) => (faults.fault = "silent"),
  told: gaps("SILENT"),
};

/** A board has not the memory for all of them at once. */
const BOARDS: Record<string, Sensor>[] = [
  { ad8232, ds18b20 },
  { max30102, mlx90614 },
  { nonin, cms50 },
];

describe("sensors on the real interpreter", function () {
  this.timeout(60_000);
  let simulator: Simulator;
  let board: Board;

  before(function () {
    if (!espruino) this.skip();
  });

  async function start(devices: Record<string, string>): Promise<void> {
    simulator = await startSimulator({
      ...{ board: "linux", runtime: "espruino", espruino, bundleDir, ports: { tcp: 0 } },
      devices,
    });
    board = await connect(simulator.links.tcp!);
  }

  async function stop(): Promise<void> {
    await board?.close();
    await simulator?.stop();
  }

  for (const sensors of BOARDS)
    describe(Object.keys(sensors).join(" and "), () => {
      const names = Object.keys(sensors);
      const sound: Record<string, Item[]> = {};
      const spoilt: Record<string, Item[]> = {};

      before(() => start(Object.fromEntries(names.map((name) => [name, sensors[name]!.device]))));
      after(stop);

      it("give their readings beside each other, with their units and without a gap", async () => {
        const abort = new AbortController();
        let items = sound;
        const reading = names.map(async (name) => {
          sound[name] = [];
          spoilt[name] = [];
          try {
            for await (const item of board.sensor(name).samples({ signal: abort.signal })) items[name]!.push(item);
          } catch (error) {
            if (!abort.signal.aborted) throw error;
          }
        });
        await Promise.race([pause(GOOD_MS), ...reading]);
        items = spoilt;
        for (const name of names) sensors[name]!.spoil(simulator.peripherals[name] as never);
        await Promise.race([pause(FAULTY_MS), ...reading]);
        abort.abort();
        await Promise.all(reading);
        for (const [name, { units, least, good }] of Object.entries(sensors)) {
          const { table } = await board.sensor(name).describe();
          assert.deepEqual(
            table.channels.map(({ unit }) => unit),
            units,
          );
          assert.deepEqual(gapsOf(sound[name]!), [], name);
          assert.ok(sound[name]!.length >= least, `${sound[name]!.length} readings of ${name}`);
          const readings = numbers(sound[name]!);
          assert.ok(
            readings.length > least / 2 && readings.every(good),
            `${name}: ${JSON.stringify(readings.slice(0, 3))}`,
          );
        }
      });

      it("tell what is wrong with each, and make no number of it", () => {
        for (const [name, { told, good }] of Object.entries(sensors)) {
          told(spoilt[name]!);
          assert.ok(numbers(spoilt[name]!).every(good), name);
        }
      });

      it("stand still when nobody reads them", async () => {
        const stopped = await Promise.all(names.map((name) => board.sensor(name).status()));
        await pause(300);
        const later = await Promise.all(names.map((name) => board.sensor(name).status()));
        assert.deepEqual(
          later.map(({ running, units }) => [running, units]),
          stopped.map(({ units }) => [false, units]),
        );
      });
    });

  it("ad8232: the converter's samples are those of the body, each of its own moment", async () => {
    await start({ ecg0: "ad8232" });
    const device = simulator.peripherals["ecg0"] as Ad8232;
    const values: number[] = [];
    const begin = performance.now();
    for await (const item of board.sensor("ecg0").samples()) {
      if (item.kind === "reading") values.push(item.values[0]!);
      if (values.length === 750) break;
    }
    await stop();
    // Whenever it was that the converter began, within a second.
    const off = (shift: number): number =>
      Math.max(...values.map((value, i) => Math.abs(value - device.truth(begin + shift + i * 4))));
    const least = Math.min(...Array.from({ length: 2000 }, (_, half) => off(half / 2)));
    // A fourth of a ms on the steepest slope; a sample that is missing, or there twice, is 0.3 mV.
    assert.ok(least < 0.05, `${least} mV off`);
  });

  it("analyser: forgets a result once the host has it, and sends a frame again that came damaged", async () => {
    await start({ lab0: "analyser,every=1000" });
    const analyser = simulator.peripherals["lab0"] as Analyser;
    const events: AnalyserEvent[] = [];
    const taken: string[] = [];
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const stream = await board.open("lab0:raw");
    const take = async (text: Buffer): Promise<void> => {
      taken.push(text.toString("latin1"));
      await held;
    };
    const receiving = receiveResults(stream, take, { onEvent: (event) => void events.push(event) });
    await until(
      () => taken.length === 1,
      () => "no text came",
      20_000,
    );
    await pause(500);
    assert.equal(analyser.acknowledged, 0);
    release();
    await until(
      () => analyser.acknowledged > 0,
      () => "none was acknowledged",
      10_000,
    );
    analyser.faults.errors = 1;
    await until(
      () => events.some(({ kind }) => kind === "refused"),
      () => "no frame was refused",
      20_000,
    );
    analyser.faults.errors = 0;
    const before = analyser.acknowledged;
    await until(
      () => analyser.acknowledged > before + 6,
      () => "what was damaged did not come again",
      30_000,
    );
    stream.destroy();
    await receiving.catch(() => undefined);
    await stop();
    const samples = taken.flatMap((text) => /^O\|1\|(\d+)/.exec(text)?.[1] ?? []);
    assert.deepEqual(
      samples,
      samples.map((_, i) => String(i + 1).padStart(6, "0")),
    );
  });
});

/** Of readings that are whole. */
function numbers(items: Item[]): number[][] {
  return readingsOf(items)
    .filter(({ why }) => why === "")
    .map(({ values }) => values as number[]);
}
