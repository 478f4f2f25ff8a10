/** Pulse and saturation among the readings that they are made of. NOT FOR DIAGNOSIS: docs/oximetry.md. */
import type { SensorGap, SensorReading } from "../readings.js";
import { oximetry } from "./oximetry.js";
import type { Oximetry } from "./oximetry.js";

/** What the host has computed of the readings of the last seconds: the sensor has not said it. */
export interface ComputedOximetry extends Oximetry {
  kind: "computed";
  method: "oximetry";
  /** When the last reading of them was, in ms of UTC since 1970; the truth lies within `uncertainty` ms of it. */
  utc: number;
  uncertainty: number;
}

/** Seconds of readings that each is made of, and from one to the next. */
const WINDOW = 8;
const EACH = 1;

const MISSING = [null, null] as const;

/**
 * The readings and gaps of a MAX30102 as they come, and behind each second of readings its pulse and saturation, of the last 8 s. Not for diagnosis.
 * @param items what `samples` of the sensor gives
 * @param rate readings a second
 */
export async function* withOximetry(
  items: AsyncIterable<SensorReading | SensorGap>,
  rate: number,
): AsyncGenerator<SensorReading | SensorGap | ComputedOximetry, void> {
  const most = Math.ceil(WINDOW * rate);
  /** Red and infrared. */
  let window: (readonly (number | null)[])[] = [];
  let fresh = 0;
  for await (const item of items) {
    yield item;
    if (item.kind === "gap") {
      // It is in the window for as long as its readings would have been; one that nobody counted, for all of it.
      const missing = Array.from({ length: Math.min(item.lost ?? most, most) }, () => MISSING);
      window = [...window, ...missing].slice(-most);
      continue;
    }
    window.push(item.values);
    if (++fresh < EACH * rate) continue;
    fresh = 0;
    window = window.slice(-most);
    const [red, infrared] = [0, 1].map((light) => window.map((values) => values[light] ?? null));
    const { utc, uncertainty } = item;
    yield { kind: "computed", method: "oximetry", utc, uncertainty, ...oximetry(red!, infrared!, rate) };
  }
}
