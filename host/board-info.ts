/** What a board says of itself and of its devices, for people. */
import type { BoardInfo as RawInfo } from "../protocols/index.js";
import { decodeStatus, describeCamera, describeSensor } from "./device/status.js";
import type { CameraStatus, PrinterStatus, SensorStatus } from "./device/status.js";

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

export interface CameraInfo extends NamedDevice {
  kind: "camera";
  status: CameraStatus;
}

export type DeviceInfo = PrinterInfo | SensorInfo | CameraInfo;

/** What a board says of itself. Counters are losses and refusals since its start. */
export interface BoardInfo extends Omit<RawInfo, "devices"> {
  devices: DeviceInfo[];
}

export function describeBoard(raw: RawInfo): BoardInfo {
  return { ...raw, devices: raw.devices.map(describeDevice) };
}

function describeDevice({ status, ...device }: RawInfo["devices"][number]): DeviceInfo {
  if ("units" in status) return { ...device, kind: "sensor", status: describeSensor(status) };
  if ("sizes" in status) return { ...device, kind: "camera", status: describeCamera(status) };
  return { ...device, kind: "printer", status: decodeStatus(status) };
}
