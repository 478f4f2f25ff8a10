import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { boards } from "../../../../boards/index.js";
import { Arducam } from "../../../../simulator/peripheral/camera/arducam.js";
import { drawCard } from "../../../../simulator/peripheral/camera/card.js";
import { openScene } from "../../../../simulator/peripheral/camera/frames.js";
import { Ov528 } from "../../../../simulator/peripheral/camera/ov528.js";
import { Vc0706 } from "../../../../simulator/peripheral/camera/vc0706.js";
import { chipsWith, makePeripherals, places } from "../../../../simulator/peripheral/index.js";
import { configFor } from "../../../../simulator/simulation.js";
import { readJpeg } from "../../../../protocols/device/camera/jpeg.js";
import { image, imageFile, IMAGES } from "./bench.js";

const spec = boards.find(({ id }) => id === "espruino-wifi")!;

describe("cameras on the command line", () => {
  it("are made with their settings", () => {
    const { camera0, camera1, camera2 } = makePeripherals(
      {
        camera0: `vc0706,image=${imageFile("160x120")},size=160x120,noise=0.01,sizes=320x240/160x120`,
        camera1: "ov528,fault=lost,syncs=3,unplugged=1000+500",
        camera2: "ov2640,revision=mini,seed=4",
      },
      {},
    );
    assert.ok(camera0 instanceof Vc0706 && camera1 instanceof Ov528 && camera2 instanceof Arducam);
    assert.deepEqual([camera0.noise.share, camera1.faults.fault], [0.01, "lost"]);
  });

  it("hang on a UART without flow control, or on SPI and I2C", () => {
    const devices = { camera0: "vc0706", camera1: "ov2640" };
    const config = configFor({ board: spec.id, devices, bundleDir: "" }, spec, places);
    assert.equal(config.devices!["camera0"]!.flow, "none");
    const { spi, cs, i2c } = config.devices!["camera1"]!;
    assert.deepEqual([spi, cs, i2c], ["spi0", 0, "i2c0"]);
    assert.match(config.buses!["spi0"]!.port, /^SPI/);
    assert.match(config.buses!["i2c0"]!.port, /^I2C/);
    assert.equal(config.buses!["spi0"]!.cs!.length, 1);
    const peripherals = makePeripherals(devices, config.devices!);
    const chips = chipsWith({}, config.devices!, peripherals);
    assert.deepEqual(chips["spi0"], [peripherals["camera1"]]);
    assert.deepEqual(chips["i2c0"], [(peripherals["camera1"] as Arducam).i2c]);
  });

  it("come behind other chips of the same bus", () => {
    const buses = { flash: ["w25q80"] };
    const config = configFor({ board: spec.id, devices: { camera0: "ov2640" }, buses, bundleDir: "" }, spec, places);
    assert.deepEqual([config.devices!["camera0"]!["spi"], config.devices!["camera0"]!["cs"]], ["flash", 1]);
    assert.equal(config.buses!["flash"]!.cs!.length, 2);
  });

  const wrong: [string, RegExp][] = [
    ["vc0706,image=/nowhere.jpg", /there is no \/nowhere.jpg/],
    [`ov528,image=${import.meta.filename}`, /is no whole JPEG, it does not begin with FF D8/],
    [`ov2640,image=${import.meta.dirname}`, /there is no JPEG in/],
    ["vc0706,size=1x1", /1x1 is no value for vc0706's size; give one of 640x480, 320x240, 160x120$/],
    ["ov528,noise=2", /2 is no value for ov528's noise; give a number from 0 to 1$/],
    ["ov528,sizes=big", /big is no value for ov528's sizes; give sizes, such as 320x240\/160x120$/],
    ["ov2640,revision=3", /3 is no value for ov2640's revision; give one of mini, plus$/],
    ["ov2640,sizes=160x120", /ov2640 has no setting sizes/],
  ];
  for (const [text, error] of wrong)
    it(`refuse ${text.replace(/=\/.*\//, "=")}`, () =>
      assert.throws(() => makePeripherals({ device: text }, {}), error));
});

describe("what cameras see", () => {
  it("is the next file of their size with each shot, and of all sizes when none fits", () => {
    const scene = openScene(IMAGES);
    for (const number of [1, 2, 1]) assert.deepEqual(scene("320x240", 50), image("320x240", number));
    const single = openScene(imageFile("160x120"));
    assert.deepEqual([single("640x480", 50), single("160x120", 50)], [image("160x120"), image("160x120")]);
  });

  it("ends where its image does", () => {
    const directory = mkdtempSync(join(tmpdir(), "devsock-"));
    const file = join(directory, "a.JPG");
    writeFileSync(file, Buffer.concat([image("160x120"), Buffer.from("more")]));
    assert.deepEqual(openScene(directory)("160x120", 50), image("160x120"));
    rmSync(directory, { recursive: true });
  });

  it("is drawn when there is no file: whole, of any size, the same for the same shot, larger with better quality", () => {
    for (const [width, height] of [
      [160, 120],
      [352, 288],
      [17, 9],
    ]) {
      const form = readJpeg(drawCard(`${width}x${height}`, 60, 7));
      assert.ok(typeof form !== "string");
      assert.deepEqual([form.width, form.height], [width, height]);
    }
    assert.deepEqual(drawCard("160x120", 60, 7), drawCard("160x120", 60, 7));
    assert.notDeepEqual(drawCard("160x120", 60, 7), drawCard("160x120", 60, 8));
    assert.ok(drawCard("160x120", 20, 7).length < drawCard("160x120", 90, 7).length);
  });
});
