/**
 * MAX30102 on I2C: a FIFO of 32 samples, and an interrupt when 17 wait, whose own time is that of the 17th. Maxim, MAX30102 data sheet 19-7740.
 * docs/devices/max30102.md.
 */
import { features } from "#features";

const ADDRESS = 0x57;
const PART_ID = 0x15;

const enum Register {
  /** Status (2), enable (2), write pointer, overflow counter, read pointer: what an interrupt asks for, in one go. */
  status = 0x00,
  interruptEnable = 0x02,
  data = 0x07,
  fifo = 0x08,
  mode = 0x09,
  spo2 = 0x0a,
  redCurrent = 0x0c,
  infraredCurrent = 0x0d,
  partId = 0xff,
}

/** Of the status: 17 samples wait, or more. Asking for it clears it. */
const ALMOST_FULL = 0x80;

/** It clears the bit when it has done so. */
const RESET = 0x40;

/** Samples of an interrupt, of the FIFO, and bytes of a sample. */
const BATCH = 17;
const DEPTH = 32;
const BYTES = 6;

/** Bytes from `status` on, and which of them are the pointers. */
const STATUS_BYTES = 7;
const WRITE_POINTER = 4;
const OVERFLOW = 5;
const READ_POINTER = 6;

/** Samples that may come before a batch is read, while an alarm waits: half of what the FIFO has room for behind its interrupt. */
const PATIENCE = 7;

/**
 * The overflow counter goes no further. The FIFO's place says the rest, but for rounds of 32, and the time how many rounds: of so many samples, at the most, by a clock
 * and a chip that are 5 % apart.
 */
const MOST_COUNTED = 31;
const MOST_RECKONED = 300;

/** While a batch is read, 11 ms at 100 kHz, samples come: a second's, by this, and one. */
const READ = 64;

/** Flag of a batch whose last sample no interrupt told of: it is up to a period older than the stamp. */
const SEEN = 1;

/** ms without a sample after which the chip does not answer. */
const SILENT = 2000;

/** ms between two tries to find a chip that does not answer. */
const RETRY = 1000;

/** By samples a second: bits 4 to 2 of the register. */
const RATES: { [rate: number]: number } = { 50: 0, 100: 4, 200: 8, 400: 12 };

export function open(feed: DevsockFeed, device: DevsockDeviceConfig, kit: DevsockKit): void {
  const bus = kit.buses[device.bus as string]!;
  const int = device.pins && device.pins.int ? new Pin(device.pins.int) : null;
  let watch = 0;
  let running = false;
  let lit = false;
  /** A turn on the bus is waited for, and the time of the interrupt that it is for, in seconds; 0 for none. */
  let turning = false;
  let stamp = 0;
  let next = 0;
  /** When samples were last read, in seconds. */
  let heard = 0;
  /** The FIFO's place of the sample that comes next, and how many waited behind those that were read last. */
  let place = 0;
  let left = 0;
  let failure = "";
  /** Whoever reads first is told himself, if the bus is free at once. */
  let starting = false;
  feed.rate = feed.rate || 100;

  const set = (register: Register, value: number): void => {
    bus.transfer(ADDRESS, String.fromCharCode(register, value), 0);
  };

  /** @returns why the chip does not work, or "" */
  const begin = (): string => {
    const id = bus.transfer(ADDRESS, String.fromCharCode(Register.partId), 1);
    if (bus.failure) return bus.failure;
    if (id.charCodeAt(0) != PART_ID)
      return "ENODEV: the chip at address 87 is no MAX30102: its part number is " + id.charCodeAt(0) + ", not 21";
    set(Register.mode, RESET);
    for (let i = 0; i < 10 && bus.transfer(ADDRESS, String.fromCharCode(Register.mode), 1).charCodeAt(0) & RESET; i++);
    // A full FIFO goes on with its oldest place; it is almost full when 15 places are left; no averages.
    set(Register.fifo, 0x10 | (DEPTH - BATCH));
    place = left = 0;
    set(Register.interruptEnable, 0x80);
    // 4096 nA at the most, pulses of 411 us: 18 bits.
    set(Register.spo2, 0x23 | RATES[feed.rate]!);
    set(Register.redCurrent, 0x24);
    set(Register.infraredCurrent, 0x24);
    // Red and infrared.
    set(Register.mode, 0x03);
    lit = true;
    // That it has power is an interrupt, too, until it was asked for.
    bus.transfer(ADDRESS, String.fromCharCode(Register.status), 1);
    heard = getTime();
    return bus.failure;
  };

  /** @param why begins with the cause */
  const lose = (why: string): void => {
    if (feed.replied !== false) feed.gap(-1, why.split(":")[0]!, getTime());
    feed.replied = false;
  };

  /** @param at when the 17th was there, in seconds; 0: nobody knows */
  const fetch = (at: number): void => {
    // What an interrupt had to say that fell into the last reading, or before it, is done.
    if (at && at < heard) return;
    let status = bus.transfer(ADDRESS, String.fromCharCode(Register.status), STATUS_BYTES);
    if (bus.failure) return lose(bus.failure);
    const seen = getTime();
    const told = status.charCodeAt(0) & ALMOST_FULL;
    let over = status.charCodeAt(OVERFLOW);
    let first = status.charCodeAt(READ_POINTER);
    let waiting = (status.charCodeAt(WRITE_POINTER) - first) & (DEPTH - 1);
    if (over || (!waiting && told)) waiting = DEPTH;
    if (!waiting) return;
    if (!told || waiting < BATCH) at = 0;
    const late = waiting >= DEPTH - feed.rate / READ;
    // Those that came since the interrupt wait for the next one, whose time is theirs: it comes only when their number grows to 17.
    let units = at && !late ? BATCH : waiting;
    let data = bus.transfer(ADDRESS, String.fromCharCode(Register.data), units * BYTES);
    // A full FIFO may have lost more before its first one was read. And their number may have grown to 17 meanwhile: that says nothing of those that are left.
    if (late || (int && !digitalRead(int))) {
      if (!bus.failure) status = bus.transfer(ADDRESS, String.fromCharCode(Register.status), STATUS_BYTES);
      first = status.charCodeAt(READ_POINTER) - units;
    }
    if (bus.failure) return lose(bus.failure);
    // Each sample has its place, lost or not.
    let lost = over + ((first - place - over) & (DEPTH - 1));
    if (over > MOST_COUNTED - 1) {
      const gone = (seen - heard) * feed.rate + left - DEPTH;
      over = lost = gone < MOST_RECKONED ? lost + ((gone - lost + DEPTH / 2) & -DEPTH) : -1;
      at = 0;
    }
    heard = getTime();
    place = (first + units) & (DEPTH - 1);
    if (lost) feed.gap(lost, "DEVICE_FIFO", seen);
    // So many newer ones waited when somebody looked.
    left = waiting + over - lost - units;
    const dated = at ? BATCH - lost : 0;
    if (dated == units) return feed.batch(data, units, at, 0);
    if (dated > 0) {
      feed.batch(data.substring(0, dated * BYTES), dated, at, 0);
      data = data.substring(dated * BYTES);
      units -= dated;
    }
    feed.batch(data, units, seen - left / feed.rate, SEEN);
  };

  /** What there is to do once the bus is free: not what there was when it was asked for. */
  const work = (): void => {
    const at = stamp;
    turning = false;
    stamp = 0;
    if (running && feed.replied) fetch(at);
    else if (running) {
      failure = begin();
      if (!failure) feed.replied = true;
      else if (!starting) lose(failure);
    } else if (lit) {
      // Its lamps go out.
      set(Register.mode, 0x80);
      lit = false;
    }
    bus.release();
  };
  const turn = (at: number): void => {
    if (at) stamp = at;
    if (turning) return;
    if (features.aside && kit.busy.alarm && !starting && getTime() - stamp < PATIENCE / feed.rate)
      return void setTimeout(turn, 0, 0);
    turning = true;
    // Too many wait: the next tick tries again.
    if (!bus.take(work)) turning = false;
  };
  const look = (): void => {
    if (!digitalRead(int!)) turn(0);
  };
  const darken = (): void => {
    if (running || !lit) return;
    turn(0);
    if (!turning && lit) setTimeout(darken, RETRY);
  };

  feed.onstart = () => {
    running = true;
    feed.replied = null;
    stamp = 0;
    failure = "";
    starting = true;
    turn(0);
    starting = false;
    if (failure) {
      running = false;
      darken();
      return failure;
    }
    if (int) {
      pinMode(int, "input_pullup");
      watch = setWatch((event) => turn(event.time), int, { repeat: true, edge: "falling" });
    }
    return "";
  };
  feed.stop = () => {
    running = false;
    if (watch) clearWatch(watch);
    watch = 0;
    darken();
  };
  feed.ontick = (now) => {
    if (now < next) return;
    next = now + (feed.replied ? 100 : RETRY);
    if (feed.replied && now - heard * 1000 > SILENT) lose(turning ? "BUS_BUSY" : "SILENT");
    if (!feed.replied || !int) turn(0);
    // Its edge is lost with a full queue, or is in the queue yet: that goes first, as only the edge knows when it was.
    else if (!digitalRead(int)) setTimeout(look, 0);
  };
}
