import assert from "node:assert/strict";
import { ConfigError, parseConfig } from "../../host/config/index.js";

const ward = {
  board: "espruino-wifi",
  buses: { i2c0: { port: "I2C1", pins: { scl: "B8", sda: "B9" } } },
  devices: {
    light0: { driver: "max30102", bus: "i2c0", pins: { int: "B1" } },
    temp0: { driver: "mlx90614", bus: "i2c0" },
  },
};

const cabled = {
  board: "pico-wiznet",
  devices: {
    spo2: { driver: "nonin", uart: "Serial2" },
    lab0: { driver: "analyser", uart: "Serial1", pins: { tx: "B6", rx: "B7" } },
  },
};

/** Whatever a test changes of a configuration. */
type Loose = { [key: string]: any };

function faults(base: object, change: (config: Loose) => void): string[] {
  const config = structuredClone(base) as Loose;
  change(config);
  try {
    parseConfig(config, { simulated: true });
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.faults.map(({ path, problem }) => `${path}: ${problem}`);
  }
  return [];
}

describe("configuration of sensors", () => {
  it("takes what their wires can carry", () => {
    for (const config of [ward, cabled]) assert.deepEqual(parseConfig(config, { simulated: true }), config);
    const fast = (c: Loose): void => {
      delete c["devices"].temp0;
      c["buses"].i2c0.bitrate = 400_000;
      c["devices"].light0.rate = 100;
    };
    assert.deepEqual(faults(ward, fast), []);
    // Both know one address only: each has a bus of its own.
    const two = (c: Loose): void => {
      delete c["devices"].light0;
      c["buses"].i2c1 = { port: "I2C2" };
      c["devices"].temp1 = { driver: "mlx90614", bus: "i2c1" };
    };
    assert.deepEqual(faults(ward, two), []);
  });

  const cases: [string, object, (config: Loose) => void, string][] = [
    [
      "two chips at one address of a bus",
      ward,
      (c) => (c["devices"].temp1 = { driver: "mlx90614", bus: "i2c0" }),
      "devices.temp1.bus: address 90 on i2c0 is that of temp0; hang it on another bus",
    ],
    [
      "a bus that is too fast for SMBus",
      ward,
      (c) => (c["buses"].i2c0.bitrate = 400_000),
      "buses.i2c0.bitrate: temp0 takes at most 100000 bits a second, not 400000; lower it, or hang temp0 on another bus",
    ],
    [
      "a bus that is too slow for what is read on it",
      ward,
      (c) => {
        delete c["devices"].temp0;
        c["buses"].i2c0.bitrate = 1000;
        c["devices"].light0.rate = 400;
      },
      "buses.i2c0.bitrate: 1000 bits a second would be taken to 2436 % by light0, and 70 % is the most; " +
        "give it 35000, or the devices a lower rate",
    ],
    [
      "a line that is slower than its device",
      cabled,
      (c) => (c["devices"].spo2.baud = 1200),
      "devices.spo2.baud: 1200 bits a second carry 24 of its 75 frames a second; it sends at 9600",
    ],
    [
      "an analyser that is never heard",
      cabled,
      (c) => delete c["devices"].lab0.pins.rx,
      "devices.lab0.pins.rx: is missing: results come on it",
    ],
    [
      "an analyser that is never answered",
      cabled,
      (c) => delete c["devices"].lab0.pins.tx,
      "devices.lab0.pins.tx: is missing: results are acknowledged on it",
    ],
  ];
  for (const [name, base, change, fault] of cases)
    it(`refuses ${name}`, () => assert.deepEqual(faults(base, change), [fault]));
});
