/** What is the same in all records of an EDF+ file: its signals with their scales, and how long a record is. */
import type { Channel, SensorTable } from "../../../protocols/device/sensor/index.js";
import { DevsockError } from "../../errors.js";

/** The digital minimum: no sensor's value is ever written as it. */
export const NO_VALUE = -32768;
const MOST = 32767;

/** Bytes for annotations in each record: its time, stretches without a value, four to six events. */
export const ANNOTATION_BYTES = 320;

/** Of a field with a number. */
const FIELD = 8;

export interface EdfSignal {
  readonly name: string;
  readonly label: string;
  readonly unit: string;
  readonly physicalMin: string;
  readonly physicalMax: string;
  /** @returns null for a value beyond what the sensor can say */
  digital(value: number): number | null;
}

export interface EdfLayout {
  readonly title: string;
  readonly signals: readonly EdfSignal[];
  /** Readings of a full record. */
  readonly readings: number;
  /** Of a record at the nominal rate, in microseconds. */
  readonly duration: number;
}

/** @throws DevsockError EINVAL for a rate or a range that an EDF+ file cannot say */
export function layoutOf(table: SensorTable, rate: number): EdfLayout {
  const { readings, duration } = recordOf(rate);
  return { title: table.title, signals: table.channels.map(signalOf), readings, duration };
}

/** A record is as many whole seconds as have a whole number of readings, one second for all but odd rates. */
function recordOf(rate: number): { readings: number; duration: number } {
  if (!(rate >= 0.01 && rate <= 10_000))
    throw new DevsockError(`EINVAL: ${rate} readings a second cannot be recorded; give a rate from 0.01 to 10000`);
  for (let seconds = 1; seconds <= 100; seconds++) {
    const readings = rate * seconds;
    if (readings >= 1 && Math.abs(readings - Math.round(readings)) < 1e-9 * readings)
      return { readings: Math.round(readings), duration: seconds * 1e6 };
  }
  const readings = Math.max(1, Math.floor(rate));
  return { readings, duration: Math.round((readings / rate) * 1e6) };
}

/** One hundredth of the range lies free at both ends: below it is NO_VALUE, and readers take either end for an overflow. */
function signalOf({ name, title, unit, least, most }: Channel): EdfSignal {
  const margin = (most - least) / 100;
  const physicalMin = numberField(least - margin, Math.floor);
  const physicalMax = numberField(most + margin, Math.ceil);
  const bottom = Number(physicalMin);
  const step = (Number(physicalMax) - bottom) / (MOST - NO_VALUE);
  const digital = (value: number): number | null => {
    if (!(value >= least - step && value <= most + step)) return null;
    return Math.round((value - bottom) / step) + NO_VALUE;
  };
  return {
    name,
    label: title.slice(0, 16),
    unit: UNITS[unit] ?? unit.slice(0, FIELD),
    physicalMin,
    physicalMax,
    digital,
  };
}

/** UCUM units whose name in EDF+ is another one. */
const UNITS: Record<string, string> = { Cel: "degC", "1": "", "[degF]": "degF" };

/** As exactly as eight characters say it. */
export function numberField(value: number, round: (value: number) => number = Math.round): string {
  for (let decimals = 6; decimals >= 0; decimals--) {
    // 1.53 * 1e6 is not whole in binary: what is off by less than a billionth counts as exact.
    const scaled = value * 10 ** decimals;
    const whole = Math.abs(scaled - Math.round(scaled)) < 1e-6 ? Math.round(scaled) : round(scaled);
    const digits = (whole / 10 ** decimals).toFixed(decimals);
    const text = decimals > 0 ? digits.replace(/\.?0+$/, "") : digits;
    if (text.length <= FIELD) return text === "-0" ? "0" : text;
  }
  throw new DevsockError(`EINVAL: ${value} has more than ${FIELD} characters; an EDF+ file cannot say it`);
}
