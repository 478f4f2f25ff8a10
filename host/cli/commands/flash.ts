import type { Command } from "commander";
import { flash } from "../../index.js";
import type { FlashReport } from "../../index.js";
import { readConfigFile } from "../config-file.js";
import { firmwareDirectory } from "../firmware.js";
import { joining } from "../joining.js";
import { givenKey, givenWifiPassword, takesKey, takesWifiPassword } from "../key.js";
import { integer } from "../options.js";
import { transfer } from "../transfer.js";

interface Options {
  port: string;
  board?: string;
  config: string;
  baud?: number;
  address?: string;
  keyFile?: string;
  wifiPasswordFile?: string;
  dryRun?: boolean;
  json?: boolean;
}

const HELP = `
The board is at its interpreter's console, and its firmware, configuration and start are written from there. What runs on it stops
meanwhile. Each file is read back; the new firmware is started once all of it is right, and has proved itself when it says hello. On a
board with room for two firmwares the old one stays until then, and comes back by itself if the new one says nothing for three minutes.

The console of a board with a key is locked, and opened with that: with the configuration's, or with --key-file where the board's is
another. A configuration without a key gets that of --key-file.

Examples:
  devsock flash --port /dev/ttyACM0 --config devsock.json
  devsock flash --port /dev/ttyUSB0 --board espruino-wifi --config devsock.json --dry-run`;

export function addFlash(program: Command): void {
  takesWifiPassword(takesKey(program.command("flash")))
    .summary("put devsock and a configuration onto a board")
    .description("Puts devsock and a configuration onto a board by its console, and waits until it says hello.")
    .requiredOption("--port <port>", "the serial port of the board's console, such as /dev/ttyACM0")
    .requiredOption("--config <file>", "the board's configuration, devsock.json")
    .option("--board <id>", "the board: a configuration for another is refused")
    .option("--baud <bits>", "bits a second of the console, where it is no USB", integer, 115_200)
    .option("--address <address>", "where the board is reached afterwards; it is asked for that by default")
    .option("--dry-run", "say what would be done, and leave the board as it is")
    .option("--json", "print one line of JSON: the report, or the error")
    .addHelpText("after", HELP)
    .action((options: Options) => run(options));
}

function run(options: Options): Promise<void> {
  const { json, config: file, keyFile, wifiPasswordFile, ...rest } = options;
  return transfer(
    json,
    async (telling) =>
      flash({
        ...{ ...rest, ...telling, config: await readConfigFile(file), firmware: firmwareDirectory() },
        ...{ key: await givenKey(keyFile), wifiPassword: await givenWifiPassword(wifiPasswordFile) },
      }),
    (report) => describe(report, options),
  );
}

function describe(report: FlashReport, { dryRun, keyFile }: Options): string[] {
  if (dryRun) return ["nothing was written (--dry-run)"];
  const { buses, address, info, written, ownNetwork } = report;
  const devices = info?.devices.map(({ name, driver, status }) => `${name} (${driver}): ${status.summary}`) ?? [];
  return [
    ...buses,
    ...devices,
    address === undefined
      ? `done: ${written} bytes written, and it runs; it was not reached from here`
      : `done: ${written} bytes written; ${info!.name} says hello at ${address}`,
    ...(ownNetwork ? joining(ownNetwork, keyFile) : []),
  ];
}
