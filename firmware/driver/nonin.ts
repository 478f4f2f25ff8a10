/** Nonin OEM III, data format 2: protocols/device/sensor/nonin.ts. */
import { openOximeter } from "./oximeter.js";

export function open(feed: DevsockFeed, device: DevsockDeviceConfig): void {
  openOximeter(feed, device, 9600, {}, 75, states, ["alarm", "out of track", "probe off"]);
}

/** Of its status byte 08, 10 and 40. */
function states(data: string): number {
  for (let i = data.length - 5; i >= 0; i--) {
    const status = data.charCodeAt(i + 1);
    const sum = 1 + status + data.charCodeAt(i + 2) + data.charCodeAt(i + 3);
    if (data.charCodeAt(i) == 1 && status & 0x80 && (sum & 0xff) == data.charCodeAt(i + 4))
      return ((status >> 3) & 3) | ((status & 0x40) >> 4);
  }
  return -1;
}
