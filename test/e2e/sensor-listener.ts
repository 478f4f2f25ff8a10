/** What a sensor says through the whole way, in virtual time, and whether it is whole. */
import assert from "node:assert/strict";
import type { SensorAlarm, SensorGap, SensorReading } from "../../host/index.js";
import type { Peripheral } from "../../simulator/peripheral/index.js";
import { Rig } from "./rig.js";
import type { RigOptions } from "./rig.js";

export type Item = SensorReading | SensorGap | SensorAlarm;

export const BUSES = { buses: { i2c0: { port: "I2C1", bitrate: 100_000 } } };
const path = "/dev/null";

export const DEVICES = {
  nonin: { driver: "nonin", uart: "Serial3", baud: 9600, path },
  cms50: { driver: "cms50", uart: "Serial3", baud: 19_200, path },
  max30102: { driver: "max30102", bus: "i2c0", rate: 100, pins: { int: "D4" } },
  mlx90614: { driver: "mlx90614", bus: "i2c0", rate: 4 },
  ds18b20: { driver: "ds18b20", pins: { data: "D5" } },
  ad8232: { driver: "ad8232", rate: 250, pins: { out: "D1", loPlus: "D2", loMinus: "D3" } },
  analyser: { driver: "analyser", uart: "Serial3", baud: 9600, path },
};

/** A board with one sensor, `s0`. */
export function rigWith(driver: keyof typeof DEVICES, peripheral: Peripheral, options: RigOptions = {}): Rig {
  return new Rig({ devices: { s0: DEVICES[driver] }, peripherals: { s0: peripheral }, config: BUSES, ...options });
}

/** What a sensor says in so many ms of virtual time, with its alarms. */
export async function listen(rig: Rig, ms: number): Promise<{ all: Item[]; alarms: Item[] }> {
  const host = await rig.connect("tcp");
  const abort = new AbortController();
  const sensor = host.sensor("s0");
  const all: Item[] = [];
  const alarms: Item[] = [];
  const reading = (async () => {
    for await (const item of sensor.samples({ signal: abort.signal })) all.push(item);
  })().catch((error: unknown) => error);
  const hearing = (async () => {
    for await (const item of sensor.alarms({ signal: abort.signal })) alarms.push(item);
  })().catch((error: unknown) => error);
  await rig.run(ms);
  abort.abort();
  await rig.during(Promise.all([reading, hearing]));
  return { all, alarms };
}

export const readingsOf = (items: Item[]): SensorReading[] => items.filter((item) => item.kind === "reading");
export const gapsOf = (items: Item[]): SensorGap[] => items.filter((item) => item.kind === "gap");

/** Readings and gaps follow one another without a hole or an overlap. @returns units of both; NaN when somebody did not count */
export function assertWhole(items: readonly Item[], unitsPerReading: number): number {
  let next: number | undefined;
  let total = 0;
  for (const item of items) {
    const units = (item.kind === "gap" ? (item.lost ?? NaN) : 1) * unitsPerReading;
    if (next !== undefined && !Number.isNaN(next))
      assert.equal(item.number, item.kind === "reading" ? next + unitsPerReading - 1 : next, JSON.stringify(item));
    total += units;
    next = item.kind === "reading" ? item.number + 1 : item.number + units;
  }
  return total;
}

/** All of one kind of gap. */
export function causes(items: readonly Item[]): string[] {
  return [...new Set(gapsOf([...items]).map(({ cause }) => cause))];
}

/** Readings that are in gaps; NaN when nobody counted. */
export function lostOf(items: readonly Item[]): number {
  return gapsOf([...items]).reduce((sum, { lost }) => sum + (lost ?? NaN), 0);
}
