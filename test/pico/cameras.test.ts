import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import type { Board } from "../../host/index.js";
import { Arducam } from "../../simulator/peripheral/camera/arducam.js";
import { Vc0706 } from "../../simulator/peripheral/camera/vc0706.js";
import { image, imageFile } from "../simulator/peripheral/camera/bench.js";
import { CAPTURE, program, readVc0706 } from "../simulator/peripheral/camera/programs.js";
import { firmwareOn, onPico, programOn, resultOf, withFirmware } from "./rig.js";
import type { PicoRig } from "./rig.js";

/** Which the interpreter keeps in a program that does nothing else: it looks at a FIFO of 32 bytes. */
const BAUD = 57_600;
/** Which the firmware keeps, as it asks for no more than that FIFO holds. */
const FAST = 115_200;
const FILE = image("160x120");

onPico("cameras on the emulated chip", function () {
  this.timeout(180_000);

  it("give an image over SPI at 8 MHz and I2C at 100 kHz", () => {
    const camera = new Arducam({ image: imageFile("160x120") });
    const setup = "SPI1.setup({sck:D18,miso:D16,mosi:D19,baud:7800000});I2C1.setup({scl:D9,sda:D8});D5.set();";
    const rig = programOn(program(CAPTURE, "done(r)", setup), {
      config: { board: "pico", buses: { spi0: { port: "SPI1", cs: ["D5"] }, i2c0: { port: "I2C1" } } },
      chips: { spi0: [camera], i2c0: [camera.i2c] },
    });
    assert.deepEqual(resultOf(rig), { length: FILE.length, crc: crc32(FILE) });
  });

  it("raise their speed and give an image over a UART", () => {
    const camera0 = new Vc0706({ image: imageFile("160x120"), size: "160x120" });
    const rig = programOn(program(readVc0706(2500, BAUD, "\\x1c\\x4c", 256), "done(r)", ""), {
      config: { board: "pico", devices: { camera0: { driver: "vc0706", uart: "Serial1", baud: BAUD } } },
      peripherals: { camera0 },
    });
    assert.deepEqual(resultOf(rig), { length: FILE.length, crc: crc32(FILE) });
    assert.equal(rig.board.wires["camera0"]!.peripheral.baud, BAUD);
  });
});

const CONFIG = {
  board: "pico",
  buses: { spi0: { port: "SPI1", bitrate: 7_800_000, cs: ["D5"] }, i2c0: { port: "I2C1" } },
  devices: {
    camera0: { driver: "ov2640", spi: "spi0", cs: 0, i2c: "i2c0", size: "160x120" },
    camera1: { driver: "vc0706", uart: "Serial1", baud: FAST, size: "160x120" },
  },
};

onPico("cameras of the firmware on the emulated chip", function () {
  this.timeout(400_000);
  withFirmware();
  const cameras = {
    camera0: new Arducam({ image: imageFile("160x120") }),
    camera1: new Vc0706({ image: imageFile("160x120"), size: "160x120", boot: 300 }),
  };
  let rig: PicoRig;
  let host: Board;

  before(async () => {
    rig = firmwareOn({ config: CONFIG, peripherals: cameras });
    host = await rig.connect();
  });

  const snap = (name: string): Promise<Buffer> =>
    rig.during(
      host
        .camera(name)
        .snapshot()
        .then(({ data }) => data),
    );

  it("on SPI and I2C: a snapshot is the file, byte for byte, and so is the one after another sensor was there", async () => {
    const { camera0 } = cameras;
    assert.ok((await snap("camera0")).equals(FILE));
    camera0.faults.fault = "wrong";
    camera0.unplug();
    camera0.plug();
    await assert.rejects(snap("camera0"), /ENODEV: the chip of camera0 at address 48 is no OV2640/);
    camera0.faults.fault = "none";
    assert.ok((await snap("camera0")).equals(FILE));
    assert.deepEqual(rig.console, []);
  });

  it(`on a UART at ${FAST}: a snapshot is the file, byte for byte, and so it is when halves of parts are lost`, async function () {
    const { camera1 } = cameras;
    assert.ok((await snap("camera1")).equals(FILE));
    // What it says when it starts nobody asked for.
    const uart = rig.machine.uarts[0]!;
    const [from, before] = [rig.machine.time.now(), uart.overruns];
    assert.ok((await snap("camera1")).equals(FILE));
    this.test!.title += ` (${Math.round((FILE.length / (rig.machine.time.now() - from)) * 1000)} B/s)`;
    assert.equal(uart.overruns, before);
    camera1.faults.fault = "lost";
    assert.ok((await snap("camera1")).equals(FILE));
    assert.deepEqual(rig.console, []);
  });
});
