/** One sensor on the emulated Pico, `s0`, and a host: test/e2e/sensor-faults.ts. */
import type { Program } from "../../simulator/simulation.js";
import { board } from "../../boards/pico.js";
import { HELD_MS, HOLDER } from "../e2e/sensor-faults.js";
import type { Bench, PlaceOptions } from "../e2e/sensor-faults.js";
import type { DEVICES } from "../e2e/sensor-listener.js";
import type { Peripheral } from "../../simulator/peripheral/index.js";
import { firmwareOn } from "./rig.js";
import type { PicoRig } from "./rig.js";

const PICO_DEVICES: Record<keyof typeof DEVICES, { driver: string; [setting: string]: unknown }> = {
  nonin: { driver: "nonin", uart: "Serial1", baud: 9600 },
  cms50: { driver: "cms50", uart: "Serial2", baud: 19_200 },
  max30102: { driver: "max30102", bus: "i2c0", rate: 100, pins: { int: "D14" } },
  mlx90614: { driver: "mlx90614", bus: "i2c0", rate: 4 },
  ds18b20: { driver: "ds18b20", pins: { data: "D15" } },
  ad8232: { driver: "ad8232", rate: 250, pins: { out: "D26", loPlus: "D2", loMinus: "D3" } },
  analyser: { driver: "analyser", uart: "Serial1", baud: 9600 },
};

/** While the first pin is high the interpreter does nothing else; each edge of the second one waits in its queue. */
const STALL = "D22";
const EDGES = "D21";
const STALLER: Program = {
  files: {
    staller:
      `setWatch(function(){while(digitalRead(${STALL}));},${STALL},{repeat:true,edge:"rising"});` +
      `setWatch(function(){},${EDGES},{repeat:true,edge:"both"});`,
  },
  start: `require("staller");`,
};
/** An edge takes 6 bytes of the queue's 4,096. */
const MANY_EDGES = 900;
const EDGE_MS = 0.2;

export interface PicoBench extends Bench {
  readonly rig: PicoRig;
}

export async function placeOnPico(
  driver: keyof typeof DEVICES,
  peripheral: Peripheral,
  { rate, holder = false }: PlaceOptions = {},
): Promise<PicoBench> {
  const device = { ...PICO_DEVICES[driver], ...(rate !== undefined && { rate }) };
  const rig = firmwareOn({
    config: { board: "pico", buses: { i2c0: { port: "I2C1", bitrate: 100_000 } }, devices: { s0: device } },
    peripherals: { s0: peripheral },
    program: holder ? HOLDER : STALLER,
  });
  const { machine } = rig;
  machine.pins.drive(STALL, false);
  machine.pins.drive(EDGES, false);
  const host = await rig.connect();
  const stall = async (ms: number): Promise<void> => {
    machine.pins.drive(STALL, true);
    await rig.pass(ms);
    machine.pins.drive(STALL, false);
  };
  return {
    rig,
    host,
    clock: machine.time,
    doubtful: board.uartFifo,
    pass: (ms) => rig.pass(ms),
    during: (work) => rig.during(work),
    stall,
    flood: async () => {
      for (let i = 1; i <= MANY_EDGES; i++)
        machine.time.after(10 + i * EDGE_MS, () => machine.pins.drive(EDGES, i % 2 === 1));
      await stall(20 + MANY_EDGES * EDGE_MS);
    },
    held: () => rig.pass(HELD_MS - machine.time.now()),
    end: () => rig.during(host.close()),
  };
}
