import type { Command } from "commander";
import { update } from "../../index.js";
import type { UpdateReport } from "../../index.js";
import { readConfigFile } from "../config-file.js";
import { firmwareDirectory } from "../firmware.js";
import { givenKey, givenWifiPassword, takesKey, takesWifiPassword } from "../key.js";
import { ADDRESS } from "../options.js";
import { transfer } from "../transfer.js";

interface Options {
  keyFile?: string;
  wifiPasswordFile?: string;
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
  takesWifiPassword(takesKey(program.command("update")))
    .summary("put a new firmware or configuration onto a board, over its link")
    .description("Puts this devsock's firmware onto a board, and a new configuration with --config, over its link.")
    .argument("<address>", ADDRESS)
    .option("--config <file>", "the board's new configuration, devsock.json; as it is by default")
    .option("--dry-run", "say what would be done, and leave the board as it is")
    .option("--json", "print one line of JSON: the report, or the error")
    .addHelpText("after", HELP)
    .action((address: string, options: Options) => run(address, options));
}

function run(address: string, { keyFile, wifiPasswordFile, config: file, dryRun, json }: Options): Promise<void> {
  return transfer(
    json,
    async (telling) =>
      update(address, {
        ...{ ...telling, dryRun, key: await givenKey(keyFile), firmware: firmwareDirectory() },
        wifiPassword: await givenWifiPassword(wifiPasswordFile),
        ...(file !== undefined && { config: await readConfigFile(file) }),
      }),
    (report) => [describe(report, dryRun)],
  );
}

function describe({ written, address }: UpdateReport, dryRun: boolean | undefined): string {
  if (dryRun) return "nothing was written (--dry-run)";
  return written ? `done: ${written} bytes written, and it says hello at ${address}` : "it is as wanted already";
}
