import { readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Command } from "commander";
import { BoardStorage, fromNode, storageFile } from "../../index.js";
import { CommandError, ExitCode } from "../exit.js";
import { takesKey } from "../key.js";
import { ADDRESS } from "../options.js";
import { printJson, printLines } from "../output.js";
import { TransferBar } from "../progress.js";
import { withBoard } from "../with-board.js";

interface Options {
  keyFile?: string;
  output?: string;
  as?: string;
  json?: boolean;
}

const HELP = `
What runs, and configurations, which have secrets, are left alone: devsock update puts new ones beside them.

Examples:
  devsock storage ls tcp://192.168.1.20 --key-file frontdesk.key
  devsock storage put tcp://192.168.1.20 logo.bin
  devsock storage get tcp://192.168.1.20 crash.json -o -
  devsock storage rm tcp://192.168.1.20 logo.bin`;

export function addStorage(program: Command): void {
  const storage = program
    .command("storage")
    .summary("files in a board's Storage")
    .description("Lists, reads, writes and removes files of a board's Storage.")
    .addHelpText("after", HELP);
  const each = (name: string, summary: string): Command =>
    takesKey(storage.command(name))
      .summary(summary)
      .description(summary)
      .argument("<address>", ADDRESS)
      .option("--json", "print one line of JSON");
  each("ls", "list the files").action((address: string, options: Options) => ls(address, options));
  each("get", "read a file")
    .argument("<name>", "the file's name on the board")
    .option("-o, --output <file>", "where to, - for standard output; a file of that name by default")
    .action((address: string, name: string, options: Options) => get(address, name, options));
  each("put", "write a file")
    .argument("<file>", "the file here")
    .option("--as <name>", "its name on the board; as it is here by default")
    .action((address: string, file: string, options: Options) => put(address, file, options));
  each("rm", "remove a file")
    .argument("<name>", "the file's name on the board")
    .action((address: string, name: string, options: Options) =>
      withBoard(address, options, async (board, signal) => {
        await new BoardStorage(board).remove(name, signal);
        if (options.json) printJson({ removed: name });
      }),
    );
}

async function ls(address: string, options: Options): Promise<void> {
  const found = await withBoard(address, options, (board, signal) => new BoardStorage(board).list(signal));
  if (options.json) return printJson(found);
  const width = Math.max(...found.files.map(([, length]) => String(length).length), 1);
  printLines([
    ...found.files.map(([name, length]) => `${String(length).padStart(width)}  ${name}`),
    `${found.free} of ${found.total} bytes are free${found.trash ? `, and ${found.trash} when it is compacted` : ""}`,
  ]);
}

async function get(address: string, name: string, { output = name, ...options }: Options): Promise<void> {
  const data = await withBoard(address, options, (board, signal) => new BoardStorage(board).get(name, signal));
  if (output === "-") process.stdout.write(data);
  else
    await writeFile(output, data).catch((error: unknown) => {
      throw new CommandError(fromNode(error, "output", output), ExitCode.failed);
    });
  if (options.json && output !== "-") printJson({ file: output, bytes: data.length });
}

async function put(address: string, file: string, { as = basename(file), ...options }: Options): Promise<void> {
  const data = await readFile(file).catch((error: unknown) => {
    throw new CommandError(fromNode(error, "file", file), ExitCode.noInput);
  });
  const bar = new TransferBar(process.stderr);
  let done = 0;
  try {
    await withBoard(address, options, (board, signal) =>
      new BoardStorage(board).put(storageFile(as, data), (bytes) => bar.update((done += bytes), data.length), signal),
    );
  } finally {
    bar.end();
  }
  if (options.json) printJson({ stored: as, bytes: data.length });
}
