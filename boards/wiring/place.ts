/** Where on a board a device is put: on pins that are free, and that its ports take by themselves where that is so. */
import type { BoardSpec } from "../board.js";
import type { DeviceWiring } from "./devices.js";

export interface Placed {
  /** As the configuration has it. */
  readonly config: {
    readonly devices: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    readonly buses?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
  /** Pin of each signal. */
  readonly pins: Readonly<Record<string, string>>;
  /** The ports used. */
  readonly ports: readonly string[];
  /** All pins that it has, also those of a port that nothing hangs on. */
  readonly taken: readonly string[];
}

type Pins = Readonly<Record<string, readonly string[]>>;

const SPI_BITRATE = 4_000_000;
/** Of a cable: slow enough for each of the sensors. */
const LINK_BAUD = 38_400;

const words = (text = ""): string[] => text.split(" ").filter(Boolean);

/** Its link alone, in a configuration of its own. */
export function linked(board: BoardSpec): Record<string, unknown> {
  const { network } = board;
  const serial = { uart: cableOf(board), baud: LINK_BAUD };
  return {
    board: board.id,
    ...(network.module === "Wifi" && { network: { ssid: "ward" } }),
    links: network.sockets > 0 ? { tcp: { port: 9180, insecure: true } } : { serial },
  };
}

function cableOf({ uarts }: BoardSpec): string {
  const names = Object.keys(uarts);
  return names.find((name) => uarts[name]!.tx.length === 0) ?? names[0]!;
}

/** Of a board that others hang on already. */
export interface Others {
  readonly placed: readonly Placed[];
  /** Ports that its link has. */
  readonly ports: readonly string[];
}

/**
 * @param others what is there before it: an I2C bus is shared
 * @returns in words why it has no place
 */
export function place(
  board: BoardSpec,
  device: DeviceWiring,
  others: Others = { placed: [], ports: [] },
): Placed | string {
  const { driver, on, baud } = device;
  const own = nameFor(device, others);
  const usedPorts = [...others.ports, ...others.placed.flatMap(({ ports }) => ports)];
  const usedPins = others.placed.flatMap(({ taken }) => taken);
  const portOf = (ports: [string, Pins][]): Port | undefined =>
    portFor(
      board,
      ports.filter(([name]) => !usedPorts.includes(name)),
      usedPins,
    );
  if (on === "uart") {
    const port = portOf(uartsOf(board));
    if (!port) return "There is no UART for it.";
    const { name, pins, named } = port;
    const wanted = pick(
      pins,
      device.terminals.map(({ signal }) => signal),
    );
    const speed = (board.uartFifo > 0 ? device.polledBaud : undefined) ?? baud;
    const entry = { driver, uart: name, ...(speed && { baud: speed }), ...(named && { pins: wanted }) };
    return { config: { devices: { [own]: entry } }, pins: wanted, ports: [name], taken: Object.values(pins) };
  }
  const i2c = on === "pins" ? undefined : (sharedI2c(others) ?? portOf(bussesOf(board, "I2C")));
  const spi = on === "spi and i2c" ? portOf(bussesOf(board, "SPI")) : undefined;
  if (on !== "pins" && !i2c) return "There is no I2C for it.";
  if (on === "spi and i2c" && !spi) return "There is no SPI for it.";
  const found = [...(i2c ? [i2c] : []), ...(spi ? [spi] : [])];
  const taken = found.flatMap(({ pins }) => Object.values(pins));
  const free = freePins(board, taken, usedPins);
  const rest: Record<string, string> = {};
  for (const { signal } of device.terminals) {
    if (found.some(({ pins }) => signal in pins)) continue;
    const pin = free(signal === "out", signal === "data" || signal === "cs");
    if (pin === undefined) return `There is no pin for ${signal}.`;
    rest[signal] = pin;
  }
  const { cs, ...signals } = rest;
  const buses = {
    ...(i2c && { i2c0: { port: i2c.name, ...(i2c.named && { pins: i2c.pins }) } }),
    ...(spi && { spi0: { port: spi.name, bitrate: SPI_BITRATE, ...(spi.named && { pins: spi.pins }), cs: [cs] } }),
  };
  const entry = {
    driver,
    ...(spi ? { spi: "spi0", cs: 0, i2c: "i2c0" } : i2c && { bus: "i2c0" }),
    ...(Object.keys(signals).length > 0 && { pins: signals }),
  };
  const all = Object.assign({}, ...found.map(({ pins }) => pins), rest) as Record<string, string>;
  return {
    config: { ...(found.length > 0 && { buses }), devices: { [own]: entry } },
    pins: all,
    ports: found.map(({ name }) => name),
    taken: Object.values(all),
  };
}

function nameFor({ name }: DeviceWiring, { placed }: Others): string {
  const names = placed.flatMap(({ config }) => Object.keys(config.devices));
  for (let i = 1; ; i++) {
    const found = i === 1 ? name : `${name}-${i}`;
    if (!names.includes(found)) return found;
  }
}

/** One that another device hangs on. */
function sharedI2c({ placed }: Others): Port | undefined {
  for (const { config, pins } of placed) {
    const bus = config.buses?.["i2c0"];
    if (bus) return { name: bus["port"] as string, pins: pick(pins, ["scl", "sda"]), named: "pins" in bus };
  }
  return undefined;
}

function pick(pins: Readonly<Record<string, string>>, signals: readonly string[]): Record<string, string> {
  return Object.fromEntries(signals.map((signal) => [signal, pins[signal]!]));
}

function uartsOf({ uarts }: BoardSpec): [string, Pins][] {
  return Object.entries(uarts)
    .filter(([, { tx }]) => tx.length > 0)
    .map(([name, { tx, rx }]) => [name, { tx, rx }]);
}

function bussesOf({ buses }: BoardSpec, kind: string): [string, Pins][] {
  return Object.entries(buses).filter(([name, pins]) => name.startsWith(kind) && Object.keys(pins).length > 0);
}

interface Port {
  name: string;
  pins: Record<string, string>;
  /** They are not all the usual ones. */
  named: boolean;
}

/** The first that needs no word about its pins, or else one with others. */
function portFor(board: BoardSpec, ports: [string, Pins][], used: readonly string[]): Port | undefined {
  const header = words(board.pins);
  const network = words(board.network.pins);
  const found = ports.flatMap(([name, signals]): Port[] => {
    const pins: Record<string, string> = {};
    let named = false;
    for (const [signal, able] of Object.entries(signals)) {
      const at = able.findIndex(
        (pin) =>
          header.includes(pin) && !network.includes(pin) && !used.includes(pin) && !Object.values(pins).includes(pin),
      );
      if (at < 0) return [];
      pins[signal] = able[at]!;
      named ||= at > 0;
    }
    return [{ name, pins, named }];
  });
  return found.find(({ named }) => !named) ?? found[0];
}

/** Gives one after the other: those that no port has as usual ones first, and of each number one where numbers share a line. */
function freePins(
  board: BoardSpec,
  taken: readonly string[],
  others: readonly string[],
): (analog: boolean, driven: boolean) => string | undefined {
  const usual = [...Object.values(board.uarts), ...Object.values(board.buses)].flatMap((signals) =>
    Object.values(signals as Pins).flatMap(([pin]) => (pin === undefined ? [] : [pin])),
  );
  const network = words(board.network.pins);
  const all = words(board.pins).filter((pin) => !network.includes(pin));
  const order = [...all.filter((pin) => !usual.includes(pin)), ...all.filter((pin) => usual.includes(pin))];
  const used = new Set([...taken, ...others]);
  const lines = new Set(others.map((pin) => pin.slice(1)));
  return (analog, driven) => {
    const pin = order.find(
      (each) =>
        !used.has(each) &&
        !(board.interrupts.byNumber && lines.has(each.slice(1))) &&
        (!analog || words(board.analog).includes(each)) &&
        (!driven || !words(board.inputs).includes(each)),
    );
    if (pin === undefined) return undefined;
    used.add(pin);
    lines.add(pin.slice(1));
    return pin;
  };
}
