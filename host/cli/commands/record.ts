import type { Command } from "commander";
import { recordSensor } from "../../index.js";
import type { EdfCounts, EdfSubject } from "../../index.js";
import { takesKey } from "../key.js";
import { ADDRESS, DECRYPTED, edfCode, seconds, seekable, TRACE } from "../options.js";
import { printJson, printLines } from "../output.js";
import { withBoard } from "../with-board.js";

interface Options extends EdfSubject {
  keyFile?: string;
  output: string;
  seconds?: number;
  json?: boolean;
  trace?: string;
  decrypted?: boolean;
}

const HELP = `
NOT FOR DIAGNOSIS. Missing readings, and those without a value, are never written as numbers: annotations say from when to
when and why. The file opens whenever it is killed, with all but the last second. Ctrl-C is its usual end.

Examples:
  devsock record tcp://192.168.1.20 ecg0 -o f.edf --seconds 60
  devsock record 'serial:/dev/ttyACM0' spo2 -o night.edf --code MCH-0234567 --json`;

export function addRecord(program: Command): void {
  takesKey(program.command("record"))
    .summary("record a sensor to an EDF+ file")
    .description("Writes a sensor's readings, gaps and alarms to a new EDF+ file, until Ctrl-C. Not for diagnosis.")
    .argument("<address>", ADDRESS)
    .argument("<sensor>", "its name on the board: see devsock ls")
    .requiredOption("-o, --output <file>", "the file to make; one that is there is left as it is", seekable)
    .option("--seconds <n>", "end after so long", seconds)
    .option("--code <code>", "the patient's code; by default the file knows nobody", edfCode)
    .option("--investigation <code>", "the investigation's code", edfCode)
    .option("--json", "print one line of JSON at the end: what is in the file")
    .option("--trace <file>", TRACE)
    .option("--decrypted", DECRYPTED)
    .addHelpText("after", HELP)
    .action((address: string, sensor: string, options: Options) => record(address, sensor, options));
}

async function record(address: string, name: string, options: Options): Promise<void> {
  const { output, seconds: limit, json, code, investigation, ...board } = options;
  const start = performance.now();
  const shown = process.stderr.isTTY && !json;
  const onProgress = (counts: EdfCounts): void => {
    if (shown) process.stderr.write(`\r\x1b[K${name}: ${inWords(counts)}`);
  };
  const counts = await withBoard(address, { ...board, json }, async (board, signal) => {
    const ends = [signal, ...(limit === undefined ? [] : [AbortSignal.timeout(limit * 1000)])];
    const wanted = { signal: AbortSignal.any(ends), subject: { code, investigation }, onProgress };
    return recordSensor(await board.sensor(name).source(signal), output, wanted);
  }).finally(() => void (shown && process.stderr.write("\r\x1b[K")));
  const durationMs = Math.round(performance.now() - start);
  if (json) return printJson({ address, sensor: name, file: output, ...counts, durationMs });
  printLines([`${output}: ${inWords(counts)}. Not for diagnosis.`]);
}

function inWords({ readings, withoutValue, gaps, lost, alarms }: EdfCounts): string {
  const facts = [`${readings} readings`];
  if (withoutValue > 0) facts.push(`${withoutValue} of them without a value`);
  if (gaps > 0) facts.push(`${gaps} ${gaps === 1 ? "gap" : "gaps"}${lost === null ? "" : ` of ${lost} readings`}`);
  if (alarms > 0) facts.push(`${alarms} ${alarms === 1 ? "alarm" : "alarms"}`);
  return facts.join(", ");
}
