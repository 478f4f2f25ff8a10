import { once } from "node:events";
import type { Command } from "commander";
import { DevsockError, publish as publishBoard } from "../../index.js";
import { CommandError, ExitCode } from "../exit.js";
import { givenKey, takesKey } from "../key.js";
import { onInterrupt } from "../interrupt.js";
import { ADDRESS } from "../options.js";
import { printJson, printLines } from "../output.js";

interface Options {
  keyFile?: string;
  dir: string;
  json?: boolean;
}

const HELP = `
Files under DIR/BOARD, for this user only: printer0 takes a job and answers with its report, printer0.raw is the
printer itself, printer0.status and board.info say how things are, board.netlink what happens.
SIGTERM or Ctrl-C ends it and removes the files.

Examples:
  devsock publish tcp://192.168.1.20 --dir ~/.devsock
  nc -NU ~/.devsock/frontdesk/printer0 < receipt.bin
  socat -u FILE:receipt.bin UNIX-CONNECT:$HOME/.devsock/frontdesk/printer0`;

export function addPublish(program: Command): void {
  takesKey(program.command("publish"))
    .summary("publish a board's devices as socket files")
    .description("Makes a socket file of each service of a board, for programs that know nothing of devsock.")
    .argument("<address>", ADDRESS)
    .requiredOption("--dir <dir>", "directory for the files; it is made if need be")
    .option("--json", "print one line of JSON when ready")
    .addHelpText("after", HELP)
    .action((address: string, options: Options) => publish(address, options));
}

async function publish(address: string, { dir, json, keyFile }: Options): Promise<void> {
  const interrupt = onInterrupt();
  const { signal } = interrupt;
  const onnews = (what: string): void => void (json || process.stderr.write(`devsock: ${what}\n`));
  try {
    const wanted = { dir, key: await givenKey(keyFile), onnews, signal };
    const publication = await publishBoard(address, wanted).catch((error: unknown) => {
      throw ended(error, interrupt.exitCode);
    });
    const files = [...publication.files.keys()];
    if (json) printJson({ ready: true, address, name: publication.name, files });
    else printLines([`${publication.name} is published; Ctrl-C ends it`, ...files.map((file) => `  ${file}`)]);
    if (!signal.aborted) await once(signal, "abort");
    await publication.close();
  } finally {
    interrupt.stop();
  }
}

/** Interrupted, or wrong words of the user's; else the error itself says how it ends. */
function ended(error: unknown, interrupted: ExitCode | undefined): unknown {
  if (!(error instanceof DevsockError)) return error;
  if (interrupted !== undefined) return new CommandError(error, interrupted);
  return error.code === "EINVAL" ? new CommandError(error, ExitCode.usage) : error;
}
