/**
 * AD8232: the converter samples its output by a timer's interrupt into two buffers that take turns; two pins say which
 * electrode is off. docs/devices/ad8232.md.
 */
import { slice } from "../../protocols/bytes/index.js";
import { Leads, Rate } from "../../protocols/device/sensor/ad8232.js";

/** In a buffer this is no sample: a converter of 12 bits has its highest four, or none, in the lowest. */
const NONE = 1;

/** By so much of a buffer what was counted may be off. */
const MARGIN = 0.25;

/** Buffers after which their own rhythm is known better than what was asked for. */
const KNOWN = 50;

/** Samples of a buffer are those of so many ms, within the bound; and their bytes. */
const BUFFER_MS = 200;
const MOST_SAMPLES = 100;
const BYTES = 2;

/** Changes of the electrodes that wait for their buffer. */
const MOST_EDGES = 32;

export function open(feed: DevsockFeed, device: DevsockDeviceConfig): void {
  const pins = device.pins!;
  const out = new Pin(pins.out!);
  const leads: { pin: EspruinoPin; bit: Leads }[] = [];
  if (pins.loPlus) leads.push({ pin: new Pin(pins.loPlus), bit: Leads.plusOff });
  if (pins.loMinus) leads.push({ pin: new Pin(pins.loMinus), bit: Leads.minusOff });
  feed.rate = feed.rate || Rate.usual;
  const samples = Math.min(MOST_SAMPLES, Math.max(1, (feed.rate * BUFFER_MS) / 1000)) | 0;
  const watches: number[] = [];
  let wave: EspruinoWaveform | null = null;
  /** When the first buffer was full, when the last one was, in seconds, and how many were so far. */
  let first = 0;
  let last = 0;
  let flips = 0;
  /** How many were since the last one that was given is not quite sure. */
  let unsure = false;
  /** Whether the second buffer is full next. */
  let second = false;
  /** What the pins said last, what they said before the first of `edges`, and until when nobody knows. */
  let now = 0;
  let off = 0;
  let blind = 0;
  let edges: { at: number; off: number }[] = [];

  const look = (): void => {
    now = 0;
    for (let i = 0; i < leads.length; i++) if (digitalRead(leads[i]!.pin)) now |= leads[i]!.bit;
  };
  const forget = (): void => {
    blind = getTime();
    edges = [];
    look();
    off = now;
  };
  const watch = (pin: EspruinoPin, bit: Leads): void => {
    pinMode(pin, "input");
    const edge = (event: EspruinoWatch): void => {
      now = event.state ? now | bit : now & ~bit;
      if (edges.push({ at: event.time, off: now }) > MOST_EDGES) forget();
    };
    watches.push(setWatch(edge, pin, { repeat: true, edge: "both" }));
  };
  const unwatch = (): void => {
    for (let id; (id = watches.pop());) clearWatch(id);
  };

  /** As many buffers are missing as can have been full since the last one, less those given: the interpreter tells only of an odd number. */
  const lose = (at: number, margin: number, given: number): void => {
    const period = flips > KNOWN ? (last - first) / (flips - 1) : samples / feed.rate;
    const buffers = Math.max(1, (((at - last) / period + margin + 1) >> 1) * 2 - 1) - given;
    if (buffers > 0) feed.gap(buffers * samples, "ADC_OVERRUN", at);
    flips += buffers;
    last += buffers * period;
  };

  /** A buffer within which electrodes changed, in as many parts. @param at not before its last sample, nor a sample's time behind it */
  const split = (data: string, at: number): void => {
    const { rate } = feed;
    const unknown = blind > at - (samples + 1) / rate ? Leads.unknown : 0;
    let from = 0;
    const part = (to: number): void => {
      if (to <= from) return;
      feed.batch(slice(data, from * BYTES, to * BYTES), to - from, at - (samples - to) / rate, off | unknown);
      from = to;
    };
    if (!unknown) blind = 0;
    while (edges.length && edges[0]!.at <= at) {
      const edge = edges.shift()!;
      const before = samples - (at - edge.at) * rate;
      // Off from the first sample that may be behind it, or to the last one that may be before it.
      part(Math.min(samples, Math.max(0, edge.off & ~off ? before - 1 : before + 1)) | 0);
      off = edge.off;
    }
    part(samples);
  };
  const give = (data: string, at: number, whose: EspruinoWaveform): void => {
    // Whoever asked for it has gone.
    if (whose != wave) return;
    if (edges.length || blind) split(data, at);
    else feed.batch(data, samples, at, off);
  };

  /**
   * A buffer is full, and the other one is being filled. The interpreter tells only that they changed places, and only if it did
   * not find them as they were: so they did so an odd number of times. What is still there of the mark that a buffer is given when it was read says
   * how far the converter is in it; once there is nothing, nobody knows whether it has not come round to the full one again.
   */
  const full = (buffer: Uint16Array): void => {
    if (!wave) return;
    // A copy, as the string itself is the buffer's own memory; cutting all of it out would cost four times as much.
    const data = "" + E.toString(buffer.buffer);
    buffer.fill(NONE);
    second = !second;
    const begun = (second ? wave.buffer2 : wave.buffer).indexOf(NONE);
    const at = getTime() - begun / feed.rate;
    if (begun < 0 || unsure) {
      lose(at, begun < 0 ? MARGIN : 1, begun < 0 ? 0 : 1);
      unsure = begun < 0;
      if (unsure) return;
    }
    last = at;
    flips++;
    if (!first) {
      first = at;
      flips = 1;
    }
    // What the interpreter has lost until now it tells at the end of this turn.
    setTimeout(give, 0, data, at, wave);
  };

  feed.start = () => {
    for (let i = 0; i < leads.length; i++) watch(leads[i]!.pin, leads[i]!.bit);
    forget();
    blind = 0;
    wave = new Waveform(samples, { doubleBuffer: true, bits: 16 });
    wave.buffer2.fill(NONE);
    wave.on("buffer", full);
    second = false;
    unsure = false;
    first = 0;
    flips = 0;
    last = getTime();
    try {
      wave.startInput(out, feed.rate, { repeat: true });
    } catch (e) {
      wave = null;
      unwatch();
      return "EIO: " + String(e) + "; name a pin with a converter as out in the configuration";
    }
    return "";
  };
  feed.stop = () => {
    wave!.stop();
    wave = null;
    unwatch();
  };
  feed.onfault = (cause) => {
    // A change may be among what was lost.
    if (cause == "FIFO_FULL" && leads.length) forget();
  };
}
