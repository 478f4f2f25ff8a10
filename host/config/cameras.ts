/** Rules about cameras on buses: SPI with a pin of their own, as fast as they hear. */
import type { BoardSpec } from "../../boards/index.js";
import { CAM_HZ } from "../../protocols/device/camera/ov2640.js";
import type { BusConfig, Config, DeviceConfig } from "./schema.js";

type Report = (path: string, problem: string) => void;

export function checkCameras({ devices = {}, buses = {} }: Config, board: BoardSpec, report: Report): void {
  const selected = new Map<string, string>();
  for (const [name, device] of Object.entries(devices)) {
    if (!("spi" in device)) continue;
    const bus = Object.hasOwn(buses, device.spi) ? buses[device.spi] : undefined;
    if (!bus?.port.startsWith("SPI")) {
      report(`devices.${name}.spi`, `there is no SPI bus ${device.spi}; ${known(buses)}`);
      continue;
    }
    checkSelect(name, device, bus, board, selected, report);
    checkClock(name, device.spi, bus, report);
  }
}

function known(buses: Readonly<Record<string, BusConfig | undefined>>): string {
  const names = Object.keys(buses).filter((name) => buses[name]!.port.startsWith("SPI"));
  return names.length > 0 ? `there are ${names.join(", ")}` : 'add it under "buses"';
}

function checkSelect(
  name: string,
  { spi, cs = 0 }: Extract<DeviceConfig, { spi: string }>,
  bus: BusConfig,
  board: BoardSpec,
  selected: Map<string, string>,
  report: Report,
): void {
  const place = `${spi} ${cs}`;
  const other = selected.get(place);
  if (other !== undefined) report(`devices.${name}.cs`, `pin ${cs} of ${spi} is that of ${other}; give it another one`);
  else selected.set(place, name);
  const pins = bus.cs?.length ?? 0;
  // A PC's are objects in the interpreter's place, without pins.
  if (pins === 0 && board.pins !== "")
    report(`buses.${spi}.cs`, `is missing: give a list with the pin that selects ${name}`);
  else if (pins > 0 && cs >= pins)
    report(
      `devices.${name}.cs`,
      `${spi} has ${pins} pin${pins > 1 ? "s" : ""} in its cs, counted from 0; name one of them`,
    );
}

function checkClock(
  name: string,
  spi: string,
  { bitrate = 0, mode = 0, order = "msb" }: BusConfig,
  report: Report,
): void {
  if (bitrate > CAM_HZ)
    report(`buses.${spi}.bitrate`, `${name} hears at most ${CAM_HZ} bits a second, not ${bitrate}; lower it`);
  if (mode !== 0) report(`buses.${spi}.mode`, `${name} hears mode 0, not ${mode}; remove it`);
  if (order !== "msb") report(`buses.${spi}.order`, `${name} hears the highest bit first; remove it`);
}
