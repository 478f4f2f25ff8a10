/**
 * Oximeters that send frames on a UART without being asked. Their bytes go on as they come: only what an alarm has to overtake the
 * rest for is looked at here. docs/devices/nonin.md, docs/devices/cms50.md.
 */
import { Ring } from "../io/ring.js";

/** Bytes that wait for the next look: more than a second of any of them. */
const RING = 512;

/** Batches in s; bytes that are worth one at once. */
const BATCH = 0.2;
const ENOUGH = 96;

/** Silence after which the device does not answer, in ms. */
const SILENT = 2000;

/**
 * @param baud unless the configuration says another
 * @param options of its line
 * @param rate frames a second
 * @param states what the last whole frame of some bytes says of the device, as bits; -1 if there is none
 * @param names of the bits, from the lowest
 */
export function openOximeter(
  feed: DevsockFeed,
  device: DevsockDeviceConfig,
  baud: number,
  options: EspruinoSerialOptions,
  rate: number,
  states: (data: string) => number,
  names: string[],
): void {
  const port = global[device.uart as string] as EspruinoSerial;
  if (device.path) options.path = device.path as string;
  if (device.pins && device.pins.rx) options.rx = new Pin(device.pins.rx);
  const ring = new Ring(RING);
  let known = 0;
  let heard = 0;
  feed.rate = rate;

  const flush = (): void => {
    const data = ring.take();
    if (data) feed.batch(data, data.length, ring.at, 0);
    if (ring.over) feed.gap(ring.over, "RING_FULL", getTime());
    ring.over = 0;
  };
  const tell = (bits: number): void => {
    for (let i = 0; i < names.length; i++)
      if ((bits ^ known) & (1 << i)) feed.event({ name: names[i], on: !!(bits & (1 << i)) }, ring.at);
    known = bits;
  };

  port.on("data", (data) => ring.put(data, (heard = getTime())));
  port.setup((device.baud as number) || baud, options);

  feed.start = () => {
    ring.take();
    ring.over = 0;
    known = 0;
    feed.answers = null;
    heard = getTime();
    return "";
  };
  feed.onlisten = () => {
    known = 0;
  };
  feed.ontick = (now) => {
    const data = ring.data;
    if (data.length) {
      feed.answers = true;
      const bits = states(data);
      if (bits >= 0 && bits != known) tell(bits);
      if (data.length >= ENOUGH || now / 1000 - ring.since >= BATCH) flush();
    } else if (feed.answers != false && now - heard * 1000 > SILENT) {
      feed.answers = false;
      feed.gap(-1, "SILENT", heard);
    }
  };
  feed.onfault = (cause) => {
    // One queue serves all UARTs: the interpreter does not say whose bytes were lost, nor how many.
    flush();
    feed.gap(-1, cause, getTime());
  };
}
