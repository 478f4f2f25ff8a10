import assert from "node:assert/strict";
import { ConfigError, parseConfig } from "../../host/config/index.js";

const config = (board: string, camera: object, uart = "Serial1"): object => ({
  board,
  devices: { camera0: { driver: "vc0706", uart, ...camera } },
});

/** On buses, of which one thing is otherwise. */
const onBuses = (
  board: string,
  camera: object = {},
  spi: object = {},
  i2c: object = {},
  more: object = {},
): object => ({
  board,
  buses: {
    spi0: { port: "SPI1", bitrate: 4_000_000, cs: [board === "pico" ? "D5" : "A4"], ...spi },
    i2c0: { port: "I2C1", ...(board !== "pico" && { pins: { scl: "B8", sda: "B9" } }), ...i2c },
  },
  devices: { camera0: { driver: "ov2640", spi: "spi0", i2c: "i2c0", ...camera }, ...more },
});

function faults(given: object): string[] {
  try {
    parseConfig(given, { simulated: true });
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.faults.map(({ path, problem }) => `${path}: ${problem}`);
  }
  return [];
}

describe("configuration of cameras", () => {
  it("takes a camera where its line can be heard", () => {
    const all = { baud: 19_200, size: "320x240", quality: 80, verify: true, part: 512 };
    const fast = [config("espruino-wifi", { baud: 115_200 }), config("pico-wiznet", { baud: 115_200 })];
    for (const given of [...fast, config("espruino-wifi", all), config("pico", all), config("pico", {})])
      assert.deepEqual(parseConfig(given, { simulated: true }), given);
  });

  it("takes a camera on SPI and I2C, beside others there", () => {
    const light0 = { driver: "max30102", bus: "i2c0" };
    for (const given of [
      onBuses("espruino-wifi", { cs: 0, size: "640x480", quality: 70 }),
      onBuses("espruino-wifi", { cs: 1 }, { cs: ["A4", "A0"] }, {}, { light0 }),
      onBuses("pico"),
    ])
      assert.deepEqual(parseConfig(given, { simulated: true }), given);
  });

  it("takes a printer, a camera, an ECG and an oximeter at once on an espruino-wifi", () => {
    const given = onBuses(
      "espruino-wifi",
      { cs: 0 },
      { cs: ["B15"] },
      {},
      {
        printer0: { driver: "escpos", uart: "Serial1", baud: 115_200 },
        ecg0: { driver: "ad8232", pins: { out: "A0", loPlus: "A1", loMinus: "B10" } },
        spo2: { driver: "max30102", bus: "i2c0", pins: { int: "A8" } },
      },
    );
    assert.deepEqual(parseConfig(given, { simulated: true }), given);
  });

  const second = { driver: "ov2640", spi: "spi0", i2c: "i2c0" };
  const twoOf = (given: object): object => {
    const { buses } = given as { buses: object };
    return { ...given, buses: { ...buses, i2c1: { port: "I2C2" } } };
  };
  const cases: [string, object, string | RegExp][] = [
    [
      "a size that it cannot do",
      config("espruino-wifi", { size: "800x600" }),
      'devices.camera0.size: must be one of 640x480, 320x240, 160x120, not "800x600"',
    ],
    [
      "a speed that it cannot be raised to",
      config("espruino-wifi", { baud: 230_400 }),
      "devices.camera0.baud: must be one of 115200, 57600, 38400, 19200, 9600, not 230400",
    ],
    [
      "one that is never answered",
      config("espruino-wifi", { pins: { rx: "B7" } }),
      'devices.camera0.pins.tx: is missing: give the name of a pin, such as "B6"',
    ],
    [
      "HTTP of what is no camera",
      {
        board: "linux",
        devices: { spo2: { driver: "nonin", uart: "Serial1" } },
        endpoints: [{ service: "http", device: "spo2", port: 80 }],
      },
      "endpoints[0].device: spo2 is no camera; http is for one, and hosts reach the others over a link",
    ],
    [
      "settings of a raw port for HTTP",
      { ...config("linux", {}), endpoints: [{ service: "http", device: "camera0", port: 80, idle: 5 }] },
      "endpoints[0].idle: is for raw ports; remove it",
    ],
    [
      "HTTP where there is no network",
      { ...config("pico", { baud: 38_400 }), endpoints: [{ service: "http", device: "camera0", port: 80 }] },
      "endpoints: pico has no network; remove endpoints, and links.tcp",
    ],
    [
      "HTTP beside a link on the only port",
      {
        ...config("espruino-wifi", {}),
        links: { tcp: { port: 9180, insecure: true } },
        endpoints: [{ service: "http", device: "camera0", port: 80 }],
      },
      /^endpoints: espruino-wifi can listen on 1 TCP port at once, and 2 are asked for; /,
    ],
    [
      "a line that a board which polls does not hear",
      config("pico", { driver: "ov528" }),
      /^devices\.camera0: pico asks its UARTs once a turn, and at 115200 more bytes come meanwhile than are kept; what would fit: camera0 at 19200, /,
    ],
    [
      "a part that is none of its camera",
      config("nucleo-f411", { part: 1020 }, "Serial6"),
      "devices.camera0.part: must be a multiple of 8, not 1020",
    ],
    [
      "parts that do not fit beside an oximeter",
      {
        board: "nucleo-f411",
        devices: {
          camera0: { driver: "vc0706", uart: "Serial6" },
          spo2: { driver: "nonin", uart: "Serial1" },
        },
      },
      /^devices: while the board is busy for \d+ ms, \d+ bytes come into its queue of 1024, .*; what would fit: camera0 in parts of 512, /,
    ],
    [
      "an SPI bus that there is not",
      onBuses("espruino-wifi", { spi: "spi1" }),
      "devices.camera0.spi: there is no SPI bus spi1; there are spi0",
    ],
    [
      "images from I2C",
      onBuses("espruino-wifi", { spi: "i2c0" }),
      "devices.camera0.spi: there is no SPI bus i2c0; there are spi0",
    ],
    [
      "an I2C bus that there is not",
      onBuses("espruino-wifi", { i2c: "i2c1" }),
      "devices.camera0.i2c: there is no I2C bus i2c1; there are i2c0",
    ],
    [
      "one without its I2C bus",
      onBuses("espruino-wifi", { i2c: undefined }),
      'devices.camera0.i2c: is missing: give the name of a bus under "buses"',
    ],
    [
      "a bus that selects nobody",
      onBuses("espruino-wifi", {}, { cs: undefined }),
      "buses.spi0.cs: is missing: give a list with the pin that selects camera0",
    ],
    [
      "a pin that the bus has not",
      onBuses("espruino-wifi", { cs: 1 }),
      "devices.camera0.cs: spi0 has 1 pin in its cs, counted from 0; name one of them",
    ],
    [
      "two on one I2C bus",
      onBuses("espruino-wifi", {}, { cs: ["A4", "A0"] }, {}, { camera1: { ...second, cs: 1 } }),
      "devices.camera1.i2c: address 48 on i2c0 is that of camera0; hang it on another bus",
    ],
    [
      "two with one pin",
      twoOf(onBuses("espruino-wifi", {}, {}, {}, { camera1: { ...second, i2c: "i2c1" } })),
      "devices.camera1.cs: pin 0 of spi0 is that of camera0; give it another one",
    ],
    [
      "SPI that it does not hear",
      onBuses("espruino-wifi", {}, { bitrate: 10_000_000 }),
      "buses.spi0.bitrate: camera0 hears at most 8000000 bits a second, not 10000000; lower it",
    ],
    [
      "SPI of another mode",
      onBuses("espruino-wifi", {}, { mode: 3 }),
      "buses.spi0.mode: camera0 hears mode 0, not 3; remove it",
    ],
    [
      "I2C that its sensor does not hear",
      onBuses("espruino-wifi", {}, {}, { bitrate: 400_000 }),
      "buses.i2c0.bitrate: camera0 takes at most 100000 bits a second, not 400000; lower it, or hang camera0 on another bus",
    ],
    [
      "a size of its sensor that its registers are not known for",
      onBuses("espruino-wifi", { size: "1600x1200" }),
      /^devices.camera0.size: /,
    ],
  ];
  it("takes HTTP of a camera", () => {
    const http = [{ service: "http", device: "camera0", port: 80 }];
    const given = { ...config("linux", { path: "/dev/ttyUSB0" }), endpoints: http };
    assert.deepEqual(parseConfig(given), given);
  });

  for (const [name, given, fault] of cases)
    it(`refuses ${name}`, () => {
      const [first, ...others] = faults(given);
      assert.deepEqual(others, []);
      if (typeof fault === "string") assert.equal(first, fault);
      else assert.match(first!, fault);
    });
});
