/** Cameras on the simulated interpreter: what a program reads of them with the interpreter's own calls. */
import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import { I2cBus, SpiBus } from "../../../../simulator/bus.js";
import { Arducam } from "../../../../simulator/peripheral/camera/arducam.js";
import { Vc0706 } from "../../../../simulator/peripheral/camera/vc0706.js";
import { run } from "../../board.js";
import { image, imageFile } from "./bench.js";
import { CAPTURE, program, readVc0706 } from "./programs.js";

const FILE = image("160x120");

describe("cameras on the simulated interpreter", () => {
  it("give an image over SPI and I2C", async () => {
    const camera = new Arducam({ image: imageFile("160x120") });
    const board = run("", {});
    for (const chip of [camera, camera.i2c]) chip.connect(board.clock);
    const { buses, pins } = board.runtime;
    buses.attach("SPI1", new SpiBus([camera]));
    buses.attach("I2C1", new I2cBus([camera.i2c]));
    buses.select(camera, false);
    pins.follow("D5", (level) => buses.select(camera, !level));
    board.runtime.run(program(CAPTURE, "print(JSON.stringify(r))", "SPI1.setup({baud:8000000});"));
    await board.clock.run(1000);
    check(JSON.parse(board.lines[0]!));
  });

  it("give garbage over an SPI bus that is too fast", async () => {
    const camera = new Arducam({ image: imageFile("160x120") });
    const board = run("", {});
    camera.connect(board.clock);
    board.runtime.buses.attach("SPI1", new SpiBus([camera]));
    board.runtime.run("SPI1.setup({baud:12000000});SPI1.send([0x80,0x55]);print(SPI1.send([0,0])[1])");
    assert.notEqual(board.lines[0], "85");
  });

  it("raise their speed and give an image over a UART", async () => {
    const camera = new Vc0706({ image: imageFile("160x120"), size: "160x120" });
    const board = run("", {});
    camera.connect(board.wire.peripheral, board.clock);
    board.runtime.run(program(readVc0706(2500, 115_200, "\\x0d\\xa6", 256), "print(JSON.stringify(r))", ""));
    await board.clock.run(4000);
    check(JSON.parse(board.lines.at(-1)!));
    assert.equal(board.wire.peripheral.farBaud, 115_200);
  });
});

/** A program tells how long an image is, and its CRC. */
function check({ length, crc }: { length: number; crc: number }): void {
  assert.deepEqual([length, crc], [FILE.length, crc32(FILE)]);
}
