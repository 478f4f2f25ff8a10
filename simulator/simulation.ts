/** What a simulation is asked for and what it gives, whichever interpreter runs the firmware. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BoardSpec } from "../boards/index.js";
import type { Chip } from "./bus.js";
import type { BoardConfig, BusConfig } from "./config.js";
import type { MemoryReport } from "./runtime/globals.js";
import type { UartPeripheral } from "./uart.js";
import type { UartWire } from "./wire.js";

/** Real ports of 127.0.0.1; 0 is any, and what is left out is not offered. */
export interface Ports {
  tcp?: number;
  udp?: number;
  /** The raw endpoint of a device, by the device's name. */
  raw?: Record<string, number>;
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

export interface Simulator {
  /** Addresses as the host's `connect` takes them. */
  links: { tcp?: string; udp?: string; serial?: string };
  endpoints: Record<string, { raw: string }>;
  peripherals: Record<string, UartPeripheral>;
  chips: Record<string, Chip[]>;
  /** Cables by the device's name; the serial link's is `serial`. */
  wires: Record<string, UartWire>;
  memory(): Promise<MemoryReport>;
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
  peripherals: Record<string, UartPeripheral>;
  chips: Record<string, Chip[]>;
}

/** Fails with a code, and a sentence that says what to do. */
export function failure(code: string, message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code });
}

const DEFAULT_BAUD = 115_200;
const LINK_BAUD = 230_400;
/** Of no meaning on the cable; the firmware sends no faster. */
const USB_BAUD = 1_000_000;
const USB = "USB";
const LINK_PORT = 9180;
const RAW_PORT = 9100;
const NOWHERE = "/dev/null";

/** A configuration for the devices asked for, on the board's UARTs in their order; the link takes the last one. */
export function configFor(
  options: SimulatorOptions,
  spec: BoardSpec,
  kindOfBus: (chip: string) => "I2C" | "SPI",
): BoardConfig {
  if (options.config) return structuredClone(options.config);
  const uarts = Object.keys(spec.uarts).filter((name) => name !== USB);
  const usb = USB in spec.uarts;
  const names = Object.keys(options.devices ?? {});
  if (names.length + (options.serial && !usb ? 1 : 0) > uarts.length)
    throw failure(
      "EINVAL",
      `${spec.id} has ${uarts.length} UART(s): too few for ${names.join(", ")} and a serial link`,
    );
  const path = spec.paths ? { path: NOWHERE } : {};
  const { key } = options;
  const links: NonNullable<BoardConfig["links"]> = {};
  const config = { board: spec.id, ...(key !== undefined && { key }), links };
  const { tcp, udp, raw = {} } = options.ports ?? {};
  if (spec.network.sockets === 0 && (tcp ?? udp ?? Object.values(raw)[0]) !== undefined)
    throw failure("EINVAL", `${spec.id} has no network: ask for a serial link instead of ports`);
  const link = { port: LINK_PORT, ...(key === undefined && { insecure: true }) };
  if (tcp !== undefined) config.links.tcp = link;
  if (udp !== undefined) config.links.udp = link;
  if (options.serial)
    config.links.serial = usb
      ? { uart: USB, baud: USB_BAUD }
      : { uart: uarts[names.length]!, baud: LINK_BAUD, ...path };
  const devices = names.map((name, index) => {
    const { kind } = parseDevice(options.devices![name]!);
    return [name, { driver: kind, uart: uarts[index]!, baud: DEFAULT_BAUD, flow: "xonxoff", ...path }] as const;
  });
  const endpoints = names
    .filter((name) => raw[name] !== undefined)
    .map((device, index) => ({ service: "raw", device, port: RAW_PORT + index }));
  const buses = busesFor(options.buses ?? {}, spec, kindOfBus, options.serial === true || names.length > 0);
  return { ...config, devices: Object.fromEntries(devices), ...(buses && { buses }), endpoints };
}

/** Each bus on the first port of its kind that is left, and whose usual pins the first UART does not use. */
function busesFor(
  wanted: Record<string, string[]>,
  spec: BoardSpec,
  kindOfBus: (chip: string) => "I2C" | "SPI",
  uart: boolean,
): Record<string, BusConfig> | undefined {
  const taken = uart ? Object.values(Object.values(spec.uarts)[0]!).map(([pin]: readonly string[]) => pin) : [];
  const taking = Object.entries(spec.buses).filter(
    ([, pins]) => !Object.values(pins).some(([pin]) => taken.includes(pin)),
  );
  const left = taking.map(([port]) => port);
  const selects = ["A4", "B9", "B1"].filter((pin) => spec.pins.split(" ").includes(pin));
  const buses = Object.entries(wanted).map(([name, chips]) => {
    const kind = kindOfBus(chips[0]!);
    const port = left.find((each) => each.startsWith(kind));
    if (!port) throw failure("EINVAL", `${spec.id} has no ${kind} port left for ${name}`);
    left.splice(left.indexOf(port), 1);
    const cs = kind === "SPI" && selects.length > 0 ? { cs: selects.splice(0, chips.length) } : {};
    return [name, { port, ...cs }] as const;
  });
  return buses.length > 0 ? Object.fromEntries(buses) : undefined;
}

/** A device as the command line writes it: its kind, then settings. */
export function parseDevice(text: string): { kind: string; settings: Record<string, string> } {
  const [kind, ...rest] = text.split(",");
  const settings = rest.map((item) => [item.split("=")[0]!, item.split("=").slice(1).join("=") || "true"]);
  return { kind: kind!, settings: Object.fromEntries(settings) as Record<string, string> };
}

/** @throws Error ENOENT when the firmware has not been built */
export function readBundle(directory: string, board: string): { bundle: string; boot: string } {
  try {
    const read = (name: string): string => readFileSync(join(directory, name), "latin1");
    return { bundle: read(`${board}.js`), boot: read(`${board}.boot.js`) };
  } catch (cause) {
    const text = `no firmware for ${board} in ${directory}: run npm run build:firmware -- --board ${board}`;
    throw failure("ENOENT", text, cause);
  }
}
