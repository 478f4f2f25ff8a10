/**
 * ECG, two oximeters and a printer that is kept full, all on one board, in virtual time. The program is that for `linux`, as no other board has room and UARTs for all
 * of it; it runs without charges, and at the speed and with the queues of each board.
 */
import assert from "node:assert/strict";
import { boards } from "../../boards/index.js";
import type { Board, SensorGap, SensorReading } from "../../host/index.js";
import { Ad8232 } from "../../simulator/peripheral/sensor/ad8232.js";
import { Max30102 } from "../../simulator/peripheral/sensor/max30102.js";
import { Nonin } from "../../simulator/peripheral/sensor/nonin.js";
import { Rig, withFirmware } from "./rig.js";
import type { LinkKind, RigOptions } from "./rig.js";

/** Virtual s; `SECONDS=3600 npx mocha test/e2e/bedside.test.ts` for an hour. */
const SECONDS = Number(process.env["SECONDS"] ?? 10);

const NONIN = { driver: "nonin", uart: "Serial3", baud: 9600, path: "/dev/null" };
const DEVICES = {
  ecg0: { driver: "ad8232", rate: 250, pins: { out: "D1", loPlus: "D2", loMinus: "D3" } },
  spo2: NONIN,
  light0: { driver: "max30102", bus: "i2c0", rate: 100, pins: { int: "D4" } },
};

/** Readings a second. */
const RATES = { ecg0: 250, spo2: 75, light0: 100 };
type Name = keyof typeof RATES;

/** Of its numbers in a reading: a Nonin's frame has five bytes. */
const UNITS = { ecg0: 1, spo2: 5, light0: 1 };

/** The ECG alone, after all of it: until what was missed is told. What is under way then, in s. */
const ALONE_MS = 25_000;
const UNDER_WAY = 1;

/** Virtual s at the speed of a board. */
const CHARGED = Math.min(SECONDS, 10);

const charged = boards.filter(({ instructions }) => instructions > 0);

describe("beside a bed", function () {
  withFirmware();
  this.timeout(60_000 + SECONDS * 2000);

  it(`nothing is lost in ${SECONDS} s where the interpreter has time for all of it, while a printer at 115200 is kept full`, async () => {
    const { rig, work, printed } = await watch({});
    for (const [name, { readings, gaps }] of Object.entries(work)) {
      assert.deepEqual(gaps, [], name);
      assert.ok(readings > RATES[name as Name] * (SECONDS - 1), `${name}: ${readings} readings`);
    }
    assert.ok(printed > SECONDS * 10_000, `${printed} B printed`);
    await rig.finish();
  });

  for (const { id } of charged)
    it(`at the speed of ${id}, where there is no time for all of it, what is lost is told to the reading, and no event is dropped`, async () => {
      const { rig, work, produced } = await watch({ like: id });
      const { counters, mostQueued } = rig.board.runtime;
      assert.equal(counters.dropped, 0, `of ${mostQueued} B queued`);
      exact(work, produced);
    });

  for (const { id } of charged)
    it(`at the speed of ${id} the same holds when the interpreter stalls and frames are damaged`, async () => {
      const spo2 = new Nonin({ errors: 0.01, seed: 3 });
      const trouble = async (rig: Rig): Promise<void> => {
        // Longer ones lose more samples of the MAX30102 than it counts.
        for (const stall of [200, 300, 400]) {
          await rig.run(CHARGED * 250);
          rig.board.runtime.busy(stall);
        }
        await rig.run(CHARGED * 250);
      };
      const { work, produced } = await watch({ like: id }, spo2, trouble);
      exact(work, produced);
    });

  for (const kind of ["serial", "tcp"] as const)
    it(`an oximeter's alarm on ${kind}, beside bulk, comes before what waits`, async () => {
      const took = (await alarms(kind, "pico-wiznet", 40)).sort((a, b) => a - b);
      assert.equal(took.length, 40);
      assert.ok(took.at(-1)! < 400, `${took.at(-1)} ms`);
    });
});

interface Watched {
  readings: number;
  gaps: SensorGap[];
  /** Number of the first, and that behind the last. */
  first: number;
  next: number;
}

/** All of it at once for the time of the test. */
async function watch(
  options: RigOptions,
  spo2 = new Nonin(),
  meanwhile = (rig: Rig): Promise<void> => rig.run((options.like ? CHARGED : SECONDS) * 1000),
): Promise<{ rig: Rig; work: Record<Name, Watched>; produced: number; printed: number }> {
  const light0 = new Max30102();
  const rig = new Rig({
    devices: DEVICES,
    peripherals: { ecg0: new Ad8232(), spo2, light0 },
    config: { buses: { i2c0: { port: "I2C1", bitrate: 400_000 } } },
    links: ["tcp"],
    ...options,
  });
  const host = await rig.connect("tcp");
  const names = Object.keys(RATES) as Name[];
  const stops = Object.fromEntries(names.map((name) => [name, new AbortController()])) as Record<Name, AbortController>;
  const from = rig.clock.now();
  const reading = names.map(async (name) => [name, await count(host, name, stops[name].signal)] as const);
  const job = Buffer.alloc(options.like ? CHARGED * 1000 : SECONDS * 11_000, "all the time\n");
  const printing = host.printer("printer0").print(job);
  await meanwhile(rig);
  for (const name of ["spo2", "light0"] as const) stops[name].abort();
  if (options.like) await rig.run(ALONE_MS);
  stops.ecg0.abort();
  const produced = ((rig.clock.now() - from) * RATES.ecg0) / 1000;
  const work = Object.fromEntries(await rig.during(Promise.all(reading))) as Record<Name, Watched>;
  await rig.during(printing);
  return { rig, work, produced, printed: rig.printed };
}

/** Readings and those in gaps are all that there were: each sensor's without a hole, and for the ECG, whose samples come by the clock, as many as it took. */
function exact(work: Record<Name, Watched>, produced: number): void {
  for (const [name, { readings, gaps, first, next }] of Object.entries(work)) {
    const lost = gaps.reduce((sum, gap) => sum + (gap.lost ?? NaN), 0);
    const units = (readings + lost) * UNITS[name as Name];
    assert.equal(units, next - first, `${name}: ${readings} readings, ${lost} lost in ${gaps.length} gaps`);
  }
  const rest = produced - (work.ecg0.next - work.ecg0.first);
  assert.ok(rest >= 0 && rest < UNDER_WAY * RATES.ecg0, `${rest} of ${produced} neither read nor lost`);
}

async function count(host: Board, name: Name, signal: AbortSignal): Promise<Watched> {
  const seen: Watched = { readings: 0, gaps: [], first: Infinity, next: 0 };
  const take = (item: SensorReading | SensorGap): void => {
    if (item.kind === "gap") seen.gaps.push(item);
    else seen.readings++;
    seen.first = Math.min(seen.first, item.number);
    seen.next = Math.max(seen.next, item.number + UNITS[name] * (item.kind === "gap" ? (item.lost ?? 0) : 1));
  };
  try {
    for await (const item of host.sensor(name).samples({ signal })) take(item);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return seen;
}

/** ms from the device's own alarm, or its end, to the host's program, while a stream fills the link. */
async function alarms(kind: LinkKind, like: string, times: number): Promise<number[]> {
  const spo2 = new Nonin();
  const serial = { uart: "Serial2", baud: 115_200, path: "/dev/null" };
  const config = kind === "serial" ? { config: { links: { serial } } } : {};
  const rig = new Rig({ like, links: [kind], devices: { spo2: NONIN }, peripherals: { spo2 }, ...config });
  const host = await rig.connect(kind);
  const abort = new AbortController();
  const took: number[] = [];
  let since = 0;
  const listening = (async (): Promise<void> => {
    for await (const { kind: what } of host.sensor("spo2").alarms({ signal: abort.signal }))
      if (what === "alarm") took.push(rig.clock.now() - since);
  })().catch(() => undefined);
  const bulk = await rig.during(host.open(":chargen"));
  bulk.on("error", () => {}).resume();
  await rig.run(2000);
  for (let i = 0; i < times; i++) {
    await rig.run(600 + ((i * 137) % 400));
    since = rig.clock.now();
    spo2.condition = i % 2 ? "none" : "alarm";
  }
  await rig.run(1500);
  abort.abort();
  await rig.during(listening);
  return took;
}
