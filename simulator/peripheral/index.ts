/** The one list of simulated peripherals. A new one is a class of its own and one more line here. */
import type { Chip, I2cChip } from "../bus.js";
import type { BusConfig, DeviceConfig } from "../config.js";
import type { OneWireDevice } from "../onewire.js";
import type { PinPeripheral } from "../pins.js";
import { failure, parseDevice } from "../simulation.js";
import type { Place, Places } from "../simulation.js";
import type { UartPeripheral } from "../uart.js";
import { EscposPrinter, type EscposOptions } from "./escpos/index.js";
import { Arducam } from "./camera/arducam.js";
import { busCameras, serialCameras } from "./camera/kinds.js";
import { Eeprom } from "./memory/eeprom.js";
import { SerialFlash } from "./memory/flash.js";
import { Ad8232 } from "./sensor/ad8232.js";
import { chipSensors, oneWireSensors, serialSensors } from "./sensor/kinds.js";
import { count, flag, number, oneOf, spans } from "./settings.js";
import type { Setting } from "./settings.js";

/** What a peripheral is told besides the settings of the command line. */
interface Context {
  device: DeviceConfig | undefined;
  /** File for what it receives. */
  log: string | undefined;
}

export type Peripheral = UartPeripheral | PinPeripheral | OneWireDevice | I2cChip | Arducam;

interface Kind {
  on: Place;
  /** Settings that the command line may give, and how each is read. */
  settings: Record<string, Setting>;
  make(settings: Record<string, unknown>, context: Context): Peripheral;
}

const kinds: Record<string, Kind> = {
  escpos: {
    on: { baud: 115_200 },
    settings: {
      buffer: count,
      busyAt: count,
      readyAt: count,
      busyOn: oneOf("full", "offline"),
      flow: oneOf("xonxoff", "rtscts", "dtrdsr", "none"),
      baud: count,
      speed: count,
      rowTime: number,
      width: count,
    },
    make: (settings, { device, log }) => {
      const wired = { ...(device?.flow && { flow: device.flow }), ...(device?.baud && { baud: device.baud }) };
      return new EscposPrinter({ ...wired, ...settings, ...(log !== undefined && { log }) } as EscposOptions);
    },
  },
  ad8232: {
    on: { pins: { out: "analog", loPlus: "digital", loMinus: "digital" } },
    settings: { off: oneOf("plus", "minus", "both", "none"), fault: oneOf("none", "absent"), unplugged: spans },
    make: (settings) => new Ad8232(settings),
  },
  ...serialSensors,
  ...serialCameras,
  ov2640: { on: { buses: "SPI and I2C" }, ...busCameras["ov2640"]! },
  ds18b20: { on: { pins: { data: "digital" } }, ...oneWireSensors["ds18b20"]! },
  max30102: { on: { bus: "I2C", pins: { int: "digital" } }, ...chipSensors["max30102"]! } as Kind,
  mlx90614: { on: { bus: "I2C", pins: {} }, ...chipSensors["mlx90614"]! } as Kind,
};

interface ChipKind {
  bus: "I2C" | "SPI";
  settings: Record<string, Setting>;
  make(settings: Record<string, unknown>): Chip;
}

const chipKinds: Record<string, ChipKind> = {
  "24c02": {
    bus: "I2C",
    settings: { address: count, stuck: flag },
    make: (settings) => new Eeprom(settings),
  },
  w25q80: { bus: "SPI", settings: {}, make: () => new SerialFlash() },
  ...chipSensors,
};

/** Where kinds of peripherals and chips hang. */
export const places: Places = {
  device: (text) => findKind(parseDevice(text).kind).on,
  bus: (text) => {
    const { kind } = parseDevice(text);
    return Object.hasOwn(busCameras, kind) ? "SPI" : findChip(kind).bus;
  },
};

/**
 * Makes the chips on a board's buses.
 * @param buses by the bus's name: each chip's kind, then settings, as `24c02,address=81`
 * @throws Error EINVAL for a kind or a setting that there is not, and a chip on a bus that it does not fit
 */
export function makeChips(
  buses: Record<string, string[]>,
  configured: Record<string, BusConfig>,
): Record<string, Chip[]> {
  const made = Object.entries(buses).map(([name, chips]) => {
    const port = configured[name]?.port;
    if (port === undefined) throw failure("EINVAL", `there is no bus ${name}: the configuration has to name its port`);
    return [name, chips.map((text) => makeChip(text, name, port))];
  });
  return Object.fromEntries(made) as Record<string, Chip[]>;
}

/** The chips on each bus, with those that are devices by themselves. */
export function chipsWith(
  chips: Record<string, Chip[]>,
  devices: Record<string, DeviceConfig>,
  peripherals: Record<string, Peripheral>,
): Record<string, Chip[]> {
  const all = Object.fromEntries(Object.entries(chips).map(([bus, there]) => [bus, [...there]]));
  for (const [name, { bus, spi, cs, i2c }] of Object.entries(devices)) {
    const peripheral = peripherals[name];
    if (peripheral instanceof Arducam) {
      (all[String(i2c)] ??= []).push(peripheral.i2c);
      (all[String(spi)] ??= []).splice(Number(cs ?? 0), 0, peripheral);
    }
    if (typeof bus === "string" && peripheral && "kind" in peripheral && peripheral.kind === "i2c")
      (all[bus] ??= []).push(peripheral);
  }
  return all;
}

function makeChip(text: string, bus: string, port: string): Chip {
  const { kind, settings } = parseDevice(text);
  const known = findChip(kind);
  if (!port.startsWith(known.bus)) throw failure("EINVAL", `${bus} is on ${port}, and ${kind} hangs on ${known.bus}`);
  return known.make(readSettings(known, kind, settings));
}

function findChip(kind: string): ChipKind {
  const known = Object.hasOwn(chipKinds, kind) ? chipKinds[kind] : undefined;
  if (!known) throw failure("EINVAL", `no chip ${kind}: choose ${Object.keys(chipKinds).join(", ")}`);
  return known;
}

/**
 * Makes what hangs on a board's UARTs and pins.
 * @param devices by the device's name: the peripheral's kind, then settings, as `escpos,buffer=45`
 * @param printerLog file for what the first device receives; that of any other has its name at the end
 * @throws Error EINVAL for a kind or a setting that there is not
 */
export function makePeripherals(
  devices: Record<string, string>,
  configured: Record<string, DeviceConfig>,
  printerLog?: string,
): Record<string, Peripheral> {
  const made = Object.entries(devices).map(([name, text], index) => {
    const { kind, settings } = parseDevice(text);
    const known = findKind(kind);
    const log = printerLog && (index === 0 ? printerLog : `${printerLog}.${name}`);
    return [name, known.make(readSettings(known, kind, settings), { device: configured[name], log })];
  });
  return Object.fromEntries(made) as Record<string, Peripheral>;
}

function findKind(kind: string): Kind {
  const known = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (!known) throw failure("EINVAL", `no peripheral ${kind}: choose ${Object.keys(kinds).join(", ")}`);
  return known;
}

function readSettings(
  known: Pick<Kind, "settings">,
  kind: string,
  settings: Record<string, string>,
): Record<string, unknown> {
  const read = Object.entries(settings).map(([setting, value]) => [setting, readSetting(known, kind, setting, value)]);
  return Object.fromEntries(read) as Record<string, unknown>;
}

function readSetting(known: Pick<Kind, "settings">, kind: string, setting: string, text: string): unknown {
  const read = known.settings[setting];
  if (!read)
    throw failure("EINVAL", `${kind} has no setting ${setting}: it has ${Object.keys(known.settings).join(", ")}`);
  const value = read(text);
  if (value === undefined) throw failure("EINVAL", `${text} is no value for ${kind}'s ${setting}; give ${read.takes}`);
  return value;
}
