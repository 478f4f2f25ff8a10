import type { Command } from "commander";
import { JobSource } from "../../index.js";
import { ExitCode, orExit } from "../exit.js";
import { takesKey } from "../key.js";
import { ADDRESS, DECRYPTED, seconds, silence, TRACE } from "../options.js";
import { printJson, printLines } from "../output.js";
import { ProgressBar } from "../progress.js";
import { withBoard } from "../with-board.js";

interface Options {
  keyFile?: string;
  device: string;
  json?: boolean;
  timeout?: number;
  silence?: number;
  trace?: string;
  decrypted?: boolean;
}

const EXAMPLES = `
The bytes go to the printer as they are: ESC/POS, or plain text.

Examples:
  devsock print tcp://192.168.1.20 receipt.bin
  printf 'Hello\\n\\n\\n\\n' | devsock print udp://frontdesk -
  devsock print 'serial:/dev/ttyACM0?baud=230400' page.bin --device printer1 --timeout 60 --json`;

export function addPrint(program: Command): void {
  takesKey(program.command("print"))
    .summary("print a file, or what comes in")
    .description("Prints on a board's printer, and waits until the printer has taken all of it and still answers.")
    .argument("<address>", ADDRESS)
    .argument("<file>", "the file to print, - for standard input")
    .option("--device <name>", "the printer's name on the board", "printer0")
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
  JOB_CUT: "the job before was cut off and may have swallowed the beginning of this one: look at the paper",
  PRINTER_SILENT: "the printer did not answer for a while, as when its cable is out: look at the paper",
  XON_LOST: "the printer's word that it goes on was lost, as when its cable is out: look at the paper",
  ASKED_WITHIN: "the printer waited so long that it was asked within the job: some dots of a picture may be wrong",
  PRINTER_RESTARTED: "the printer was switched on during the job and lost what it had not printed: look at the paper",
};

async function print(address: string, file: string, options: Options): Promise<void> {
  const { device, json } = options;
  const source = await orExit(JobSource.open(file === "-" ? process.stdin : file), ExitCode.noInput);
  const bar = new ProgressBar(process.stderr, device);
  try {
    const report = await withBoard(address, options, (board, signal) =>
      board.printer(device).print(source, { signal, onProgress: bar.update }),
    );
    bar.end();
    if (json) return printJson({ address, device, ...report });
    printLines([
      `${device} took ${report.taken} bytes in ${(report.durationMs / 1000).toFixed(1)} s: ${report.status.summary}`,
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
