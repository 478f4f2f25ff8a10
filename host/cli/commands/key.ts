import type { Command } from "commander";
import { accessPointPassword, DevsockError, newKey, readKeyFile, writeKeyFile } from "../../index.js";
import { CommandError, ExitCode, orExit } from "../exit.js";
import { printJson, printLines } from "../output.js";

interface Options {
  output?: string;
  json?: boolean;
}

const HELP = `
A key is 32 random bytes, written as 64 hexadecimal digits. The board has it in its devsock.json as "key"; commands
read it from --key-file, or from the environment variable DEVSOCK_KEY.

Examples:
  devsock key new -o frontdesk.key
  devsock ls tcp://frontdesk --key-file frontdesk.key
  devsock key new | pass insert -m frontdesk`;

export function addKey(program: Command): void {
  const keys = program
    .command("key")
    .summary("make the key of a board")
    .description("Makes keys. Whoever has a board's key may do everything with it, and nobody else anything.");
  keys
    .command("wifi")
    .summary("the password of a board's own access point")
    .description(
      "Says the WPA2 password of the access point that a board with this key becomes where it is to join no network.",
    )
    .argument("<file>", "the key's file")
    .option("--json", "print one line of JSON")
    .action(wifi);
  keys
    .command("new")
    .summary("make a new key")
    .description("Makes a new key and writes it to a file that only you can read, or, without -o, to standard output.")
    .option("-o, --output <file>", "the file, which must not be there yet; it gets mode 0600")
    .option("--json", "print one line of JSON: the file's name, never the key")
    .addHelpText("after", HELP)
    .action(make);
}

async function make({ output, json }: Options): Promise<void> {
  const key = newKey();
  if (output !== undefined) {
    await writeKeyFile(output, key);
    if (json) return printJson({ file: output });
    return printLines([`${output} holds a new key, for you alone: put it into the board's devsock.json as "key"`]);
  }
  if (json)
    throw new CommandError(
      new DevsockError("EINVAL: with --json the key is not printed; give -o FILE"),
      ExitCode.usage,
    );
  printLines([key]);
}

async function wifi(file: string, { json }: Options): Promise<void> {
  const password = accessPointPassword(await orExit(readKeyFile(file), ExitCode.noInput));
  if (json) printJson({ password });
  else printLines([password]);
}
