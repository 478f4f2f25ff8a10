/** An ECG from its electrodes to a program, in virtual time. */
import assert from "node:assert/strict";
import type { SensorGap, SensorReading, SensorAlarm } from "../../host/index.js";
import { Ad8232 } from "../../simulator/peripheral/sensor/ad8232.js";
import type { PinLines, PinPeripheral } from "../../simulator/pins.js";
import { linkKinds, Rig, withFirmware } from "./rig.js";
import type { LinkKind, RigOptions } from "./rig.js";

type Item = SensorReading | SensorGap | SensorAlarm;

const DEVICE = { driver: "ad8232", rate: 250, pins: { out: "D1", loPlus: "D2", loMinus: "D3" } };

/** mV of one step of the converter, in ms of a signal of 1 mV/s. */
const STEP = (1000 * 3300) / 4095 / 1100;

function rigWith(ecg: PinPeripheral, options: RigOptions = {}): Rig {
  return new Rig({ ...options, devices: { ecg0: DEVICE }, peripherals: { ecg0: ecg } });
}

/** Collects while `work` goes on. */
async function collect(rig: Rig, items: AsyncIterable<Item>, during: () => Promise<void>): Promise<Item[]> {
  const all: Item[] = [];
  const reading = (async () => {
    for await (const item of items) all.push(item);
  })().catch(() => undefined);
  await during();
  void reading;
  return all;
}

describe("an ECG", function () {
  withFirmware();

  for (const kind of linkKinds)
    it(`comes over ${kind} sample by sample, as it was, with its time`, () => {
      return ecgOver(kind);
    });

  it("is never a number while an electrode is off", async () => {
    const ecg = new Ad8232();
    const rig = rigWith(ecg);
    const host = await rig.connect("tcp");
    const abort = new AbortController();
    const all = await collect(rig, host.sensor("ecg0").samples({ signal: abort.signal }), async () => {
      await rig.run(2000);
      ecg.lead("plus", false);
      await rig.run(1000);
      ecg.lead("plus", true);
      await rig.run(1000);
      abort.abort();
    });
    const readings = all.filter((item) => item.kind === "reading");
    const off = readings.filter(({ values }) => values[0] === null);
    // Its own time says which samples of a buffer those are.
    assert.ok(off.length >= 250 && off.length <= 253, `${off.length} without a value`);
    assert.ok(off.every(({ why }) => why === "lead LO+ off"));
    for (const { values, utc } of readings)
      assert.ok(values[0] === null || Math.abs(values[0]!) < 1.49, `${values[0]} mV at ${utc}: the amplifier's end`);
    await rig.finish();
  });

  for (const [electrode, ms, lost] of [
    ["one that was off and on again", 40, ""],
    ["one whose change was lost with the interpreter's queue", 40, "FIFO_FULL"],
  ] as const)
    it(`is never a number while an electrode is off: ${electrode} while the board was busy`, async () => {
      // The body would have a value all the same.
      const leads = new Leads();
      const rig = rigWith(leads);
      const host = await rig.connect("tcp");
      const abort = new AbortController();
      let all: Item[] = [];
      all = await collect(rig, host.sensor("ecg0").samples({ signal: abort.signal }), async () => {
        for (let i = 0; i < 20; i++) {
          await rig.run(1000 + 7 * i);
          // A printer that says much fills the queue, 1,024 bytes in 86 ms, and an edge is lost in it.
          if (lost) rig.board.wires["printer0"]!.peripheral.write(new Uint8Array(1500));
          rig.board.runtime.busy(lost ? 140 : 70);
          await rig.run(lost ? 92 : 5);
          leads.off(ms, rig.clock.now());
          await rig.run(ms);
          leads.on(rig.clock.now());
        }
        await rig.run(1000);
        abort.abort();
      });
      let within = 0;
      for (const item of all) {
        if (item.kind !== "reading") continue;
        const during = leads.times.some(
          ([from, to]) => item.utc > from + item.uncertainty && item.utc < to - item.uncertainty,
        );
        if (during) within++;
        assert.ok(!during || item.values[0] === null, `${item.values[0]} mV at ${item.utc}`);
      }
      assert.ok(within > (lost ? 20 : 100), `${within} readings while it was off`);
      assertWhole(all);
      if (!lost)
        assert.deepEqual(
          all.filter((item) => item.kind === "gap"),
          [],
        );
      assert.ok(rig.console.splice(0).every((line) => /FIFO_FULL/.test(line)));
      await rig.finish(lost ? { FIFO_FULL: { least: 20 }, lost: { least: 0 } } : {});
    });

  it("tells how often an electrode that comes and goes did so, however fast", async () => {
    const ecg = new Ad8232();
    const rig = rigWith(ecg);
    const host = await rig.connect("tcp");
    const abort = new AbortController();
    let changes = 0;
    const all = await collect(rig, host.sensor("ecg0").alarms({ signal: abort.signal }), async () => {
      await rig.run(1000);
      for (const ms of [60, 20, 500, 3])
        for (let i = 0; i < 41; i++) {
          ecg.lead("plus", ++changes % 2 === 0);
          await rig.run(ms);
        }
      await rig.run(1000);
      abort.abort();
    });
    const alarms = all.filter((item) => item.kind === "alarm");
    const told = alarms.reduce((sum, { changes = 1 }) => sum + changes, 0);
    assert.equal(told, changes, `${alarms.length} alarms`);
    assert.equal(alarms.at(-1)!.on, false);
    assert.ok(alarms.length < 80, `${alarms.length} alarms`);
    await rig.finish();
  });

  it("counts every sample that it did not give, however late the board always is", async () => {
    const ecg = new Ad8232({ signal: (s) => ((s % AGAIN) - AGAIN / 2) * SLOPE });
    const rig = rigWith(ecg);
    const host = await rig.connect("tcp");
    const abort = new AbortController();
    const all = await collect(rig, host.sensor("ecg0").samples({ signal: abort.signal }), async () => {
      for (let phase = 0; phase < 20; phase++) {
        // Late by as much each time, and then by less.
        for (let i = 0; i < 50; i++) {
          rig.board.runtime.busy(88);
          await rig.run(100);
        }
        rig.board.runtime.busy([315, 370, 640, 1820][phase % 4]!);
        await rig.run(2005);
      }
      await rig.run(3000);
      abort.abort();
    });
    assertWhole(all);
    let first: number | undefined;
    for (const item of all) {
      if (item.kind !== "reading") continue;
      // What its value says of its time, and what its number says of it, stay as they were.
      const said = (item.values[0]! / SLOPE + AGAIN / 2 - item.number / 250) % AGAIN;
      first ??= said;
      const off = Math.abs(((said - first + 1.5 * AGAIN) % AGAIN) - AGAIN / 2);
      assert.ok(off < 0.003, `reading ${item.number} is ${off} s from where it was`);
    }
    assert.ok(all.filter((item) => item.kind === "gap").length >= 5);
    await rig.finish();
  });

  it("says exactly how much it lost while the board was busy, and no reading is from another time", async () => {
    const ecg = new Ad8232({ signal: (s) => ((s % AGAIN) - AGAIN / 2) * SLOPE });
    const rig = rigWith(ecg);
    const host = await rig.connect("tcp");
    const abort = new AbortController();
    let stalled = 0;
    const all = await collect(rig, host.sensor("ecg0").samples({ signal: abort.signal }), async () => {
      for (const stall of [60, 90, 150, 290, 310, 390, 520, 630, 780, 1490, 1510, 3700]) {
        await rig.run(1000);
        rig.board.runtime.busy(stall);
        stalled += stall;
        await rig.run(2000 + stall);
      }
      abort.abort();
    });
    const total = assertWhole(all);
    const [first, last] = [all[0]!, all.at(-1)!];
    assert.ok(
      Math.abs(total - (1 + (last.utc - first.utc) / 4)) < 2,
      `${total} readings in ${last.utc - first.utc} ms`,
    );
    for (const item of all) {
      if (item.kind !== "reading") continue;
      const off = errorOf(item, 0);
      assert.ok(off < item.uncertainty + STEP / SLOPE, `${off} ms off, ${item.uncertainty} said`);
    }
    const gaps = all.filter((item) => item.kind === "gap");
    const lost = gaps.reduce((sum, { lost }) => sum + lost!, 0);
    // A buffer more each time: nobody knows which one it was.
    assert.ok(
      gaps.length >= 6 && lost * 4 <= stalled + 150 * gaps.length,
      `${lost} lost in ${gaps.length} gaps, ${stalled} ms busy`,
    );
    assert.ok(gaps.every(({ cause }) => cause === "ADC_OVERRUN"));
    await rig.finish();
  });
});

/** Electrodes that go off and come back while the converter sees nothing of it. */
class Leads implements PinPeripheral {
  readonly kind = "pins";
  /** From and to, in ms. */
  readonly times: [number, number][] = [];
  private lines: PinLines | undefined;

  attach(lines: PinLines): void {
    this.lines = lines;
    lines.supply("out", () => 1.65);
    lines.drive("loPlus", false);
    lines.drive("loMinus", false);
  }

  off(ms: number, now: number): void {
    this.times.push([now, now + ms]);
    this.lines!.drive("loPlus", true);
  }

  on(now: number): void {
    this.times.at(-1)![1] = now;
    this.lines!.drive("loPlus", false);
  }
}

/** Readings and gaps follow one another without a hole. @returns readings, those missing included */
function assertWhole(items: readonly Item[]): number {
  let next: number | undefined;
  let total = 0;
  for (const item of items) {
    if (item.kind === "alarm") continue;
    if (next !== undefined) assert.equal(item.number, next, JSON.stringify(item));
    const count = item.kind === "gap" ? item.lost! : 1;
    total += count;
    next = item.number + count;
  }
  return total;
}

/** A signal that says when it was: mV a second, and seconds after which it begins anew. */
const SLOPE = 1;
const AGAIN = 2.4;

/** How far what was said of a reading's time is from what its value says, in ms. */
function errorOf({ utc, values }: SensorReading, drift: number): number {
  const said = ((utc * (1 + drift)) / 1000) % AGAIN;
  const away = Math.abs(said - (values[0]! / SLOPE + AGAIN / 2));
  return Math.min(away, AGAIN - away) * 1000;
}

/** The board's clock is wrong by 300 ppm, and the board is busy now and then; its true rhythm is known from the values. */
async function ecgOver(kind: LinkKind): Promise<void> {
  const drift = 300e-6;
  const ecg = new Ad8232({ signal: (s) => ((s % AGAIN) - AGAIN / 2) * SLOPE });
  const rig = rigWith(ecg, { drift });
  const host = await rig.connect(kind);
  const abort = new AbortController();
  const all = await collect(rig, host.sensor("ecg0").samples({ signal: abort.signal }), async () => {
    for (let i = 0; i < 40; i++) {
      await rig.run(500);
      rig.board.runtime.busy(i % 5);
    }
    abort.abort();
  });
  assert.ok(all.length > 4800, `${all.length} readings in 20 s`);
  const errors: number[] = [];
  const bound = kind === "serial" ? 10 : 5;
  let held = 0;
  for (const item of all) {
    assert.ok(item.kind === "reading", JSON.stringify(item));
    assert.ok(item.uncertainty <= bound, `${item.uncertainty} ms stated`);
    const error = errorOf(item, drift);
    errors.push(error);
    if (error <= item.uncertainty + STEP / SLOPE) held++;
  }
  assertWhole(all);
  errors.sort((a, b) => a - b);
  const p99 = errors[Math.floor(errors.length * 0.99)]!;
  assert.ok(p99 <= bound, `99 of 100 within ${p99.toFixed(2)} ms, not ${bound}`);
  assert.ok(held / all.length >= 0.99, `the uncertainty held for ${held} of ${all.length}`);
  await rig.finish();
}
