/** The one list of simulated peripherals. A new one is a class of its own and one more line here. */
import type { DeviceConfig } from "../config.js";
import { failure, parseDevice } from "../simulation.js";
import type { UartPeripheral } from "../uart.js";
import { EscposPrinter, type EscposOptions } from "./escpos/index.js";

/** What a peripheral is told besides the settings of the command line. */
interface Context {
  device: DeviceConfig | undefined;
  /** File for what it receives. */
  log: string | undefined;
}

interface Kind {
  /** Settings that the command line may give, and how each is read. */
  settings: Record<string, (text: string) => unknown>;
  make(settings: Record<string, unknown>, context: Context): UartPeripheral;
}

const kinds: Record<string, Kind> = {
  escpos: {
    settings: {
      buffer: count,
      busyAt: count,
      readyAt: count,
      busyOn: oneOf("full", "offline"),
      flow: oneOf("xonxoff", "rtscts", "dtrdsr", "none"),
      baud: count,
      speed: count,
      rowTime: Number,
      width: count,
    },
    make: (settings, { device, log }) => {
      const wired = { ...(device?.flow && { flow: device.flow }), ...(device && { baud: device.baud }) };
      return new EscposPrinter({ ...wired, ...settings, ...(log !== undefined && { log }) } as EscposOptions);
    },
  },
};

/**
 * Makes what hangs on a board.
 * @param devices by the device's name: the peripheral's kind, then settings, as `escpos,buffer=45`
 * @param printerLog file for what the first device receives; that of any other has its name at the end
 * @throws Error EINVAL for a kind or a setting that there is not
 */
export function makePeripherals(
  devices: Record<string, string>,
  configured: Record<string, DeviceConfig>,
  printerLog?: string,
): Record<string, UartPeripheral> {
  const made = Object.entries(devices).map(([name, text], index) => {
    const { kind, settings } = parseDevice(text);
    const known = kinds[kind];
    if (!known) throw failure("EINVAL", `no peripheral ${kind}: choose ${Object.keys(kinds).join(", ")}`);
    const log = printerLog && (index === 0 ? printerLog : `${printerLog}.${name}`);
    const read = Object.entries(settings).map(([setting, value]) => [
      setting,
      readSetting(known, kind, setting, value),
    ]);
    return [name, known.make(Object.fromEntries(read) as Record<string, unknown>, { device: configured[name], log })];
  });
  return Object.fromEntries(made) as Record<string, UartPeripheral>;
}

function readSetting(known: Kind, kind: string, setting: string, text: string): unknown {
  const read = known.settings[setting];
  if (!read)
    throw failure("EINVAL", `${kind} has no setting ${setting}: it has ${Object.keys(known.settings).join(", ")}`);
  const value = read(text);
  if (value === undefined || Number.isNaN(value))
    throw failure("EINVAL", `${text} is no value for ${kind}'s ${setting}`);
  return value;
}

function count(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function oneOf(...values: string[]): (text: string) => string | undefined {
  return (text) => values.find((value) => value === text);
}
