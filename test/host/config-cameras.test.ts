import assert from "node:assert/strict";
import { ConfigError, parseConfig } from "../../host/config/index.js";

const config = (board: string, camera: object, uart = "Serial1"): object => ({
  board,
  devices: { camera0: { driver: "vc0706", uart, ...camera } },
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
    const all = { baud: 57_600, size: "320x240", quality: 80, verify: true };
    for (const given of [config("espruino-wifi", all), config("pico", all), config("pico", { baud: 38_400 })])
      assert.deepEqual(parseConfig(given, { simulated: true }), given);
  });

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
      "a line that a board which polls does not hear",
      config("pico", {}),
      /^devices\.camera0: pico asks its UARTs once a turn, and at 115200 more bytes come meanwhile than are kept; what would fit: camera0 at 57600, /,
    ],
  ];
  for (const [name, given, fault] of cases)
    it(`refuses ${name}`, () => {
      const [first, ...others] = faults(given);
      assert.deepEqual(others, []);
      if (typeof fault === "string") assert.equal(first, fault);
      else assert.match(first!, fault);
    });
});
