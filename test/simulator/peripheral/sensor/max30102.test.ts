import assert from "node:assert/strict";
import { max30102 } from "../../../../protocols/device/sensor/max30102.js";
import { I2cBus } from "../../../../simulator/bus.js";
import { VirtualClock } from "../../../../simulator/clock.js";
import { Max30102, type LightSample, type Max30102Options } from "../../../../simulator/peripheral/sensor/max30102.js";

const ADDRESS = 0x57;
const SIX = 6;

/** The chip on a bus, as a driver uses it. */
class Bench {
  readonly clock = new VirtualClock();
  readonly chip: Max30102;
  readonly truth: LightSample[] = [];
  readonly levels: boolean[] = [];
  private readonly bus: I2cBus;

  constructor(options: Max30102Options = {}) {
    this.chip = new Max30102(options);
    this.chip.onSample = (sample) => this.truth.push(sample);
    this.chip.onInt = (level) => this.levels.push(level);
    this.chip.connect(this.clock);
    this.bus = new I2cBus([this.chip]);
  }

  set(register: number, ...values: number[]): void {
    assert.equal(this.bus.write(ADDRESS, Uint8Array.of(register, ...values), true), "done");
  }

  get(register: number, count = 1): Uint8Array {
    assert.equal(this.bus.write(ADDRESS, Uint8Array.of(register), false), "done");
    const bytes = this.bus.read(ADDRESS, count, true);
    assert.ok(typeof bytes !== "string", String(bytes));
    return bytes;
  }

  /** SpO2 mode at 100 samples a second and 18 bits, both lamps at 7 mA, an interrupt when 17 samples are there. */
  begin(fifo = 0x0f): void {
    this.set(0x09, 0x40);
    this.set(0x02, 0x80);
    this.set(0x08, fifo);
    this.set(0x0a, 0x27);
    this.set(0x0c, 0x24, 0x24);
    this.set(0x04, 0, 0, 0);
    this.set(0x09, 0x03);
  }

  /** All that the FIFO has, through the table, and how many samples it lost. */
  drain(): { samples: (number | null)[][]; lost: number } {
    const [write, lost, read] = this.get(0x04, 3) as unknown as [number, number, number];
    const there = lost > 0 ? 32 : (write - read) & 31;
    const data = there > 0 ? this.get(0x07, there * SIX) : new Uint8Array(0);
    return {
      samples: max30102
        .decoder(100)
        .decode(data, 0)
        .readings.map(({ values }) => [...values]),
      lost,
    };
  }

  close(): void {
    this.chip.close();
  }
}

const valuesOf = ({ red, infrared }: LightSample): number[] => [red, infrared];

describe("simulated MAX30102", () => {
  it("gives each sample that it measures once, in order, as its table decodes it", async () => {
    const bench = new Bench();
    assert.equal(bench.get(0xff)[0], 0x15);
    bench.begin();
    const all = [];
    for (let i = 0; i < 100; i++) {
      await bench.clock.run(100);
      const { samples, lost } = bench.drain();
      assert.equal(lost, 0);
      all.push(...samples);
    }
    bench.close();
    assert.equal(bench.chip.produced, 1000);
    assert.deepEqual(all, bench.truth.map(valuesOf));
  });

  it("has the pulse and the saturation that it was given in its light", async () => {
    const bench = new Bench({ spo2: 90, pulse: 60 });
    bench.begin(0x1f);
    await bench.clock.run(10_000);
    bench.close();
    const ratio = (values: number[]): number => (Math.max(...values) - Math.min(...values)) / Math.max(...values);
    const red = ratio(bench.truth.map((sample) => sample.red));
    const infrared = ratio(bench.truth.map((sample) => sample.infrared));
    assert.ok(Math.abs(110 - (25 * red) / infrared - 90) < 0.2, `R is ${red / infrared}`);
    const low = Math.min(...bench.truth.map((sample) => sample.infrared));
    const beats = bench.truth.filter(
      ({ infrared }, i, all) =>
        infrared < low * 1.001 && infrared <= (all[i + 1]?.infrared ?? 0) && infrared < all[i - 1]!.infrared,
    );
    assert.equal(beats.length, 10);
  });

  it("loses what finds the FIFO full, and counts it; the counter is back to zero with the next sample read", async () => {
    const bench = new Bench();
    bench.begin();
    await bench.clock.run(400);
    const { samples, lost } = bench.drain();
    assert.deepEqual([samples.length, lost, bench.chip.lost], [32, 8, 8]);
    assert.deepEqual(samples, bench.truth.slice(0, 32).map(valuesOf));
    assert.equal(bench.drain().lost, 0);
    assert.equal(samples.length + lost, bench.chip.produced);
    bench.close();
  });

  it("stops counting losses at 31", async () => {
    const bench = new Bench();
    bench.begin();
    await bench.clock.run(5000);
    assert.equal(bench.drain().lost, 31);
    assert.equal(bench.chip.lost, 468);
    bench.close();
  });

  it("keeps the newest samples instead when it may roll over", async () => {
    const bench = new Bench();
    bench.begin(0x1f);
    await bench.clock.run(400);
    const { samples, lost } = bench.drain();
    assert.equal(lost, 8);
    assert.deepEqual(samples, bench.truth.slice(-32).map(valuesOf));
    bench.close();
  });

  it("pulls its pin low when it is almost full, and after its power came, until its status is read", async () => {
    const bench = new Bench();
    assert.deepEqual(bench.levels.splice(0), [true, false]);
    assert.equal(bench.get(0x00)[0], 0x01);
    assert.deepEqual(bench.levels.splice(0), [true]);
    bench.begin();
    await bench.clock.run(165);
    assert.deepEqual(bench.levels, []);
    await bench.clock.run(10);
    assert.deepEqual(bench.levels.splice(0), [false]);
    assert.equal(bench.get(0x00)[0]! & 0x80, 0x80);
    assert.deepEqual(bench.levels.splice(0), [true]);
    bench.close();
  });

  it("is put back by its reset bit, which clears itself", async () => {
    const bench = new Bench();
    bench.begin();
    await bench.clock.run(100);
    bench.set(0x09, 0x40);
    assert.deepEqual([...bench.get(0x04, 6)], [0, 0, 0, 0, 0, 0]);
    await bench.clock.run(100);
    assert.equal(bench.chip.produced, 10);
    assert.equal(bench.get(0xff)[0], 0x15);
    bench.close();
  });

  it("gives nothing from an empty FIFO, and moves no pointer", async () => {
    const bench = new Bench();
    bench.begin();
    assert.deepEqual([...bench.get(0x07, 12)], Array<number>(12).fill(0));
    await bench.clock.run(10);
    assert.equal(bench.drain().samples.length, 1);
    bench.close();
  });

  it("measures at the rate, the mean and the width that its registers say", async () => {
    const bench = new Bench();
    bench.begin();
    bench.set(0x0a, 0x28);
    await bench.clock.run(1000);
    assert.equal(bench.chip.produced, 200);
    assert.ok(bench.truth.every(({ red }) => red % 8 === 0));
    bench.set(0x08, 0x4f);
    await bench.clock.run(1000);
    assert.equal(bench.chip.produced, 250);
    bench.close();
  });

  it("has only dim light without a finger", async () => {
    const bench = new Bench({ fault: "nofinger" });
    bench.begin();
    await bench.clock.run(100);
    assert.ok(bench.truth.every(({ red, infrared }) => red < 2000 && infrared < 2000));
    bench.close();
  });

  it("is absent, another chip, stuck, or silent", async () => {
    const absent = new Bench({ fault: "absent" });
    assert.throws(() => absent.get(0xff), /nobody/);
    assert.equal(new Bench({ fault: "wrong" }).get(0xff)[0], 0x11);
    assert.throws(() => new Bench({ fault: "stuck" }).get(0xff), /stuck/);
    const silent = new Bench({ fault: "silent" });
    silent.begin();
    await silent.clock.run(1000);
    assert.deepEqual([silent.chip.produced, silent.drain().samples.length], [0, 0]);
  });

  it("forgets its registers while it is unplugged", async () => {
    const bench = new Bench({ unplugged: [{ from: 105, ms: 50 }] });
    bench.begin();
    await bench.clock.run(110);
    assert.throws(() => bench.get(0xff), /nobody/);
    await bench.clock.run(100);
    assert.equal(bench.get(0x09)[0], 0);
    assert.equal(bench.chip.produced, 10);
    bench.begin();
    await bench.clock.run(100);
    assert.equal(bench.chip.produced, 20);
    bench.close();
  });
});
