/** A board that starts anew while its sensor is read: who reads goes on, and is told that something is missing. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recordSensor } from "../../host/index.js";
import { Nonin } from "../../simulator/peripheral/sensor/nonin.js";
import { placesOf, readEdf } from "../support/edf.js";
import { linkKinds, withFirmware } from "./rig.js";
import { gapsOf, readingsOf, rigWith } from "./sensor-listener.js";
import type { Item } from "./sensor-listener.js";

describe("a board that starts anew while its sensor is read", function () {
  withFirmware();
  this.timeout(30_000);

  for (const kind of linkKinds)
    for (const live of [false, true])
      it(`goes on with a gap RESTARTED over ${kind}${live ? ", live" : ""}, and with its alarms`, async () => {
        const device = new Nonin();
        const rig = rigWith("nonin", device);
        const sensor = (await rig.connect(kind)).sensor("s0");
        const abort = new AbortController();
        const items: Item[] = [];
        const alarms: Item[] = [];
        const collect = async (from: AsyncIterable<Item>, into: Item[]): Promise<void> => {
          for await (const item of from) into.push(item);
        };
        const works = [
          collect(sensor.samples({ live, signal: abort.signal }), items),
          collect(sensor.alarms({ signal: abort.signal }), alarms),
        ];
        const ended = Promise.allSettled(works);
        for (let start = 0; start < 3; start++) {
          if (start > 0) rig.board.powerCycle();
          const before = items.length;
          await rig.run(20_000);
          device.faults.fault = "alarm";
          await rig.run(500);
          device.faults.fault = "none";
          await rig.run(500);
          assert.ok(readingsOf(items.slice(before)).length > 300, `start ${start}: ${items.length - before} items`);
        }
        const gaps = gapsOf(items).filter(({ cause }) => cause === "RESTARTED");
        assert.deepEqual([gaps.length, gaps[0]!.lost], [2, null]);
        // Nothing of one start is told behind the gap, and every time is the host's.
        const boots = items.map(({ boot }) => boot);
        for (const gap of gaps) assert.ok(!boots.slice(0, items.indexOf(gap)).includes(gap.boot));
        const readings = readingsOf(items);
        for (const [i, { utc }] of readings.entries()) if (i > 0) assert.ok(utc > readings[i - 1]!.utc, `reading ${i}`);
        const told = alarms.flatMap((item) => (item.kind === "alarm" ? [item.on] : []));
        assert.deepEqual(told, [true, false, true, false, true, false]);
        abort.abort();
        await rig.during(ended);
        rig.board.powerOff();
      });

  it("leaves a recording in which an annotation says so", async () => {
    const folder = await mkdtemp(join(tmpdir(), "devsock-"));
    const rig = rigWith("nonin", new Nonin());
    const abort = new AbortController();
    const path = join(folder, "r.edf");
    const source = await rig.during((await rig.connect("tcp")).sensor("s0").source());
    const recording = recordSensor(source, path, { signal: abort.signal });
    await rig.run(5000);
    rig.board.powerCycle();
    await rig.run(20_000);
    abort.abort();
    const counts = await rig.during(recording);
    const edf = readEdf(await readFile(path));
    await rm(folder, { recursive: true });
    assert.deepEqual([counts.gaps, counts.lost], [1, null]);
    assert.ok(
      edf.annotations.some(({ text }) => /^gap: .*RESTARTED/.test(text)),
      JSON.stringify(edf.annotations),
    );
    const places = placesOf(edf).filter(({ values }) => values[0] !== null);
    assert.equal(places.length, counts.readings);
    assert.ok(places.at(-1)!.utc - places[0]!.utc > 15_000, "readings of both starts");
    rig.board.powerOff();
  });

  it("is over for who reads it when the board does not come back while its link is kept", async () => {
    const rig = rigWith("nonin", new Nonin());
    const sensor = (await rig.connect("tcp")).sensor("s0");
    const reading = (async () => {
      for await (const item of sensor.samples()) void item;
    })();
    const failed = assert.rejects(reading, { origin: "link" });
    await rig.run(3000);
    rig.board.powerOff();
    await rig.during(failed);
  });
});
