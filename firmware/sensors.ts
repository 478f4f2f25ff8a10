/**
 * The module `sensors` in Storage: a sensor's readings as messages to whoever reads them. protocols/service/samples.ts.
 * Each driver is a module of its own, which is loaded when the configuration names it.
 */
import { Feed } from "./sensors/feed.js";

/** Bytes that are kept for the board's end in any case: it takes some to let go of sensors. */
const LEAST = 600;
/** Bytes of a variable, or fewer. */
const VARIABLE = 12;

export function add(name: string, device: DevsockDeviceConfig, kit: DevsockKit, driver: DevsockDriver): DevsockDevice {
  const feed = new Feed(name, device, kit);
  const before = process.memory().usage;
  driver.open(feed, device, kit);
  // What it holds is free then, too, and need not be kept as well; but the listeners of a UART stay.
  if ($_p.k && !device.uart) {
    const kept = Math.max(LEAST, $_p.k.length - (process.memory().usage - before) * VARIABLE);
    // There may be no room for both at once.
    $_p.k = undefined;
    $_p.k = new Uint8Array(kept);
  }
  return feed;
}
