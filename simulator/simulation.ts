/** What a simulation is asked for and what it gives, whichever interpreter runs the firmware. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { readListed, readManifest } from "../boards/built.js";
import { bundleOf, fitOf, modulesOf } from "../boards/index.js";
import type { BoardSpec } from "../boards/index.js";
import type { Chip } from "./bus.js";
import type { BoardConfig, BusConfig, DeviceConfig, EndpointConfig } from "./config.js";
import type { MemoryReport } from "./runtime/globals.js";
import type { Peripheral } from "./peripheral/index.js";
import type { UartWire } from "./wire.js";

/** Real ports of 127.0.0.1; 0 is any, and what is left out is not offered. */
export interface Ports {
  tcp?: number;
  udp?: number;
  /** The raw endpoint of a printer, by its name. */
  raw?: Record<string, number>;
  /** The HTTP of a camera, by its name. */
  http?: Record<string, number>;
}

/** Where ordinary clients find a device. */
export interface Endpoint {
  raw?: string;
  http?: string;
}

export interface SimulatorOptions {
  /** The board's name, as `--board` takes it. */
  board: string;
  /** What hangs on the board: `{ printer0: "escpos" }`, with settings behind commas as `escpos,buffer=45`. */
  devices?: Record<string, string>;
  /** What hangs on its buses: `{ i2c0: ["24c02"], spi0: ["w25q80"] }`; on SPI in the order of the chip selects. */
  buses?: Record<string, string[]>;
  ports?: Ports;
  /** Offers the serial link as a terminal. */
  serial?: boolean;
  /** The board's key as text. Without one the links of a configuration made from `devices` are insecure. */
  key?: string;
  /** Replaces the configuration made from `devices`; ports of its links and endpoints are those on the board. */
  config?: BoardConfig;
  /** The interpreter that runs the firmware: ours, the real one's build for Linux, or that for the Pico on an emulator of its chip. */
  runtime?: "simulated" | "espruino" | "pico";
  /** Only on the runtime of our own: each callback takes as long as on this board, and queues are its. Left out: no time. */
  speed?: string | undefined;
  /** Path of the real interpreter. */
  espruino?: string;
  /** Paths of the interpreter's image for the Pico and of the chip's boot ROM. */
  pico?: { image: string | undefined; bootRom: string | undefined };
  /** Directory of the firmware bundles. */
  bundleDir: string;
  /** A program beside the firmware. */
  program?: Program;
  seed?: number;
  /** File for the bytes that the printers receive. */
  printerLog?: string;
  /** What the board prints on its console, a line at a time. */
  log?: (line: string) => void;
}

export interface Program {
  /** Modules for Storage by name, one character a byte. */
  files: Record<string, string>;
  /** What the boot file says behind the firmware. */
  start: string;
}

export interface Load {
  /** Of the interpreter's time, by what it did: 0 to 1. */
  shares: Record<string, number>;
  /** Bytes of the event queue, the most that ever waited, and events that found no room. */
  queue: { size: number; most: number; dropped: number };
}

export interface Simulator {
  /** Addresses as the host's `connect` takes them. */
  links: { tcp?: string; udp?: string; serial?: string };
  endpoints: Record<string, Endpoint>;
  peripherals: Record<string, Peripheral>;
  chips: Record<string, Chip[]>;
  /** Cables by the device's name; the serial link's is `serial`. */
  wires: Record<string, UartWire>;
  memory(): Promise<MemoryReport>;
  /** With `speed`, what the board had to do since its start. */
  load?(): Load;
  /** Takes the board's power and gives it back. */
  powerCycle(): Promise<void>;
  stop(): Promise<void>;
}

/** What is needed to start a board, on either interpreter. */
export interface Assembly {
  options: SimulatorOptions;
  spec: BoardSpec;
  config: BoardConfig;
  /** Texts of the firmware and its boot file, one character a byte. */
  bundle: string;
  boot: string;
  /** Modules for Storage by name, in the same way: those that the configuration needs, and the program's. */
  modules: Record<string, string>;
  peripherals: Record<string, Peripheral>;
  chips: Record<string, Chip[]>;
}

/** Fails with a code, and a sentence that says what to do. */
export function failure(code: string, message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code });
}

const LINK_BAUD = 230_400;
/** Of no meaning on the cable; the firmware sends no faster. */
const USB_BAUD = 1_000_000;
const USB = "USB";
/** Of a bus with a camera: without a word it would be the interpreter's, 100,000. */
const SPI_BITRATE = 4_000_000;
const LINK_PORT = 9180;
const RAW_PORT = 9100;
const HTTP_PORT = 80;
const NOWHERE = "/dev/null";

/**
 * On a UART of so many bits a second; on pins alone or on a bus and pins: by role, whether a pin needs a converter; or on SPI and I2C.
 */
export type Place =
  | { baud: number; flow?: "none" }
  | { bus?: "I2C"; pins: Readonly<Record<string, "analog" | "digital">> }
  | { buses: "SPI and I2C" };

/** Where what is named on the command line hangs. */
export interface Places {
  device(kind: string): Place;
  bus(chip: string): "I2C" | "SPI";
}

/** A configuration for the devices asked for, on the board's UARTs and pins in their order; the link takes the last UART. */
export function configFor(options: SimulatorOptions, spec: BoardSpec, places: Places): BoardConfig {
  if (options.config) return structuredClone(options.config);
  const path = spec.paths ? { path: NOWHERE } : {};
  const { key } = options;
  const links: NonNullable<BoardConfig["links"]> = {};
  const config = { board: spec.id, ...(key !== undefined && { key }), links };
  const { tcp, udp, raw = {}, http = {} } = options.ports ?? {};
  if (spec.network.sockets === 0 && (tcp ?? udp ?? Object.values({ ...raw, ...http })[0]) !== undefined)
    throw failure("EINVAL", `${spec.id} has no network: ask for a serial link instead of ports`);
  const link = { port: LINK_PORT, ...(key === undefined && { insecure: true }) };
  if (tcp !== undefined) config.links.tcp = link;
  if (udp !== undefined) config.links.udp = link;
  const wanted = Object.entries(options.devices ?? {});
  const uarts = new Uarts(spec, wanted, places, options.serial === true);
  const pins = new FreePins(spec);
  const chips: Record<string, string[]> = { ...options.buses };
  const i2c = Object.keys(chips).find((bus) => places.bus(chips[bus]![0]!) === "I2C") ?? "i2c0";
  const spi = Object.keys(chips).find((bus) => places.bus(chips[bus]![0]!) === "SPI") ?? "spi0";
  const onI2c = (on: Place): boolean => "bus" in on || "buses" in on;
  const fast = new Set<string>();
  if (wanted.some(([, text]) => onI2c(places.device(text)))) chips[i2c] ??= [];
  const devices = wanted.map(([name, text]): [string, DeviceConfig] => {
    const on = places.device(text);
    const driver = parseDevice(text).kind;
    if ("buses" in on) {
      fast.add(spi);
      const cs = (chips[spi] = [...(chips[spi] ?? []), driver]).length - 1;
      return [name, { driver, spi, cs, i2c }];
    }
    if ("pins" in on) {
      const bus = on.bus && { bus: i2c };
      const wired = pins.take(name, on.pins);
      return [name, { driver, ...bus, ...(Object.keys(wired).length > 0 && { pins: wired }) }];
    }
    return [name, { driver, uart: uarts.take(), baud: on.baud, flow: on.flow ?? "xonxoff", ...path }];
  });
  if (options.serial) config.links.serial = { ...uarts.forLink(), ...path };
  const offer = (service: string, ports: Record<string, number>, first: number): EndpointConfig[] =>
    Object.keys(options.devices ?? {})
      .filter((name) => ports[name] !== undefined)
      .map((device, index) => ({ service, device, port: first + index }));
  const endpoints = [...offer("raw", raw, RAW_PORT), ...offer("http", http, HTTP_PORT)];
  const buses = busesFor(chips, spec, (chip) => places.bus(chip), uarts.taken > 0);
  for (const name of fast) buses![name]!["bitrate"] = SPI_BITRATE;
  return { ...config, devices: Object.fromEntries(devices), ...(buses && { buses }), endpoints };
}

/** The board's UARTs, one after the other. */
class Uarts {
  taken = 0;
  private readonly names: string[];
  /** The UART that is a cable to a host, and no device's. */
  private readonly cable: string | undefined;

  constructor(spec: BoardSpec, devices: [string, string][], places: Places, link: boolean) {
    const names = Object.keys(spec.uarts);
    this.cable = spec.paths ? undefined : names.find((name) => spec.uarts[name]!.tx.length === 0);
    this.names = names.filter((name) => name !== this.cable);
    const users = devices.filter(([, text]) => "baud" in places.device(text)).map(([name]) => name);
    const linked = link && this.cable === undefined;
    if (users.length + (linked ? 1 : 0) > this.names.length)
      throw failure(
        "EINVAL",
        `${spec.id} has ${this.names.length} UART(s): too few for ${users.join(", ")}${linked ? " and a serial link" : ""}`,
      );
  }

  /** A board with a cable has its link there. */
  forLink(): { uart: string; baud: number } {
    return { uart: this.cable ?? this.take(), baud: this.cable === USB ? USB_BAUD : LINK_BAUD };
  }

  take(): string {
    return this.names[this.taken++]!;
  }
}

/** Pins that no UART has as its usual ones, of different numbers: one interrupt line serves all of one number. */
class FreePins {
  private readonly left: string[];
  private readonly converts: (pin: string) => boolean;

  constructor(private readonly spec: BoardSpec) {
    const names = spec.pins ? spec.pins.split(" ") : Array.from({ length: 32 }, (_, number) => `D${number}`);
    const usual = Object.values(spec.uarts).flatMap(({ tx, rx }) => [tx[0], rx[0]]);
    const network = spec.network.pins?.split(" ") ?? [];
    const free = names.filter((name) => !usual.includes(name) && !network.includes(name));
    const { byNumber } = spec.interrupts;
    this.left = free.filter(
      (name, i) => !byNumber || free.findIndex((other) => other.slice(1) === name.slice(1)) === i,
    );
    this.converts = (pin) => !spec.analog || spec.analog.split(" ").includes(pin);
  }

  take(device: string, roles: Readonly<Record<string, "analog" | "digital">>): Record<string, string> {
    const taken = Object.entries(roles).map(([role, kind]) => {
      const at = this.left.findIndex((pin) => kind === "digital" || this.converts(pin));
      if (at < 0) throw failure("EINVAL", `${this.spec.id} has no pin left for ${device}'s ${role}`);
      return [role, this.left.splice(at, 1)[0]!];
    });
    return Object.fromEntries(taken) as Record<string, string>;
  }
}

/** Each bus on the first port of its kind that is left, on its usual pins or on others where the first UART or the network uses those. */
function busesFor(
  wanted: Record<string, string[]>,
  spec: BoardSpec,
  kindOfBus: (chip: string) => "I2C" | "SPI",
  uart: boolean,
): Record<string, BusConfig> | undefined {
  const first = Object.values(spec.uarts)[0]!;
  const taken = [...(uart ? [first.tx[0], first.rx[0]] : []), ...(spec.network.pins?.split(" ") ?? [])];
  const usual = (port: string, pins: Readonly<Record<string, string>>): boolean =>
    Object.entries(pins).every(([signal, pin]) => pin === spec.buses[port]![signal]![0]);
  const left = Object.entries(spec.buses)
    .flatMap(([port, signals]) => {
      const pins = freeOf(signals, taken);
      return pins ? [{ port, pins, usual: usual(port, pins) }] : [];
    })
    .sort((one, other) => Number(other.usual) - Number(one.usual));
  const selects = ["A4", "B9", "B1", "D22", "D21"].filter((pin) => spec.pins.split(" ").includes(pin));
  const buses = Object.entries(wanted).map(([name, chips]) => {
    const kind = chips[0] === undefined ? "I2C" : kindOfBus(chips[0]);
    const found = left.find(({ port }) => port.startsWith(kind));
    if (!found) throw failure("EINVAL", `${spec.id} has no ${kind} port left for ${name}`);
    left.splice(left.indexOf(found), 1);
    const { port, pins } = found;
    const cs = kind === "SPI" && selects.length > 0 ? { cs: selects.splice(0, chips.length) } : {};
    return [name, { port, ...(!found.usual && { pins }), ...cs }] as const;
  });
  return buses.length > 0 ? Object.fromEntries(buses) : undefined;
}

/** For each signal of a port a pin that nobody has taken, the usual one if it is left; undefined where one has none. */
function freeOf(
  signals: Readonly<Record<string, readonly string[]>>,
  taken: readonly (string | undefined)[],
): Record<string, string> | undefined {
  const free = Object.entries(signals).map(([signal, able]) => [signal, able.find((pin) => !taken.includes(pin))]);
  return free.some(([, pin]) => pin === undefined) ? undefined : (Object.fromEntries(free) as Record<string, string>);
}

/** A device as the command line writes it: its kind, then settings. */
export function parseDevice(text: string): { kind: string; settings: Record<string, string> } {
  const [kind, ...rest] = text.split(",");
  const settings = rest.map((item) => [item.split("=")[0]!, item.split("=").slice(1).join("=") || "true"]);
  return { kind: kind!, settings: Object.fromEntries(settings) as Record<string, string> };
}

/** The real port that a configured endpoint is asked to be at; 0 where it may be any. */
export function wantedPort({ service, device }: EndpointConfig, ports: Ports = {}): number {
  return ports[service as "raw" | "http"]?.[device] ?? 0;
}

/** @param portOf the real port of an endpoint */
export function endpointsOf(
  endpoints: EndpointConfig[] = [],
  portOf: (endpoint: EndpointConfig) => number,
): Record<string, Endpoint> {
  const found: Record<string, Endpoint> = {};
  for (const endpoint of endpoints) {
    const at = `127.0.0.1:${portOf(endpoint)}`;
    const address = endpoint.service === "http" ? { http: `http://${at}/` } : { raw: `tcp://${at}` };
    found[endpoint.device] = { ...found[endpoint.device], ...address };
  }
  return found;
}

/** The modules in Storage that a configuration needs. */
export function readModules(directory: string, config: BoardConfig): Record<string, string> {
  const files = modulesOf(config).map((name) => [name, read(directory, config.board, `${config.board}.${name}.js`)]);
  return Object.fromEntries(files) as Record<string, string>;
}

/**
 * The firmware that a configuration gets on a real board, beside programs of its own. Where none leaves room for it a simulated one has room all the same.
 * @throws Error ENOENT when the firmware has not been built, EIO when a file is not what was built
 */
export function readBundle(
  directory: string,
  spec: BoardSpec,
  config: BoardConfig,
  programs = false,
): { bundle: string; boot: string } {
  const sizeOf = (file: string): number => statSync(join(directory, file), { throwIfNoEntry: false })?.size ?? 0;
  const length = Buffer.byteLength(JSON.stringify(config));
  const build = fitOf(spec, { ...config, programs }, [length], sizeOf)?.build ?? spec.builds[0]!;
  const name = bundleOf(spec, build);
  return { bundle: read(directory, spec.id, `${name}.js`), boot: read(directory, spec.id, `${name}.boot.js`) };
}

function read(directory: string, board: string, file: string): string {
  return readListed(directory, board, readManifest(directory, board), file).toString("latin1");
}
