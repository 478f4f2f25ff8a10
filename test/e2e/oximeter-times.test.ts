/** When an oximeter's readings were, by its own frames, in virtual time. */
import assert from "node:assert/strict";
import { Cms50 } from "../../simulator/peripheral/sensor/cms50.js";
import { Nonin } from "../../simulator/peripheral/sensor/nonin.js";
import { linkKinds, withFirmware } from "./rig.js";
import type { Rig } from "./rig.js";
import { BUSES, gapsOf, readingsOf, rigWith } from "./sensor-listener.js";
import type { Item } from "./sensor-listener.js";

const SECONDS = 30;

/** Frames that have a plethysmogram of their own, one after the other. */
const DIFFERENT = 120;

/** Ms off, of 99 in 100 readings, and ms that may be stated of each. */
const MOST = { tcp: 5, udp: 5, serial: 10 };

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

const KINDS = {
  nonin: { Device: MarkedNonin, frameMs: (5 * 10_000) / 9600 },
  cms50: { Device: MarkedCms50, frameMs: (5 * 11_000) / 19_200 },
};

describe("an oximeter's readings", function () {
  this.timeout(60_000);
  withFirmware();

  for (const driver of ["nonin", "cms50"] as const)
    for (const kind of linkKinds)
      it(`${driver} over ${kind}: are of the moment when their frame was there, within what is stated`, async () => {
        const { Device, frameMs } = KINDS[driver];
        /** When each frame was there. */
        const times: number[] = [];
        const device = new Device(() => (times.push(rig.clock.now() + frameMs) - 1) % DIFFERENT);
        const serial = { uart: "Serial2", baud: 115_200, path: "/dev/null" };
        const config = kind === "serial" ? { ...BUSES, links: { serial } } : BUSES;
        const rig: Rig = rigWith(driver, device, { drift: 50e-6, links: [kind], config });
        const host = await rig.connect(kind);
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
        assert.ok(readings.length > (SECONDS - 2) * 60, `${readings.length} readings`);
        let held = 0;
        const errors = readings.map(({ utc, uncertainty, values }) => {
          const same = times.filter((_, i) => i % DIFFERENT === values[0]);
          const error = Math.min(...same.map((time) => Math.abs(utc - time)));
          if (error <= uncertainty) held++;
          assert.ok(uncertainty <= MOST[kind], `${uncertainty} ms stated`);
          return error;
        });
        const p99 = errors.sort((a, b) => a - b)[Math.floor(errors.length * 0.99)]!;
        assert.ok(p99 <= MOST[kind], `${p99} ms off, 99 in 100`);
        assert.ok(held / errors.length >= 0.99, `the uncertainty held for ${held} of ${errors.length}`);
      });
});
