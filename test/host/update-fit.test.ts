/** Which build `devsock update` gives a board that runs one: with the firmware as it is built. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { readManifest } from "../../boards/built.js";
import { boards, bundleOf } from "../../boards/index.js";
import { sizesIn, storageOf } from "../../host/config/storage.js";
import { fitFor } from "../../host/flash/fit.js";
import type { Config } from "../../host/index.js";

const FIRMWARE = fileURLToPath(new URL("../../dist/firmware", import.meta.url));
const board = boards.find(({ id }) => id === "espruino-wifi")!;
const key = "2f".repeat(32);

const printer0 = { driver: "escpos", uart: "Serial1", baud: 9600 };
const ecg0 = { driver: "ad8232", pins: { out: "A0", loPlus: "A1", loMinus: "B10" } };
const spo2 = { driver: "max30102", bus: "i2c0", rate: 50, pins: { int: "A8" } };
const buses = { i2c0: { port: "I2C1", pins: { scl: "B8", sda: "B9" } } };
const configOf = (devices: object, more = {}): Config =>
  ({ board: board.id, key, network: { ssid: "lab" }, links: { tcp: { port: 9180 } }, devices, ...more }) as Config;

/** @param running the bundle in slot a, and its checksum if that is not what was built */
function updated(running: string, config: Config, crc?: number): Promise<string> {
  const built = readManifest(FIRMWARE, board.id)[`${running}.js`]!;
  const there = { length: built.length, crc: () => Promise.resolve(crc ?? built.crc) };
  return fitFor(config, board, there, FIRMWARE).then(({ build }) => bundleOf(board, build));
}

const flashed = (config: Config): string => bundleOf(board, storageOf(config, board, sizesIn(FIRMWARE))!.build);

describe("the build that an update gives a board", () => {
  it("is the one that runs, as long as that has what is asked for", async () => {
    const both = configOf({ printer0, ecg0, spo2 }, { buses });
    const one = configOf({ printer0 });
    assert.notEqual(flashed(both), flashed(one));
    assert.equal(await updated(flashed(both), one), flashed(both));
    const peers = configOf({ printer0 }, { peers: { ward3: { address: "192.168.1.7:9180", key } } });
    assert.equal(await updated(flashed(peers), one), flashed(peers));
  });

  it("is another one where it has not, or where what runs is of another version", async () => {
    const sensors = configOf({ ecg0 });
    const printer = configOf({ printer0 });
    assert.equal(await updated(flashed(sensors), printer), flashed(printer));
    assert.equal(await updated(flashed(configOf({ printer0, ecg0 })), printer, 1), flashed(printer));
  });
});
