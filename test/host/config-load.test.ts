/** What a board cannot keep up with is refused; and the rule about its queue is neither empty nor too mild. */
import assert from "node:assert/strict";
import { boards } from "../../boards/index.js";
import { ALARM_EDGES, budgetOf } from "../../host/config/budget.js";
import { ConfigError, parseConfig } from "../../host/config/index.js";
import type { Config } from "../../host/index.js";
import { UartWire } from "../../simulator/wire.js";
import { run } from "../simulator/board.js";
import { limitsOf } from "../../simulator/runtime/limits.js";

const pico = boards.find(({ id }) => id === "pico-wiznet")!;

/** An ECG, and an oximeter that sends by itself, beside a serial link. */
function ward(baud: number): Config {
  return {
    board: "pico-wiznet",
    links: { serial: { uart: "Serial1", baud, trusted: true } },
    devices: {
      ecg0: { driver: "ad8232", pins: { out: "A0", loPlus: "A1", loMinus: "A4" } },
      spo2: { driver: "nonin", uart: "Serial2" },
    },
  };
}

function faults(config: Config): string[] {
  try {
    parseConfig(config, { simulated: true });
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.faults.map(({ path, problem }) => `${path}: ${problem}`);
  }
  return [];
}

/**
 * The worst that the configuration allows comes while the board is busy for as long as it can be: the link's window, the oximeter's frames, and last of all
 * the alarm's edges.
 */
async function edgesIn(config: Config): Promise<number> {
  const { turn } = budgetOf(config, pico);
  const limits = limitsOf(pico);
  const { baud } = config.links!.serial!;
  const board = run(
    `var n=0;setWatch(function(){n++},A1,{repeat:true,edge:"both"});Serial1.on("data",function(){});Serial1.setup(${baud});
     Serial2.on("data",function(){});Serial2.setup(9600);setTimeout(function(){print(n)},900)`,
    { limits: { ...limits, console: "USB" }, baud },
  );
  const oximeter = new UartWire(9600, board.clock);
  board.runtime.attach("Serial2", oximeter.board);
  board.runtime.run("Serial2.setup(9600)");
  await board.clock.run(5);
  board.runtime.busy(turn);
  board.wire.peripheral.write(new Uint8Array(pico.window * (pico.serialPayload + 12)));
  for (let at = 0; at < turn; at += 1000 / 75)
    board.clock.after(at, () => void oximeter.peripheral.write(Uint8Array.of(1, 0x80, 1, 0, 0x82)));
  for (let i = 0; i < ALARM_EDGES; i++)
    board.clock.after(turn - ALARM_EDGES + i - 0.5, () => board.runtime.pins.drive("A1", i % 2 === 0));
  await board.clock.run(1000);
  return Number(board.lines.at(-1));
}

describe("what a board keeps up with", () => {
  it("has room in its queue for an alarm beside all that a configuration allows", async () => {
    const slow = ward(SLOW_LINK);
    const { fill, room } = budgetOf(slow, pico);
    assert.ok(fill <= room, `${fill} of ${room}`);
    assert.equal(await edgesIn(slow), ALARM_EDGES);
  });

  it("would lose an alarm's edges in a configuration that is refused for it", async () => {
    const fast = ward(FAST_LINK);
    const { fill, room } = budgetOf(fast, pico);
    assert.ok(fill > room, `${fill} of ${room}`);
    assert.ok((await edgesIn(fast)) < ALARM_EDGES);
    const fault =
      /links\.serial: while the board is busy for \d+ ms, \d+ bytes come into its queue of 1024, and 924 may be there beside an alarm's interrupt; what would fit: links\.serial at \d+/;
    assert.match(faults(fast).join("\n"), fault);
  });

  it("is asked nothing of where no interrupt is at stake", () => {
    const printer = { driver: "escpos", uart: "Serial2", baud: 115_200 } as const;
    assert.deepEqual(faults({ ...ward(FAST_LINK), devices: { printer0: printer } }), []);
  });

  it("refuses more than 70 % of the board's time, and says which device is how much of it", () => {
    const devices = Object.fromEntries(
      ["A0", "A1", "A4"].map((out, i) => [`ecg${i}`, { driver: "ad8232", rate: 1000, pins: { out } } as const]),
    );
    const spo2 = { driver: "nonin", uart: "Serial2" } as const;
    const light0 = { driver: "max30102", bus: "i2c0", rate: 400, pins: { int: "A5" } } as const;
    const config = {
      board: "pico-wiznet",
      buses: { i2c0: { port: "I2C1" } },
      devices: { ...devices, spo2, light0 },
    } as const satisfies Config;
    const [first] = faults(config);
    assert.match(first!, /^devices: take \d+ % of the time of pico-wiznet, and 70 % is the most \(ecg0 \d+ %, ecg1/);
    // A PC has time for it.
    assert.ok(
      budgetOf(
        config,
        boards.find(({ id }) => id === "linux")!,
      ).time < 30,
    );
  });

  it("names what would fit, and takes it", () => {
    const config = (rate: 50 | 400): Config => ({
      board: "pico-wiznet",
      buses: { i2c0: { port: "I2C1" } },
      devices: { light0: { driver: "max30102", bus: "i2c0", rate, pins: { int: "A5" } } },
    });
    assert.deepEqual(faults(config(50)), []);
    const told = faults(config(400));
    const rate = /what would fit: light0 at (\d+) a second/.exec(told.join("\n"))?.[1];
    assert.ok(rate, told.join("\n"));
    assert.deepEqual(faults(config(Number(rate) as 50)), []);
  });

  it("does not let others keep a converter waiting until its buffer is overwritten", () => {
    const ecgs = Object.fromEntries(
      ["A0", "A1", "A4", "A5", "A6", "A7"].map((out, i) => [`ecg${i}`, { driver: "ad8232", pins: { out } } as const]),
    );
    const told = faults({ board: "pico-wiznet", devices: ecgs });
    assert.ok(
      told.some((fault) =>
        /^devices\.ecg5: the board may be busy with others for \d+ ms, and after \d+ its buffer/.test(fault),
      ),
      told.join("\n"),
    );
  });

  it("asks the UARTs of a board that polls them often enough", () => {
    const others = Object.fromEntries(
      ["D26", "D27"].map((out, i) => [`ecg${i}`, { driver: "ad8232", pins: { out } } as const]),
    );
    const spo2 = { driver: "nonin", uart: "Serial1" } as const;
    const lights = { light0: { driver: "max30102", bus: "i2c0", pins: { int: "D15" } } } as const;
    const config = {
      board: "pico",
      buses: { i2c0: { port: "I2C1" } },
      devices: { ...others, ...lights, spo2 },
    } as const;
    assert.match(
      faults(config).join("\n"),
      /pico asks its UARTs once a turn, and in one of \d+ ms \d+ bytes come, 32 are kept/,
    );
  });
});

/** Of a board with these devices: bits a second that leave its queue room, and that do not. */
const SLOW_LINK = 19_200;
const FAST_LINK = 230_400;
