/**
 * MAX30102: how much light of two colours comes back, as counts of its converter. Pulse and saturation are calculated on the host.
 * Maxim, MAX30102 data sheet 19-7740: 32 samples of a FIFO, each three bytes a channel, red first, the value in the lower 18 bits
 * (page 15 of rev. 1; the same in driver headers of several makers).
 *
 *     unit: red (3), infrared (3)
 */
import { u8 } from "../../bytes/index.js";
import type { Bytes } from "../../bytes/index.js";
import type { Decoded, SensorTable } from "./table.js";

const UNIT_BYTES = 6;

/** Flag of a batch: no interrupt told of its last sample, somebody looked [SVC-34]. */
const SEEN = 1;

/** Samples by which such a stamp is late at the most: that before the next one, and what it takes to look. */
const LATE = 1.1;

/** The converter's end: what is brighter reads the same. */
const FULL = 0x3ffff;

export const max30102: SensorTable = {
  driver: "max30102",
  title: "MAX30102 oximeter",
  channels: [
    { name: "red", title: "Red light", unit: "1", code: null, least: 0, most: FULL },
    { name: "infrared", title: "Infrared light", unit: "1", code: null, least: 0, most: FULL },
  ],
  unitBytes: UNIT_BYTES,
  // Of the chip's rates up to 3200 those that one I2C bus at 100 kHz carries beside other devices.
  rate: { least: 50, most: 400, usual: 100 },
  unitsPerReading: 1,
  late: (flags) => (flags & SEEN ? LATE : undefined),
  decoder: () => ({ decode, gap: (lost) => lost }),
};

function decode(data: Bytes): Decoded {
  const readings = [];
  for (let unit = 0; (unit + 1) * UNIT_BYTES <= data.length; unit++) {
    const red = counts(data, unit * UNIT_BYTES);
    const infrared = counts(data, unit * UNIT_BYTES + 3);
    // Both lamps are on: not a single count comes from a bus that is held low, or from lamps without power.
    const dark = red == 0 && infrared == 0;
    const bright = red == FULL || infrared == FULL;
    readings.push({
      unit,
      values: [dark || red == FULL ? null : red, dark || infrared == FULL ? null : infrared],
      why: dark ? "no light" : bright ? "saturated" : "",
    });
  }
  return { readings, events: [], damaged: [] };
}

/** The upper six bits are not used. */
function counts(data: Bytes, at: number): number {
  return ((u8(data, at) & 3) << 16) | (u8(data, at + 1) << 8) | u8(data, at + 2);
}
