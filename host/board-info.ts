/** What a board says of itself and of its devices, for people. */
import type { BoardInfo as RawInfo } from "../protocols/index.js";
import { decodeStatus, describeSensor } from "./device/status.js";
import type { PrinterStatus, SensorStatus } from "./device/status.js";

interface NamedDevice {
  name: string;
  driver: string;
  services: string[];
}

export interface PrinterInfo extends NamedDevice {
  kind: "printer";
  status: PrinterStatus;
}

export interface SensorInfo extends NamedDevice {
  kind: "sensor";
  status: SensorStatus;
}

export type DeviceInfo = PrinterInfo | SensorInfo;

/** What a board says of itself. Counters are losses and refusals since its start. */
export interface BoardInfo extends Omit<RawInfo, "devices"> {
  devices: DeviceInfo[];
}

export function describeBoard(raw: RawInfo): BoardInfo {
  return { ...raw, devices: raw.devices.map(describeDevice) };
}

function describeDevice({ status, ...device }: RawInfo["devices"][number]): DeviceInfo {
  return "units" in status
    ? { ...device, kind: "sensor", status: describeSensor(status) }
    : { ...device, kind: "printer", status: decodeStatus(status) };
}
