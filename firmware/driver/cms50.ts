/** Contec CMS50 with the old firmware: protocols/device/sensor/cms50.ts. */
import { openOximeter } from "./oximeter.js";

export function open(feed: DevsockFeed, device: DevsockDeviceConfig): void {
  const names = ["probe error", "searching", "spo2 dropping"];
  openOximeter(feed, device, 19200, { parity: "odd" }, 60, states, names);
}

/** The begin of a frame, and of no other byte, has the highest bit. */
function states(data: string): number {
  for (let i = data.length - 5; i >= 0; i--) {
    const first = data.charCodeAt(i);
    const third = data.charCodeAt(i + 2);
    if (first & 0x80 && !(third & 0x80))
      return ((third & 0x10) >> 4) | (first & 0x10 || third & 0x20 ? 2 : 0) | ((first & 0x20) >> 3);
  }
  return -1;
}
