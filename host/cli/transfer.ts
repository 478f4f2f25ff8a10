/** A command that puts files onto a board: steps and a bar meanwhile, its report, and how it ends. */
import { DevsockError } from "../index.js";
import { CommandError, ExitCode } from "./exit.js";
import { onInterrupt } from "./interrupt.js";
import { printJson, printLines } from "./output.js";
import { TransferBar } from "./progress.js";

/** What the library takes to tell of it. */
interface Telling {
  signal: AbortSignal;
  onStep: (step: string) => void;
  onProgress: (done: number, total: number) => void;
}

/** @param json one line of it, and no steps @param describe the report in words */
export async function transfer<Report extends object>(
  json: boolean | undefined,
  work: (telling: Telling) => Promise<Report>,
  describe: (report: Report) => string[],
): Promise<void> {
  const interrupt = onInterrupt();
  const bar = new TransferBar(process.stderr);
  const onStep = (step: string): void => {
    bar.end();
    if (!json) printLines([step]);
  };
  try {
    const report = await work({ signal: interrupt.signal, onStep, onProgress: bar.update });
    bar.end();
    if (json) printJson(report);
    else printLines(describe(report));
  } catch (error) {
    if (!(error instanceof DevsockError)) throw error;
    throw new CommandError(error, interrupt.exitCode ?? exitCodeOf(error));
  } finally {
    bar.end();
    interrupt.stop();
  }
}

/** A port or a board that is not there is another thing than one that refuses. */
function exitCodeOf({ code, origin }: DevsockError): ExitCode {
  if (code === "EINVAL" && origin === "local") return ExitCode.usage;
  return origin === "link" ? ExitCode.unavailable : ExitCode.failed;
}
