/** Nonin OEM III, data format 2: protocols/device/sensor/nonin.ts. */
import { openOximeter } from "./oximeter.js";

export function open(feed: DevsockFeed, device: DevsockDeviceConfig, kit: DevsockKit): void {
  // 01 and a status with 08, 10 or 40.
  const telling = /\x01[\x88-\x9f\xa8-\xff]/g;
  openOximeter(feed, device, kit, 9600, {}, 75, telling, states, whole, ["alarm", "out of track", "probe off"]);
}

/** Of its status byte 08, 10 and 40. */
function states(data: string, at: number): number {
  if (data.charCodeAt(at) != 1) return -1;
  const status = data.charCodeAt(at + 1);
  return ((status >> 3) & 3) | ((status & 0x40) >> 4);
}

function whole(data: string, at: number): boolean {
  const status = data.charCodeAt(at + 1);
  const sum = 1 + status + data.charCodeAt(at + 2) + data.charCodeAt(at + 3);
  return data.charCodeAt(at) == 1 && status > 127 && (sum & 0xff) == data.charCodeAt(at + 4);
}
