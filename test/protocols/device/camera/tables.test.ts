import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { CAMERAS } from "../../../../protocols/device/camera/index.js";
import { readJpeg } from "../../../../protocols/device/camera/jpeg.js";
import {
  ovAccepts,
  ovAsk,
  ovBaud,
  ovBaudOf,
  OV_BAUDS,
  ovData,
  ovDivider,
  OV_END,
  ovInitial,
  ovLength,
  ovPackageSize,
} from "../../../../protocols/device/camera/ov528.js";
import { Sensor, sensorQuantisation, SENSOR_JPEG, SENSOR_SIZES } from "../../../../protocols/device/camera/ov2640.js";
import {
  Vc,
  vcAccepts,
  vcAskLength,
  vcBaud,
  vcBaudCode,
  vcBaudOf,
  vcCompression,
  vcCompressionOf,
  vcFrame,
  VcFrame,
  vcRead,
  vcSize,
  VC_SIZES,
} from "../../../../protocols/device/camera/vc0706.js";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));
const image = new Uint8Array(readFileSync(new URL("../../../images/160x120-1.jpg", import.meta.url)));

describe("tables of cameras", () => {
  // LinkSprite LS-Y201 user manual, "Communication Protocol"; Adafruit's library; docs/devices/vc0706.md
  it("say to a VC0706 what its manuals do", () => {
    assert.equal(hex(vcFrame(VcFrame.freeze)), "5600360100");
    assert.equal(hex(vcFrame(VcFrame.resume)), "5600360103");
    assert.equal(hex(vcAskLength()), "5600340100");
    assert.equal(hex(vcRead(0x012340, 0x0200, 0x0a)), "5600320c000a0001234000000200000a");
    assert.equal(hex(vcSize(VC_SIZES["320x240"]!)), "560031050401001911");
    assert.equal(hex(vcCompression(0x36)), "560031050101120436");
    assert.deepEqual([1, 79, 100].map(vcCompressionOf), [252, 54, 0]);
    assert.equal(vcAccepts(bytes("7600360000"), Vc.frame), true);
    for (const reply of ["7600360300", "7600340000", "7601360000"])
      assert.equal(vcAccepts(bytes(reply), Vc.frame), false);
  });

  it("have the codes of a VC0706's speeds", () => {
    assert.equal(hex(vcBaud(115_200)), "56002403010da6");
    const codes = [9600, 19_200, 38_400, 57_600].map((baud) => vcBaudCode(baud).toString(16));
    assert.deepEqual(codes, ["aec8", "56e4", "2af2", "1c4c"]);
    assert.equal(vcBaudOf(0x0da6), 115_200);
  });

  // 4D Systems, uCAM-II data sheet, 6 and 7.3.1; CJ OV528 protocol; docs/devices/ov528.md
  it("say to an OV528 what its manuals do", () => {
    assert.equal(hex(ovInitial(7)), "aa0100070007");
    assert.equal(hex(ovPackageSize(512)), "aa0608000200");
    assert.equal(hex(ovBaud(115_200)), "aa070f010000");
    assert.equal(hex(ovAsk(0x0102)), "aa0e00000201");
    assert.equal(hex(ovAsk(OV_END)), "aa0e0000f0f0");
    assert.equal(ovAccepts(bytes("aa0e01050000"), 0x01), true);
    assert.equal(ovAccepts(bytes("aa0f00010b00"), 0x01), false);
    assert.equal(ovLength(bytes("aa0a01341201")), 0x011234);
    for (const baud of OV_BAUDS) assert.equal(ovBaudOf(ovDivider(baud), 1), baud);
  });

  it("take a package of an OV528 that is whole and the one that was asked for, and no other", () => {
    const whole = bytes("02010300414243cc00");
    assert.equal(hex(ovData(whole, 0x0102, 3)!), "414243");
    assert.equal(ovData(whole, 0x0103, 3), null);
    assert.equal(ovData(whole.slice(0, -1), 0x0102, 2), null);
    assert.equal(ovData(new Uint8Array(3), 0, -3), null);
    for (let bit = 0; bit < 8 * whole.length; bit++) {
      const wrong = whole.slice();
      wrong[bit >> 3]! ^= 1 << (bit & 7);
      assert.equal(ovData(wrong, 0x0102, 3), null, `bit ${bit}`);
    }
  });

  it("make JPEG of an OV2640, of each size", () => {
    for (const [size, registers] of Object.entries(SENSOR_SIZES)) {
      const all = hex(SENSOR_JPEG) + hex(registers);
      assert.match(all, /^([0-9a-f]{4})+$/);
      let bank = 0;
      const dsp: number[] = [];
      for (const [register, value] of all.match(/.{4}/g)!.map((pair) => [...bytes(pair)] as [number, number]))
        if (register === Number(Sensor.bank)) bank = value;
        else if (bank === Number(Sensor.dsp)) dsp[register] = value;
      assert.equal(`${4 * dsp[Sensor.width]!}x${4 * dsp[Sensor.height]!}`, size);
      assert.ok(dsp[Sensor.format]! & Sensor.jpegBit);
    }
    assert.deepEqual([1, 100].map(sensorQuantisation), [62, 2]);
  });

  it("have the same sizes for all", () => {
    for (const { sizes } of CAMERAS) assert.deepEqual(sizes, ["640x480", "320x240", "160x120"]);
  });
});

describe("the form of a JPEG", () => {
  it("is its size and its end, whatever is behind it", () => {
    const longer = new Uint8Array(image.length + 100);
    longer.set(image);
    for (const data of [image, longer])
      assert.deepEqual(readJpeg(data), { width: 160, height: 120, length: image.length });
  });

  it("is none without a beginning, a picture or an end, wherever it is cut", () => {
    for (let length = 0; length < image.length; length++)
      assert.equal(typeof readJpeg(image.slice(0, length)), "string", `cut at ${length}`);
    assert.equal(readJpeg(bytes("ffd8ffd9")), "it has no picture");
    assert.equal(readJpeg(image.slice(1)), "it does not begin with FF D8");
    assert.equal(readJpeg(bytes("ffd80000ffd9")), "there is no marker at 2");
  });
});
