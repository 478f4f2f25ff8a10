import { once } from "node:events";
import type { Command } from "commander";
import { DevsockError, packetLine, Tap } from "../../index.js";
import type { Board, Packet } from "../../index.js";
import { CommandError, ExitCode } from "../exit.js";
import { takesKey } from "../key.js";
import { ADDRESS, DECRYPTED, seconds } from "../options.js";
import { printJson, printLines } from "../output.js";
import { Recording } from "../recording.js";
import { withBoard } from "../with-board.js";

interface Options {
  keyFile?: string;
  output?: string;
  for?: number;
  json?: boolean;
  decrypted?: boolean;
}

const HELP = `
It traces its own link: it connects, asks the board what it is, and stays until Ctrl-C. To see what another command does,
give that one --trace FILE. Without -o each frame is a line of text.

Examples:
  devsock trace tcp://192.168.1.20
  devsock trace 'serial:/dev/ttyACM0' -o board.pcapng --for 60
  devsock trace udp://frontdesk -o - | tshark -X lua_script:docs/wireshark/devsock.lua -r -
  devsock print udp://frontdesk page.bin --trace page.pcapng`;

export function addTrace(program: Command): void {
  takesKey(program.command("trace"))
    .summary("show what passes on a link, or write it to a capture file")
    .description("Shows every frame of a link to a board, or writes them to a file for Wireshark and tshark.")
    .argument("<address>", ADDRESS)
    .option("-o, --output <file>", "write a capture file (pcapng), - for standard output")
    .option("--for <seconds>", "end after so long", seconds)
    .option("--decrypted", DECRYPTED)
    .option("--json", "print one line of JSON at the end: how much passed")
    .addHelpText("after", HELP)
    .action((address: string, options: Options) => trace(address, options));
}

async function trace(address: string, { output, for: limit, json, keyFile, decrypted }: Options): Promise<void> {
  if (json && output === "-") throw bothOnOutput();
  const start = performance.now();
  const recording = output === undefined ? undefined : await Recording.open(output, decrypted);
  // Who reads the lines has the key.
  const tap = recording?.tap ?? new Tap({ decrypted: true });
  if (!recording) tap.on("data", json ? () => undefined : lines(start));
  try {
    await withBoard(address, { tap, keyFile, json }, (board, signal) => stay(board, signal, limit));
  } finally {
    await recording?.close();
  }
  const durationMs = Math.round(performance.now() - start);
  if (json) return printJson({ address, file: output, ...tap.counters, durationMs });
  const { frames, bytes, noise, dropped } = tap.counters;
  const summary = `${frames} frames of ${bytes} bytes, ${noise} bytes of no frame, ${dropped} packets lost here`;
  if (recording && output !== "-") printLines([`${summary}; in ${output}`]);
  else process.stderr.write(`${summary}\n`);
}

/** Until Ctrl-C, the time, or the end of the link, which is an error. */
async function stay(board: Board, signal: AbortSignal, limit: number | undefined): Promise<void> {
  const over = new AbortController();
  board.once("close", (error) => over.abort(error));
  await board.info(signal);
  const ends = [signal, over.signal, ...(limit === undefined ? [] : [AbortSignal.timeout(limit * 1000)])];
  const end = AbortSignal.any(ends);
  if (!end.aborted) await once(end, "abort");
  if (over.signal.reason instanceof DevsockError) throw over.signal.reason;
}

/** Each packet as a line, with seconds since the start. */
function lines(start: number): (packet: Packet) => void {
  return (packet) => {
    const at = (packet.time - performance.timeOrigin - start) / 1000;
    printLines([`${at.toFixed(6).padStart(10)} ${packetLine(packet)}`]);
  };
}

function bothOnOutput(): CommandError {
  const text = "EINVAL: --json and -o - both want standard output; give the capture a file";
  return new CommandError(new DevsockError(text), ExitCode.usage);
}
