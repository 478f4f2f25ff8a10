/**
 * Oximeters that send frames on a UART without being asked. Their bytes go on as they come: only what an alarm has to overtake the
 * rest for is looked at here. docs/devices/nonin.md, docs/devices/cms50.md.
 *
 * The interpreter keeps them by itself, and a look finds how many there are: what they end with came before it, and what comes next did not. A listener,
 * which is called for each byte, would take half of a board: there is one only for a byte that is not to be believed.
 */
import { EMPTY, slice } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import { fetch, Ring } from "../io/ring.js";

/** Bytes that wait for the next look: more than a second of any of them. */
const RING = 512;

/** s after which a batch ends with the next look; bytes that are worth one at once. */
const BATCH = 0.175;
const ENOUGH = 96;

/** s between two looks: no multiple of a frame's time, so that looks come upon all parts of a frame. */
const GLANCE = 0.0255;

/** s without a byte after which what came is a batch. */
const QUIET = 0.04;

/** Steps in which a batch says how late its look was, in s, and how many say that nobody knows. */
const STEP = 0.00025;
const STEPS = 255;

/** Bytes of a frame. */
const FRAME = 5;

/** While something is known a glance takes longer: it waits for so many bytes, nearly two frames. */
const HELD = 8;

/** Silence after which the device does not answer, in s. */
const SILENT = 2;

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
  /** When the last bytes were seen, or were lost. */
  let heard = 0;
  /** The last bytes that were believed: a frame may go on behind them, so what the interpreter keeps begins with them. */
  let tail: Bytes = EMPTY;
  let seed = 0;
  /** While something is known: where the next frame begins, behind the last one looked at. */
  let next = 0;
  /** Of what it keeps so much was looked at for an alarm, and so much was there; and since when a batch is collected. */
  let looked = 0;
  let counted = 0;
  let begun = 0;
  let timer = 0;
  /** When the next look should be. */
  let due = 0;
  /** Why the next piece, which is listened for, is not to be believed; and whether one before was not. */
  let reading = false;
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
  /** @param late steps by which the look was */
  const flush = (late: number): void => {
    damaged = false;
    begun = heard;
    ring.drain(feed, late);
  };
  /** The interpreter keeps what comes: it appends to what it finds, so that is a string of its own. */
  const begin = (): void => {
    port["\xffbuf"] = slice(tail, 0, FRAME);
    seed = looked = counted = tail.length;
  };
  /** What the interpreter has kept. */
  const take = (): void => {
    if (doubt) return;
    const kept = port.read();
    const from = looked;
    if (kept.length > counted) heard = getTime();
    if (kept.length > seed) {
      if (damaged && !over) flush(STEPS);
      if (doubtful()) {
        over--;
        lose(-1, "UART_OVERFLOW");
      } else {
        feed.replied = true;
        ring.put(slice(kept, seed, kept.length), heard);
        if (from < kept.length) look(kept, from);
        tail = slice(kept, kept.length - FRAME + 1, kept.length);
        next -= kept.length - tail.length;
      }
    }
    begin();
  };
  const glance = (): void => {
    const now = getTime();
    // Its turn began when it was due, or later: what came next was not there then.
    let late = Math.ceil((now - due) / STEP);
    // A program may have set the clock, and some boards' intervals are shorter by a little.
    if (late < 0 || late > 4 * STEPS) due = now;
    due += GLANCE;
    if (late < 0) late = 0;
    if (!doubt) {
      const kept = port["\xffbuf"];
      const count = kept.length;
      const from = looked;
      if (count > counted) heard = now;
      else late = STEPS;
      counted = count;
      if (count >= from + (known ? HELD : 1)) {
        looked = count;
        telling.lastIndex = from < FRAME ? 0 : from - FRAME + 1;
        // An alarm goes out first, and the rest comes with the next look.
        if ((known || telling.exec(kept)) && !doubtful() && look(kept, from) && count < ENOUGH) return;
      }
      if ((count > seed || ring.data.length) && (now - begun >= BATCH || count >= ENOUGH || now - heard > QUIET)) {
        take();
        if (!damaged) return flush(Math.min(late, STEPS));
      }
    }
    if (damaged && !over) flush(STEPS);
    else if (feed.replied != false && now - heard > SILENT) {
      feed.replied = false;
      feed.gap(-1, "SILENT", heard);
    }
  };
  const hear = (data: string): void => {
    port.removeAllListeners("data");
    if (damaged && !over) flush(STEPS);
    // Some interpreters tell before the byte itself, others before the bytes around it.
    heard = getTime();
    lose(data.length, doubt);
    doubt = "";
    begin();
  };
  const suspect = (cause: string): void => {
    if (!reading || doubt) return;
    take();
    // What is kept, were it nothing, would be heard at once.
    port.read();
    doubt = cause;
    port.on("data", hear);
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
    due = begun + GLANCE;
    timer = setInterval(glance, 1000 * GLANCE);
    return "";
  };
  feed.stop = () => {
    reading = false;
    doubt = "";
    clearInterval(timer);
    port.removeAllListeners("data");
    fetch(port);
  };
  feed.onunread = () => void fetch(port);
  feed.onlisten = () => tell(known, known);
  // Where bytes may be lost unseen, pieces are short.
  if (kit.overran) feed.ontick = take;
  feed.onfault = (cause) => {
    // One queue serves all UARTs: the interpreter does not say whose bytes were lost, nor how many.
    heard = getTime();
    lose(-1, cause);
    flush(STEPS);
  };
}
