import type { Command } from "commander";
import { DevsockError, discover as look } from "../../index.js";
import type { FoundBoard } from "../../index.js";
import { CommandError, ExitCode } from "../exit.js";
import { onInterrupt } from "../interrupt.js";
import { givenKey } from "../key.js";
import { port, seconds } from "../options.js";
import { printJson, printLines, table } from "../output.js";

interface Options {
  keyFile?: string[];
  json?: boolean;
  timeout: number;
  port: number;
}

const HELP = `
Asks by UDP broadcast on each network of this computer, and at 127.0.0.1; or at the addresses that are given. Boards with a UDP link answer. One with a key says all of itself
to who has the key, and to others its name.

Examples:
  devsock discover
  devsock discover --key-file frontdesk.key --key-file ward.key
  devsock discover 192.168.7.255 10.0.0.20:9181 --json`;

export function addDiscover(program: Command): void {
  program
    .command("discover")
    .summary("list the boards on the network")
    .description("Lists the boards that answer on the network: name, address, firmware, devices and their state.")
    .argument("[address...]", "hosts or broadcast addresses to ask, HOST[:PORT]")
    .option(
      "--key-file <file>",
      "a board's key, in a file of mode 0600, as often as there are keys; else the variable DEVSOCK_KEY",
      (file: string, before: string[] = []) => [...before, file],
    )
    .option("--json", "print one line of JSON for each board")
    .option("--timeout <seconds>", "wait for answers so long", seconds, 2)
    .option("--port <port>", "the boards' UDP port", port, 9180)
    .addHelpText("after", HELP)
    .action((addresses: string[], options: Options) => discover(addresses, options));
}

async function discover(addresses: string[], { keyFile, json, timeout, port }: Options): Promise<void> {
  const keys = await Promise.all((keyFile ?? [undefined]).map(givenKey));
  const interrupt = onInterrupt();
  const key = keys.filter((each) => each !== undefined);
  const found: FoundBoard[] = [];
  const { signal } = interrupt;
  try {
    for await (const board of look({ key, timeout: timeout * 1000, port, addresses, signal })) {
      found.push(board);
      if (json) printJson(board);
    }
  } catch (error) {
    if (!(error instanceof DevsockError)) throw error;
    const usage = error.code === "EINVAL" ? ExitCode.usage : ExitCode.unavailable;
    throw new CommandError(error, interrupt.exitCode ?? usage);
  } finally {
    interrupt.stop();
  }
  if (found.length === 0)
    throw new CommandError(
      new DevsockError(
        `ETIMEDOUT: no board answered within ${timeout} s; check that it has a UDP link ("links": { "udp": … }) on port ${port} and is on this network, or give its address`,
      ),
      ExitCode.unavailable,
    );
  if (!json) printLines(table([["NAME", "ADDRESS", "BOARD", "FIRMWARE", "DEVICES", "STATE"], ...found.map(row)]));
}

function row(board: FoundBoard): string[] {
  const { name, address, firmware = "-", devices, more = 0 } = board;
  const listed = (devices ?? []).map(({ name, driver, state }) => `${name} (${driver}): ${state}`);
  if (more > 0) listed.push(`${more} more`);
  return [name, address, board.board, firmware, devices ? listed.join(", ") || "none" : "-", stateOf(board)];
}

function stateOf({ access, uptime = 0, sessions = 0 }: FoundBoard): string {
  if (access === "locked") return "locked: give its key";
  const up = `up ${inWords(uptime)}, ${sessions} ${sessions === 1 ? "session" : "sessions"}`;
  return access === "open" ? `${up}, asks for no key` : up;
}

function inWords(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} days`;
}
