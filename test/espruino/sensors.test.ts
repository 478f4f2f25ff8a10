/** Sensors on the real interpreter: a UART and an I2C bus of its Linux build. Its converter and pins are those of the emulated Pico, test/pico. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { connect } from "../../host/index.js";
import type { Board, SensorGap, SensorReading } from "../../host/index.js";
import { startSimulator, type Simulator } from "../../simulator/index.js";
import { espruino } from "./both.js";

const bundleDir = fileURLToPath(new URL("../../dist/firmware", import.meta.url));

/** ms of each sensor's readings. */
const LISTENED = 5000;

describe("sensors on the real interpreter", function () {
  this.timeout(40_000);
  let simulator: Simulator;
  let board: Board;

  before(async function () {
    if (!espruino) this.skip();
    simulator = await startSimulator({
      ...{ board: "linux", runtime: "espruino", espruino, bundleDir, ports: { tcp: 0 } },
      devices: { spo2: "nonin,spo2=96,pulse=70", temp0: "mlx90614,object=36.6", light0: "max30102" },
    });
    board = await connect(simulator.links.tcp!);
  });

  after(async () => {
    await board?.close();
    await simulator?.stop();
  });

  async function listen(name: string): Promise<(SensorReading | SensorGap)[]> {
    const signal = AbortSignal.timeout(LISTENED);
    const items: (SensorReading | SensorGap)[] = [];
    try {
      for await (const item of board.sensor(name).samples({ signal })) items.push(item);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    return items;
  }

  it("give every reading at once, beside each other, without a gap", async () => {
    const [spo2, temp0, light0] = await Promise.all(["spo2", "temp0", "light0"].map(listen));
    for (const [items, least] of [
      [spo2!, 300],
      [temp0!, 3],
      [light0!, 400],
    ] as const) {
      assert.deepEqual(
        items.filter(({ kind }) => kind === "gap"),
        [],
      );
      assert.ok(items.length >= least, `${items.length} of ${least} readings`);
    }
    const whole = spo2!.filter((item) => item.kind === "reading" && item.why === "") as SensorReading[];
    assert.ok(whole.length > 200 && whole.every(({ values }) => values[1] === 96 && values[2] === 70));
    assert.ok((temp0 as SensorReading[]).every(({ values }) => Math.abs(values[0]! - 36.6) < 0.02));
    assert.ok((light0 as SensorReading[]).every(({ values }) => values[0]! > 10_000));
  });

  it("stand still when nobody reads them", async () => {
    const light0 = board.sensor("light0");
    // The reader's end takes its way to the board.
    for (const end = Date.now() + 5000; (await light0.status()).running && Date.now() < end;)
      await new Promise((resolve) => setTimeout(resolve, 50));
    const before = await light0.status();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { running, units } = await light0.status();
    assert.deepEqual([running, units], [false, before.units]);
  });
});
