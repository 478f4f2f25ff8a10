import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Option } from "commander";
import type { Command } from "commander";
import type { Simulator, SimulatorOptions } from "../../../simulator/index.js";
import { DEFAULT_PORT, DevsockError, fromNode, parseConfig } from "../../index.js";
import type { Config } from "../../index.js";
import { CommandError, ExitCode } from "../exit.js";
import { onInterrupt } from "../interrupt.js";
import { device, integer, port, rawPort } from "../options.js";
import { printJson, printLines } from "../output.js";
import { simFailure } from "../sim-failure.js";

interface Options {
  board?: string;
  config?: string;
  device?: Record<string, string>;
  tcp?: number;
  udp?: number;
  serial?: boolean;
  raw?: Record<string, number>;
  printerLog?: string;
  seed: number;
  runtime: "simulated" | "espruino";
  json?: boolean;
}

const HELP = `
Without any of --tcp, --udp, --serial, --raw and --config the board offers TCP and UDP on port 9180.
Everything listens on 127.0.0.1 only. SIGTERM or Ctrl-C ends it.

Settings of a simulated printer stand behind its kind: printer0=escpos,buffer=45,speed=2000

Examples:
  devsock sim
  devsock sim --json --tcp 0 --udp 0 --serial --raw 0
  devsock sim --board espruino-wifi --device printer0=escpos,buffer=45 --tcp 9180 --printer-log got.bin
  ESPRUINO=/usr/local/bin/espruino devsock sim --runtime espruino --tcp 9180`;

export function addSim(program: Command): void {
  program
    .command("sim")
    .summary("run a simulated board with a simulated printer")
    .description("Runs the board's real firmware without hardware, with simulated peripherals on its UARTs.")
    .option("--board <id>", 'which board; "linux" unless the configuration says another')
    .option("--config <file>", "the board's configuration, devsock.json, instead of one made from these options")
    .option("--device <name=kind>", "a peripheral, may be repeated (default: printer0=escpos)", device)
    .option("--tcp <port>", "offer the link over TCP; 0 is any port", port)
    .option("--udp <port>", "offer the link over UDP; 0 is any port", port)
    .option("--serial", "offer the link over a serial line, a pseudo terminal")
    .option("--raw <[device=]port>", "offer the raw port, as 9100 of network printers; may be repeated", rawPort)
    .option("--printer-log <file>", "write the exact bytes that the printer receives to a file")
    .option("--seed <n>", "start of all randomness", integer, 1)
    .addOption(
      new Option("--runtime <which>", "who runs the firmware: devsock's own runtime, or the program named by ESPRUINO")
        .choices(["simulated", "espruino"])
        .default("simulated"),
    )
    .option("--json", "print one line of JSON when ready")
    .addHelpText("after", HELP)
    .action((options: Options) => sim(options));
}

async function sim(options: Options): Promise<void> {
  const interrupt = onInterrupt();
  try {
    const simulator = await start(await settings(options));
    const { links, endpoints } = simulator;
    if (options.json) printJson({ ready: true, links, endpoints });
    else printLines(describe(simulator));
    if (!interrupt.signal.aborted) await once(interrupt.signal, "abort");
    await simulator.stop();
  } finally {
    interrupt.stop();
  }
}

async function start(options: SimulatorOptions): Promise<Simulator> {
  try {
    // Loaded only here: the other commands start faster without it.
    const { startSimulator } = await import("../../../simulator/index.js");
    return await startSimulator(options);
  } catch (error) {
    throw simFailure(error, options.printerLog);
  }
}

async function settings(options: Options): Promise<SimulatorOptions> {
  const { board, device: devices, tcp, udp, serial, raw, printerLog, seed, runtime } = options;
  const common = { bundleDir: bundleDirectory(), seed, runtime, printerLog, log };
  const espruino = process.env.ESPRUINO;
  if (runtime === "espruino" && !espruino)
    throw usage("set the environment variable ESPRUINO to the path of the interpreter's Linux build");
  if (options.config !== undefined) {
    const config = await readConfig(options.config, board);
    const { links = {}, endpoints = [] } = config;
    const rawPorts = Object.fromEntries(endpoints.map((endpoint) => [endpoint.device, endpoint.port]));
    const first = endpoints[0]?.device ?? "";
    const ports = {
      tcp: tcp ?? links.tcp?.port,
      udp: udp ?? links.udp?.port,
      raw: { ...rawPorts, ...named(raw, first) },
    };
    return { ...common, espruino, board: config.board, config, devices, ports: distinct(ports) };
  }
  const wanted = devices ?? { printer0: "escpos" };
  const nothing = tcp === undefined && udp === undefined && !serial && !raw;
  const fallback = nothing ? DEFAULT_PORT : undefined;
  const ports = { tcp: tcp ?? fallback, udp: udp ?? fallback, raw: named(raw, Object.keys(wanted)[0]!) };
  for (const name of Object.keys(ports.raw))
    if (!(name in wanted)) throw usage(`--raw names ${name}, but the devices are ${Object.keys(wanted).join(", ")}`);
  return { ...common, espruino, board: board ?? "linux", devices: wanted, ports: distinct(ports), serial };
}

/** Two TCP ports of one number would make the board stand in its own way. */
function distinct<T extends { tcp: number | undefined; raw: Record<string, number> }>(ports: T): T {
  const users = new Map<number, string>();
  const uses = [["--tcp", ports.tcp], ...Object.entries(ports.raw).map(([name, port]) => [`--raw ${name}`, port])];
  for (const [name, port] of uses as [string, number | undefined][]) {
    const other = port ? users.get(port) : undefined;
    if (other) throw usage(`${name} and ${other} are both port ${port}; choose another for one, or 0 for any`);
    if (port) users.set(port, name);
  }
  return ports;
}

/** The port without a name is the first device's. */
function named(raw: Record<string, number> = {}, first: string): Record<string, number> {
  return Object.fromEntries(Object.entries(raw).map(([name, number]) => [name || first, number]));
}

async function readConfig(file: string, board: string | undefined): Promise<Config> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new CommandError(fromNode(error, "file", file), ExitCode.noInput);
  });
  try {
    return parseConfig(text, { board, simulated: true });
  } catch (error) {
    if (error instanceof DevsockError) throw new CommandError(error, ExitCode.usage);
    throw error;
  }
}

/** Beside the compiled library, or where the build puts it when the sources run. */
function bundleDirectory(): string {
  const places = ["../../../firmware/", "../../../dist/firmware/"].map((place) => new URL(place, import.meta.url));
  return fileURLToPath(places.find((place) => existsSync(new URL("linux.js", place))) ?? places[1]!);
}

function describe({ links, endpoints }: Simulator): string[] {
  const address = Object.values(links)[0];
  return [
    "the board is on; Ctrl-C ends it",
    ...Object.entries(links).map(([name, link]) => `  ${name.padEnd(8)} ${link}`),
    ...Object.entries(endpoints).map(([name, { raw }]) => `  ${name} raw ${raw.replace("tcp://", "port of ")}`),
    ...(address ? [`try: npx devsock ls '${address}'`] : []),
  ];
}

function log(line: string): void {
  process.stderr.write(`board: ${line}\n`);
}

function usage(text: string): CommandError {
  return new CommandError(new DevsockError(`EINVAL: ${text}`), ExitCode.usage);
}
