import assert from "node:assert/strict";
import { HELD_MS, HOLDER, sensorFaults } from "./sensor-faults.js";
import type { Place } from "./sensor-faults.js";
import { DEVICES, rigWith } from "./sensor-listener.js";
import { withFirmware } from "./rig.js";

const place: Place = async (driver, peripheral, { rate, holder = false, slow = false } = {}) => {
  const device = { ...DEVICES[driver], ...(rate !== undefined && { rate }) };
  const rig = rigWith(driver, peripheral, {
    devices: { s0: device },
    ...(holder && { program: HOLDER }),
    ...(slow && { like: "pico" }),
  });
  const host = await rig.connect("tcp");
  const expected: Record<string, number> = {};
  return {
    host,
    clock: rig.clock,
    doubtful: 1,
    pass: (ms) => rig.run(ms),
    during: (work) => rig.during(work),
    stall: async (ms) => {
      rig.board.runtime.busy(ms);
      await rig.run(ms);
    },
    flood: async () => {
      rig.board.runtime.raise("FIFO_FULL");
      expected["FIFO_FULL"] = 1;
    },
    held: () => rig.run(HELD_MS - rig.clock.now()),
    end: async () => {
      const told = Object.keys(expected).map((flag) => `New interpreter error: ${flag}`);
      assert.deepEqual(rig.console.splice(0), told);
      await rig.finish(expected);
    },
  };
};

describe("faults of sensors on the simulated board", function () {
  withFirmware();
  this.timeout(20_000);
  for (const { title, run } of sensorFaults) it(title, () => run(place));
});
