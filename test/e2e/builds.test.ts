/** Firmwares that leave features out, on the boards that they are for, in virtual time: all that a configuration asks for is there, and the rest is refused in so many words. */
import assert from "node:assert/strict";
import { DEV_LEASE, SOCK_RAW } from "../../host/index.js";
import type { Board } from "../../host/index.js";
import { Arducam } from "../../simulator/peripheral/camera/arducam.js";
import { Vc0706 } from "../../simulator/peripheral/camera/vc0706.js";
import { Ad8232 } from "../../simulator/peripheral/sensor/ad8232.js";
import { Max30102 } from "../../simulator/peripheral/sensor/max30102.js";
import { readAnswer } from "../support/http-answer.js";
import { imageFile } from "../simulator/peripheral/camera/bench.js";
import { Rig, withFirmware } from "./rig.js";

const KEY = new Uint8Array(32).fill(7);
const BUSES = { i2c0: { port: "I2C1", pins: { scl: "B8", sda: "B9" } } };
const ECG = { driver: "ad8232", pins: { out: "A0", loPlus: "A1", loMinus: "A4" } };
const OXIMETER = { driver: "max30102", bus: "i2c0", pins: { int: "A5" } };
const SENSORS = { ecg0: ECG, spo2: OXIMETER };

async function readings(rig: Rig, host: Board, names: string[], count: number): Promise<void> {
  const read = async (name: string): Promise<void> => {
    let came = 0;
    for await (const item of host.sensor(name).samples()) {
      assert.equal(item.kind, "reading", `${name}: ${JSON.stringify(item)}`);
      if (++came === count) return;
    }
  };
  await rig.during(Promise.all(names.map(read)));
}

describe("builds of a small board's firmware", function () {
  withFirmware();
  this.timeout(60_000);

  it("pico-wiznet-lean prints, and reads an ECG and an oximeter; transactions and settings are refused", async () => {
    const peripherals = { ecg0: new Ad8232(), spo2: new Max30102() };
    const config = { buses: BUSES, endpoints: [], network: {} };
    const rig = new Rig({
      ...{ board: "pico-wiznet", links: ["tcp"], key: KEY, device: { uart: "Serial2" } },
      ...{ devices: SENSORS, peripherals, config },
    });
    await rig.run(2000);
    const host = await rig.connect("tcp");
    await rig.during(host.printer("printer0").print(Buffer.from("a receipt\n")));
    assert.match(rig.printer.log.bytes.toString("latin1"), /a receipt/);
    await readings(rig, host, ["ecg0", "spo2"], 100);
    for (const address of ["printer0", "i2c0"])
      await rig.rejected(host.connect(address, { type: SOCK_RAW }), "EOPNOTSUPP", /no transactions; they did not fit/);
    const socket = await rig.during(host.connect("printer0:raw"));
    await rig.rejected(socket.setOption(DEV_LEASE, "10"), "ENOPROTOOPT", /there is nothing to be set/);
    await rig.rejected(host.connect("/inet/10.0.0.1/80"), "EAFNOSUPPORT", /no sockets of its network; flash it with/);
    await rig.during(host.close());
    assert.deepEqual(rig.console, []);
  });

  it("pico-wiznet prints with a key 4,000 bytes a second: a printer alone has all of the transmit ring, and what says stop loses nothing", async () => {
    for (const [speed, buffer, least] of [
      [20_000, 4096, 4000],
      [2000, 4096, 1500],
      [2000, 512, 1000],
    ] as const) {
      const config = { endpoints: [], network: {} };
      const printer = { buffer, speed };
      const rig = new Rig({ board: "pico-wiznet", links: ["tcp"], key: KEY, device: printer, printer, config });
      await rig.run(2000);
      const host = await rig.connect("tcp");
      const from = rig.clock.now();
      await rig.during(host.printer("printer0").print(Buffer.alloc(30_000, "line by line\n")));
      const rate = (30_000 * 1000) / (rig.clock.now() - from);
      assert.ok(rate > least, `${rate} B/s of a printer that takes ${speed}`);
      assert.equal(rig.printer.lost, 0);
      await rig.during(host.close());
    }
  });

  it("pico-wiznet-cameras gives a picture to a host, and to a browser", async () => {
    const camera = new Vc0706({ boot: 50, size: "160x120", image: imageFile("160x120") });
    const devices = { camera0: { driver: "vc0706", uart: "Serial2", baud: 115_200, size: "160x120" } };
    const rig = new Rig({
      ...{ board: "pico-wiznet", links: ["tcp"], key: KEY, peripherals: { camera0: camera } },
      config: { devices, endpoints: [{ service: "http", device: "camera0", port: 80 }], network: {} },
    });
    await rig.run(2000);
    const host = await rig.connect("tcp");
    const { data } = await rig.during(host.camera().snapshot());
    assert.ok(data.equals(camera.last));
    const browser = rig.network.dial(80);
    let answer = Buffer.alloc(0);
    browser.onData((data) => (answer = Buffer.concat([answer, data])));
    await rig.run(500);
    browser.write(Buffer.from("GET /snapshot.jpg HTTP/1.1\r\n\r\n"));
    await rig.run(3000);
    assert.ok(readAnswer(answer).body.equals(camera.last));
    await rig.rejected(host.connect("printer0"), "ENODEV", /there is no printer0 on this board; it has camera0/);
    await rig.during(host.close());
  });

  it("espruino-wifi-devices has a printer, a camera and two sensors at once", async () => {
    const camera = new Arducam({ image: imageFile("160x120") });
    const rig = new Rig({
      ...{ board: "espruino-wifi", links: ["tcp"], key: KEY },
      devices: { camera0: { driver: "ov2640", spi: "spi0", cs: 0, i2c: "i2c0", size: "160x120" }, ...SENSORS },
      key: KEY,
      peripherals: { camera0: camera, ecg0: new Ad8232(), spo2: new Max30102() },
      config: {
        buses: { ...BUSES, spi0: { port: "SPI1", cs: ["B1"], bitrate: 4_000_000 } },
        ...{ endpoints: [], network: { ssid: "here" } },
      },
    });
    await rig.run(2000);
    const host = await rig.connect("tcp");
    await rig.during(host.printer("printer0").print(Buffer.from("a receipt\n")));
    const { data } = await rig.during(host.camera().snapshot());
    assert.ok(data.equals(camera.last));
    await readings(rig, host, ["ecg0", "spo2"], 100);
    await rig.rejected(host.connect("/inet/10.0.0.1/80"), "EAFNOSUPPORT", /no sockets of its network; flash it with/);
    await rig.during(host.close());
  });
});
