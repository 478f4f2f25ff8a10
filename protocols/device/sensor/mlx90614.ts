/**
 * MLX90614: the temperature of what it looks at. Melexis, application note 390119061402 (SMBus communication with MLX90614), page 14: RAM
 * address 07 holds 27AD (-70.01 °C) to 7FFF (382.19 °C) in steps of 0.02 K, its highest bit is an error flag; the PEC covers both addresses
 * and the command (wh201906/CubeMX_Lib, Module/MLX90614/mlx90614.c does the same).
 *
 *     unit: low byte, high byte, PEC over B4 07 B5 low high
 */
import { u8 } from "../../bytes/index.js";
import type { Bytes } from "../../bytes/index.js";
import { smbusPec } from "./crc8.js";
import type { Decoded, Reading, SensorTable } from "./table.js";

const UNIT_BYTES = 3;

/** The address 5A for writing, the command, the address for reading. */
const ASKED = [0xb4, 0x07, 0xb5];

const ERROR = 0x8000;
const LEAST = 0x27ad;
const MOST = 0x7fff;

export const mlx90614: SensorTable = {
  driver: "mlx90614",
  title: "MLX90614 thermometer",
  channels: [
    {
      name: "temperature",
      title: "Temperature",
      unit: "Cel",
      code: 150364,
      least: toCelsius(LEAST),
      most: toCelsius(MOST),
    },
  ],
  unitBytes: UNIT_BYTES,
  rate: { least: 1, most: 10, usual: 1 },
  unitsPerReading: 1,
  decoder: () => ({ decode, gap: (lost) => lost }),
};

/** @param data whose batch has no flags yet */
function decode(data: Bytes): Decoded {
  const decoded: Decoded = { readings: [], events: [], damaged: [] };
  for (let unit = 0; (unit + 1) * UNIT_BYTES <= data.length; unit++) {
    const at = unit * UNIT_BYTES;
    const [low, high] = [u8(data, at), u8(data, at + 1)];
    if (smbusPec(Uint8Array.from(ASKED.concat(low, high))) == u8(data, at + 2))
      decoded.readings.push(toReading(unit, (high << 8) | low));
    else decoded.damaged.push({ unit, cause: "PEC" });
  }
  return decoded;
}

function toReading(unit: number, raw: number): Reading {
  if (raw & ERROR) return { unit, values: [null], why: "sensor error" };
  // Zero comes while the EEPROM is being written.
  if (raw < LEAST) return { unit, values: [null], why: "out of range" };
  return { unit, values: [toCelsius(raw)], why: "" };
}

/** In hundredths, so that no digits appear that the sensor has not. */
function toCelsius(raw: number): number {
  return (2 * raw - 27315) / 100;
}
