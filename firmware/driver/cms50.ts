/** Contec CMS50 with the old firmware: protocols/device/sensor/cms50.ts. */
import { openOximeter } from "./oximeter.js";

export function open(feed: DevsockFeed, device: DevsockDeviceConfig, kit: DevsockKit): void {
  const names = ["probe error", "searching", "spo2 dropping"];
  // A first byte with 10 or 20, or a third one.
  const telling = /[\x90-\xbf\xd0-\xff]|[\x80-\xff][^\x80-\xff][\x10-\x3f\x50-\x7f]/g;
  openOximeter(feed, device, kit, 19200, { parity: "odd" }, 60, telling, states, whole, names);
}

function states(data: string, at: number): number {
  const first = data.charCodeAt(at);
  if (first < 128) return -1;
  const third = data.charCodeAt(at + 2);
  return ((third & 0x10) >> 4) | (first & 0x10 || third & 0x20 ? 2 : 0) | ((first & 0x20) >> 3);
}

/** The begin of a frame, and of no other byte, has the highest bit. */
function whole(data: string, at: number): boolean {
  return data.charCodeAt(at) > 127 && data.charCodeAt(at + 2) < 128;
}
