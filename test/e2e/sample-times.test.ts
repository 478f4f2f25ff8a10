/** When a sensor's readings were, by the device itself, in virtual time, at the speed of each kind of board. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { boards } from "../../boards/index.js";
import type { SensorReading } from "../../host/index.js";
import { build } from "../../scripts/firmware/build.js";
import { Ad8232 } from "../../simulator/peripheral/sensor/ad8232.js";
import { Cms50 } from "../../simulator/peripheral/sensor/cms50.js";
import { Ds18b20 } from "../../simulator/peripheral/sensor/ds18b20.js";
import { Max30102 } from "../../simulator/peripheral/sensor/max30102.js";
import { Mlx90614 } from "../../simulator/peripheral/sensor/mlx90614.js";
import { Nonin } from "../../simulator/peripheral/sensor/nonin.js";
import type { Peripheral } from "../../simulator/peripheral/index.js";
import { linkKinds, withFirmware } from "./rig.js";
import type { LinkKind, Rig } from "./rig.js";
import { BUSES, gapsOf, readingsOf, rigWith } from "./sensor-listener.js";
import type { Item } from "./sensor-listener.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Virtual s of each run; if they are said, the figures are told. */
const SECONDS = Number(process.env["SECONDS"] ?? 30);

/** Virtual time at which the device has one more reading. */
type Told = () => void;

/** Frames that have a plethysmogram of their own, one after the other. */
const DIFFERENT = 120;

class MarkedNonin extends Nonin {
  constructor(private readonly next: () => number) {
    super();
  }

  protected override frame(seconds: number): Uint8Array {
    const frame = super.frame(seconds);
    frame[2] = this.next();
    frame[4] = frame.subarray(0, 4).reduce((sum, byte) => sum + byte, 0);
    return frame;
  }
}

class MarkedCms50 extends Cms50 {
  constructor(private readonly next: () => number) {
    super();
  }

  protected override frame(seconds: number): Uint8Array {
    const frame = super.frame(seconds);
    frame[1] = this.next();
    return frame;
  }
}

class TimedMlx90614 extends Mlx90614 {
  constructor(private readonly told: Told) {
    super();
  }

  override start(reading: boolean): boolean {
    if (reading) this.told();
    return super.start(reading);
  }
}

/** Of its conversions. */
const CONVERT = 0x44;
const CONVERSION_MS = 750;

class TimedDs18b20 extends Ds18b20 {
  constructor(private readonly told: Told) {
    super();
  }

  override write(byte: number): void {
    super.write(byte);
    if (byte === CONVERT) this.told();
  }
}

/** mV a second of an ECG's ramp, and after how many s it begins again. */
const SLOPE = 1;
const AGAIN = 2.4;

/** ms of such a ramp in one step of the converter. */
const STEP_MS = (1000 * 3300) / 4095 / 1100 / SLOPE;

const KINDS = ["ad8232", "max30102", "mlx90614", "ds18b20", "nonin", "cms50"] as const;
type Kind = (typeof KINDS)[number];

/** Until a board's clock is well known: a second or two, and if exchanges fall together with other work, more. */
const BEGIN_MS = 5000;

/** Ms off, of 99 in 100 readings from then on, and of 95 in 100 of all; and of those that are stated the one in the middle. */
const MOST = { tcp: 5, udp: 5, serial: 10 };

/** Readings a second, at the least. */
const RATES = { ad8232: 245, max30102: 95, mlx90614: 3.8, ds18b20: 0.9, nonin: 73, cms50: 58 };

/**
 * A device, and how far the time of a reading is from when that was.
 * @param now the time @param asked that of the interpreter, which is ahead of it within a callback
 */
function marked(
  kind: Kind,
  now: () => number,
  asked: () => number,
): { device: Peripheral; error: (reading: SensorReading) => number } {
  const times: number[] = [];
  const byNumber = ({ utc, number }: SensorReading): number => utc - times[number]!;
  const frames = (frameMs: number) => ({
    next: () => (times.push(now() + frameMs) - 1) % DIFFERENT,
    error: ({ utc, values }: SensorReading): number => {
      const same = times.filter((_, i) => i % DIFFERENT === values[0]).map((time) => utc - time);
      return same.reduce((least, off) => (Math.abs(off) < Math.abs(least) ? off : least), Infinity);
    },
  });
  if (kind === "nonin") {
    const { next, error } = frames((5 * 10_000) / 9600);
    return { device: new MarkedNonin(next), error };
  }
  if (kind === "cms50") {
    const { next, error } = frames((5 * 11_000) / 19_200);
    return { device: new MarkedCms50(next), error };
  }
  if (kind === "mlx90614") return { device: new TimedMlx90614(() => times.push(asked())), error: byNumber };
  if (kind === "ds18b20")
    return { device: new TimedDs18b20(() => times.push(asked() + CONVERSION_MS)), error: byNumber };
  if (kind === "max30102") {
    const device = new Max30102();
    device.onSample = () => times.push(now());
    return { device, error: byNumber };
  }
  const device = new Ad8232({ signal: (s) => ((s % AGAIN) - AGAIN / 2) * SLOPE });
  const error = ({ utc, values }: SensorReading): number => {
    const away = (utc / 1000 - (values[0]! / SLOPE + AGAIN / 2)) % AGAIN;
    const off = 1000 * (((away + 1.5 * AGAIN) % AGAIN) - AGAIN / 2);
    return Math.sign(off) * Math.max(0, Math.abs(off) - STEP_MS);
  };
  return { device, error };
}

/** A board's UART for the cable, and the speed at which its answers come. */
const serial = { uart: "Serial2", baud: 115_200, path: "/dev/null" };

/** One of each kind of network: a modem on a UART, a chip on SPI. */
const SPEEDS = ["linux", "espruino-wifi", "pico-wiznet"];

describe("a sensor's readings", function () {
  this.timeout(60_000 + SECONDS * 1000);
  withFirmware();
  const firmwares = new Map<string, { bundle: string; boot: string }>();
  before(async function () {
    this.timeout(180_000);
    const { builds } = boards.find(({ id }) => id === "linux")!;
    const all = await build(root, SPEEDS.slice(1), "firmware/main.ts", "program", [builds[0]!], true);
    for (const { board, image, boot } of all) firmwares.set(board, { bundle: image, boot });
  });

  const timed = async (kind: Kind, link: LinkKind, like: string): Promise<void> => {
    const drift = kind === "ad8232" ? 0 : 50e-6;
    const asked = (): number => rig.board.runtime.now() / (1 + drift);
    const { device, error } = marked(kind, () => rig.clock.now(), asked);
    const config = link === "serial" ? { ...BUSES, links: { serial } } : BUSES;
    const speed = like === "linux" ? {} : { like, firmware: firmwares.get(like) };
    const rig: Rig = rigWith(kind, device, { drift, links: [link], config, ...speed });
    const host = await rig.connect(link);
    const abort = new AbortController();
    const all: Item[] = [];
    const reading = (async () => {
      for await (const item of host.sensor("s0").samples({ signal: abort.signal })) all.push(item);
    })().catch(() => undefined);
    await rig.run(SECONDS * 1000);
    abort.abort();
    await rig.during(reading);
    assert.deepEqual(gapsOf(all), []);
    const readings = readingsOf(all).filter(({ values }) => values[0] !== null);
    assert.ok(readings.length > (SECONDS - 2) * RATES[kind], `${readings.length} readings`);
    const signed = readings.map(error);
    const held = readings.filter(({ uncertainty }, i) => Math.abs(signed[i]!) <= uncertainty).length;
    const off = ranked(signed.map(Math.abs));
    const stated = ranked(readings.map(({ uncertainty }) => uncertainty));
    const begun = readings.findIndex(({ utc }) => utc > readings[0]!.utc + BEGIN_MS);
    const later = ranked(signed.slice(begun).map(Math.abs));
    if (process.env["SECONDS"])
      process.stdout.write(
        `      ${kind} ${link} ${like}: ${off(0.5)} ms off (median), ${off(0.99)} (99 in 100), ${later(0.99)} later; ` +
          `${stated(0.5)} ms stated (median), ${stated(0.99)}; held ${held} of ${readings.length}\n`,
      );
    assert.ok(later(0.99) <= MOST[link], `${later(0.99)} ms off, 99 in 100`);
    assert.ok(off(0.95) <= MOST[link], `${off(0.95)} ms off, 95 in 100 of all`);
    assert.ok(stated(0.5) <= MOST[link], `${stated(0.5)} ms stated`);
    assert.ok(held / readings.length >= 0.99, `the uncertainty held for ${held} of ${readings.length}`);
  };

  for (const like of SPEEDS)
    for (const kind of KINDS)
      it(`of ${kind}, at the speed of ${like}: are of the moment when they were, within what is stated`, async () => {
        for (const link of linkKinds) if (like === "linux" || link !== "udp") await timed(kind, link, like);
      });
});

/** Of these the one below which are so many of all. */
function ranked(values: readonly number[]): (share: number) => number {
  const sorted = values.toSorted((a, b) => a - b);
  return (share) => Math.round(100 * sorted[Math.floor(sorted.length * share)]!) / 100;
}
