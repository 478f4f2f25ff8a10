/** A sensor's last seconds as text for a terminal. Pure: history in, lines out. Not for diagnosis. */
import type { Channel, SensorTable } from "../../index.js";
import { Braille } from "./braille.js";
import type { Placed, TraceHistory } from "./history.js";
import { describeComputed, describeItem, describeValue, inUnit, shortTime } from "./words.js";

export interface FrameSize {
  columns: number;
  rows: number;
}

/** Where readings are missing, or have no value. */
const GAP = "░";
const LEAST = { columns: 20, rows: 6 };
const SAID = 3;

/** Seconds that a picture shows: ten, or a hundred readings of a slow sensor. */
export function windowOf(rate: number): number {
  return Math.max(10, Math.ceil(100 / rate));
}

/** @returns lines of at most `columns` characters, `rows` of them at most */
export function frame(name: string, table: SensorTable, history: TraceHistory, size: FrameSize): string[] {
  const columns = Math.max(size.columns, LEAST.columns);
  const rows = Math.max(size.rows, LEAST.rows);
  const said = history.said.slice(-SAID).map((item) => `${shortTime(item.utc)}  ${describeItem(item)}`);
  const computed = history.computed ? [describeComputed(history.computed)] : [];
  const words = [...said, ...computed, summary(history)].slice(-(rows - 4));
  const head = heading(name, table, history);
  const each = Math.floor((rows - 1 - words.length) / table.channels.length);
  const traces = table.channels.flatMap((channel, i) => trace(channel, i, history, columns, each - 1));
  return [head, ...traces, ...words].slice(0, rows).map((line) => [...line].slice(0, columns).join(""));
}

function heading(name: string, table: SensorTable, { newest }: TraceHistory): string {
  if (!newest) return `${name}  ${table.title}  waits for readings`;
  const known = Number.isFinite(newest.uncertainty);
  const time = known ? `UTC ± ${newest.uncertainty.toFixed(1)} ms` : "UTC is not known";
  return `${name}  ${table.title}  ${new Date(newest.utc).toISOString().slice(0, 23).replace("T", " ")} ${time}`;
}

function summary({ readings, gaps, lost }: TraceHistory): string {
  const count = gaps === 1 ? "1 gap" : `${gaps} gaps`;
  const missing = gaps === 0 ? "no gap" : lost === null ? `${count}, not all counted` : `${count}, ${lost} lost`;
  return `${readings} readings, ${missing}. Not for diagnosis.`;
}

/** One line of words and so many of dots. */
function trace(channel: Channel, index: number, history: TraceHistory, columns: number, rows: number): string[] {
  const { newest, placed, window } = history;
  const now = newest ? describeValue(newest.values[index] ?? null, newest.why, channel) : "";
  if (rows < 1) return [`${channel.title}  ${now}`];
  const scale = scaleOf(placed, index);
  const words = `${channel.title}  ${now}`;
  const range = scale ? `  (${inUnit(scale.least, channel)} to ${inUnit(scale.most, channel)}, ${window} s)` : "";
  return [words + range, ...dots(placed, index, scale, newest?.utc ?? 0, window, columns, rows)];
}

interface Scale {
  least: number;
  most: number;
}

/** Of what is seen; a flat line lies in the middle. */
function scaleOf(placed: Placed[], index: number): Scale | undefined {
  let [least, most] = [Infinity, -Infinity];
  for (const { values } of placed) {
    const value = values[index] ?? null;
    if (value === null) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (least > most) return undefined;
  const margin = most > least ? 0 : Math.abs(most) / 10 || 1;
  return { least: least - margin, most: most + margin };
}

function dots(
  placed: Placed[],
  index: number,
  scale: Scale | undefined,
  end: number,
  window: number,
  columns: number,
  rows: number,
): string[] {
  const picture = new Braille(columns, rows);
  const covered = new Uint8Array(columns);
  const place = (utc: number): number =>
    Math.round(picture.width - 1 - ((end - utc) / (window * 1000)) * picture.width);
  let before: { x: number; y: number } | undefined;
  for (const { utc, values, joined } of placed) {
    const value = values[index] ?? null;
    if (value === null || !scale) before = undefined;
    else {
      const x = place(utc);
      const y = Math.round((1 - (value - scale.least) / (scale.most - scale.least)) * (picture.height - 1));
      const from = joined && before ? before : { x, y };
      picture.line(from.x, from.y, x, y);
      covered.fill(1, Math.max(0, from.x >> 1), (x >> 1) + 1);
      before = { x, y };
    }
  }
  const begin = placed.length ? Math.max(0, place(placed[0]!.utc) >> 1) : columns;
  return picture.lines((column) => (column >= begin && !covered[column] ? GAP : undefined));
}
