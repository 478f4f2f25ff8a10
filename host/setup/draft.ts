/** A board's configuration from what somebody says of it: ports and pins that are not said are chosen so that nothing is in another's way. */
import { boards } from "../../boards/index.js";
import type { BoardSpec } from "../../boards/index.js";
import { DEVICES } from "../../boards/wiring/devices.js";
import type { DeviceWiring } from "../../boards/wiring/devices.js";
import { linked, place } from "../../boards/wiring/place.js";
import type { Others, Placed } from "../../boards/wiring/place.js";
import { DEFAULT_PORT } from "../address.js";
import { ConfigError, parseConfig } from "../config/index.js";
import type { Config } from "../config/index.js";
import { withSecrets } from "../config/secrets.js";
import type { Given } from "../config/secrets.js";
import { DevsockError } from "../errors.js";

export interface DeviceWish {
  driver: string;
  /** Its own usual one if left out. */
  name?: string | undefined;
  /** As text: settings by their names in the configuration, pins by their signals. */
  settings: Readonly<Record<string, string>>;
}

export interface Wishes {
  board: string;
  name: string;
  /** Of a wireless network; without one the board is a network of its own. */
  ssid?: string | undefined;
  /** A fixed address, on Ethernet; else DHCP. */
  ip?: string | undefined;
  /** Of its link; 9180 if left out. */
  tcpPort?: number | undefined;
  /** It has no key: whoever reaches it is let in. */
  insecure?: boolean | undefined;
  /** A UART that is somebody's cable: devices are put on others. */
  console?: string | undefined;
  devices: readonly DeviceWish[];
  /** Ports for ordinary clients. */
  endpoints?: readonly EndpointWish[] | undefined;
}

/** A port for clients that know nothing of devsock, and need no key. */
export interface EndpointWish {
  /** Jobs of a printer; pictures of a camera. */
  service: "raw" | "http";
  device: string;
  port: number;
}

/** What hangs on a device's terminals. */
export interface Wires {
  /** In the configuration. */
  device: string;
  title: string;
  /** Terminal of the device, signal of the configuration, and pin of the board. */
  wires: [terminal: string, signal: string, pin: string][];
}

export interface Draft {
  /** Without its secrets. */
  config: Config;
  wires: Wires[];
}

/** Devices that a board may have, whatever else is there. */
export function devicesFor(board: BoardSpec): DeviceWiring[] {
  const prints = board.builds.some(({ features }) => features.includes("printers"));
  return DEVICES.filter((device) => {
    if (device.driver === "escpos" && !prints) return false;
    return board.paths ? device.on === "uart" : typeof place(board, device) !== "string";
  });
}

/** Boards that an interpreter may be, by what it calls itself. */
export function boardsOf(interpreter: string): BoardSpec[] {
  return boards.filter((board) => board.interpreter === interpreter && board.builds.length > 0);
}

/**
 * @param secrets that it gets beside it: without them it cannot be checked
 * @param firmware directory of the firmware's files
 * @throws ConfigError with all that is wrong; DevsockError EINVAL where a device has no place
 */
export function draft(wishes: Wishes, secrets: Given, firmware: string): Draft {
  const board = boards.find(({ id }) => id === wishes.board);
  if (!board) throw invalid(`there is no board ${wishes.board}; there are ${boards.map(({ id }) => id).join(", ")}`);
  const base = { ...linked(board), ...networkOf(board, wishes), name: wishes.name };
  const { devices, buses, wires } = hang(board, wishes, base);
  const whole: Record<string, unknown> = {
    ...base,
    ...(Object.keys(buses).length > 0 && { buses }),
    ...(Object.keys(devices).length > 0 && { devices }),
    ...(wishes.endpoints && wishes.endpoints.length > 0 && { endpoints: wishes.endpoints }),
  };
  const check = (config: object): void => void parseConfig(withSecrets(config, secrets), { firmware });
  const { links } = whole as Pick<Config, "links">;
  if (links?.tcp) {
    // A board that answers probes is found again when its address changes.
    const found = { ...whole, links: { ...links, udp: links.tcp } };
    try {
      check(found);
      return { config: found as unknown as Config, wires };
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
    }
  }
  check(whole);
  return { config: whole as unknown as Config, wires };
}

function networkOf(board: BoardSpec, { ssid, ip, tcpPort = DEFAULT_PORT, insecure }: Wishes): object {
  const { module, sockets } = board.network;
  if (sockets === 0) return {};
  const wireless = ssid === undefined ? { accessPoint: true } : { ssid };
  return {
    ...(module === "Wifi" && { network: wireless }),
    ...(module === "WIZnet" && ip !== undefined && { network: { ip } }),
    links: { tcp: { port: tcpPort, ...(insecure && { insecure }) } },
  };
}

type Parts = Record<string, Record<string, unknown>>;

function hang(
  board: BoardSpec,
  { devices: wishes, console }: Wishes,
  base: object,
): { devices: Parts; buses: Parts; wires: Wires[] } {
  const { links } = base as { links?: { serial?: { uart: string } } };
  const placed: Placed[] = console === undefined ? [] : cableAt(board, console);
  const others: Others = { placed, ports: links?.serial ? [links.serial.uart] : [] };
  const devices: Parts = {};
  const buses: Parts = {};
  const wires: Wires[] = [];
  for (const wish of wishes) {
    const device = DEVICES.find(({ driver }) => driver === wish.driver);
    if (!device)
      throw invalid(`there is no driver ${wish.driver}; there are ${DEVICES.map(({ driver }) => driver).join(", ")}`);
    const own = board.paths ? onPath(board, device, others, wish) : place(board, device, others);
    if (typeof own === "string") throw invalid(`${board.id} has no place for ${device.title}: ${own}`);
    const [usual, entry] = Object.entries(own.config.devices)[0]!;
    const name = wish.name ?? usual;
    if (name in devices) throw invalid(`two devices are called ${name}; give one another name`);
    const put = settle({ ...entry }, { ...own.pins }, structuredClone<Parts>({ ...own.config.buses }), wish.settings);
    devices[name] = put.entry;
    Object.assign(buses, put.buses);
    placed.push({
      config: { devices: { [name]: put.entry }, buses: put.buses },
      pins: put.pins,
      ports: put.ports(own.ports),
      taken: [...own.taken, ...Object.values(put.pins)],
    });
    const ends = device.terminals.flatMap(({ name: terminal, signal }): Wires["wires"] =>
      put.pins[signal] === undefined ? [] : [[terminal, signal, put.pins[signal]]],
    );
    wires.push({ device: name, title: device.title, wires: ends });
  }
  return { devices, buses, wires };
}

/** What a cable on the usual pins of a UART takes. */
function cableAt({ uarts }: BoardSpec, port: string): Placed[] {
  const { tx = [], rx = [] } = uarts[port] ?? {};
  return [{ config: { devices: {} }, pins: {}, ports: [port], taken: [...tx.slice(0, 1), ...rx.slice(0, 1)] }];
}

/** On a board whose UARTs are terminal devices of its system. */
function onPath(
  board: BoardSpec,
  { driver, name, baud, on }: DeviceWiring,
  { placed, ports }: Others,
  wish: DeviceWish,
): Placed | string {
  if (on !== "uart") return "it has no pins";
  const taken = [...ports, ...placed.flatMap((each) => each.ports)];
  const names = placed.flatMap(({ config }) => Object.keys(config.devices));
  const uart = wish.settings["uart"] ?? Object.keys(board.uarts).find((each) => !taken.includes(each));
  if (uart === undefined) return "there is no UART left";
  const own = names.includes(name) ? `${name}-${names.length + 1}` : name;
  return {
    config: { devices: { [own]: { driver, uart, ...(baud && { baud }) } } },
    pins: {},
    ports: [uart],
    taken: [],
  };
}

const NUMBERS = ["baud", "rate", "buffer", "quality"];
const TEXTS = ["uart", "path", "flow", "size"];
const I2C_PINS = ["scl", "sda"];
const SPI_PINS = ["sck", "miso", "mosi"];
const BUS_PINS = [...I2C_PINS, ...SPI_PINS, "cs"];
const PINS = ["tx", "rx", "cts", "dtr", "rts", "int", "data", "out", "loPlus", "loMinus"];

/** Puts what was said in place of what was chosen. */
function settle(
  entry: Record<string, unknown>,
  pins: Record<string, string>,
  buses: Parts,
  settings: Readonly<Record<string, string>>,
): {
  entry: Record<string, unknown>;
  pins: Record<string, string>;
  buses: Parts;
  ports: (own: readonly string[]) => string[];
} {
  for (const [key, value] of Object.entries(settings)) {
    if (NUMBERS.includes(key)) entry[key] = Number(value);
    else if (TEXTS.includes(key)) entry[key] = value;
    else if (PINS.includes(key)) {
      // Where one is another than the usual ones, all are named.
      const port = "uart" in entry ? { tx: pins["tx"], rx: pins["rx"] } : {};
      const usual = Object.fromEntries(Object.entries(port).filter(([, pin]) => pin !== undefined));
      entry["pins"] = { ...usual, ...(entry["pins"] as object | undefined), [key]: value };
      pins[key] = value;
    } else if (BUS_PINS.includes(key)) {
      const kind = I2C_PINS.includes(key) ? "I2C" : "SPI";
      const bus = Object.values(buses).find(({ port }) => (port as string).startsWith(kind));
      if (!bus) throw invalid(`${key} is a pin of ${kind}, and this device has none`);
      pins[key] = value;
      const all = (kind === "I2C" ? I2C_PINS : SPI_PINS).map((each) => [each, pins[each]]);
      if (key === "cs") bus["cs"] = [value];
      else bus["pins"] = Object.fromEntries(all) as object;
    } else throw invalid(`${key} is no setting; there are ${[...NUMBERS, ...TEXTS, ...PINS, ...BUS_PINS].join(", ")}`);
  }
  const uart = settings["uart"];
  return { entry, pins, buses, ports: (own) => (uart === undefined ? [...own] : [uart]) };
}

function invalid(words: string): DevsockError {
  return new DevsockError(`EINVAL: ${words}`);
}
