/** Cameras on the real interpreter: a UART by a terminal, SPI and I2C by objects in the interpreter's place. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";
import { realClock } from "../../simulator/clock.js";
import { standInsForBuses } from "../../simulator/espruino-buses.js";
import { StandIns } from "../../simulator/espruino-stand-ins.js";
import { Arducam } from "../../simulator/peripheral/camera/arducam.js";
import { Vc0706 } from "../../simulator/peripheral/camera/vc0706.js";
import { boardOnPty, openPty } from "../../simulator/pty.js";
import { UartWire } from "../../simulator/wire.js";
import { image, imageFile } from "../simulator/peripheral/camera/bench.js";
import { CAPTURE, program, readVc0706 } from "../simulator/peripheral/camera/programs.js";
import { build } from "../../scripts/firmware/build.js";
import { cameraLines } from "../vectors/run-camera.js";
import { espruino, onReal } from "./both.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const FILE = image("160x120");
const RESULT = JSON.stringify({ length: FILE.length, crc: crc32(FILE) });
const PRINT = "print(JSON.stringify(r))";

describe("cameras on the real interpreter", function () {
  this.timeout(60_000);
  before("needs ESPRUINO to name the interpreter", function () {
    if (!espruino) this.skip();
  });

  it("are told the same as by a host", async () => {
    const [built] = await build(root, ["linux"], "test/vectors/board-camera.ts");
    const lines = await onReal(built!.image, 1000);
    assert.deepEqual(lines, [`CAMERAS ${JSON.stringify(cameraLines())}`]);
  });

  it("give an image over SPI and I2C", async () => {
    const camera = new Arducam({ image: imageFile("160x120") });
    const chips = { spi0: [camera], i2c0: [camera.i2c] };
    const buses = await StandIns.open(standInsForBuses({ spi0: { port: "SPI1" }, i2c0: { port: "I2C1" } }, chips));
    const lines = await onReal(program(CAPTURE, PRINT, buses!.bootText()), 2000);
    buses!.close();
    camera.close();
    assert.deepEqual(lines, [RESULT]);
  });

  it("raise their speed and give an image over a UART", async () => {
    const camera = new Vc0706({ image: imageFile("160x120"), size: "160x120", boot: 50 });
    const pty = await openPty();
    const wire = new UartWire(115_200, realClock);
    const stop = boardOnPty(wire, pty, realClock);
    camera.connect(wire.peripheral, realClock);
    const text = readVc0706(600, 115_200, "\\x0d\\xa6", 256, `path:"${pty.path}"`);
    const lines = await onReal(program(text, PRINT, ""), 6000);
    stop();
    camera.close();
    pty.close();
    assert.deepEqual(lines, [RESULT]);
    assert.equal(wire.peripheral.baud, 115_200);
  });
});
