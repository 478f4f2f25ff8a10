import assert from "node:assert/strict";
import { Cms50, type Cms50Options } from "../../../../simulator/peripheral/sensor/cms50.js";
import { Nonin, type NoninCondition, type NoninOptions } from "../../../../simulator/peripheral/sensor/nonin.js";
import { column, decoded, SerialBench, type Heard } from "./bench.js";

const SECOND = 1000;

interface Device {
  driver: string;
  baud: number;
  rate: number;
  make: (options: NoninOptions & Cms50Options) => Nonin | Cms50;
}

const devices: Device[] = [
  { driver: "nonin", baud: 9600, rate: 75, make: (options) => new Nonin(options) },
  { driver: "cms50", baud: 19200, rate: 60, make: (options) => new Cms50(options) },
];

async function hear({ driver, baud, make }: Device, options: object, seconds: number): Promise<[Heard, Nonin | Cms50]> {
  const device = make(options);
  const bench = new SerialBench(device, baud);
  const bytes = await bench.run(seconds * SECOND);
  bench.close();
  return [decoded(driver, bytes), device];
}

/** Numbers that a channel had, without repeats. */
function numbers({ readings }: Heard, channel: number): number[] {
  return [...new Set(column(readings, channel).filter((value) => value !== null))];
}

for (const device of devices)
  describe(`simulated ${device.driver}`, () => {
    it("sends what its own table decodes to its values, at its rate and its line's speed", async () => {
      const [heard, { produced }] = await hear(device, { spo2: 94, pulse: 138 }, 20);
      assert.ok(Math.abs(produced - 20 * device.rate) <= 1, `${produced} frames in 20 s`);
      // The last frames are on the line, or wait for what proves them.
      assert.ok(produced - heard.readings.length <= 2, `${heard.readings.length} readings of ${produced} frames`);
      assert.deepEqual([numbers(heard, 1), numbers(heard, 2)], [[94], [138]]);
      assert.deepEqual([heard.damaged, heard.events], [[], []]);
      const pleth = column(heard.readings, 0) as number[];
      const high = 0.9 * Math.max(...pleth);
      const tops = pleth.filter((value, i) => value > high && value >= pleth[i + 1]! && value > pleth[i - 1]!);
      assert.ok(Math.abs(tops.length - 46) <= 1, `${tops.length} beats in 20 s at 138 a minute`);
    });

    it("takes the line's time for each byte", async () => {
      const made = device.make({});
      const bench = new SerialBench(made, device.baud);
      const first = 1000 / device.rate;
      assert.equal((await bench.run(first + 4.5 * bench.wire.byteTime)).length, 4);
      bench.close();
    });

    it("damages frames at the rate asked for: each is told or none, and no number is wrong", async () => {
      for (const seed of [1, 2, 3, 4, 5]) {
        const [heard, made] = await hear(device, { errors: 0.01, seed }, 60);
        const { damaged } = made.faults;
        assert.ok(damaged > 20 && damaged < 80, `${damaged} of ${made.produced}`);
        if (device.driver === "cms50") continue;
        const known = heard.readings.length + heard.damaged.length;
        assert.ok(
          made.produced - known >= 0 && made.produced - known <= 2,
          `seed ${seed}: ${known} of ${made.produced}`,
        );
        assert.ok(heard.damaged.length >= damaged);
        assert.deepEqual([numbers(heard, 1), numbers(heard, 2)], [[97], [72]]);
      }
    });

    it("is silent, or babbles, and neither makes a number", async () => {
      const [silent, { produced }] = await hear(device, { fault: "silent" }, 10);
      assert.deepEqual([silent.bytes.length, produced], [0, 0]);
      const [babble, made] = await hear(device, { fault: "babbling" }, 10);
      assert.ok(babble.bytes.length > 0.9 * device.baud, `${babble.bytes.length} bytes`);
      assert.equal(made.produced, 0);
      // Without a check two frames in a row come about by chance: of the parity nothing is left here.
      if (device.driver === "nonin") assert.deepEqual(babble.readings, []);
      assert.ok(babble.damaged.length > 0.15 * babble.bytes.length);
    });

    it("is unplugged and back, twice, and begins anew", async () => {
      const unplugged = [
        { from: 2000, ms: 1000 },
        { from: 5003, ms: 10 },
      ];
      const [heard, made] = await hear(device, { unplugged }, 10);
      const expected = (10 - 1.01) * device.rate;
      assert.ok(Math.abs(made.produced - expected) <= 3, `${made.produced}`);
      const known = heard.readings.length + heard.damaged.length;
      assert.ok(made.produced - known <= 2, `${known} of ${made.produced}`);
      assert.ok(numbers(heard, 1).length === 1 && numbers(heard, 2).length === 1);
    });
  });

describe("simulated nonin's own words", () => {
  const cases: [NoninCondition, string, string[]][] = [
    ["disconnected", "probe off", ["probe off"]],
    ["outoftrack", "out of track", ["out of track"]],
    ["alarm", "alarm", ["alarm"]],
    ["artifact", "artifact", []],
  ];
  for (const [condition, why, names] of cases)
    it(`${condition}: no number while it holds`, async () => {
      const device = new Nonin();
      const bench = new SerialBench(device, 9600);
      const bytes = await bench.run(4 * SECOND);
      device.condition = condition;
      bytes.push(...(await bench.run(2 * SECOND)));
      device.condition = "none";
      bytes.push(...(await bench.run(4 * SECOND)));
      bench.close();
      const { readings, events } = decoded("nonin", bytes);
      const held = readings.filter(({ values: [pleth] }) => pleth === null);
      assert.ok(Math.abs(held.length - 150) <= 1, `${held.length} readings`);
      assert.ok(held.every((reading) => reading.why === why && reading.values.every((value) => value === null)));
      assert.deepEqual(
        events.map(({ name, on }) => [name, on]),
        names.flatMap((name) => [
          [name, true],
          [name, false],
        ]),
      );
      assert.deepEqual(readings.at(-1)!.values.slice(1), [97, 72]);
    });
});

describe("simulated cms50's own words", () => {
  for (const [condition, why] of [
    ["searching", "searching"],
    ["probe", "probe error"],
  ] as const)
    it(`${condition}: no number while it holds`, async () => {
      const [{ readings }] = await hear(devices[1]!, { fault: condition }, 3);
      assert.ok(readings.length > 170);
      assert.ok(readings.every((reading) => reading.why === why && reading.values.every((value) => value === null)));
    });

  it("dropping: the values, and the event", async () => {
    const [{ readings, events }] = await hear(devices[1]!, { fault: "dropping" }, 3);
    assert.deepEqual(
      events.map(({ name, on }) => [name, on]),
      [["spo2 dropping", true]],
    );
    assert.deepEqual(readings.at(-1)!.values.slice(1), [98, 66]);
  });
});
