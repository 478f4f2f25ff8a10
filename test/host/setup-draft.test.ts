import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { boards, ConfigError, devicesFor, DevsockError, draft } from "../../host/index.js";
import type { DeviceWish, Draft } from "../../host/index.js";

const FIRMWARE = fileURLToPath(new URL("../../dist/firmware/", import.meta.url));
const KEY = "ab".repeat(32);

function of(board: string, devices: DeviceWish[], more: object = {}): Draft {
  const { crypto, network } = boards.find(({ id }) => id === board)!;
  const open = !crypto && network.sockets > 0 ? { insecure: true } : {};
  const ssid = network.module === "Wifi" ? { ssid: "lab" } : {};
  const secrets = crypto ? { key: KEY, wifiPassword: "of the lab" } : {};
  return draft({ board, name: "desk", ...ssid, ...open, devices, ...more }, secrets, FIRMWARE);
}

const wish = (driver: string, settings: Record<string, string> = {}): DeviceWish => ({ driver, settings });

describe("the draft of a board's configuration", () => {
  for (const board of boards.filter(({ builds }) => builds.length > 0))
    it(`${board.id}: each device by itself, and two together, with no pin twice`, () => {
      const path: Record<string, string> = board.paths ? { path: "/dev/ttyUSB0" } : {};
      const drivers = devicesFor(board).map(({ driver }) => driver);
      assert.ok(board.pins === "" || drivers.length > 0);
      let pairs = 0;
      for (const one of drivers)
        for (const two of [undefined, ...drivers.filter((each) => each !== one)]) {
          const second = two === undefined ? [] : [wish(two, board.paths ? { path: "/dev/ttyUSB1" } : {})];
          let made: Draft;
          try {
            made = of(board.id, [wish(one, path), ...second]);
          } catch (error) {
            // No place, no room, or not the time for both of them, and that is said; but nothing that was chosen is wrong.
            assert.ok(error instanceof DevsockError && error.code === "EINVAL", String(error));
            const said =
              error instanceof ConfigError ? error.faults.map(({ problem }) => problem).join() : error.message;
            assert.match(
              said,
              /no place for|B of Storage|no room for it|what would fit|enough would be|choose among/,
              `${one} ${two} ${said}`,
            );
            continue;
          }
          pairs++;
          assert.equal(JSON.stringify(made.config).includes(KEY), false);
          const pins = made.wires.flatMap(({ wires }) => wires.filter(([, signal]) => !/^s(cl|da)$/.test(signal)));
          assert.equal(new Set(pins.map(([, , pin]) => pin)).size, pins.length, JSON.stringify(made.wires));
        }
      assert.ok(pairs > 0 || drivers.length === 0);
    });

  it("takes what is said in place of what it would choose", () => {
    const { config, wires } = of("espruino-wifi", [
      { driver: "escpos", name: "till", settings: { baud: "115200", flow: "xonxoff", rx: "A10" } },
    ]);
    assert.deepEqual(config.devices, {
      till: { driver: "escpos", uart: "Serial1", baud: 115_200, flow: "xonxoff", pins: { tx: "B6", rx: "A10" } },
    });
    assert.deepEqual(
      wires[0]!.wires.map(([, , pin]) => pin),
      ["B6", "A10"],
    );
    assert.deepEqual(config.network, { ssid: "lab" });
  });

  it("offers UDP, by which it is found, where that fits", () => {
    assert.deepEqual(Object.keys(of("esp32", []).config.links!), ["tcp", "udp"]);
    assert.deepEqual(Object.keys(of("pico", []).config.links!), ["serial"]);
    assert.deepEqual(of("pico-wiznet", [], { ip: "192.168.1.9" }).config.network, { ip: "192.168.1.9" });
    assert.deepEqual(draft({ board: "esp32", name: "ap", devices: [] }, { key: KEY }, FIRMWARE).config.network, {
      accessPoint: true,
    });
  });

  it("says what it does not know", () => {
    assert.throws(() => of("linux", [wish("toaster")]), /EINVAL: there is no driver toaster; there are escpos/);
    assert.throws(
      () => of("esp32", [wish("escpos", { colour: "red" })]),
      /EINVAL: colour is no setting; there are baud/,
    );
    assert.throws(() => of("linux", [wish("escpos")]), /path: is missing/);
    assert.throws(() => of("linux", [wish("ds18b20")]), /linux has no place for .*: it has no pins/);
  });
});
