/**
 * The module `sensors` in Storage: a sensor's readings as messages to whoever reads them. protocols/service/samples.ts.
 * Each driver is a module of its own, which is loaded when the configuration names it.
 */
import { Feed } from "./sensors/feed.js";

export function add(name: string, device: DevsockDeviceConfig, kit: DevsockKit, driver: DevsockDriver): DevsockDevice {
  const feed = new Feed(name, device, kit);
  driver.open(feed, device, kit);
  return feed;
}
