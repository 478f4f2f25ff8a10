/** Sensors from their wires to a program, in virtual time: every unit is a reading or in a gap, whatever befalls the device. */
import assert from "node:assert/strict";
import { Cms50 } from "../../simulator/peripheral/sensor/cms50.js";
import { Ds18b20 } from "../../simulator/peripheral/sensor/ds18b20.js";
import { Max30102 } from "../../simulator/peripheral/sensor/max30102.js";
import { Mlx90614 } from "../../simulator/peripheral/sensor/mlx90614.js";
import { Nonin } from "../../simulator/peripheral/sensor/nonin.js";
import type { Peripheral } from "../../simulator/peripheral/index.js";
import { withFirmware } from "./rig.js";
import { assertWhole, causes, DEVICES, gapsOf, listen, lostOf, readingsOf, rigWith } from "./sensor-listener.js";

const CONVERT = 0x44;

describe("sensors", function () {
  withFirmware();
  this.timeout(20_000);

  it("nonin: 75 frames a second with saturation and pulse, and the device's alarm ahead of them", async () => {
    const spo2 = new Nonin({ spo2: 97, pulse: 72 });
    const rig = rigWith("nonin", spo2);
    const work = listen(rig, 10_000);
    await rig.run(6000);
    spo2.faults.fault = "alarm";
    await rig.run(2000);
    spo2.faults.fault = "none";
    const { all, alarms } = await work;
    const readings = readingsOf(all);
    // All but the last batch.
    assert.ok(readings.length >= 730, `${readings.length} readings`);
    assertWhole(readings, 5);
    assert.deepEqual(gapsOf(all), []);
    const during = readings.filter(({ why }) => why === "alarm");
    // Until the packet after it the values are still those of before.
    assert.ok(during.length >= 149 && during.length <= 176, `${during.length} in the alarm`);
    assert.ok(during.every(({ values }) => values[1] === null && values[2] === null));
    const good = readings.filter(({ why }) => why === "");
    assert.ok(good.length > 500 && good.every(({ values }) => values[1] === 97 && values[2] === 72));
    assert.deepEqual(
      alarms.map((item) => item.kind === "alarm" && [item.name, item.on]),
      [
        ["alarm", true],
        ["alarm", false],
      ],
    );
    await rig.finish();
  });

  it("nonin: who listens while an alarm holds is told of it", async () => {
    const rig = rigWith("nonin", new Nonin({ fault: "alarm" }));
    const host = await rig.connect("tcp");
    const abort = new AbortController();
    const reading = host.sensor("s0").samples({ signal: abort.signal }).next();
    await rig.run(3000);
    const told = await rig.during(host.sensor("s0").alarms({ signal: abort.signal }).next());
    assert.deepEqual(told.value?.kind === "alarm" && [told.value.name, told.value.on], ["alarm", true]);
    abort.abort();
    await reading;
    await rig.finish();
  });

  it("cms50: 60 frames a second", async () => {
    const device = new Cms50({ spo2: 95, pulse: 66 });
    const rig = rigWith("cms50", device);
    const { all } = await listen(rig, 10_000);
    assert.ok(all.length >= 580, `${all.length} readings`);
    assertWhole(all, 5);
    assert.ok(readingsOf(all).every(({ values }) => values[1] === 95 && values[2] === 66));
    await rig.finish();
  });

  it("a damaged frame is a gap of one and never a number", async () => {
    const device = new Nonin({ spo2: 97, pulse: 72, errors: 0.01, seed: 3 });
    const rig = rigWith("nonin", device);
    const { all } = await listen(rig, 60_000);
    assert.ok(device.faults.damaged > 20, `${device.faults.damaged} damaged`);
    assert.ok(
      causes(all).every((cause) => ["checksum", "framing"].includes(cause)),
      causes(all).join(),
    );
    const lost = lostOf(all);
    assert.ok(lost >= device.faults.damaged - 2 && lost <= device.faults.damaged + 2, `${lost} lost`);
    for (const { values } of readingsOf(all)) {
      assert.ok(values[1] === null || values[1] === 97, `${values[1]} %`);
      assert.ok(values[2] === null || values[2] === 72, `${values[2]} /min`);
    }
    await rig.finish();
  });

  it("max30102: every sample of its FIFO, with the interrupt's time", async () => {
    const chip = new Max30102();
    const times: number[] = [];
    const rig = rigWith("max30102", chip);
    chip.onSample = () => times.push(rig.clock.now());
    const { all } = await listen(rig, 10_000);
    const readings = readingsOf(all);
    assert.ok(readings.length >= 960, `${readings.length} readings`);
    assert.deepEqual(gapsOf(all), []);
    assertWhole(readings, 1);
    // The chip was started when the first reader came: its first sample is the first reading.
    const off = readings.map(({ utc }, i) => Math.abs(utc - times[i]!));
    assert.ok(Math.max(...off) < 3, `${Math.max(...off)} ms off`);
    await rig.finish();
  });

  it("max30102: what its FIFO could not keep while the board was busy is counted by the chip itself", async () => {
    const chip = new Max30102();
    const rig = rigWith("max30102", chip);
    const work = listen(rig, 10_000);
    for (const stall of [100, 250, 340, 420, 600]) {
      await rig.run(1500);
      rig.board.runtime.busy(stall);
    }
    const { all, alarms } = await work;
    // Ahead of the readings the same gaps are told, and no others.
    assert.deepEqual(
      gapsOf(alarms).map(({ number, lost, cause }) => [number, lost, cause]),
      gapsOf(all).map(({ number, lost, cause }) => [number, lost, cause]),
    );
    assert.ok(chip.lost > 30, `${chip.lost} lost`);
    // Nothing that the chip did not give: both lamps are on, and no count is zero.
    assert.ok(readingsOf(all).every(({ why }) => why === ""));
    assert.deepEqual(causes(all), ["DEVICE_FIFO"]);
    // What is in the chip when the reader leaves is nobody's.
    const total = assertWhole(all, 1);
    assert.ok(
      Number.isNaN(total) || (chip.produced - total >= 0 && chip.produced - total < 32),
      `${total} of ${chip.produced}`,
    );
    await rig.finish();
  });

  it("mlx90614: a check that fails is a gap", async () => {
    const chip = new Mlx90614({ object: 36.6, errors: 0.1, seed: 2 });
    const rig = rigWith("mlx90614", chip);
    const { all } = await listen(rig, 30_000);
    assert.ok(chip.faults.damaged > 5);
    assert.deepEqual(causes(all), ["PEC"]);
    assert.equal(gapsOf(all).length, chip.faults.damaged);
    assertWhole(all, 1);
    assert.ok(all.length >= 118, `${all.length} readings and gaps`);
    assert.ok(readingsOf(all).every(({ values }) => Math.abs(values[0]! - 36.6) < 0.02));
    await rig.finish();
  });

  it("ds18b20: no reading is the one before, however late in a look its conversion began", async () => {
    const chip = new Ds18b20();
    const rig = rigWith("ds18b20", chip, {
      devices: { s0: DEVICES.ds18b20, light0: DEVICES.max30102 },
      peripherals: { s0: chip, light0: new Max30102() },
    });
    const write = chip.write.bind(chip);
    const begun: { at: number; temperature: number }[] = [];
    chip.write = (byte) => {
      if (byte === CONVERT) {
        chip.temperature = begun.length % 80;
        begun.push({ at: rig.clock.now(), temperature: chip.temperature });
      }
      write(byte);
    };
    const host = await rig.connect("tcp");
    const abort = new AbortController();
    const { signal } = abort;
    const beside = (async () => {
      for await (const { kind } of host.sensor("light0").samples({ signal })) assert.equal(kind, "reading");
    })().catch((error: unknown) => assert.ok(signal.aborted, String(error)));
    await rig.run(777);
    const { all } = await listen(rig, 120_000);
    const readings = readingsOf(all);
    assert.ok(readings.length > 110, `${readings.length} readings`);
    for (const { utc, values } of readings) {
      const conversion = begun.findLast(({ at }) => at < utc - 700)!;
      assert.equal(values[0], conversion.temperature, `at ${utc} ms`);
    }
    abort.abort();
    await rig.during(beside);
    await rig.finish();
  });

  it("ds18b20: a conversion a second", async () => {
    const rig = rigWith("ds18b20", new Ds18b20({ temperature: 36.5 }));
    const { all } = await listen(rig, 10_000);
    assert.ok(all.length >= 9 && all.length <= 10, `${all.length} readings`);
    assert.ok(readingsOf(all).every(({ values }) => values[0] === 36.5));
    assertWhole(all, 1);
    await rig.finish();
  });

  const absent: [keyof typeof DEVICES, Peripheral, string, RegExp][] = [
    ["max30102", new Max30102({ fault: "absent" }), "ENXIO", /no chip answers at address 87/],
    ["max30102", new Max30102({ fault: "wrong" }), "ENODEV", /is no MAX30102/],
    ["max30102", new Max30102({ fault: "stuck" }), "ETIMEDOUT", /the bus is held low/],
    ["ds18b20", new Ds18b20({ fault: "absent" }), "ENXIO", /no chip answers on pin D5/],
  ];
  for (const [driver, device, code, words] of absent)
    it(`${driver}: whoever reads one that ${code === "ENODEV" ? "is another chip" : "is not there"} is told: ${code}`, async () => {
      const rig = rigWith(driver, device);
      const host = await rig.connect("tcp");
      await rig.rejected(host.sensor("s0").samples().next(), code, words);
      await rig.finish();
    });

  for (const fault of ["silent", "babbling"] as const)
    it(`nonin: one that is ${fault} gives no number`, async () => {
      const rig = rigWith("nonin", new Nonin({ fault }));
      const { all } = await listen(rig, 10_000);
      assert.ok(gapsOf(all).length > 0);
      assert.deepEqual(causes(all), fault === "silent" ? ["SILENT"] : ["framing"]);
      assert.ok(readingsOf(all).every(({ values }) => values[1] === null && values[2] === null));
      await rig.finish();
    });

  const silent: [keyof typeof DEVICES, Peripheral, string][] = [
    ["nonin", new Nonin({ unplugged: [{ from: 4000, ms: 4000 }] }), "SILENT"],
    ["cms50", new Cms50({ unplugged: [{ from: 4000, ms: 4000 }] }), "SILENT"],
    ["max30102", new Max30102({ unplugged: [{ from: 4000, ms: 4000 }] }), "ENXIO SILENT"],
    ["mlx90614", new Mlx90614({ unplugged: [{ from: 4000, ms: 4000 }] }), "ENXIO"],
    ["ds18b20", new Ds18b20({ unplugged: [{ from: 4000, ms: 4000 }] }), "ENXIO"],
  ];
  for (const [driver, device, cause] of silent)
    it(`${driver}: unplugged and back is a gap, then it goes on`, async () => {
      const rig = rigWith(driver, device);
      const { all } = await listen(rig, 14_000);
      const gaps = gapsOf(all).filter((gap) => cause.split(" ").includes(gap.cause));
      assert.ok(gaps.length > 0, JSON.stringify(gapsOf(all)));
      const first = all.indexOf(gaps[0]!);
      assert.ok(readingsOf(all.slice(0, first)).length > 0, "before");
      const last = all.indexOf(gaps.at(-1)!);
      assert.ok(
        readingsOf(all.slice(last)).some(({ why }) => why === ""),
        "after",
      );
      await rig.finish();
    });
});
