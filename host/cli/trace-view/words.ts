/** What a sensor says, in words and numbers for people. */
import type { Channel, ComputedOximetry, SensorAlarm, SensorGap, SensorReading } from "../../index.js";

/** What a viewer shows. */
export type Shown = SensorReading | SensorGap | SensorAlarm | ComputedOximetry;

/** A number with the digits that its range has, and its unit. */
export function inUnit(value: number, { least, most, unit }: Channel): string {
  const range = most - least;
  const digits = range > 1000 ? 0 : range > 50 ? 1 : range > 5 ? 2 : 3;
  return `${value.toFixed(digits)}${unit === "1" ? "" : ` ${UNITS[unit] ?? unit}`}`;
}

const UNITS: Record<string, string> = { Cel: "°C" };

/** Of the day, UTC. */
export function shortTime(utc: number): string {
  return new Date(utc).toISOString().slice(11, 23);
}

/** Words of a board on a terminal: no control characters, and an end. */
function plain(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, "?").slice(0, 100);
}

export function describeItem(item: SensorGap | SensorAlarm): string {
  if (item.kind === "alarm") {
    const { name, on, changes } = item;
    return `ALARM ${plain(name)}${on === null ? "" : on ? " begins" : " ends"}${changes ? `, changed ${changes} times` : ""}`;
  }
  const { lost, cause } = item;
  if (lost === null) return `gap: readings are missing, nobody counted them (${plain(cause)})`;
  return `gap: ${lost} ${lost === 1 ? "reading is" : "readings are"} missing (${plain(cause)})`;
}

export function describeValue(value: number | null, why: string, channel: Channel): string {
  return value === null ? `no value${why && `: ${plain(why)}`}` : inUnit(value, channel);
}

export function describeReading({ values, why }: SensorReading, channels: readonly Channel[]): string {
  return channels.map((channel, i) => `${channel.title} ${describeValue(values[i] ?? null, why, channel)}`).join(", ");
}

/** Pulse and saturation, and that nobody has measured them. */
export function describeComputed({ pulse, spo2, why }: ComputedOximetry): string {
  const said = [
    ["Pulse", pulse, " /min"],
    ["SpO2", spo2, " %"],
  ].map(
    ([title, value, unit]) => `${title} ${typeof value === "number" ? value.toFixed(0) + String(unit) : "no value"}`,
  );
  return `computed, not calibrated: ${said.join(", ")}${why && ` (${why})`}`;
}

/** For programs: values by the names of their channels. */
export function jsonOf(item: Shown, channels: readonly Channel[]): object {
  if (item.kind === "computed") {
    const { pulse, spo2, ...rest } = item;
    return { ...rest, values: { pulse, spo2 }, units: { pulse: "/min", spo2: "%" } };
  }
  if (item.kind !== "reading") return item;
  return { ...item, values: Object.fromEntries(channels.map(({ name }, i) => [name, item.values[i] ?? null])) };
}
