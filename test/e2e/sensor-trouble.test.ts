/** What a busy board, a damaged line and listeners that come and go do to sensors: every unit is a reading or in a gap, and nothing is missed. */
import assert from "node:assert/strict";
import type { Sensor } from "../../host/index.js";
import { Cms50 } from "../../simulator/peripheral/sensor/cms50.js";
import { Ds18b20 } from "../../simulator/peripheral/sensor/ds18b20.js";
import { Max30102 } from "../../simulator/peripheral/sensor/max30102.js";
import { Mlx90614 } from "../../simulator/peripheral/sensor/mlx90614.js";
import { Nonin } from "../../simulator/peripheral/sensor/nonin.js";
import type { UartLine } from "../../simulator/uart.js";
import type { RigOptions } from "./rig.js";
import { withFirmware } from "./rig.js";
import { assertWhole, causes, gapsOf, listen, lostOf, readingsOf, rigWith } from "./sensor-listener.js";

/** Alarms as they come. */
function hear(sensor: Sensor, signal: AbortSignal): { told: [string, boolean | null][]; ended: Promise<unknown> } {
  const told: [string, boolean | null][] = [];
  const hearing = async (): Promise<void> => {
    for await (const item of sensor.alarms({ signal })) if (item.kind === "alarm") told.push([item.name, item.on]);
  };
  return { told, ended: hearing().catch((error: unknown) => error) };
}

/** A program on the board that has the bus from one moment to another, in ms since its start. */
function holder(from: number, ms: number): RigOptions {
  const hold = `$buses.i2c0.take(function(){setTimeout(function(){$buses.i2c0.release()},${ms})})`;
  // The timer goes on, so that the board's memory is the same before and after.
  const text = `var n=0;setInterval(function(){if(++n==${from / 10})${hold}},10);`;
  return { program: { files: { holder: text }, start: `require("holder");` } };
}

describe("sensors in trouble", function () {
  withFirmware();
  this.timeout(20_000);

  it("an alarm that ends as somebody else begins to listen is over for whoever heard it first", async () => {
    const device = new Nonin({ fault: "alarm" });
    const rig = rigWith("nonin", device);
    const sensor = (await rig.connect("tcp")).sensor("s0");
    const abort = new AbortController();
    const first = hear(sensor, abort.signal);
    await rig.run(1000);
    for (let i = 0; i < 20; i++) {
      const next = hear(sensor, abort.signal);
      device.faults.fault = "none";
      await rig.run(100 + 7 * i);
      device.faults.fault = "alarm";
      await rig.run(200);
      assert.deepEqual(first.told.at(-1), ["alarm", true]);
      if (i >= 2) continue;
      // It hears how it is now, and what comes.
      assert.deepEqual(next.told.at(-1), ["alarm", true]);
    }
    assert.deepEqual(
      first.told,
      Array.from({ length: 41 }, (_, i) => ["alarm", i % 2 === 0]),
    );
    abort.abort();
    await rig.during(first.ended);
    await rig.finish();
  });

  it("an alarm of two frames, shorter than the board's look, is told", async () => {
    const [nonin, cms50] = [new Nonin(), new Cms50()];
    for (const [driver, device, name, begin] of [
      ["nonin", nonin, "alarm", () => void (nonin.faults.fault = "alarm")],
      ["cms50", cms50, "spo2 dropping", () => void (cms50.faults.fault = "dropping")],
    ] as const) {
      const rig = rigWith(driver, device);
      const abort = new AbortController();
      const { told, ended } = hear((await rig.connect("tcp")).sensor("s0"), abort.signal);
      await rig.run(1000);
      for (let i = 0; i < 30; i++) {
        begin();
        await rig.run(2 * (1000 / 60));
        device.faults.fault = "none";
        await rig.run(250 + i);
      }
      assert.deepEqual(
        told,
        Array.from({ length: 60 }, (_, i) => [name, i % 2 === 0]),
        driver,
      );
      abort.abort();
      await rig.during(ended);
      await rig.finish();
    }
  });

  it("cms50: a byte with a wrong bit fails its parity, is never a number, and everything else is counted", async () => {
    const device = new Cms50({ spo2: 95, pulse: 66, errors: 0.02, seed: 5 });
    const rig = rigWith("cms50", device);
    const { all } = await listen(rig, 60_000);
    assert.ok(device.faults.damaged > 40, `${device.faults.damaged} damaged`);
    assert.deepEqual(causes(all), ["parity"]);
    for (const { values, why } of readingsOf(all)) assert.deepEqual([values[1], values[2], why], [95, 66, ""]);
    const total = readingsOf(all).length + lostOf(all);
    // The last frame waits for its proof, and some are on their way.
    assert.ok(device.produced - total >= 0 && device.produced - total < 20, `${total} of ${device.produced}`);
    await rig.finish();
  });

  it("ds18b20: readings that were due while the board was busy are a gap, and no conversion is disturbed", async () => {
    const conversions: number[] = [];
    const chip = new (class extends Ds18b20 {
      override write(byte: number): void {
        if (byte === 0x44) conversions.push(rig.clock.now());
        super.write(byte);
      }
    })({ temperature: 36.5 });
    const rig = rigWith("ds18b20", chip);
    const work = listen(rig, 30_000);
    for (const stall of [900, 10_000, 1400]) {
      await rig.run(3000);
      rig.board.runtime.busy(stall);
      await rig.run(stall);
    }
    const { all } = await work;
    assert.deepEqual(causes(all), ["BOARD_BUSY"]);
    assert.ok(lostOf(all) >= 9 && lostOf(all) <= 12, `${lostOf(all)} lost`);
    assertWhole(all, 1);
    const total = readingsOf(all).length + lostOf(all);
    assert.ok(total >= 28 && total <= 30, `${total} readings and gaps in 30 s`);
    for (const [i, at] of conversions.entries()) assert.ok(i === 0 || at - conversions[i - 1]! >= 750, `${at}`);
    assert.ok(readingsOf(all).every(({ values }) => values[0] === 36.5));
    await rig.finish();
  });

  it("mlx90614: readings that were due while the board was busy are a gap", async () => {
    const rig = rigWith("mlx90614", new Mlx90614());
    const work = listen(rig, 10_000);
    await rig.run(3000);
    rig.board.runtime.busy(2600);
    const { all } = await work;
    assert.deepEqual(causes(all), ["BOARD_BUSY"]);
    assert.equal(lostOf(all), 10);
    const total = assertWhole(all, 1);
    assert.ok(total >= 39 && total <= 41, `${total} in 10 s`);
    await rig.finish();
  });

  it("max30102: one that fails when its bus is free at last is told, and looked for again", async () => {
    const chip = new Max30102({ unplugged: [{ from: 0, ms: 6000 }] });
    const rig = rigWith("max30102", chip, holder(1000, 2500));
    await rig.connect("tcp");
    await rig.run(1500);
    const { all } = await listen(rig, 10_000);
    assert.equal(gapsOf(all)[0]?.cause, "ENXIO", JSON.stringify(gapsOf(all)));
    assert.ok(readingsOf(all).length > 400, `${readingsOf(all).length} readings once it is back`);
    await rig.finish();
  });

  it("max30102: whoever begins anew while the bus is another's gets samples, and its lamps go out behind the last one", async () => {
    const chip = new Max30102();
    const rig = rigWith("max30102", chip, holder(4000, 1500));
    await rig.run(2000);
    await listen(rig, 2500);
    // It could not be told yet to stop.
    const before = chip.produced;
    await rig.run(300);
    assert.ok(chip.produced > before);
    const { all } = await listen(rig, 3000);
    assert.ok(readingsOf(all).length > 180, `${readingsOf(all).length} readings`);
    await rig.run(2000);
    const after = chip.produced;
    await rig.run(1000);
    assert.equal(chip.produced, after, "the lamps are out");
    await rig.finish();
  });

  it("analyser: what a program sends leaves at the line's speed, and the board does not wait for it", async () => {
    const heard: number[] = [];
    const peripheral = {
      connect: (line: UartLine) => line.onData((data) => void heard.push(...data)),
    };
    const rig = rigWith("analyser", peripheral);
    const host = await rig.connect("tcp");
    const stream = await rig.during(host.open("s0:raw"));
    const sent = Buffer.from(Array.from({ length: 6000 }, (_, i) => i & 0xff));
    stream.write(sent);
    await rig.run(1000);
    let slowest = 0;
    for (let i = 0; i < 20; i++) {
      const from = rig.clock.now();
      await rig.during(host.sensor("s0").status());
      slowest = Math.max(slowest, rig.clock.now() - from);
    }
    assert.ok(slowest < 50, `${slowest} ms for an answer`);
    await rig.run(6000);
    assert.deepEqual(Buffer.from(heard), sent);
    stream.destroy();
    await rig.finish();
  });

  it("an error of a program beside them is nobody's gap", async () => {
    const text = `var n=0;setInterval(function(){if(++n==300)E.emit("errorFlag",["CALLBACK","LOW_MEMORY"])},10);`;
    const rig = rigWith("nonin", new Nonin(), { program: { files: { other: text }, start: `require("other");` } });
    const { all } = await listen(rig, 6000);
    assert.deepEqual(gapsOf(all), []);
    await rig.finish({ CALLBACK: 1, LOW_MEMORY: 1 });
  });
});
