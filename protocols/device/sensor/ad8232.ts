/**
 * AD8232: one lead of an ECG as a voltage, and two pins that say which electrode is off. Analog Devices, AD8232 rev. D: the
 * instrumentation amplifier has a gain of 100, and the usual circuit (figure 66, as on breakout boards) one of 11 behind it,
 * around half the supply of 3.3 V.
 */
import { u8 } from "../../bytes/index.js";
import type { Bytes } from "../../bytes/index.js";
import type { Decoded, SensorTable } from "./table.js";

export const enum Leads {
  /** An electrode was off at some time within the batch. */
  plusOff = 1,
  minusOff = 2,
  /** The board has lost what the pins told. */
  unknown = 4,
}

export const enum Rate {
  least = 50,
  most = 1000,
  /** Samples a second. */
  usual = 250,
}

const GAIN = 1100;
const SUPPLY_MV = 3300;
/** Of the converter, as the interpreter gives it: 16 bits, whatever the hardware has. */
const FULL = 65535;

/** So near to either end the amplifier stands at its supply: the body may have any voltage beyond. */
const END = 0.01 * FULL;

const UNIT_BYTES = 2;

export const ad8232: SensorTable = {
  driver: "ad8232",
  title: "AD8232 ECG",
  channels: [
    { name: "ecg", title: "ECG", unit: "mV", code: 131329, least: -SUPPLY_MV / 2 / GAIN, most: SUPPLY_MV / 2 / GAIN },
  ],
  unitBytes: UNIT_BYTES,
  rate: { least: Rate.least, most: Rate.most, usual: Rate.usual },
  unitsPerReading: 1,
  // firmware/driver/ad8232.ts counts what is in the buffer behind.
  late: () => 1,
  decoder: () => ({ decode, gap: (lost) => lost }),
};

function decode(data: Bytes, flags: number): Decoded {
  const readings = [];
  const lead = leadOf(flags);
  for (let unit = 0; unit < data.length / UNIT_BYTES; unit++) {
    const raw = u8(data, unit * UNIT_BYTES) | (u8(data, unit * UNIT_BYTES + 1) << 8);
    const why = lead || (raw < END || raw > FULL - END ? "out of range" : "");
    readings.push({ unit, values: [why ? null : toMillivolts(raw)], why });
  }
  return { readings, events: [], damaged: [] };
}

function leadOf(flags: number): string {
  const off = flags & (Leads.plusOff | Leads.minusOff);
  if (off) return off == Leads.plusOff ? "lead LO+ off" : off == Leads.minusOff ? "lead LO- off" : "leads off";
  return flags & Leads.unknown ? "leads unknown" : "";
}

/** Of the body, before the amplifier. */
function toMillivolts(raw: number): number {
  return ((raw / FULL - 0.5) * SUPPLY_MV) / GAIN;
}
