import type { Command } from "commander";
import { withBoard } from "../with-board.js";
import { takesKey } from "../key.js";
import { ADDRESS, DECRYPTED, seconds, TRACE } from "../options.js";
import { printJson, printLines, table } from "../output.js";

interface Options {
  keyFile?: string;
  json?: boolean;
  timeout: number;
  trace?: string;
  decrypted?: boolean;
}

export function addLs(program: Command): void {
  takesKey(program.command("ls"))
    .summary("list a board's devices")
    .description("Lists what hangs on a board, with the services that each device offers and its state.")
    .argument("<address>", ADDRESS)
    .option("--json", "print one line of JSON: everything that the board says of itself")
    .option("--timeout <seconds>", "give up after so long", seconds, 10)
    .option("--trace <file>", TRACE)
    .option("--decrypted", DECRYPTED)
    .addHelpText(
      "after",
      "\nExamples:\n  devsock ls tcp://192.168.1.20\n  devsock ls 'serial:/dev/ttyACM0?baud=115200' --json",
    )
    .action((address: string, options: Options) => ls(address, options));
}

async function ls(address: string, { json, ...options }: Options): Promise<void> {
  const info = await withBoard(address, { ...options, json }, (board, signal) => board.info(signal));
  if (json) return printJson({ address, ...info });
  const rows = info.devices.map(({ name, driver, services, status }) => [
    name,
    driver,
    services.join(","),
    status.summary,
  ]);
  printLines([
    `${info.name}: ${info.board}, firmware ${info.firmware}, at ${address}`,
    ...(rows.length ? table([["DEVICE", "DRIVER", "SERVICES", "STATE"], ...rows]) : ["no devices are configured"]),
  ]);
}
