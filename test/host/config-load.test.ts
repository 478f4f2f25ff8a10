/** What a board cannot keep up with is refused; and the rule about its queue is neither empty nor too mild. */
import assert from "node:assert/strict";
import { boards } from "../../boards/index.js";
import { EDGE_BYTES } from "../../protocols/device/demand.js";
import { ALARM_EDGES, budgetOf } from "../../host/config/budget.js";
import { ConfigError, parseConfig } from "../../host/config/index.js";
import type { Config } from "../../host/index.js";
import { Ad8232 } from "../../simulator/peripheral/sensor/ad8232.js";
import { Nonin } from "../../simulator/peripheral/sensor/nonin.js";
import { Rig, withFirmware } from "../e2e/rig.js";

/** Of a board with these devices: bits a second that leave its queue room, and that do not. */
const SLOW_LINK = 4800;
const FAST_LINK = 460_800;

/** Alarms in a run, at different moments; and in one that loses some, seldom. */
const ALARMS = 40;
const MANY_ALARMS = 160;

/** It counts edges, and says how many. */
const WATCHER = `var n=0;setWatch(function(){n++},D5,{repeat:true,edge:"both"});setWatch(function(){print(n)},D6,{edge:"rising"});`;

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

/** Without the oximeter, whose bytes come between those of the link. */
function alone(baud: number): Config {
  const { devices, ...config } = ward(baud);
  return { ...config, devices: { ecg0: devices!["ecg0"]! } };
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
 * The firmware at the board's speed and with its queue, the program that for `linux`: its sensors are recorded, a host keeps the serial link full, and now and then an
 * alarm's edges come on a pin. @returns edges that the program heard of, events that were dropped, and bytes of the queue at the most
 */
async function edgesIn(
  { links, devices }: Config,
  alarms = ALARMS,
): Promise<{ heard: number; dropped: number; most: number }> {
  const path = "/dev/null";
  const { baud } = links!.serial!;
  const own = {
    ecg0: { driver: "ad8232", pins: { out: "D1", loPlus: "D2", loMinus: "D3" } },
    spo2: { driver: "nonin", uart: "Serial3", baud: 9600, path },
  };
  const peripherals = { ecg0: new Ad8232(), spo2: new Nonin() };
  const names = Object.keys(devices!) as (keyof typeof own)[];
  const rig = new Rig({
    like: pico.id,
    links: ["serial"],
    config: { links: { serial: { uart: "Serial2", baud, path } } },
    devices: Object.fromEntries(names.map((name) => [name, own[name]])),
    peripherals: Object.fromEntries(names.map((name) => [name, peripherals[name]])),
    program: { files: { watcher: WATCHER }, start: `require("watcher");` },
  });
  const host = await rig.connect("serial");
  const abort = new AbortController();
  const reading = names.map(async (name) => {
    for await (const item of host.sensor(name).samples({ signal: abort.signal })) void item;
  });
  for (const each of reading) each.catch(() => undefined);
  const bulk = await rig.during(host.open(":discard"));
  bulk.on("error", () => undefined);
  const fill = (): void => void (bulk.write(Buffer.alloc(4096)) && fill());
  bulk.on("drain", fill);
  fill();
  await rig.run(2000);
  const { runtime } = rig.board;
  for (let alarm = 0; alarm < alarms; alarm++) {
    await rig.run(400 + 37 * (alarm % ALARMS));
    for (let i = 0; i < ALARM_EDGES; i++) rig.clock.after(i, () => runtime.pins.drive("D5", i % 2 === 0));
  }
  abort.abort();
  bulk.destroy();
  await rig.run(3000);
  runtime.pins.drive("D6", true);
  await rig.run(1000);
  rig.board.powerOff();
  return { heard: Number(rig.console.at(-1)), dropped: runtime.counters.dropped, most: runtime.mostQueued };
}

describe("what a board keeps up with", function () {
  withFirmware();
  this.timeout(20_000);

  for (const [title, config] of [
    ["an ECG", alone(38_400)],
    ["an ECG and an oximeter", ward(SLOW_LINK)],
  ] as const)
    it(`has room in its queue for an alarm beside ${title} and a serial link that is kept full`, async () => {
      const { fill, room } = budgetOf(config, pico);
      assert.ok(fill <= room, `${fill} of ${room}`);
      const { heard, dropped, most } = await edgesIn(config);
      assert.deepEqual({ heard, dropped }, { heard: ALARMS * ALARM_EDGES, dropped: 0 });
      // Were it far less, more would fit; a link's work is counted as one turn, and takes several.
      const counted = fill + ALARM_EDGES * EDGE_BYTES;
      assert.ok(most <= counted && most > counted / 3, `${most} B waited, ${counted} by the budget`);
    });

  it("would lose an alarm's edges in a configuration that is refused for it", async () => {
    const fast = ward(FAST_LINK);
    const { fill, room } = budgetOf(fast, pico);
    assert.ok(fill > room, `${fill} of ${room}`);
    const { heard, dropped } = await edgesIn(fast, MANY_ALARMS);
    assert.ok(dropped > 0 && heard < MANY_ALARMS * ALARM_EDGES, `${heard} edges, ${dropped} events dropped`);
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
    assert.match(
      faults(config).join("\n"),
      /^devices: take \d+ % of the time of pico-wiznet, and 70 % is the most \(ecg0 \d+ %, ecg1/m,
    );
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
      ["A0", "A1", "A4", "A5", "A6", "A7"].map((out, i) => [
        `ecg${i}`,
        { driver: "ad8232", rate: 1000, pins: { out } } as const,
      ]),
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
