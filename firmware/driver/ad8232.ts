/**
 * AD8232: the converter samples its output by a timer's interrupt into two buffers that take turns; two pins say which
 * electrode is off. docs/devices/ad8232.md.
 */
import { Leads, Rate } from "../../protocols/device/sensor/ad8232.js";

/** Parts of a buffer: by so much a change may seem early, and the converter be slower than it was told. */
const EARLY = 0.25;
const SLOWER = 1.02;

/** Samples of a buffer are those of so many ms, within the bound. */
const BUFFER_MS = 100;
const MOST_SAMPLES = 100;

export function open(feed: DevsockFeed, device: DevsockDeviceConfig): void {
  const pins = device.pins!;
  const out = new Pin(pins.out!);
  const plus = pins.loPlus ? new Pin(pins.loPlus) : null;
  const minus = pins.loMinus ? new Pin(pins.loMinus) : null;
  feed.rate = feed.rate || Rate.usual;
  const samples = Math.min(MOST_SAMPLES, Math.max(1, (feed.rate * BUFFER_MS) / 1000)) | 0;
  const watches: number[] = [];
  let wave: EspruinoWaveform | null = null;
  /** When the buffers last changed places, about, in seconds: not later than it was told. */
  let last = 0;
  /** Electrodes that are off, and those that were since the last buffer. */
  let off = 0;
  let seen = 0;

  /** What the electrodes' pins say now. */
  const look = (): void => {
    off = (plus && digitalRead(plus) ? Leads.plusOff : 0) | (minus && digitalRead(minus) ? Leads.minusOff : 0);
    seen |= off;
  };
  const watch = (pin: EspruinoPin | null): void => {
    if (!pin) return;
    pinMode(pin, "input");
    watches.push(setWatch(look, pin, { repeat: true, edge: "both" }));
  };

  const unwatch = (): void => {
    for (let id; (id = watches.pop());) clearWatch(id);
  };

  /**
   * A buffer is full, and the other one is being filled. The interpreter tells only that they changed places, and only if it did
   * not find them as they were: so they did so an odd number of times, which the time tells. If it was busy for more than one change, nobody
   * knows which one this was, and whether the converter has not come round to this buffer again: it is not given as if it were.
   */
  const full = (buffer: Uint16Array): void => {
    const now = getTime();
    const period = samples / feed.rate;
    // As told each time, but for what this time was late.
    const changes = ((now - last) / period + EARLY) | 0;
    const odd = changes < 2 ? 1 : (changes - 1) | 1;
    last = Math.min(now, last + odd * period * SLOWER);
    // A change that is still in the queue may have been within this buffer, and is in the next one.
    const before = off;
    look();
    if (changes < 2) feed.batch(E.toString(buffer.buffer), samples, now, seen);
    else feed.gap(odd * samples, "ADC_OVERRUN", now);
    seen = before | off;
  };

  feed.start = () => {
    watch(plus);
    watch(minus);
    seen = 0;
    look();
    wave = new Waveform(samples, { doubleBuffer: true, bits: 16 });
    wave.on("buffer", full);
    last = getTime();
    try {
      wave.startInput(out, feed.rate, { repeat: true });
    } catch (e) {
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
}
