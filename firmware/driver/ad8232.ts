/**
 * AD8232: the converter samples its output by a timer's interrupt into two buffers that take turns; two pins say which
 * electrode is off. docs/devices/ad8232.md.
 */
import { Leads, Rate } from "../../protocols/device/sensor/ad8232.js";

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
  /** When the last buffer was told, in seconds. */
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

  /**
   * A buffer is full, and the other one is being filled. The interpreter tells only that they changed places: while it was busy
   * they may have done so again, and twice is never seen. What is missing is always two buffers, or four, or six.
   */
  const full = (buffer: Uint16Array): void => {
    const now = getTime();
    const pairs = Math.round((((now - last) * feed.rate) / samples - 1) / 2);
    last = now;
    if (pairs > 0) feed.gap(2 * pairs * samples, "ADC_OVERRUN", now);
    // A change that is still in the queue may have been within this buffer, and is in the next one.
    const before = off;
    look();
    feed.batch(E.toString(buffer.buffer), samples, now, seen);
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
      return "EIO: " + String(e) + "; name a pin with a converter as out in the configuration";
    }
    return "";
  };
  feed.stop = () => {
    wave!.stop();
    wave = null;
    for (let id; (id = watches.pop());) clearWatch(id);
  };
}
