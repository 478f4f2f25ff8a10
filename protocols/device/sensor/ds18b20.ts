/**
 * DS18B20: a temperature in its scratchpad. Maxim, DS18B20 data sheet 19-7487: 16 bits in steps of 1/16 °C, the resolution in byte 4, a CRC in
 * byte 8; 85 °C (50 05) is what it holds from power-on until the first conversion (the same memory map in Rainbow Electronics,
 * DS18B20-PAR, page 6).
 *
 *     unit: temperature (2, low byte first), TH, TL, configuration, FF, reserved, 10, CRC
 */
import { slice, u8 } from "../../bytes/index.js";
import type { Bytes } from "../../bytes/index.js";
import { oneWireCrc } from "./crc8.js";
import type { Decoded, Reading, SensorTable } from "./table.js";

const UNIT_BYTES = 9;

/** Byte 4: 0, resolution (2), 1 1 1 1 1. A bus that is held low gives nine zeros, whose CRC is right. */
const CONFIGURATION = 4;
const FIXED = 0x9f;
const FIXED_VALUE = 0x1f;

const POWER_ON = 85;
const LEAST = -55;
const MOST = 125;

export const ds18b20: SensorTable = {
  driver: "ds18b20",
  title: "DS18B20 thermometer",
  channels: [{ name: "temperature", title: "Temperature", unit: "Cel", code: 150364, least: LEAST, most: MOST }],
  unitBytes: UNIT_BYTES,
  // A conversion at 12 bits takes 750 ms.
  rate: { least: 1, most: 1, usual: 1 },
  unitsPerReading: 1,
  decoder: () => ({ decode, gap: (lost) => lost }),
};

function decode(data: Bytes): Decoded {
  const decoded: Decoded = { readings: [], events: [], damaged: [] };
  for (let unit = 0; (unit + 1) * UNIT_BYTES <= data.length; unit++) {
    const scratchpad = slice(data, unit * UNIT_BYTES, (unit + 1) * UNIT_BYTES);
    if (oneWireCrc(scratchpad) != 0) decoded.damaged.push({ unit, cause: "CRC" });
    else if ((u8(scratchpad, CONFIGURATION) & FIXED) != FIXED_VALUE)
      decoded.damaged.push({ unit, cause: "no scratchpad" });
    else decoded.readings.push(toReading(unit, scratchpad));
  }
  return decoded;
}

function toReading(unit: number, scratchpad: Bytes): Reading {
  const bits = 9 + ((u8(scratchpad, CONFIGURATION) >> 5) & 3);
  // What is below the resolution is undefined.
  const steps = (toSigned((u8(scratchpad, 1) << 8) | u8(scratchpad, 0)) >> (12 - bits)) << (12 - bits);
  const celsius = steps / 16;
  if (celsius == POWER_ON) return { unit, values: [null], why: "power-on value" };
  if (celsius < LEAST || celsius > MOST) return { unit, values: [null], why: "out of range" };
  return { unit, values: [celsius], why: "" };
}

function toSigned(word: number): number {
  return (word << 16) >> 16;
}
