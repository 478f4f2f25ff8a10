/** Which firmware a configuration gets, and what is refused as its board's Storage has no room for it: with the firmware as it is built. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { boards, fitOf } from "../../boards/index.js";
import type { Wanted } from "../../boards/index.js";
import { sizesIn, storageOf } from "../../host/config/storage.js";
import { readFirmware } from "../../host/flash/files.js";
import { planOf } from "../../host/flash/plan.js";
import { describeRoom, parseConfig } from "../../host/index.js";
import type { Config } from "../../host/index.js";

const firmware = fileURLToPath(new URL("../../dist/firmware", import.meta.url));
const key = "8f3c1d2e4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";
const links = { tcp: { port: 9180 } };
const udp = { udp: { port: 9180 } };
const raw = { service: "raw", device: "printer0", port: 9100 };
const http = { service: "http", device: "camera0", port: 80 };

const bedside = {
  ...{ board: "pico-wiznet", key, links },
  buses: { i2c0: { port: "I2C1", pins: { scl: "B8", sda: "B9" } } },
  devices: {
    printer0: { driver: "escpos", uart: "Serial2", baud: 9600 },
    ecg0: { driver: "ad8232", pins: { out: "A0", loPlus: "A1", loMinus: "A4" } },
    spo2: { driver: "max30102", bus: "i2c0", rate: 50, pins: { int: "A5" } },
  },
};

const cctv = {
  ...{ board: "espruino-wifi", key, network: { ssid: "ward" }, links },
  buses: {
    i2c0: { port: "I2C1", pins: { scl: "B8", sda: "B9" } },
    spi0: { port: "SPI1", cs: ["A4"], bitrate: 4_000_000 },
  },
  devices: { camera0: { driver: "ov2640", spi: "spi0", cs: 0, i2c: "i2c0" } },
};

const ECG_OF_AN_STM32 = { driver: "ad8232", pins: { out: "A0", loPlus: "A1", loMinus: "B10" } };
const ECG_OF_AN_NRF52 = { driver: "ad8232", pins: { out: "D3", loPlus: "D4", loMinus: "D5" } };

const parse = (config: object): Config => parseConfig(config, { firmware });
const lineOf = (config: object, begin: string): string =>
  describeRoom(parse(config), firmware).find((line) => line.startsWith(begin)) ?? "";
const room = (config: object): string => lineOf(config, "Storage: ");

describe("room in a board's Storage", () => {
  it("is made by leaving out what a configuration does not ask for", () => {
    const { printer0 } = bedside.devices;
    const printer = { board: "pico-wiznet", key, links, devices: { printer0 }, endpoints: [raw] };
    assert.match(
      room(printer),
      /^Storage: 4\d{4} of 49152 bytes, with the firmware pico-wiznet-plain, without transactions, settings of devices, leases; HTTP/,
    );
    assert.match(room({ ...printer, links: udp }), /pico-wiznet-plain, without transactions/);
    assert.match(room(bedside), /pico-wiznet-lean, without raw ports; UDP; serial links; transactions,/);
    assert.match(room({ ...bedside, endpoints: [raw] }), /pico-wiznet-raw-unwatched, without UDP; transactions,/);
    const wide = { ...cctv, devices: { ...cctv.devices, printer0: { ...printer0, uart: "Serial1" } }, inet: true };
    assert.match(room(wide), /with the firmware espruino-wifi-inet, without ids of jobs; /);
    assert.match(
      room({ ...wide, devices: { ...wide.devices, ecg0: ECG_OF_AN_STM32 } }),
      /with the firmware espruino-wifi-tcp-unwatched, without UDP; discovery; a watchdog .*; a second slot; its console over a session; /,
    );
  });

  it("is for a second slot first, so that the configuration is updated over the link", () => {
    const { printer0, ecg0, spo2 } = bedside.devices;
    const sensors = {
      ecg0: { ...ecg0, pins: { ...ecg0.pins, loMinus: "B10" } },
      spo2: { ...spo2, pins: { int: "A8" } },
    };
    const buses = { i2c0: bedside.buses.i2c0 };
    const printer = { printer0: { ...printer0, uart: "Serial1" } };
    for (const [config, build] of [
      [{ ...cctv, buses, devices: sensors }, "espruino-wifi-sensors"],
      [{ ...cctv, links: udp, endpoints: [http], inet: true }, "espruino-wifi-sensors"],
      [{ ...cctv, buses, devices: { ...sensors, ...printer } }, "espruino-wifi-slots"],
      [{ ...cctv, devices: { ...cctv.devices, ...printer } }, "espruino-wifi"],
      [{ ...bedside, devices: { ecg0, spo2 } }, "pico-wiznet-slots"],
    ] as const) {
      assert.match(room(config), new RegExp(`the firmware ${build}, `));
      assert.doesNotMatch(room(config), /a second slot/);
    }
  });

  it("is for a watchdog then: a build without one is for what leaves no room for it", () => {
    const { printer0 } = bedside.devices;
    const crowded = { ...bedside, endpoints: [raw] };
    const unwatched = /a watchdog and a new start after a crash/;
    for (const config of [
      { board: "pico-wiznet", key, links, devices: { printer0 }, endpoints: [raw] },
      bedside,
      { board: "mdbt42q", links: { tcp: { port: 9180, insecure: true } }, devices: { ecg0: ECG_OF_AN_NRF52 } },
      { board: "microbit2", links: { serial: { uart: "Serial1", baud: 115_200 } } },
      { ...cctv, links: udp, endpoints: [http] },
    ])
      assert.doesNotMatch(room(config), unwatched, JSON.stringify(config));
    assert.match(room(crowded), unwatched);
    const warned = (config: object): string => lineOf(config, "no watchdog, ");
    const raw9100 = { board: "pico-wiznet", key, links, devices: { printer0 }, endpoints: [raw] };
    assert.match(
      warned(crowded),
      /stays so until its power is taken away; there is one without endpoints\[0\], or without devices\.printer0, or without devices\.ecg0$/,
    );
    assert.match(
      warned({ ...raw9100, buses: { i2c0: { port: "I2C1" } } }),
      /there is one without endpoints\[0\], or without devices\.printer0, or without buses\.i2c0$/,
    );
    assert.equal(warned(raw9100), "");
  });

  it("is what an empty Storage has when it is flashed: with a printer, and without a device", () => {
    for (const board of boards.filter(({ refuses }) => refuses === undefined))
      for (const driver of [undefined, "escpos"]) {
        const uart = Object.keys(board.uarts).find((name) => name !== "USB");
        const devices = driver ? { printer0: { driver, uart, baud: 115_200 } } : {};
        const config = { board: board.id, key, network: { ssid: "ward", password: "at the bed" }, devices } as Config;
        const fit = storageOf(config, board, sizesIn(firmware));
        // Its builds have no printers.
        if (!fit) continue;
        const { build, fits } = fit;
        const found = { total: board.storage, free: board.storage, trash: 0, files: new Map<string, never>() };
        const files = readFirmware(firmware, board, build, config);
        const { missing } = planOf(found, undefined, files, config, build.features.includes("slots"));
        assert.ok(fits && missing <= 0, `${board.id} ${build.name} with ${driver ?? "nothing"}: ${missing} B too few`);
      }
    const { printer0 } = bedside.devices;
    const printer = { ...cctv, buses: {}, devices: { printer0: { ...printer0, uart: "Serial1" } } };
    assert.match(
      room(printer),
      /^Storage: 5\d{4} of 65536 bytes, with the firmware espruino-wifi, without sockets of its network;/,
    );
  });

  it("is that of a bus for transactions, when no device has it", () => {
    const { devices, ...others } = bedside;
    assert.match(room({ ...others, devices: { printer0: devices.printer0 } }), /the firmware pico-wiznet-buses,/);
    assert.throws(() => parse({ ...bedside, buses: { ...bedside.buses, spi0: { port: "SPI1" } } }), /buses\.spi0/);
  });

  it("is refused when no firmware leaves enough, with what would", () => {
    const thermometers = {
      temp0: { driver: "mlx90614", bus: "i2c0" },
      temp1: { driver: "ds18b20", pins: { data: "A6" } },
    };
    assert.throws(
      () => parse({ ...bedside, devices: { ...bedside.devices, ...thermometers }, endpoints: [raw] }),
      /its devices take 50\d{3} B of Storage, .* and pico-wiznet has 49152; enough would be all but endpoints\[0\], or but devices\.printer0, or /,
    );
    assert.throws(
      () => parse({ ...bedside, links: { ...links, ...udp } }),
      /pico-wiznet has 49152; enough would be all but links\.udp, or but devices/,
    );
    const both = { ...cctv.devices, printer0: { ...bedside.devices.printer0, uart: "Serial1" }, ecg0: ECG_OF_AN_STM32 };
    assert.throws(
      () => parse({ ...cctv, links: udp, devices: both, inet: true }),
      /enough would be all but inet, or but devices\.camera0, or but devices\.printer0/,
    );
  });

  it("is not asked for of a simulated board", () => {
    assert.ok(parseConfig({ ...bedside, endpoints: [raw] }, { firmware, simulated: true }));
  });

  it("counts a configuration twice where there are slots, and each file's entry", () => {
    const board = boards.find(({ id }) => id === "pico-wiznet")!;
    const sizeOf = (file: string): number => (file.endsWith("boot.js") ? 0 : 1000);
    const wanted: Wanted = { devices: { temp0: { driver: "mlx90614" } } };
    const single = { ...board, builds: board.builds.filter(({ features }) => !features.includes("slots")) };
    // Firmware, its start, mlx90614 and sensors, and 41 characters that take 44.
    assert.equal(fitOf(single, wanted, [41], sizeOf)!.bytes, 3 * 1000 + 44 + 5 * 32);
    const two = boards.find(({ id }) => id === "linux")!;
    assert.equal(fitOf(two, wanted, [41, 5], sizeOf)!.bytes, 3 * 1000 + 2 * 44 + 2 * 8 + 8 * 32);
    const least = board.storage - 4 * 32 - 2 * 1000 - 44;
    const big = (file: string): number => (/^[\w-]+\.js$/.test(file) ? least - 32 : 1000);
    const start = (size: number) => (file: string) => (file.endsWith("boot.js") ? size : big(file));
    assert.equal(fitOf(single, wanted, [41], start(0))!.fits, true);
    assert.equal(fitOf(single, wanted, [41], start(1))!.fits, false);
    assert.equal(fitOf(single, wanted, [41], start(0), () => false)!.fits, false);
  });
});
