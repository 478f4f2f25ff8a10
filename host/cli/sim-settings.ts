/** From the options of `devsock sim` to those of the simulator. */
import type { Ports, SimulatorOptions } from "../../simulator/index.js";
import { DEFAULT_PORT, DevsockError, parseConfig, readKeyFile } from "../index.js";
import type { Config } from "../index.js";
import { CommandError, ExitCode, orExit } from "./exit.js";
import { readConfigFile } from "./config-file.js";
import { firmwareDirectory } from "./firmware.js";

export interface SimOptions {
  board?: string;
  config?: string;
  device?: Record<string, string>;
  bus?: Record<string, string[]>;
  tcp?: number;
  udp?: number;
  serial?: boolean;
  raw?: Record<string, number>;
  http?: Record<string, number>;
  printerLog?: string;
  seed: number;
  keyFile?: string;
  runtime: "simulated" | "espruino" | "pico";
  speed?: string;
  json?: boolean;
}

/** What of it a configuration may decide. */
type Choice = Pick<SimulatorOptions, "board" | "buses" | "config" | "devices" | "key" | "ports" | "serial">;

/** @throws CommandError for options that do not go together, and a configuration that is not right */
export async function simSettings(options: SimOptions): Promise<SimulatorOptions> {
  const { config, printerLog, seed, runtime, speed } = options;
  const { ESPRUINO: espruino, ESPRUINO_PICO: image, PICO_BOOTROM: bootRom } = process.env;
  if (runtime === "espruino" && !espruino)
    throw usage("set the environment variable ESPRUINO to the path of the interpreter's Linux build");
  if (runtime === "pico" && !(image && bootRom))
    throw usage("set the environment variables ESPRUINO_PICO and PICO_BOOTROM: docs/emulated-board.md says to what");
  const choice = config === undefined ? await fromOptions(options) : await fromFile(config, options);
  return {
    ...choice,
    bundleDir: firmwareDirectory(),
    seed,
    runtime,
    speed,
    espruino,
    pico: { image, bootRom },
    printerLog,
    log,
  };
}

/** From a file; options say other ports for what it has. */
async function fromFile(file: string, options: SimOptions): Promise<Choice> {
  const { board, device: devices, bus: buses, tcp, udp, serial, raw, http, keyFile } = options;
  if (keyFile !== undefined) throw usage("--key-file is given beside --config; put the key into the configuration");
  const config = await readConfig(file, board);
  const { links = {}, endpoints = [] } = config;
  for (const [option, given, there] of [
    ["--tcp", tcp, links.tcp],
    ["--udp", udp, links.udp],
    ["--serial", serial, links.serial],
  ] as const)
    if (given !== undefined && !there)
      throw usage(`${option} is given, but the configuration has no links.${option.slice(2)}; add it there`);
  const ports = {
    tcp: tcp ?? links.tcp?.port,
    udp: udp ?? links.udp?.port,
    raw: portsOf("raw", raw, endpoints),
    http: portsOf("http", http, endpoints),
  };
  return { board: config.board, config, devices, buses, ports: distinct(ports) };
}

async function fromOptions(options: SimOptions): Promise<Choice> {
  const { runtime, device: devices, bus: buses, tcp, udp, raw, http, keyFile } = options;
  const { board = runtime === "pico" ? "pico" : "linux" } = options;
  const wanted = devices ?? { printer0: "escpos" };
  const nothing = tcp === undefined && udp === undefined && !options.serial && !raw && !http;
  // The emulated chip has no network.
  const fallback = nothing && runtime !== "pico" ? DEFAULT_PORT : undefined;
  const serial = options.serial ?? (nothing && runtime === "pico");
  const first = Object.keys(wanted)[0]!;
  const ports = { tcp: tcp ?? fallback, udp: udp ?? fallback, raw: named(raw, first), http: named(http, first) };
  for (const option of ["raw", "http"] as const)
    for (const name of Object.keys(ports[option]))
      if (!(name in wanted))
        throw usage(`--${option} names ${name}, but the devices are ${Object.keys(wanted).join(", ")}`);
  const key = keyFile === undefined ? undefined : await orExit(readKeyFile(keyFile), ExitCode.noInput);
  return {
    board,
    devices: wanted,
    buses,
    ports: distinct(ports),
    serial,
    key: key && Buffer.from(key).toString("hex"),
  };
}

/** Two TCP ports of one number would make the board stand in its own way. */
function distinct<T extends Pick<Ports, "tcp" | "raw" | "http">>(ports: T): T {
  const users = new Map<number, string>();
  const uses = (["raw", "http"] as const).flatMap((option) =>
    Object.entries(ports[option] ?? {}).map(([name, port]) => [`--${option} ${name}`, port] as const),
  );
  for (const [name, port] of [["--tcp", ports.tcp] as const, ...uses]) {
    const other = port ? users.get(port) : undefined;
    if (other) throw usage(`${name} and ${other} are both port ${port}; choose another for one, or 0 for any`);
    if (port) users.set(port, name);
  }
  return ports;
}

/** The ports of a configuration's endpoints, as it has them or as an option says. */
function portsOf(
  option: "raw" | "http",
  given: Record<string, number> | undefined,
  endpoints: NonNullable<Config["endpoints"]>,
): Record<string, number> {
  const own = endpoints.filter(({ service }) => service === option);
  const ports = Object.fromEntries(own.map(({ device, port }) => [device, port]));
  const others = named(given, own[0]?.device ?? "");
  const missing = Object.keys(others).find((name) => !(name in ports));
  if (missing !== undefined)
    throw usage(
      `--${option} is given, but the configuration has no endpoint for ${missing || "a device"}; add it there`,
    );
  return { ...ports, ...others };
}

/** The port without a name is the first device's. */
function named(raw: Record<string, number> = {}, first: string): Record<string, number> {
  return Object.fromEntries(Object.entries(raw).map(([name, number]) => [name || first, number]));
}

async function readConfig(file: string, board: string | undefined): Promise<Config> {
  const text = await readConfigFile(file);
  try {
    return parseConfig(text, { board, simulated: true });
  } catch (error) {
    if (error instanceof DevsockError) throw new CommandError(error, ExitCode.usage);
    throw error;
  }
}

function log(line: string): void {
  process.stderr.write(`board: ${line}\n`);
}

function usage(text: string): CommandError {
  return new CommandError(new DevsockError(`EINVAL: ${text}`), ExitCode.usage);
}
