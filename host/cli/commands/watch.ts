import { once } from "node:events";
import type { Command } from "commander";
import { withOximetry } from "../../index.js";
import type { Sensor, SensorAlarm, SensorSource } from "../../index.js";
import { takesKey } from "../key.js";
import { ADDRESS, DECRYPTED, seconds, TRACE } from "../options.js";
import { windowOf } from "../trace-view/frame.js";
import { TraceHistory } from "../trace-view/history.js";
import { LineView, TerminalView } from "../trace-view/view.js";
import type { View } from "../trace-view/view.js";
import { jsonOf } from "../trace-view/words.js";
import type { Shown } from "../trace-view/words.js";
import { withBoard } from "../with-board.js";

interface Options {
  keyFile?: string;
  seconds?: number;
  json?: boolean;
  trace?: string;
  decrypted?: boolean;
}

/** The sensor whose counts are for a host to make something of. */
const COUNTS = "max30102";

const HELP = `
NOT FOR DIAGNOSIS. On a terminal it draws the last ten seconds, eight times a second; what is missing is shaded. In a pipe it
prints the newest reading once a second, and each gap and alarm. Ctrl-C is its usual end. Of a MAX30102, which sends counts of
light, it shows a pulse and a saturation that are computed here, and calibrated by nobody: docs/oximetry.md.

The trace is the newest that the link can carry, and a slow link leaves gaps. With --json nothing is left out for that.

Examples:
  devsock watch tcp://192.168.1.20 ecg0
  devsock watch 'serial:/dev/ttyACM0' spo2 --seconds 30
  devsock watch udp://frontdesk ecg0 --json | jq -r 'select(.kind == "reading") | .values.ecg'`;

export function addWatch(program: Command): void {
  takesKey(program.command("watch"))
    .summary("draw a sensor's live trace in the terminal")
    .description("Draws what a sensor says, as it says it: its trace, gaps and alarms. Not for diagnosis.")
    .argument("<address>", ADDRESS)
    .argument("<sensor>", "its name on the board: see devsock ls")
    .option("--seconds <n>", "end after so long", seconds)
    .option("--json", "print one line of JSON for each reading, gap, alarm, and computed value")
    .option("--trace <file>", TRACE)
    .option("--decrypted", DECRYPTED)
    .addHelpText("after", HELP)
    .action((address: string, sensor: string, options: Options) => watch(address, sensor, options));
}

async function watch(address: string, name: string, { seconds: limit, json, ...options }: Options): Promise<void> {
  await withBoard(address, { ...options, json }, async (board, signal) => {
    const ends = [signal, ...(limit === undefined ? [] : [AbortSignal.timeout(limit * 1000)])];
    const until = AbortSignal.any(ends);
    try {
      await (json ? print(board.sensor(name), until) : draw(board.sensor(name), until));
    } catch (error) {
      if (!until.aborted) throw error;
    }
  });
}

/** A line for each thing. */
async function print(sensor: Sensor, signal: AbortSignal): Promise<void> {
  const { table, rate } = await sensor.describe(signal);
  await each(sensor, { table, rate, signal }, (item) => write(JSON.stringify(jsonOf(item, table.channels)) + "\n"));
}

async function draw(sensor: Sensor, signal: AbortSignal): Promise<void> {
  const { table, rate } = await sensor.describe(signal);
  const history = new TraceHistory(windowOf(rate));
  const view: View = process.stdout.isTTY
    ? new TerminalView(process.stdout, sensor.name, table, history)
    : new LineView(process.stdout, table, history);
  try {
    await each(sensor, { table, rate, live: true, signal }, (item) => {
      if (history.add(item)) view.show(item);
    });
  } finally {
    view.close();
  }
}

interface Watched extends Pick<SensorSource, "table" | "rate"> {
  live?: boolean;
  signal: AbortSignal;
}

/** Its readings and gaps, what is computed of them, and its alarms as they come: by a socket of their own, ahead of all else on the link. */
async function each(
  sensor: Sensor,
  { table, rate, live = false, signal }: Watched,
  take: (item: Shown) => void | Promise<void>,
): Promise<void> {
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  let failure: { reason: unknown } | undefined;
  const follow = async (items: AsyncIterable<Shown>): Promise<void> => {
    try {
      for await (const item of items) await take(item);
    } catch (reason) {
      // The first is the cause: the end of one ends the other.
      failure ??= { reason };
    } finally {
      over.abort();
    }
  };
  const samples = sensor.samples({ live, signal: until });
  const shown = table.driver === COUNTS ? withOximetry(samples, rate) : samples;
  await Promise.all([follow(shown), follow(alarmsOf(sensor, until))]);
  if (failure) throw failure.reason;
}

/** Its gaps are those among the readings. */
async function* alarmsOf(sensor: Sensor, signal: AbortSignal): AsyncGenerator<SensorAlarm> {
  for await (const item of sensor.alarms({ signal })) if (item.kind === "alarm") yield item;
}

async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}
