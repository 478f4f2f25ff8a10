/** Rules about sensors: what their wires have to carry, and chips that are in each other's way. */
import { demands } from "../../protocols/device/demand.js";
import type { BusDemand, Demand } from "../../protocols/device/demand.js";
import { i2cOf, USUAL_BITRATE } from "./budget.js";
import type { BusConfig, Config, DeviceConfig } from "./schema.js";

type Report = (path: string, problem: string) => void;

/** Of a bus's time, in percent: the rest is for transactions of programs, and for what is read again. */
const MOST_OF_A_BUS = 70;

export function checkSensors(config: Config, report: Report): void {
  for (const [name, device] of Object.entries(config.devices ?? {})) {
    if (device.driver === "analyser") checkBothWays(`devices.${name}`, device, report);
    checkLine(`devices.${name}`, device, report);
  }
  const buses = Object.entries(config.buses ?? {}).filter(([, { port }]) => port.startsWith("I2C"));
  for (const [name, bus] of buses) checkChips(name, bus, chipsOn(name, config), report);
  checkBusNames(
    config,
    buses.map(([name]) => name),
    report,
  );
}

function checkBusNames({ devices = {} }: Config, names: string[], report: Report): void {
  for (const [name, device] of Object.entries(devices)) {
    const bus = i2cOf(device);
    if (bus === undefined || names.includes(bus)) continue;
    const known = names.length > 0 ? `there are ${names.join(", ")}` : 'add it under "buses"';
    report(`devices.${name}.${"bus" in device ? "bus" : "i2c"}`, `there is no I2C bus ${bus}; ${known}`);
  }
}

interface ChipUse {
  name: string;
  /** What names its bus. */
  key: string;
  rate: number;
  demand: Demand;
  bus: BusDemand;
}

function chipsOn(bus: string, { devices = {} }: Config): ChipUse[] {
  return Object.entries(devices).flatMap(([name, device]) => {
    const demand = demands[device.driver];
    if (i2cOf(device) !== bus || !demand?.bus) return [];
    const rate = ("rate" in device ? device.rate : undefined) ?? demand.units;
    return [{ name, key: "bus" in device ? "bus" : "i2c", demand, bus: demand.bus, rate }];
  });
}

function checkChips(bus: string, { bitrate = USUAL_BITRATE }: BusConfig, chips: ChipUse[], report: Report): void {
  const owners = new Map<number, string>();
  let bits = 0;
  for (const { name, key, rate, demand, bus: chip } of chips) {
    const { address, fastest, bytes } = chip;
    const other = owners.get(address);
    if (other === undefined) owners.set(address, name);
    else report(`devices.${name}.${key}`, `address ${address} on ${bus} is that of ${other}; hang it on another bus`);
    if (bitrate > fastest)
      report(
        `buses.${bus}.bitrate`,
        `${name} takes at most ${fastest} bits a second, not ${bitrate}; lower it, or hang ${name} on another bus`,
      );
    // A camera's registers are written once.
    if (!demand.waits) bits += demand.messages(rate) * bytes * 9;
  }
  const share = Math.ceil((100 * bits) / bitrate);
  if (share <= MOST_OF_A_BUS) return;
  const names = chips.map(({ name }) => name).join(", ");
  const needed = Math.ceil((bits * 100) / MOST_OF_A_BUS / 1000) * 1000;
  report(
    `buses.${bus}.bitrate`,
    `${bitrate} bits a second would be taken to ${share} % by ${names}, and ${MOST_OF_A_BUS} % is the most; ` +
      `give it ${needed}, or the devices a lower rate`,
  );
}

function checkLine(path: string, device: DeviceConfig, report: Report): void {
  const line = demands[device.driver]?.line;
  if (!line || !("uart" in device) || device.baud === undefined) return;
  const { frames, frameBytes, byteBits, baud } = line;
  const carried = Math.floor(device.baud / (frameBytes * byteBits));
  if (carried < frames)
    report(
      `${path}.baud`,
      `${device.baud} bits a second carry ${carried} of its ${frames} frames a second; it sends at ${baud}`,
    );
}

function checkBothWays(
  path: string,
  { pins }: { pins?: { tx?: string | undefined; rx?: string | undefined } | undefined },
  report: Report,
): void {
  if (!pins || (pins.tx === undefined) === (pins.rx === undefined)) return;
  if (pins.rx === undefined) report(`${path}.pins.rx`, "is missing: results come on it");
  else report(`${path}.pins.tx`, "is missing: results are acknowledged on it");
}
