/** What a shape cannot say: the parts of a configuration against each other and against the board. */
import type { BoardSpec } from "../../boards/index.js";
import { cameraTable } from "../../protocols/device/camera/index.js";
import { checkCameras } from "./cameras.js";
import { checkLoad } from "./load.js";
import { checkBuses, checkPins } from "./pins.js";
import type { Config, EndpointConfig, PrinterConfig } from "./schema.js";
import { checkSensors } from "./sensors.js";
import { checkStorage } from "./storage.js";
import type { SizeOf } from "./storage.js";

export interface Fault {
  /** As one would write it in JavaScript: `endpoints[0].port`. Empty for the whole. */
  path: string;
  /** What is wrong and what to do, as it follows the path. */
  problem: string;
}

type Report = (path: string, problem: string) => void;

export interface RuleOptions {
  /** It is for a simulated board: what connects a real one to its surroundings may be missing. */
  simulated: boolean;
  /** Of the firmware's files: without it nobody asks whether they fit. */
  sizeOf?: SizeOf | undefined;
}

/** What addresses begin with that are no device's: `program:NAME`, `host:NAME`. */
const RESERVED: readonly string[] = ["program", "host"];

export function checkRules(config: Config, board: BoardSpec, options: RuleOptions): Fault[] {
  const faults: Fault[] = [];
  const report: Report = (path, problem) => void faults.push({ path, problem });
  // What would be right on it is beside the point.
  if (board.refuses) return [{ path: "board", problem: `${board.id} holds no firmware: ${board.refuses}` }];
  checkUarts(config, board, options, report);
  checkPins(config, board, options.simulated, report);
  checkBuses(config, board, options.simulated, report);
  for (const section of ["devices", "buses"] as const)
    for (const name of Object.keys(config[section] ?? {}))
      if (RESERVED.includes(name)) report(`${section}.${name}`, "begins other addresses; choose another name");
  for (const [name, device] of Object.entries(config.devices ?? {}))
    if (device.driver === "escpos") checkFlow(`devices.${name}`, device, board, report);
  checkSensors(config, report);
  checkCameras(config, board, report);
  checkPorts(config, board, report);
  checkNetwork(config, board, options, report);
  for (const [name, device] of Object.entries(config.devices ?? {}))
    if ("uart" in device && isCable(device.uart, board))
      report(`devices.${name}.uart`, `${device.uart} is the cable to a host; ${freeUart(config, board)}`);
  if (config.inet && !board.builds.some(({ features }) => features.includes("inet")))
    report("inet", `${board.id} has no room for sockets of its network in its firmware; remove it`);
  checkPeers(config, board, report);
  checkKey(config, board, report);
  // Of what is wrong in itself nobody knows what it takes.
  if (faults.length > 0) return faults;
  checkLoad(config, board, report);
  // A simulated board has room for all of it.
  if (options.sizeOf && !options.simulated) checkStorage(config, board, options.sizeOf, report);
  return faults;
}

interface UartUse {
  path: string;
  uart: string;
  /** The device's own where it is left out. */
  baud: number | undefined;
  terminal: string | undefined;
}

function checkUarts(config: Config, board: BoardSpec, { simulated }: RuleOptions, report: Report): void {
  const names = Object.keys(board.uarts);
  const users = new Map<string, string>();
  const terminals = new Map<string, string>();
  for (const { path, uart, baud, terminal } of uartUses(config)) {
    if (!names.includes(uart)) report(`${path}.uart`, `${board.id} has no UART ${uart}; it has ${names.join(", ")}`);
    const other = users.get(uart);
    if (other) report(`${path}.uart`, `${uart} is taken by ${other}; ${free(names, config, uart)}`);
    else users.set(uart, path);
    if (baud !== undefined) checkBaud(`${path}.baud`, baud, board, report);
    if (terminal !== undefined && !board.paths)
      report(`${path}.path`, `${board.id} has pins, no terminal devices; remove it`);
    if (terminal === undefined && board.paths && !simulated)
      report(`${path}.path`, 'is missing: give the terminal device of the UART, such as "/dev/ttyUSB0"');
    const same = terminal === undefined ? undefined : terminals.get(terminal);
    if (same) report(`${path}.path`, `${terminal} is taken by ${same}; name another terminal device`);
    else if (terminal !== undefined) terminals.set(terminal, path);
  }
}

function uartUses({ links, devices = {} }: Config): UartUse[] {
  const uses: UartUse[] = [];
  const serial = links?.serial;
  if (serial) uses.push({ path: "links.serial", uart: serial.uart, baud: serial.baud, terminal: serial.path });
  for (const [name, device] of Object.entries(devices))
    if ("uart" in device)
      uses.push({ path: `devices.${name}`, uart: device.uart, baud: device.baud, terminal: device.path });
  return uses;
}

/** Where a link can be, and no device. */
function isCable(uart: string, board: BoardSpec): boolean {
  return !board.paths && board.uarts[uart]?.tx.length === 0;
}

function freeUart(config: Config, board: BoardSpec): string {
  const names = Object.keys(board.uarts).filter((name) => !isCable(name, board));
  return names.length > 0 ? free(names, config) : "the board has no other";
}

function free(names: string[], config: Config, uart?: string): string {
  const left = names.filter((name) => name !== uart && !uartUses(config).some((use) => use.uart === name));
  return left.length > 0 ? `free are ${left.join(", ")}` : "the board has no other";
}

function checkBaud(path: string, baud: number, { id, bauds }: BoardSpec, report: Report): void {
  if ("least" in bauds) {
    if (baud < bauds.least || baud > bauds.most)
      report(path, `${id} runs from ${bauds.least} to ${bauds.most} bits a second, not at ${baud}`);
  } else if (!bauds.includes(baud)) report(path, `${id} does not run at ${baud}; choose among ${bauds.join(", ")}`);
}

function checkFlow(path: string, { flow, pins }: PrinterConfig, board: BoardSpec, report: Report): void {
  if (flow !== "rtscts" && flow !== "dtrdsr") return;
  if (board.pins === "") report(`${path}.flow`, `${board.id} has no pins for ${flow}; use "xonxoff" or "none"`);
  else if (pins?.cts === undefined)
    report(`${path}.pins.cts`, `is missing: ${flow} needs the pin on which the device says that it is ready`);
}

function checkPorts(
  { links, endpoints = [], devices = {}, peers = {} }: Config,
  board: BoardSpec,
  report: Report,
): void {
  const users = new Map<number, string>();
  if (links?.tcp) users.set(links.tcp.port, "links.tcp");
  endpoints.forEach((endpoint, i) => {
    const { port, device } = endpoint;
    const path = `endpoints[${i}]`;
    const other = users.get(port);
    if (other) report(`${path}.port`, `port ${port} is taken by ${other}; choose another`);
    else users.set(port, path);
    if (endpoint.peer !== undefined) checkPeerPort(path, endpoint, peers, report);
    else if (Object.hasOwn(devices, device)) checkService(path, endpoint, devices[device]!.driver, report);
    else {
      const names = Object.keys(devices);
      const known = names.length > 0 ? `there are ${names.join(", ")}` : 'add it under "devices"';
      report(`${path}.device`, `there is no device ${device}; ${known}`);
    }
  });
  const { servers } = board.network;
  if (users.size > servers && servers === 0)
    report("endpoints", `${board.id} has no network; remove endpoints, and links.tcp`);
  else if (users.size > servers)
    report(
      "endpoints",
      `${board.id} can listen on ${servers} TCP port${servers > 1 ? "s" : ""} at once, and ${users.size} are asked for; ` +
        "remove endpoints, or links.tcp",
    );
}

/** A service is for one kind of device, and has its own settings. */
function checkService(path: string, endpoint: EndpointConfig, driver: string, report: Report): void {
  const { service, device } = endpoint;
  if (service === "raw" && driver !== "escpos")
    report(`${path}.device`, `${device} is no printer; a raw port is for one, and hosts reach the others over a link`);
  if (service !== "http") return;
  if (!cameraTable(driver))
    report(`${path}.device`, `${device} is no camera; http is for one, and hosts reach the others over a link`);
  for (const setting of ["busy", "idle", "backlog"] as const)
    if (endpoint[setting] !== undefined) report(`${path}.${setting}`, "is for raw ports; remove it");
}

/** Nobody here knows what hangs on the other board. */
function checkPeerPort(
  path: string,
  { service, peer }: EndpointConfig,
  peers: NonNullable<Config["peers"]>,
  report: Report,
): void {
  if (service !== "raw") report(`${path}.peer`, `is for raw ports, and this one is ${service}; remove it`);
  if (Object.hasOwn(peers, peer!)) return;
  const names = Object.keys(peers);
  report(
    `${path}.peer`,
    `there is no board ${peer}; ${names.length > 0 ? `there are ${names.join(", ")}` : 'add it under "peers"'}`,
  );
}

function checkPeers({ peers }: Config, board: BoardSpec, report: Report): void {
  if (!peers) return;
  if (board.network.sockets === 0) return report("peers", `${board.id} has no network; remove it`);
  if (!board.builds.some(({ features }) => features.includes("peers")))
    return report("peers", `${board.id} has no room for dialling other boards in its firmware; remove it`);
  for (const [name, { address, key, insecure }] of Object.entries(peers)) {
    const port = Number(address.slice(address.lastIndexOf(":") + 1));
    if (port > 65_535) report(`peers.${name}.address`, `has port ${port}; give one from 1 to 65535`);
    if (key !== undefined && !board.crypto)
      report(`peers.${name}.key`, `${board.id} has no SHA256 and AES in its interpreter; remove it`);
    if (key === undefined && !insecure)
      report(
        `peers.${name}`,
        `is taken for whoever has its address: ${board.crypto ? 'give its "key", or ' : ""}add "insecure": true`,
      );
    if (key !== undefined && insecure) report(`peers.${name}.insecure`, 'stands beside a "key": remove one of the two');
  }
}

const WIRELESS = ["ssid", "password", "accessPoint"] as const;
const WIRED = ["ip", "subnet", "gateway", "dns"] as const;

function checkNetwork(config: Config, board: BoardSpec, { simulated }: RuleOptions, report: Report): void {
  const { network, links, endpoints, peers } = config;
  const { module } = board.network;
  if (module === "") {
    const why = board.network.sockets > 0 ? "has the network of its computer" : "has no network";
    if (network) report("network", `${board.id} ${why}; remove it`);
    if (links?.udp && board.network.sockets === 0) report("links.udp", `${board.id} ${why}; use a serial link`);
    return;
  }
  for (const key of module === "Wifi" ? WIRED : WIRELESS)
    if (network?.[key] !== undefined)
      report(`network.${key}`, `${board.id} is on ${module === "Wifi" ? "WiFi" : "Ethernet"}; remove it`);
  const needed = links?.tcp ?? links?.udp ?? endpoints?.[0] ?? peers;
  if (network?.accessPoint && network.ssid !== undefined)
    report("network.accessPoint", "stands beside ssid: remove one of the two");
  if (module === "Wifi" && needed && network?.ssid === undefined && !network?.accessPoint && !simulated)
    report(
      "network.ssid",
      'is missing: give the name of the wireless network that the board joins, or "accessPoint": true for one of its own',
    );
}

/** Nobody is let in from a network without a key, unless the configuration says so in so many words. */
function checkKey({ key, links = {} }: Config, board: BoardSpec, report: Report): void {
  if (key !== undefined && !board.crypto)
    report(
      "key",
      `${board.id} has no SHA256 and AES in its interpreter; remove it: whoever ` +
        `${board.network.sockets > 0 ? "reaches the port or " : ""}holds the cable is let in`,
    );
  for (const kind of ["tcp", "udp"] as const) {
    const link = links[kind];
    if (!link) continue;
    if (key === undefined && !link.insecure)
      report(
        `links.${kind}`,
        `lets in everybody who reaches the port: ${board.crypto ? 'give the board a "key" (devsock key new), or its file with --key-file, or ' : ""}add "insecure": true`,
      );
    if (key !== undefined && link.insecure)
      report(`links.${kind}.insecure`, 'stands beside a "key": remove one of the two');
  }
}
