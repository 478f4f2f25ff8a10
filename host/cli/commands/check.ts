import type { Command } from "commander";
import { boardLoad, ConfigError, describeLoad, describeRoom, parseConfig, withSecrets } from "../../index.js";
import type { Config } from "../../index.js";
import { readConfigFile } from "../config-file.js";
import { CommandError, ExitCode } from "../exit.js";
import { firmwareDirectory } from "../firmware.js";
import { givenKey, takesKey } from "../key.js";
import { printJson, printLines } from "../output.js";

interface Options {
  keyFile?: string;
  json?: boolean;
}

const HELP = `
Says all that is wrong, each with what would be right; else how much of the board's time its devices take at their rates,
how full its queue of interrupts gets, and which firmware it gets: the one that has most of those that leave room for its devices.

Example:
  devsock check devsock.json`;

export function addCheck(program: Command): void {
  takesKey(program.command("check"))
    .summary("check a board's configuration before it is flashed")
    .description("Checks a board's configuration, and says what it takes of the board.")
    .argument("<file>", "devsock.json")
    .option("--json", "print one line of JSON")
    .addHelpText("after", HELP)
    .action((file: string, options: Options) => check(file, options));
}

async function check(file: string, { keyFile, json }: Options): Promise<void> {
  const config = parse(withSecrets(await readConfigFile(file), { key: await givenKey(keyFile) }));
  if (json) printJson({ board: config.board, load: boardLoad(config) });
  else printLines([`${file} is right`, ...describeLoad(config), ...describeRoom(config, firmwareDirectory())]);
}

function parse(source: unknown): Config {
  try {
    return parseConfig(source, { firmware: firmwareDirectory() });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CommandError(error, ExitCode.usage);
  }
}
