/**
 * What befalls sensors and what whoever reads them is told, for any runtime: on the simulated board (sensor-faults.test.ts) and on the emulated Pico
 * (test/pico/faults.test.ts). Each fault is raised by the device, or by the board that has no time.
 */
import assert from "node:assert/strict";
import { DevsockError, receiveResults } from "../../host/index.js";
import type { Board, SensorReading } from "../../host/index.js";
import type { Clock } from "../../host/clock.js";
import type { Peripheral } from "../../simulator/peripheral/index.js";
import { Ad8232 } from "../../simulator/peripheral/sensor/ad8232.js";
import { Analyser } from "../../simulator/peripheral/sensor/analyser.js";
import { Cms50 } from "../../simulator/peripheral/sensor/cms50.js";
import { Ds18b20 } from "../../simulator/peripheral/sensor/ds18b20.js";
import { Max30102 } from "../../simulator/peripheral/sensor/max30102.js";
import { Mlx90614 } from "../../simulator/peripheral/sensor/mlx90614.js";
import { Nonin } from "../../simulator/peripheral/sensor/nonin.js";
import { assertWhole, causes, gapsOf, lostOf, readingsOf } from "./sensor-listener.js";
import type { DEVICES, Item } from "./sensor-listener.js";

/** A board with one sensor, `s0`, and a host. */
export interface Bench {
  readonly host: Board;
  readonly clock: Clock;
  /** Most bytes that its UART hands over with one word of a wrong parity or a framing error: nobody knows which of them it is. */
  readonly doubtful: number;
  pass(ms: number): Promise<void>;
  during<T>(work: Promise<T>): Promise<T>;
  /** The interpreter does something else for so long. */
  stall(ms: number): Promise<void>;
  /** Edges of a pin fill its queue. */
  flood(): Promise<void>;
  /** Waits until a program on the board has had the bus, from 4 to 6.6 s after its start. */
  held(): Promise<void>;
  end(): Promise<void>;
}

export interface PlaceOptions {
  /** Readings a second. */
  rate?: number | undefined;
  /** Whether a program takes the bus: `HOLDER`. */
  holder?: boolean;
  /** At the speed of a Pico: where time is not that of a board's processor it is charged. */
  slow?: boolean;
}

export type Place = (driver: keyof typeof DEVICES, peripheral: Peripheral, options?: PlaceOptions) => Promise<Bench>;

/** It has the bus from 4 to 6.6 s after the start; its timer goes on, so that the board's memory is the same before and after. */
export const HOLDER = {
  files: {
    holder:
      "var n=0;setInterval(function(){if(++n==400)$buses.i2c0.take(function(){setTimeout(function(){$buses.i2c0.release()},2600)})},10);",
  },
  start: `require("holder");`,
};
/** By then it has given the bus back, and the sensor has been looked for. */
export const HELD_MS = 8000;

export interface SensorFault {
  title: string;
  run: (place: Place) => Promise<void>;
}

/** A Pico's timer is set anew a few us late for each sample of its converter. */
const SLOWER = 0.08;

const PLUGGED_MS = 2500;
const OUT_MS = 2500;

/** All that a sensor says while `work` is done. */
async function hear(bench: Bench, work: Promise<unknown>): Promise<Item[]> {
  const abort = new AbortController();
  const all: Item[] = [];
  const reading = (async () => {
    for await (const item of bench.host.sensor("s0").samples({ signal: abort.signal })) all.push(item);
  })().catch(() => undefined);
  await bench.during(work);
  abort.abort();
  await bench.during(reading);
  return all;
}

function refused(
  title: string,
  driver: keyof typeof DEVICES,
  make: () => Peripheral,
  code: string,
  words: RegExp,
): SensorFault {
  return {
    title: `${driver}, ${title}: whoever reads it is told ${code}`,
    run: async (place) => {
      const bench = await place(driver, make());
      const error = await bench.during(
        bench.host
          .sensor("s0")
          .samples()
          .next()
          .then(
            () => assert.fail("there is a reading"),
            (reason: unknown) => reason,
          ),
      );
      assert.ok(error instanceof DevsockError, String(error));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, words);
      await bench.end();
    },
  };
}

/** One that gives nothing, or nothing that is to be believed: gaps say it, and no number. */
function dumb(title: string, driver: keyof typeof DEVICES, make: () => Peripheral, expected: string[]): SensorFault {
  return {
    title: `${driver}, ${title}: ${expected.join(" or ") || "readings without a value"}, and no number`,
    run: async (place) => {
      const bench = await place(driver, make());
      const all = await hear(bench, bench.pass(3500));
      assert.ok(gapsOf(all).length > 0 || expected.length === 0, "a gap");
      assert.ok(all.length > 0);
      for (const cause of causes(all)) assert.ok(expected.includes(cause), cause);
      for (const { values, why } of readingsOf(all)) {
        assert.ok(
          values.slice(-2).every((value) => value === null),
          values.join(),
        );
        assert.notEqual(why, "");
      }
      await bench.end();
    },
  };
}

function unplugged(driver: keyof typeof DEVICES, make: (at: Span[]) => Peripheral, expected: string[]): SensorFault {
  return {
    title: `${driver}, unplugged and back: readings, ${expected.join(" or ")}, readings`,
    run: async (place) => {
      const bench = await place(driver, make([{ from: PLUGGED_MS, ms: OUT_MS }]));
      const all = await hear(bench, bench.pass(8000));
      const gap = all.findIndex((item) => item.kind === "gap" && expected.includes(item.cause));
      assert.ok(gap >= 0, causes(all).join());
      const good = (items: Item[]): boolean => readingsOf(items).some(({ why }) => why === "");
      assert.ok(good(all.slice(0, gap)), "before");
      assert.ok(good(all.slice(gap)), "after");
      await bench.end();
    },
  };
}

/** A wire that is held low for a while, and let go. */
function held(driver: "max30102" | "mlx90614", make: () => Max30102 | Mlx90614, expected: string[]): SensorFault {
  return {
    title: `${driver}, that holds its bus for 2 s and lets go: readings, ${expected.join(" or ")}, readings`,
    run: async (place) => {
      const device = make();
      const bench = await place(driver, device);
      const all = await hear(
        bench,
        (async () => {
          for (const fault of ["none", "stuck", "none"] as const) {
            device.faults.fault = fault;
            await bench.pass(fault === "stuck" ? OUT_MS : PLUGGED_MS);
          }
        })(),
      );
      for (const cause of causes(all)) assert.ok(expected.includes(cause), cause);
      const gap = all.findIndex((item) => item.kind === "gap");
      const good = (items: Item[]): boolean => readingsOf(items).some(({ why }) => why === "");
      assert.ok(good(all.slice(0, gap)), "before");
      assert.ok(gap >= 0 && good(all.slice(gap)), "after");
      await bench.end();
    },
  };
}

interface Span {
  from: number;
  ms: number;
}

/**
 * Checks that fail: each is a gap, and nothing else is lost.
 * @param make a device of whose answers, by its seed, a hundredth is damaged
 * @param good whether a reading is what the device has
 * @param options how long it is heard, its rate, and the units of a reading; of a wave that repeats itself, after how many readings
 */
function damaged<P extends Peripheral & { faults: { damaged: number } }>(
  driver: keyof typeof DEVICES,
  make: () => P,
  expected: string[],
  good: (values: readonly (number | null)[]) => boolean,
  { ms, rate, units, period }: { ms: number; rate?: number; units: number; period?: number },
): SensorFault {
  return {
    title: `${driver}, 1 % damaged: ${expected.join(" or ")}, each a gap of no more than is in doubt, and no wrong number`,
    run: async (place) => {
      const device = make();
      const bench = await place(driver, device, { rate });
      const heard = await hear(bench, bench.pass(ms));
      // A board that was busy as it began may have lost bytes before the first reading.
      const all = heard.slice(heard.findIndex(({ kind }) => kind === "reading"));
      const { damaged } = device.faults;
      assert.ok(damaged > 0, "nothing was damaged");
      for (const cause of causes(all)) assert.ok(expected.includes(cause), cause);
      const gaps = gapsOf(all);
      // One may have been before it was heard, or be on its way.
      assert.ok(Math.abs(gaps.length - damaged) <= 1, `${gaps.length} gaps, ${damaged} damaged`);
      const most = units === 1 ? 1 : Math.floor((bench.doubtful - 2) / units) + 2;
      for (const { lost } of gaps)
        assert.ok(lost !== null && lost >= 1 && lost <= most, `${lost} lost, ${most} may be`);
      // Units are numbered, the damaged ones, too: what came and what is missing is all there was.
      const readings = readingsOf(all);
      const [first, last] = [all.indexOf(readings[0]!), all.indexOf(readings.at(-1)!)];
      const between = all.slice(first, last);
      assert.equal(
        readings.at(-1)!.number - readings[0]!.number,
        units * (readingsOf(between).length + lostOf(between)),
      );
      if (period !== undefined) assertWave(readings, units * period);
      for (const { values } of readings) assert.ok(good(values), values.join());
      await bench.end();
    },
  };
}

/** Were a gap a reading too long or too short, the wave behind it would not be where it has to be. @param period in units */
function assertWave(readings: readonly SensorReading[], period: number): void {
  const wave = new Map<number, number | null | undefined>();
  for (const { number, values } of readings) {
    const phase = number % period;
    if (wave.has(phase)) assert.equal(values[0], wave.get(phase), `reading ${number}`);
    else wave.set(phase, values[0]);
  }
}

/** Whole samples and gaps are all that the chip made, less what it still holds. */
function assertAll(items: Item[], produced: number, held: number): void {
  const total = assertWhole(items, 1);
  assert.ok(produced - total >= 0 && produced - total <= held, `${total} of ${produced}`);
}

const oximeter = (values: readonly (number | null)[]): boolean =>
  (values[1] === null || values[1] === 97) && (values[2] === null || values[2] === 72);

const busy: SensorFault[] = [
  {
    title:
      "max30102, the board is busy for longer than its FIFO lasts: DEVICE_FIFO, as many as the chip lost, more than it counts, too",
    run: async (place) => {
      const chip = new Max30102();
      const bench = await place("max30102", chip);
      const lost: number[] = [];
      const all = await hear(
        bench,
        (async () => {
          await bench.pass(1500);
          for (const stall of [450, 1700]) {
            await bench.stall(stall);
            await bench.pass(1500);
            lost.push(chip.lost - lost.reduce((sum, count) => sum + count, 0));
          }
        })(),
      );
      assert.ok(lost[0]! > 0 && lost[0]! <= 31 && lost[1]! > 100, lost.join());
      assert.deepEqual(
        gapsOf(all).map((gap) => [gap.cause, gap.lost]),
        lost.map((count) => ["DEVICE_FIFO", count]),
      );
      assertAll(all, chip.produced, 40);
      await bench.end();
    },
  },
  {
    title: "ad8232, the board is busy for longer than a buffer lasts: ADC_OVERRUN, samples of whole buffers",
    run: async (place) => {
      const bench = await place("ad8232", new Ad8232());
      const all = await hear(
        bench,
        (async () => {
          await bench.pass(2000);
          await bench.stall(1000);
          await bench.pass(2000);
        })(),
      );
      assert.deepEqual(causes(all), ["ADC_OVERRUN"]);
      assert.ok(lostOf(all) > 0 && lostOf(all) % 75 === 0, `${lostOf(all)} lost`);
      assertWhole(all, 1);
      const [first, last] = [readingsOf(all)[0]!, readingsOf(all).at(-1)!];
      // Their numbers are those of its rhythm: with one buffer more or less in the gap they would be 300 ms off.
      assert.ok(Math.abs((last.utc - first.utc) / (last.number - first.number) / 4 - 1) < 0.01);
      await bench.end();
    },
  },
  {
    title: "ad8232, electrodes off: no number while they are, and none lost",
    run: async (place) => {
      const device = new Ad8232();
      const bench = await place("ad8232", device);
      const all = await hear(
        bench,
        (async () => {
          await bench.pass(2000);
          device.lead("plus", false);
          await bench.pass(700);
          device.lead("plus", true);
          await bench.pass(1500);
        })(),
      );
      assert.deepEqual(gapsOf(all), []);
      assertWhole(all, 1);
      const off = readingsOf(all).filter(({ why }) => why === "lead LO+ off");
      assert.ok(off.length > 160 && off.length < 240, `${off.length} readings of an electrode that is off`);
      assert.ok(off.every(({ values }) => values[0] === null));
      await bench.end();
    },
  },
  {
    title: "ad8232, unplugged and back: no number while its pins are open, and none lost",
    run: async (place) => {
      const bench = await place("ad8232", new Ad8232({ unplugged: [{ from: PLUGGED_MS, ms: OUT_MS }] }));
      const all = await hear(bench, bench.pass(7000));
      assert.deepEqual(gapsOf(all), []);
      assertWhole(all, 1);
      const open = readingsOf(all).filter(({ why }) => why === "leads off");
      assert.ok(Math.abs(open.length - OUT_MS / 4) < 20, `${open.length} readings of open pins`);
      assert.ok(open.every(({ values }) => values[0] === null));
      assert.ok(readingsOf(all).at(-1)!.values[0] !== null);
      await bench.end();
    },
  },
  {
    title: "mlx90614, the board is busy: BOARD_BUSY, as many as were due",
    run: async (place) => {
      const bench = await place("mlx90614", new Mlx90614(), { rate: 4 });
      const all = await hear(
        bench,
        (async () => {
          await bench.pass(1500);
          await bench.stall(1600);
          await bench.pass(1500);
        })(),
      );
      assert.deepEqual(causes(all), ["BOARD_BUSY"]);
      assert.ok(lostOf(all) >= 5 && lostOf(all) <= 7, `${lostOf(all)} lost`);
      assertWhole(all, 1);
      await bench.end();
    },
  },
  {
    title: "max30102, another has the bus: BUS_BUSY, and it goes on",
    run: async (place) => {
      const bench = await place("max30102", new Max30102(), { holder: true });
      const all = await hear(
        bench,
        (async () => {
          await bench.held();
        })(),
      );
      assert.ok(causes(all).includes("BUS_BUSY"), causes(all).join());
      const gap = all.findIndex((item) => item.kind === "gap");
      assert.ok(readingsOf(all.slice(0, gap)).length > 50 && readingsOf(all.slice(gap)).length > 50);
      await bench.end();
    },
  },
  {
    title: "nonin, the interpreter's queue is full: FIFO_FULL, uncounted, and good frames behind it",
    run: async (place) => {
      const bench = await place("nonin", new Nonin());
      const all = await hear(
        bench,
        (async () => {
          await bench.pass(1000);
          await bench.flood();
          await bench.pass(2000);
        })(),
      );
      const gaps = gapsOf(all);
      assert.ok(
        // The FIFO of a UART that is polled overflows before.
        gaps.some(({ cause, lost }) => lost === null && (cause === "FIFO_FULL" || cause === "UART_OVERFLOW")),
        causes(all).join(),
      );
      assert.ok(readingsOf(all.slice(all.indexOf(gaps.at(-1)!))).length > 75);
      for (const { values } of readingsOf(all)) assert.ok(oximeter(values), values.join());
      await bench.end();
    },
  },
  {
    title: "max30102, a reader that stops: nothing is lost while there is room, and READER_SLOW counts what is",
    run: async (place) => {
      const chip = new Max30102();
      const bench = await place("max30102", chip);
      const stream = bench.host.sensor("s0").samples();
      const all: Item[] = [(await bench.during(stream.next())).value as Item];
      await bench.pass(4000);
      const end = chip.produced;
      while (all.at(-1)!.number < end) all.push((await bench.during(stream.next())).value as Item);
      assert.ok(causes(all).every((cause) => cause === "READER_SLOW"));
      const total = assertWhole(all, 1);
      assert.ok(total >= end && total <= chip.produced, `${total} of ${end}`);
      await bench.during(stream.return(undefined as never));
      await bench.end();
    },
  },
];

/** A rate that the check of a configuration refuses: readings and gaps follow one another in its rhythm. */
function tooFast(driver: "max30102" | "ad8232", make: () => Peripheral, rate: number, cause: string): SensorFault {
  return {
    title: `${driver} at ${rate} Hz, which the board cannot keep: ${cause}, or READER_SLOW, and with the readings that is all there was`,
    run: async (place) => {
      const bench = await place(driver, make(), { rate, slow: true });
      const all = await hear(bench, bench.pass(5000));
      for (const told of causes(all)) assert.ok(told === cause || told === "READER_SLOW", told);
      assert.ok(lostOf(all) > 0);
      assertWhole(all, 1);
      // Were a gap's number wrong, what comes behind it would be of another time.
      const first = readingsOf(all)[0]!;
      for (const { number, utc, uncertainty } of readingsOf(all)) {
        const off = Math.abs(utc - first.utc - ((number - first.number) * 1000) / rate);
        const known = first.uncertainty + uncertainty + (utc - first.utc) * SLOWER;
        assert.ok(off < known, `reading ${number} is ${off} ms from its rhythm, ${known} were said`);
      }
      await bench.end();
    },
  };
}

/** @param options of the analyser @param ms until all must have come */
function analyser(title: string, make: () => Analyser, ms: number, results: number): SensorFault {
  return {
    title: `analyser, ${title}`,
    run: async (place) => {
      const device = make();
      const bench = await place("analyser", device);
      const texts: string[] = [];
      let refusals = 0;
      const abort = new AbortController();
      const stream = await bench.during(bench.host.open("s0:raw"));
      const receiving = receiveResults(stream, (text) => void texts.push(text.toString("latin1")), {
        clock: bench.clock,
        signal: abort.signal,
        onEvent: ({ kind }) => void (refusals += kind === "refused" ? 1 : 0),
      }).catch(() => undefined);
      await bench.pass(ms);
      abort.abort();
      await bench.during(receiving);
      // A transfer that fails is made again as a whole.
      const samples = [...new Set(texts.flatMap((text) => /^O\|1\|(\d+)/.exec(text)?.[1] ?? []))];
      assert.ok(samples.length >= results, `${samples.length} samples`);
      assert.deepEqual(
        samples,
        samples.map((_, i) => String(i + 1).padStart(6, "0")),
      );
      // What it has forgotten is here.
      assert.ok(device.acknowledged > 0 && device.acknowledged <= texts.length);
      assert.ok(refusals >= device.faults.damaged, `${refusals} refused, ${device.faults.damaged} damaged`);
      await bench.end();
    },
  };
}

/** An analyser that says nothing, or nothing that is a result. */
function speechless(fault: "silent" | "babbling"): SensorFault {
  return {
    title: `analyser, ${fault}: no result, and whoever waits for one can give up`,
    run: async (place) => {
      const device = new Analyser({ fault });
      const bench = await place("analyser", device);
      const texts: Buffer[] = [];
      const abort = new AbortController();
      const stream = await bench.during(bench.host.open("s0:raw"));
      const receiving = receiveResults(stream, (text) => void texts.push(text), {
        clock: bench.clock,
        signal: abort.signal,
      }).then(
        () => "ended",
        (reason: unknown) => (reason as Error).name,
      );
      await bench.pass(5000);
      abort.abort();
      assert.equal(await bench.during(receiving), "AbortError");
      assert.deepEqual([texts, device.acknowledged], [[], 0]);
      await bench.end();
    },
  };
}

export const sensorFaults: SensorFault[] = [
  refused("absent", "max30102", () => new Max30102({ fault: "absent" }), "ENXIO", /no chip answers at address 87/),
  refused("another chip", "max30102", () => new Max30102({ fault: "wrong" }), "ENODEV", /is no MAX30102/),
  refused("that holds its bus", "max30102", () => new Max30102({ fault: "stuck" }), "ETIMEDOUT", /the bus is held low/),
  refused("absent", "ds18b20", () => new Ds18b20({ fault: "absent" }), "ENXIO", /no chip answers on pin D/),
  refused("another chip, a DS18S20", "ds18b20", () => new Ds18b20({ fault: "wrong" }), "ENODEV", /is a DS18S20/),
  dumb("that holds its wire", "ds18b20", () => new Ds18b20({ fault: "stuck" }), ["no scratchpad"]),
  dumb("absent", "mlx90614", () => new Mlx90614({ fault: "absent" }), ["ENXIO", "BOARD_BUSY"]),
  dumb("that holds its bus", "mlx90614", () => new Mlx90614({ fault: "stuck" }), ["ETIMEDOUT", "BOARD_BUSY"]),
  dumb("absent, its pins open", "ad8232", () => new Ad8232({ fault: "absent" }), []),
  dumb("silent", "max30102", () => new Max30102({ fault: "silent" }), ["SILENT"]),
  dumb("silent", "nonin", () => new Nonin({ fault: "silent" }), ["SILENT"]),
  dumb("babbling", "nonin", () => new Nonin({ fault: "babbling" }), ["framing", "checksum", "UART_OVERFLOW"]),
  dumb("silent", "cms50", () => new Cms50({ fault: "silent" }), ["SILENT"]),
  dumb("babbling", "cms50", () => new Cms50({ fault: "babbling" }), ["framing", "parity", "UART_OVERFLOW"]),
  dumb("another device, a CMS50", "nonin", () => new Cms50(), ["framing", "checksum", "UART_OVERFLOW"]),
  held("max30102", () => new Max30102(), ["ETIMEDOUT", "SILENT", "BUS_BUSY", "DEVICE_FIFO"]),
  held("mlx90614", () => new Mlx90614(), ["ETIMEDOUT", "BOARD_BUSY", "BUS_BUSY"]),
  unplugged("max30102", (unplugged) => new Max30102({ unplugged }), ["ENXIO", "SILENT"]),
  unplugged("mlx90614", (unplugged) => new Mlx90614({ unplugged }), ["ENXIO"]),
  unplugged("ds18b20", (unplugged) => new Ds18b20({ unplugged }), ["ENXIO"]),
  unplugged("nonin", (unplugged) => new Nonin({ unplugged }), ["SILENT"]),
  unplugged("cms50", (unplugged) => new Cms50({ unplugged }), ["SILENT"]),
  damaged("nonin", () => new Nonin({ errors: 0.01, seed: 3 }), ["checksum", "framing"], oximeter, {
    ms: 5000,
    units: 5,
    period: 125,
  }),
  damaged("cms50", () => new Cms50({ spo2: 97, pulse: 72, errors: 0.01, seed: 3 }), ["parity", "framing"], oximeter, {
    ms: 5000,
    units: 5,
    period: 50,
  }),
  damaged(
    "mlx90614",
    () => new Mlx90614({ object: 36.6, errors: 0.01, seed: 42 }),
    ["PEC"],
    ([object]) => Math.abs(object! - 36.6) < 0.02,
    { ms: 6000, rate: 10, units: 1 },
  ),
  damaged(
    "ds18b20",
    () => new Ds18b20({ temperature: 36.5, errors: 0.01, seed: 26 }),
    ["CRC"],
    ([celsius]) => celsius === 36.5,
    { ms: 5000, units: 1 },
  ),
  ...busy,
  tooFast("max30102", () => new Max30102(), 400, "DEVICE_FIFO"),
  tooFast("ad8232", () => new Ad8232(), 5000, "ADC_OVERRUN"),
  analyser("a result is acknowledged when the program has it", () => new Analyser({ every: 1500 }), 5000, 3),
  analyser(
    "1 % damaged: a frame that fails its check comes again, and none is lost",
    () => new Analyser({ every: 400, errors: 0.01, seed: 5 }),
    8000,
    5,
  ),
  speechless("silent"),
  speechless("babbling"),
  analyser(
    "unplugged and back: it keeps what it has until somebody takes it",
    () => new Analyser({ every: 1500, unplugged: [{ from: 2000, ms: 2000 }] }),
    8000,
    3,
  ),
];
