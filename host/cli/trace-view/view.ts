/** Where a trace is shown: on a terminal as a picture that moves, in a pipe as lines. */
import type { SensorTable } from "../../index.js";
import { frame } from "./frame.js";
import type { TraceHistory } from "./history.js";
import { describeComputed, describeItem, describeReading, shortTime } from "./words.js";
import type { Shown } from "./words.js";

export interface View {
  /** After each thing that is new. */
  show(item: Shown): void;
  close(): void;
}

/** Ms from picture to picture, whatever the sensor's rate. */
const FRAME = 125;
/** Ms from line to line. */
const LINE = 1000;

const OTHER_SCREEN = "\x1b[?1049h\x1b[?25l";
const SCREEN_BACK = "\x1b[?25h\x1b[?1049l";

/** On a screen of its own: what was there before is there again at the end, with the last picture below. */
export class TerminalView implements View {
  private readonly timer: NodeJS.Timeout;
  private changed = true;
  private waits = false;

  constructor(
    private readonly out: NodeJS.WriteStream,
    private readonly name: string,
    private readonly table: SensorTable,
    private readonly history: TraceHistory,
  ) {
    out.write(OTHER_SCREEN);
    this.timer = setInterval(() => this.draw(), FRAME);
    this.draw();
  }

  show(): void {
    this.changed = true;
  }

  close(): void {
    clearInterval(this.timer);
    const last = this.lines(Math.min(this.out.rows || 24, 16));
    this.out.write(SCREEN_BACK + last.map((line) => `${line}\n`).join(""));
  }

  /** A terminal that is slower than its pictures misses some. */
  private draw(): void {
    if (!this.changed || this.waits) return;
    this.changed = false;
    const text = this.lines(this.out.rows || 24).join("\x1b[K\r\n");
    if (this.out.write(`\x1b[H${text}\x1b[K\x1b[J`)) return;
    this.waits = true;
    this.out.once("drain", () => (this.waits = false));
  }

  private lines(rows: number): string[] {
    return frame(this.name, this.table, this.history, { columns: this.out.columns || 80, rows });
  }
}

/** Each gap and alarm, the newest reading once a second, and what is computed of them. */
export class LineView implements View {
  private last = -Infinity;

  constructor(
    private readonly out: NodeJS.WritableStream,
    private readonly table: SensorTable,
    private readonly history: TraceHistory,
  ) {}

  show(item: Shown): void {
    if (item.kind === "computed") return this.line(item.utc, describeComputed(item));
    if (item.kind !== "reading") return this.line(item.utc, describeItem(item));
    if (performance.now() - this.last < LINE) return;
    this.last = performance.now();
    this.line(item.utc, describeReading(item, this.table.channels));
  }

  close(): void {
    const { readings, gaps, alarms } = this.history;
    this.out.write(`${readings} readings, ${gaps} gaps, ${alarms} alarms. Not for diagnosis.\n`);
  }

  private line(utc: number, text: string): void {
    this.out.write(`${shortTime(utc)}  ${text}\n`);
  }
}
