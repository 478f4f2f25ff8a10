import { setTimeout as pause } from "node:timers/promises";
import type { Command } from "commander";
import { takesKey } from "../key.js";
import { ADDRESS, DECRYPTED, seconds, TRACE } from "../options.js";
import { printJson, printLines } from "../output.js";
import { withBoard } from "../with-board.js";

interface Options {
  keyFile?: string;
  json?: boolean;
  for: number;
  trace?: string;
  decrypted?: boolean;
}

/** Seconds for all that is not asking. */
const PATIENCE = 10;

const HELP = `
The longer it asks the more is known of how much one clock gains on the other. UTC is what this machine's clock says.

Examples:
  devsock clock tcp://192.168.1.20
  devsock clock 'serial:/dev/ttyUSB0?baud=115200' --for 60 --json`;

export function addClock(program: Command): void {
  takesKey(program.command("clock"))
    .summary("compare a board's clock with this machine's")
    .description("Shows when a board's clock began, how much it gains on this machine's, and how wrong both may be.")
    .argument("<address>", ADDRESS)
    .option("--for <seconds>", "ask for so long", seconds, 3)
    .option("--json", "print one line of JSON: times in ms, the drift as a ratio")
    .option("--trace <file>", TRACE)
    .option("--decrypted", DECRYPTED)
    .addHelpText("after", HELP)
    .action((address: string, options: Options) => clock(address, options));
}

async function clock(address: string, { json, for: duration, ...options }: Options): Promise<void> {
  const timeout = duration + PATIENCE;
  const found = await withBoard(address, { ...options, json, timeout }, async (board, signal) => {
    const clock = await board.clock(signal);
    await pause(duration * 1000, undefined, { signal }).catch(() => undefined);
    const { offset, uncertainty, drift, driftUncertainty, measuredAt, roundTrip, boot, counters } = clock;
    clock.dispose();
    return { offset, uncertainty, drift, driftUncertainty, measuredAt, roundTrip, boot, counters };
  });
  if (json) return printJson({ address, ...found });
  const ppm = (ratio: number): string => (ratio * 1e6).toFixed(0);
  printLines([
    `the board's clock began at ${new Date(found.offset).toISOString()}, give or take ${found.uncertainty.toFixed(2)} ms`,
    `  drift       ${ppm(found.drift)} ppm, give or take ${ppm(found.driftUncertainty)}`,
    `  round trip  ${found.roundTrip.toFixed(2)} ms at the least, ${found.counters.answers} of ${found.counters.requests} answered`,
  ]);
}
