import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { ConfigError, fromNode, update } from "../../index.js";
import { CommandError, ExitCode, orExit } from "../exit.js";
import { firmwareDirectory } from "../firmware.js";
import { onInterrupt } from "../interrupt.js";
import { givenKey, takesKey } from "../key.js";
import { ADDRESS } from "../options.js";
import { printJson, printLines } from "../output.js";
import { TransferBar } from "../progress.js";

interface Options {
  keyFile?: string;
  config?: string;
  dryRun?: boolean;
  json?: boolean;
}

const HELP = `
The new files go into the slots that do not run, and are started once the board has found them whole. It keeps them when they say hello
within three minutes, and else goes back to what it had. Whoever has the board's key may do this, and nobody else.

Examples:
  devsock update tcp://192.168.1.20 --key-file frontdesk.key
  devsock update tcp://192.168.1.20 --key-file frontdesk.key --config devsock.json`;

export function addUpdate(program: Command): void {
  takesKey(program.command("update"))
    .summary("put a new firmware or configuration onto a board, over its link")
    .description("Puts this devsock's firmware onto a board, and a new configuration with --config, over its link.")
    .argument("<address>", ADDRESS)
    .option("--config <file>", "the board's new configuration, devsock.json; as it is by default")
    .option("--dry-run", "say what would be done, and leave the board as it is")
    .option("--json", "print one line of JSON: the report, or the error")
    .addHelpText("after", HELP)
    .action((address: string, options: Options) => run(address, options));
}

async function run(address: string, { keyFile, config: file, dryRun, json }: Options): Promise<void> {
  const interrupt = onInterrupt();
  const bar = new TransferBar(process.stderr);
  try {
    const report = await orExit(
      update(address, {
        ...{ dryRun, key: await givenKey(keyFile), firmware: firmwareDirectory(), signal: interrupt.signal },
        ...(file !== undefined && { config: await text(file) }),
        onStep: (step) => {
          bar.end();
          if (!json) printLines([step]);
        },
        onProgress: bar.update,
      }),
      ExitCode.failed,
    );
    bar.end();
    if (json) printJson(report);
    else if (dryRun) printLines(["nothing was written (--dry-run)"]);
    else
      printLines([
        report.written ? `done: ${report.written} bytes written, and it says hello` : "it is as wanted already",
      ]);
  } catch (error) {
    if (interrupt.exitCode !== undefined && error instanceof CommandError)
      throw new CommandError(error.error, interrupt.exitCode);
    if (error instanceof ConfigError) throw new CommandError(error, ExitCode.usage);
    throw error;
  } finally {
    bar.end();
    interrupt.stop();
  }
}

async function text(file: string): Promise<string> {
  return readFile(file, "utf8").catch((error: unknown) => {
    throw new CommandError(fromNode(error, "file", file), ExitCode.noInput);
  });
}
