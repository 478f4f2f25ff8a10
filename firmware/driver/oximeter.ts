/**
 * Oximeters that send frames on a UART without being asked. Their bytes go on as they come: only what an alarm has to overtake the
 * rest for is looked at here. docs/devices/nonin.md, docs/devices/cms50.md.
 *
 * The interpreter keeps them by itself while nobody listens, and a listener that is called for each byte takes half of a board. So one listens
 * only for the end of a batch, which needs its time, and for a byte that is not to be believed.
 */
import { EMPTY, join, slice } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import { fetch, Ring } from "../io/ring.js";

/** Bytes that wait for the next look: more than a second of any of them. */
const RING = 512;

/** s after which the look at hand ends a batch, every fourth if none is late; bytes that are worth one at once. */
const BATCH = 0.175;
const ENOUGH = 96;

/** Bytes of a frame. */
const FRAME = 5;

/** Silence after which the device does not answer, in ms. */
const SILENT = 2000;

/**
 * @param baud unless the configuration says another
 * @param options of its line
 * @param rate frames a second
 * @param telling what begins each frame in which the device says something of itself, and may begin others: found by the interpreter at its own speed
 * @param states what a frame at `at` says, as bits
 * @param whole whether there is a frame at `at`
 * @param names of the bits, from the lowest
 */
export function openOximeter(
  feed: DevsockFeed,
  device: DevsockDeviceConfig,
  kit: DevsockKit,
  baud: number,
  options: EspruinoSerialOptions,
  rate: number,
  telling: RegExp,
  states: (data: string, at: number) => number,
  whole: (data: string, at: number) => boolean,
  names: string[],
): void {
  const port = global[device.uart as string] as EspruinoSerial;
  if (device.path) options.path = device.path as string;
  if (device.pins && device.pins.rx) options.rx = new Pin(device.pins.rx);
  options.errors = true;
  const ring = new Ring(RING);
  /** Bits as they were last told. */
  let known = 0;
  let heard = 0;
  /** Bytes of the ring that were looked at, and the last ones before them: of a frame that goes on. */
  let seen = 0;
  let tail: Bytes = EMPTY;
  /** Bytes that the interpreter keeps and that were looked at; and since when a batch is collected, in s. */
  let looked = 0;
  let begun = 0;
  /** Whether the next piece is listened for, why it is not to be believed, and whether the one before was not. */
  let reading = false;
  let hearing = false;
  let doubt = "";
  let damaged = false;
  /** Pieces that are not to be believed: bytes are missing within the first one or the next. */
  let over = 0;
  feed.rings = { bytes: ring };
  feed.rate = rate;

  const tell = (bits: number, which: number): void => {
    for (let i = 0; i < names.length; i++)
      if (which & (1 << i)) feed.event({ name: names[i], on: !!(bits & (1 << i)) }, ring.at);
  };
  /** All that frames say that were whole since the last look: an alarm may be shorter than the time between two. */
  const look = (data: string, from: number): void => {
    const last = data.length - FRAME;
    let bits = 0;
    let at = from - 1;
    for (;;) {
      telling.lastIndex = at + 1;
      const found = telling.exec(data);
      if (!found) break;
      // From there on frame by frame: those that say nothing new need not be whole.
      for (at = found.index; at <= last; at += FRAME) {
        const said = states(data, at);
        if (!(said & ~bits)) continue;
        if (!whole(data, at)) break;
        bits |= said;
      }
      if (at > last) break;
    }
    if (bits == known) return;
    // That it says nothing any more takes a frame.
    for (at = last; !bits && !whole(data, at); at--) if (at <= from) return;
    tell(bits, bits ^ known);
    known = bits;
  };
  const inspect = (): void => {
    const data = ring.data;
    if (data.length <= seen) return;
    if (tail.length) look(join(tail, data), 0);
    else look(data, seen < FRAME ? 0 : seen - FRAME + 1);
    // Whatever begins there is whole by now.
    if (data.length >= FRAME) tail = EMPTY;
    seen = data.length;
  };
  const flush = (): void => {
    inspect();
    const data = ring.data;
    seen = 0;
    tail = damaged ? EMPTY : slice(data, data.length - FRAME + 1, data.length);
    damaged = false;
    begun = heard;
    ring.drain(feed);
  };

  const keep = (data: string): void => {
    if (kit.overran && kit.overran(device.uart as string)) over = 2;
    if (!over) return ring.put(data, heard);
    over--;
    damaged = true;
    ring.lose(-1, "UART_OVERFLOW", heard);
  };
  /** What the interpreter has kept: the last of it came just now, or since the last look. */
  const take = (): void => {
    const data = fetch(port);
    looked = 0;
    if (!data.length) return;
    if (damaged && !over) flush();
    heard = getTime();
    keep(data);
  };
  /** From here on the interpreter keeps what comes. */
  const unhear = (): void => {
    hearing = false;
    port.removeAllListeners("data");
    fetch(port);
  };
  const hear = (data: string): void => {
    unhear();
    if (damaged && !over) flush();
    heard = getTime();
    if (!doubt) {
      keep(data);
      if (!over) flush();
      return;
    }
    // Some interpreters tell before the byte itself, others before the bytes around it.
    damaged = true;
    ring.lose(data.length, doubt, heard);
    doubt = "";
  };
  const listen = (): void => {
    if (hearing) return;
    take();
    // What is kept, were it nothing, would be heard at once.
    port.read();
    hearing = true;
    port.on("data", hear);
  };
  const suspect = (cause: string): void => {
    if (!reading) return;
    listen();
    doubt = cause;
  };
  port.on("framing", () => suspect("framing"));
  port.on("parity", () => suspect("parity"));
  const speed = (device.baud as number) || baud;
  try {
    port.setup(speed, options);
  } catch (e) {
    // The interpreter's build for Linux cannot tell of them.
    options.errors = false;
    port.setup(speed, options);
  }

  feed.start = () => {
    reading = true;
    fetch(port);
    ring.clear();
    damaged = false;
    seen = 0;
    over = kit.overran && kit.overran(device.uart as string) ? 1 : 0;
    tail = EMPTY;
    known = looked = 0;
    feed.answers = null;
    heard = begun = getTime();
    return "";
  };
  feed.stop = () => {
    reading = false;
    doubt = "";
    unhear();
  };
  feed.onunread = () => void fetch(port);
  feed.onlisten = () => tell(known, known);
  /** Whether all can stay where it is: what the interpreter keeps has grown, is no batch yet, and nothing in it tells of the device. */
  const calm = (now: number): boolean => {
    if (hearing || known || damaged || ring.data.length || kit.overran) return false;
    const kept = port["\xffbuf"];
    const from = looked;
    looked = kept.length;
    if (looked <= from || looked >= ENOUGH || now / 1000 - begun >= BATCH) return false;
    telling.lastIndex = from < FRAME ? 0 : from - FRAME + 1;
    return !telling.exec(from ? kept : join(tail, kept));
  };
  feed.ontick = (now) => {
    if (calm(now)) return;
    const late = hearing && !doubt;
    take();
    const data = ring.data;
    if (data.length) {
      feed.answers = true;
      inspect();
      // Nothing came behind it: it is late by no more than a look.
      if (late) flush();
      else if (data.length >= ENOUGH || now / 1000 - begun >= BATCH) listen();
    } else if (damaged && !over) flush();
    else if (feed.answers != false && now - heard * 1000 > SILENT) {
      feed.answers = false;
      feed.gap(-1, "SILENT", heard);
    }
  };
  feed.onfault = (cause) => {
    // One queue serves all UARTs: the interpreter does not say whose bytes were lost, nor how many.
    damaged = true;
    ring.lose(-1, cause, getTime());
    flush();
  };
}
