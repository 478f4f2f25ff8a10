/** What is said to cameras and read of them, as lines of hexadecimal digits: on Node and, compiled for the board, there the same. */
import { EMPTY, byte, join, u8 } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import {
  OV_AROUND,
  ovAccepts,
  ovAsk,
  ovBaud,
  ovBaudOf,
  ovData,
  ovInitial,
  ovLength,
  ovPackageSize,
} from "../../protocols/device/camera/ov528.js";
import { sensorQuantisation, SENSOR_JPEG, SENSOR_SIZES } from "../../protocols/device/camera/ov2640.js";
import {
  Vc,
  vcAccepts,
  vcAskLength,
  vcBaud,
  vcBaudOf,
  vcCompression,
  vcCompressionOf,
  vcFrame,
  VcFrame,
  vcRead,
  vcSize,
} from "../../protocols/device/camera/vc0706.js";

function fromHex(hex: string): Bytes {
  let out = EMPTY;
  for (let i = 0; i < hex.length; i += 2) out = join(out, byte(parseInt(hex.substring(i, i + 2), 16)));
  return out;
}

function toHex(bytes: Bytes): string {
  let out = "";
  for (let i = 0; i < bytes.length; i++) out += (u8(bytes, i) + 256).toString(16).substring(1);
  return out;
}

/** Of a package with high bytes in it, asked for by its own number and others. */
function packages(): string {
  const whole = fromHex("02010400fffee1806500");
  let taken = "";
  for (let number = 0x0101; number < 0x0104; number++) {
    const data = ovData(whole, number, whole.length - OV_AROUND);
    taken += data ? toHex(data) : "-";
  }
  return taken + (ovData(fromHex("0201"), 0x0102, -4) ? "+" : "-");
}

export function cameraLines(): string[] {
  return [
    toHex(vcFrame(VcFrame.freeze)),
    toHex(vcAskLength()),
    toHex(vcRead(0x012340, 0x0200, 0x0a)),
    toHex(vcSize(0x11)),
    toHex(vcCompression(0xc0)),
    toHex(vcBaud(115200)),
    toHex(vcBaud(9600)),
    String(vcBaudOf(0x0da6)),
    String(vcCompressionOf(60)),
    String(vcAccepts(fromHex("7600320000"), Vc.read)),
    String(vcAccepts(fromHex("7600320300"), Vc.read)),
    toHex(ovInitial(7)),
    toHex(ovPackageSize(512)),
    toHex(ovBaud(57600)),
    toHex(ovAsk(0xf1f2)),
    String(ovBaudOf(0x0f, 1)),
    String(ovLength(fromHex("aa0a01ff8001"))),
    String(ovAccepts(fromHex("aa0e01ff0000"), 1)),
    String(ovAccepts(fromHex("aa0f01ff0000"), 1)),
    packages(),
    String(sensorQuantisation(60)),
    String(SENSOR_JPEG.length + SENSOR_SIZES["640x480"]!.length),
  ];
}
