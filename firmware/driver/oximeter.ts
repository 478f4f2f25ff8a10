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

/** ms between two looks at what came for an alarm. */
const GLANCE = 25;

/** Bytes of a frame. */
const FRAME = 5;

/** While something is known a glance takes longer: it waits for so many bytes, nearly two frames. */
const HELD = 8;

/** Silence after which the device does not answer, in ms. */
const SILENT = 2000;

/**
 * @param baud unless the configuration says another
 * @param options of its line
 * @param rate frames a second
 * @param telling what begins each frame in which the device says something of itself, and may begin others: found by the interpreter at its own speed
 * @param states what a frame at `at` says, as bits; -1 where none can be
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
  /** The last bytes that were believed: a frame may go on behind them, so what the interpreter keeps begins with them. */
  let tail: Bytes = EMPTY;
  let seed = 0;
  /** While something is known: where the next frame begins, behind the last one looked at. */
  let next = 0;
  /** Of what it keeps so much was looked at, and so much was there at the last tick; and since when a batch is collected, in s. */
  let looked = 0;
  let counted = 0;
  let begun = 0;
  let timer = 0;
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
    for (let i = 0; which; i++, which >>= 1)
      if (which & 1) feed.event({ name: names[i], on: !!(bits & (1 << i)) }, heard);
  };
  /**
   * All that frames say that end behind `from`: an alarm may be shorter than the time between two looks.
   * @returns whether that is new
   */
  const look = (data: string, from: number): boolean => {
    const last = data.length - FRAME;
    if (known) {
      // Most frames say the same again.
      while (next <= last && states(data, next) == known) next += FRAME;
      if (next > last) return false;
    }
    const first = Math.max(0, from - FRAME + 1);
    let bits = 0;
    let at = first - 1;
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
    next = at;
    if (bits == known) return false;
    // That it says nothing any more takes a frame.
    for (at = last; !bits && !whole(data, at); at--) if (at <= first) return false;
    const which = bits ^ known;
    known = bits;
    tell(bits, which);
    return true;
  };
  const lose = (units: number, cause: string): void => {
    damaged = true;
    tail = EMPTY;
    // What comes now begins anew.
    next = 0;
    ring.lose(units, cause, heard);
  };
  /** Whether what the interpreter keeps, or what comes next, is not to be believed. */
  const doubtful = (): boolean => {
    if (kit.overran && kit.overran(device.uart as string)) over = 2;
    return over > 0;
  };
  /** Looks for an alarm in what came: all of it stays where it is. @returns whether one was told */
  const glance = (): boolean => {
    if (hearing) return false;
    const kept = port["\xffbuf"];
    const from = looked;
    if (kept.length < from + (known ? HELD : 1)) return false;
    looked = kept.length;
    telling.lastIndex = from < FRAME ? 0 : from - FRAME + 1;
    if ((!known && !telling.exec(kept)) || doubtful()) return false;
    heard = getTime();
    return look(kept, from);
  };
  const flush = (): void => {
    damaged = false;
    begun = heard;
    ring.drain(feed);
  };

  /** @param kept these and the last bytes before them, `from` of which were looked at */
  const keep = (data: string, kept: string, from: number): void => {
    heard = getTime();
    if (doubtful()) {
      over--;
      return lose(-1, "UART_OVERFLOW");
    }
    ring.put(data, heard);
    if (from < kept.length) look(kept, from);
    tail = slice(kept, kept.length - FRAME + 1, kept.length);
    next -= kept.length - tail.length;
  };
  /** The interpreter keeps what comes: it appends to what it finds, so that is a string of its own. */
  const begin = (): void => {
    hearing = false;
    port["\xffbuf"] = slice(tail, 0, FRAME);
    seed = looked = counted = tail.length;
  };
  /** What the interpreter has kept: the last of it came just now, or since the last look. */
  const take = (): void => {
    if (hearing) return;
    const kept = port.read();
    const data = slice(kept, seed, kept.length);
    if (data.length) {
      if (damaged && !over) flush();
      keep(data, kept, looked);
    }
    begin();
  };
  const hear = (data: string): void => {
    port.removeAllListeners("data");
    if (damaged && !over) flush();
    if (doubt) {
      // Some interpreters tell before the byte itself, others before the bytes around it.
      heard = getTime();
      lose(data.length, doubt);
      doubt = "";
    } else {
      keep(data, join(tail, data), tail.length);
      if (!over) flush();
    }
    begin();
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

  feed.onstart = () => {
    reading = true;
    ring.clear();
    damaged = false;
    over = kit.overran && kit.overran(device.uart as string) ? 1 : 0;
    tail = EMPTY;
    fetch(port);
    begin();
    known = 0;
    feed.replied = null;
    heard = begun = getTime();
    timer = setInterval(glance, GLANCE);
    return "";
  };
  feed.stop = () => {
    reading = false;
    doubt = "";
    clearInterval(timer);
    port.removeAllListeners("data");
    hearing = false;
    fetch(port);
  };
  feed.onunread = () => void fetch(port);
  feed.onlisten = () => tell(known, known);
  /** Whether all can stay where it is: what the interpreter keeps has grown, and is no batch yet. */
  const calm = (now: number): boolean => {
    if (hearing || damaged || ring.data.length || kit.overran) return false;
    const before = counted;
    counted = port["\xffbuf"].length;
    return counted > before && counted < ENOUGH && now / 1000 - begun < BATCH;
  };
  feed.ontick = (now) => {
    // An alarm goes out first, and the rest comes in the next tick.
    if ((glance() && looked < ENOUGH) || calm(now)) return;
    const late = hearing && !doubt;
    take();
    const data = ring.data;
    if (data.length) {
      feed.replied = true;
      // Nothing came behind it: it is late by no more than a look.
      if (late) flush();
      else if (data.length >= ENOUGH || now / 1000 - begun >= BATCH) listen();
    } else if (damaged && !over) flush();
    else if (feed.replied != false && now - heard * 1000 > SILENT) {
      feed.replied = false;
      feed.gap(-1, "SILENT", heard);
    }
  };
  feed.onfault = (cause) => {
    // One queue serves all UARTs: the interpreter does not say whose bytes were lost, nor how many.
    heard = getTime();
    lose(-1, cause);
    flush();
  };
}
