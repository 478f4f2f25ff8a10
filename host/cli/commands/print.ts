import type { Command } from "commander";
import { DevsockError, JobSource } from "../../index.js";
import type { JobReport } from "../../index.js";
import { ExitCode, orExit } from "../exit.js";
import { takesKey } from "../key.js";
import { ADDRESS, DECRYPTED, integer, jobId, seconds, silence, TRACE } from "../options.js";
import { printJson, printLines } from "../output.js";
import { ProgressBar } from "../progress.js";
import { withBoard } from "../with-board.js";

interface Options {
  keyFile?: string;
  device: string;
  /** False for --no-job. */
  job?: string | false;
  resumeAt?: number;
  json?: boolean;
  timeout?: number;
  silence?: number;
  trace?: string;
  decrypted?: boolean;
}

const EXAMPLES = `
The bytes go to the printer as they are: ESC/POS, or plain text. A job that was interrupted goes on where it stopped when it is
printed again with the same --job; one that is done is not printed again.

Examples:
  devsock print tcp://192.168.1.20 receipt.bin
  devsock print tcp://192.168.1.20 receipt.bin --job order-4711
  printf 'Hello\\n\\n\\n\\n' | devsock print udp://frontdesk -
  devsock print 'serial:/dev/ttyACM0?baud=230400' page.bin --device printer1 --timeout 60 --json`;

export function addPrint(program: Command): void {
  takesKey(program.command("print"))
    .summary("print a file, or what comes in")
    .description("Prints on a board's printer, and waits until the printer has taken all of it and still answers.")
    .argument("<address>", ADDRESS)
    .argument("<file>", "the file to print, - for standard input")
    .option("--device <name>", "the printer's name on the board", "printer0")
    .option(
      "--job <id>",
      "the job's id: a repeat with it continues, and never prints a byte twice; random by default, none on boards that keep it beside their firmware",
      jobId,
    )
    .option("--no-job", "no id: the board remembers nothing of the job")
    .option(
      "--resume-at <byte>",
      "where an interrupted job goes on, when the board does not know it for certain",
      integer,
    )
    .option("--json", "print one line of JSON: the job's report, or the error")
    .option("--timeout <seconds>", "give the job up when it is not done after so long; none by default", seconds)
    .option("--silence <seconds>", "give up a board that says nothing for so long; 15 by default", silence)
    .option("--trace <file>", TRACE)
    .option("--decrypted", DECRYPTED)
    .addHelpText("after", EXAMPLES)
    .action((address: string, file: string, options: Options) => print(address, file, options));
}

/** What is missing, in words. */
const GAPS: Record<string, string> = {
  JOB_RESUMED:
    "it went on after an interruption: if the printer was off meanwhile, something may be missing: look at the paper",
  JOB_CUT: "the job before was cut off and may have swallowed the beginning of this one: look at the paper",
  PRINTER_SILENT: "the printer did not answer for a while, as when its cable is out: look at the paper",
  XON_LOST: "the printer's word that it goes on was lost, as when its cable is out: look at the paper",
  ASKED_WITHIN: "the printer waited so long that it was asked within the job: some dots of a picture may be wrong",
  PRINTER_RESTARTED: "the printer was switched on during the job and lost what it had not printed: look at the paper",
};

async function print(address: string, file: string, options: Options): Promise<void> {
  const { device, json, job, resumeAt } = options;
  const source = await orExit(JobSource.open(file === "-" ? process.stdin : file), ExitCode.noInput);
  const bar = new ProgressBar(process.stderr, device);
  try {
    const report = await withBoard(address, options, (board, signal) =>
      board
        .printer(device)
        .print(source, {
          ...{ signal, onProgress: bar.update, resumeAt, job: job === false ? null : job },
          // Whoever gave the id has it for a repeat.
          keep: typeof job === "string",
        })
        .catch(withAdvice),
    );
    bar.end();
    if (json) return printJson({ address, device, ...report });
    printLines([
      result(device, report),
      ...report.gaps.map(
        ({ cause, bytes }) =>
          `  ${GAPS[cause] ?? `lost of what the printer said: ${bytes ?? "some"} bytes (${cause})`}`,
      ),
    ]);
  } finally {
    bar.end();
    source.close();
  }
}

function result(device: string, { job, from, taken, durationMs, status }: JobReport): string {
  const { summary } = status;
  if (from === taken && from)
    return `${device} took ${taken} bytes of job ${job} before, nothing was printed: ${summary}`;
  const begin = from ? ` from ${from} on of job ${job}` : "";
  return `${device} took ${taken - from} bytes${begin} in ${(durationMs / 1000).toFixed(1)} s: ${summary}`;
}

/** How this command says where an interrupted job goes on. */
function withAdvice(error: unknown): never {
  if (!(error instanceof DevsockError) || !error.reach?.sent) throw error;
  const told = new DevsockError(`${error.failure} (--job ${error.reach.job} --resume-at BYTE)`, error);
  told.reach = error.reach;
  throw told;
}
