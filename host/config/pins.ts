/** Rules about pins and buses: what each port may use, and that nothing is used twice. */
import type { BoardSpec } from "../../boards/index.js";
import type { BusConfig, Config, DeviceConfig, PrinterConfig, SensorConfig } from "./schema.js";

type Report = (path: string, problem: string) => void;

/** A pin that something in the configuration uses. */
interface PinUse {
  path: string;
  pin: string;
  /** The port that it serves, and the pins that can. */
  able?: { port: string; signal: string; pins: readonly string[] };
  /** The port whose usual pin it is: the configuration does not name it. */
  usual?: string;
  /** By an interrupt. */
  watched?: boolean;
  /** The board sets it. */
  driven?: boolean;
}

/** Signals of sensors that are interrupts. */
const WATCHED: readonly string[] = ["int", "loPlus", "loMinus"];

/** Signals of devices that the board sets. */
const DRIVEN: readonly string[] = ["tx", "data", "dtr", "rts"];

/** Pins of a simulated PC. */
const PC_PINS = Array.from({ length: 32 }, (_, number) => `D${number}`);

export function checkPins(config: Config, board: BoardSpec, simulated: boolean, report: Report): void {
  const named = board.pins.split(" ").filter(Boolean);
  const header = simulated && named.length === 0 ? PC_PINS : named;
  const users = new Map<string, string>();
  const watched = new Map<string, string>();
  for (const pin of board.network.pins?.split(" ") ?? []) users.set(pin, "the network");
  const { lines, byNumber } = board.interrupts;
  for (const { path, pin, able, usual, watched: watches, driven } of pinUses(config, board)) {
    if (header.length === 0) report(path, `${board.id} has no pins; remove it`);
    else if (usual && !header.includes(pin))
      report(path, `${pin}, a usual pin of ${usual}, is on no header; name other pins`);
    else if (!header.includes(pin)) report(path, `${board.id} has no pin ${pin}; it has ${header.join(", ")}`);
    else if (able?.pins.length === 0) report(path, `${board.id} has no pin for that; remove it`);
    else if (able && !able.pins.includes(pin))
      report(path, `${able.port} cannot use ${pin} as ${able.signal}; it can use ${able.pins.join(", ")}`);
    else if (driven && board.inputs?.split(" ").includes(pin))
      report(path, `${pin} can only be read; choose a pin that can be written, too`);
    const other = users.get(pin);
    if (other && usual) report(path, `${pin}, a usual pin of ${usual}, is taken by ${other}; name other pins`);
    else if (other) report(path, `${pin} is taken by ${other}; choose another pin`);
    else users.set(pin, path);
    if (!watches) continue;
    const line = byNumber ? pin.slice(1) : pin;
    const twin = watched.get(line);
    if (twin && !other) report(path, `${pin} cannot be watched beside ${twin}; choose a pin with another number`);
    else if (!twin && watched.size === lines)
      report(
        path,
        `${board.id} can watch ${lines} pins at once, and this is one more; leave it out, or use another board`,
      );
    watched.set(line, pin);
  }
}

function pinUses({ devices = {}, links, buses = {} }: Config, board: BoardSpec): PinUse[] {
  const ofDevices = Object.entries(devices).flatMap(([name, device]) => deviceUses(`devices.${name}`, device, board));
  const serial = links?.serial ? usualPins("links.serial.uart", links.serial.uart, board.uarts) : [];
  const ofBuses = Object.entries(buses).flatMap(([name, bus]) => busUses(`buses.${name}`, bus, board));
  return [...ofDevices, ...serial, ...ofBuses];
}

function deviceUses(path: string, device: DeviceConfig, board: BoardSpec): PinUse[] {
  return device.driver === "escpos" ? printerUses(path, device, board) : sensorUses(path, device, board);
}

function sensorUses(path: string, device: SensorConfig, board: BoardSpec): PinUse[] {
  const converter = (board.analog !== "" || board.pins !== "") && {
    ...{ port: "the converter", signal: "out", pins: board.analog.split(" ").filter(Boolean) },
  };
  const named = Object.entries("pins" in device ? (device.pins ?? {}) : {}).map(([signal, pin]): PinUse => {
    const can = "uart" in device ? board.uarts[device.uart]?.[signal as "tx" | "rx"] : undefined;
    const able = "uart" in device ? can && { port: device.uart, signal, pins: can } : signal === "out" && converter;
    const driven = DRIVEN.includes(signal);
    return { path: `${path}.pins.${signal}`, pin, ...(able && { able }), watched: WATCHED.includes(signal), driven };
  });
  return "uart" in device && named.length === 0 ? usualPins(`${path}.uart`, device.uart, board.uarts) : named;
}

function printerUses(path: string, { uart, pins = {} }: PrinterConfig, board: BoardSpec): PinUse[] {
  const uses = (["tx", "rx", "cts", "dtr", "rts"] as const).flatMap((signal): PinUse[] => {
    const pin = pins[signal];
    if (pin === undefined) return [];
    const can = signal === "tx" || signal === "rx" ? board.uarts[uart]?.[signal] : undefined;
    const able = can && { able: { port: uart, signal, pins: can } };
    const driven = DRIVEN.includes(signal);
    return [{ path: `${path}.pins.${signal}`, pin, ...able, watched: signal === "cts", driven }];
  });
  if (pins.tx !== undefined || pins.rx !== undefined) return uses;
  return [...usualPins(`${path}.uart`, uart, board.uarts), ...uses];
}

function busUses(path: string, { port, pins, cs = [] }: BusConfig, board: BoardSpec): PinUse[] {
  const known = board.buses[port] ?? {};
  const given = Object.entries(pins ?? {}).map(([signal, pin]): PinUse => {
    const can = known[signal];
    return { path: `${path}.pins.${signal}`, pin, ...(can && { able: { port, signal, pins: can } }) };
  });
  const uses = given.length > 0 ? given : usualPins(`${path}.port`, port, board.buses);
  return [...uses, ...cs.map((pin, i) => ({ path: `${path}.cs[${i}]`, pin, driven: true }))];
}

type Ports = Readonly<Record<string, Readonly<Record<string, readonly string[]>> | undefined>>;

/** Those that the interpreter takes when none is named. */
function usualPins(path: string, port: string, ports: object): PinUse[] {
  const signals = (ports as Ports)[port] ?? {};
  return Object.values(signals).flatMap(([pin]) => (pin === undefined ? [] : [{ path, pin, usual: port }]));
}

/** Fastest I2C that the boards' ports have. */
const FAST_MODE = 400_000;

const I2C_SIGNALS = ["scl", "sda"];
const SPI_SIGNALS = ["sck", "miso", "mosi"];

export function checkBuses(config: Config, board: BoardSpec, simulated: boolean, report: Report): void {
  const users = new Map<string, string>();
  for (const [name, bus] of Object.entries(config.buses ?? {})) {
    const path = `buses.${name}`;
    if (Object.hasOwn(config.devices ?? {}, name)) report(path, `there is a device of this name; choose another`);
    if (!Object.hasOwn(board.buses, bus.port))
      report(`${path}.port`, `${board.id} has no port ${bus.port}; it has ${Object.keys(board.buses).join(", ")}`);
    else if (board.paths && !simulated)
      report(`${path}.port`, `${bus.port} is a stub in the interpreter's Linux build; only a simulated board has it`);
    const other = users.get(bus.port);
    if (other) report(`${path}.port`, `${bus.port} is taken by ${other}; choose another port`);
    else users.set(bus.port, path);
    checkBus(path, bus, report);
  }
}

function checkBus(path: string, bus: BusConfig, report: Report): void {
  const i2c = bus.port.startsWith("I2C");
  if (i2c) {
    for (const key of ["mode", "order", "cs"] as const)
      if (bus[key] !== undefined) report(`${path}.${key}`, "is for SPI; remove it");
    if ((bus.bitrate ?? 0) > FAST_MODE)
      report(`${path}.bitrate`, `I2C runs at up to ${FAST_MODE} bits a second, not at ${bus.bitrate}`);
  }
  const signals = i2c ? I2C_SIGNALS : SPI_SIGNALS;
  const given = Object.keys(bus.pins ?? {});
  for (const signal of given)
    if (!signals.includes(signal)) report(`${path}.pins.${signal}`, `is not for ${bus.port}; remove it`);
  // The interpreter sets up those that are named and no others.
  for (const signal of i2c ? I2C_SIGNALS : ["sck"])
    if (given.length > 0 && !given.includes(signal))
      report(`${path}.pins.${signal}`, "is missing: name all pins that are used, or none for the usual ones");
}
