import type { Command } from "commander";
import type { BoardInfo, LinkCounters } from "../../index.js";
import { DevsockError, lossesInWords, trafficInWords } from "../../index.js";
import { CommandError, ExitCode } from "../exit.js";
import { takesKey } from "../key.js";
import { ADDRESS, DECRYPTED, seconds, TRACE } from "../options.js";
import { printJson, printLines, statusLines } from "../output.js";
import { withBoard } from "../with-board.js";

interface Options {
  keyFile?: string;
  json?: boolean;
  device?: string;
  timeout: number;
  trace?: string;
  decrypted?: boolean;
}

export function addStatus(program: Command): void {
  takesKey(program.command("status"))
    .summary("show the state of a board and its devices")
    .description("Shows how a board is (uptime, memory, what it lost or refused) and the state of each of its devices.")
    .argument("<address>", ADDRESS)
    .option("--device <name>", "only this device")
    .option("--json", "print one line of JSON")
    .option("--timeout <seconds>", "give up after so long", seconds, 10)
    .option("--trace <file>", TRACE)
    .option("--decrypted", DECRYPTED)
    .addHelpText(
      "after",
      "\nExamples:\n  devsock status tcp://192.168.1.20\n  devsock status udp://frontdesk --device printer0 --json",
    )
    .action((address: string, options: Options) => status(address, options));
}

async function status(address: string, { json, device, ...options }: Options): Promise<void> {
  const info = await withBoard(address, { ...options, json }, async (board, signal) => {
    const [info, counters] = await Promise.all([board.info(signal), board.counters(signal)]);
    return { ...info, counters, link: board.linkCounters };
  });
  const devices = device === undefined ? info.devices : info.devices.filter(({ name }) => name === device);
  if (device !== undefined && devices.length === 0) throw missing(device, info);
  if (json) return printJson({ address, ...info, devices });
  const { link } = info;
  printLines([
    ...(device === undefined ? [...boardLines(info, address), `  from here   ${inWords(link)}`] : []),
    ...devices.flatMap((each) => [`${each.name} (${each.driver})`, ...statusLines(each)]),
  ]);
}

function boardLines(info: BoardInfo, address: string): string[] {
  const { name, board, firmware, uptime, memory, counters } = info;
  const losses = lossesInWords(counters);
  const [first = "none", ...rest] = losses;
  return [
    `${name}: ${board}, firmware ${firmware}, at ${address}`,
    `  up          ${duration(uptime)}`,
    `  memory      ${memory.free} of ${memory.total} variables free`,
    `  links       ${trafficInWords(counters).join(", ")}`,
    `  losses      ${first}`,
    ...rest.map((loss) => `              ${loss}`),
  ];
}

/** What this side counted. */
function inWords({ framesSent, bytesSent, bytesReceived, resent, discarded, roundTrip }: LinkCounters): string {
  const facts = [`${framesSent} frames of ${bytesSent} bytes sent`, `${bytesReceived} bytes received`];
  if (roundTrip !== undefined) facts.push(`${roundTrip.toFixed(1)} ms there and back`);
  if (resent > 0) facts.push(`${resent} frames sent again`);
  if (discarded > 0) facts.push(`${discarded} bytes of no frame`);
  return facts.join(", ");
}

function duration(seconds: number): string {
  const parts: [number, string][] = [
    [Math.floor(seconds / 86400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [Math.floor(seconds) % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first < 0 ? 3 : first, first < 0 ? 4 : first + 2)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}

function missing(device: string, info: BoardInfo): CommandError {
  const names = info.devices.map(({ name }) => name).join(", ") || "none";
  const error = new DevsockError(`ENODEV: there is no ${device} on this board; it has ${names}`, {
    origin: "peer",
    address: device,
  });
  return new CommandError(error, ExitCode.failed);
}
