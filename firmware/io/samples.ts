/**
 * A converter's samples: a timer's interrupt puts them into two buffers of the interpreter's that take turns, and nothing that the interpreter does
 * delays one. The contract is in receive.ts.
 *
 * The interpreter tells only that the buffers changed places, and only if it did not find them as they were: so they did so an odd number of times.
 * A buffer that was read is marked all over. What is left of that in the other one says how far the converter is in it; once there is nothing, nobody
 * knows whether it has not come round to the full one again.
 */
import { EMPTY, join } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import type { Receiver, Taker } from "./receive.js";

/** The mark. It is no sample: a converter of 12 bits has its highest four, or none, in the lowest. */
const NONE = 1;

/** By so much of a buffer what was counted may be off. */
const MARGIN = 0.25;

/** Buffers after which their own rhythm is known better than what was asked for. */
const KNOWN = 50;

export interface Samples extends Receiver {
  high: number;
  /** @throws when it is no pin with a converter */
  start(): void;
  stop(): void;
  drain(this: void): void;
}

/**
 * All in one function, as it is called for each buffer.
 * @param count samples of a buffer, 16 bits each with the lower ones first
 * @param rate of them a second
 * @param batch of `taker`, by itself: it is called as that
 */
export function openSamples(
  pin: EspruinoPin,
  count: number,
  rate: number,
  batch: Taker["batch"],
  taker: Pick<Taker, "gap">,
): Samples {
  let wave: EspruinoWaveform | null = null;
  /** When the first buffer was full, when the last one was, in seconds, and how many were so far. */
  let first = 0;
  let last = 0;
  let flips = 0;
  /** How many were since the last one that was given is not quite sure. */
  let unsure = false;
  /** Whether the second buffer is full next. */
  let second = false;
  /** What waits. */
  let data: Bytes = EMPTY;

  const full = (buffer: Uint16Array): void => {
    if (!wave) return;
    second = !second;
    const begun = (second ? wave.buffer2 : wave.buffer).indexOf(NONE);
    const at = getTime() - begun / rate;
    // A copy, as the string itself is the buffer's own memory; cutting all of it out would cost four times as much.
    const copy = join(EMPTY, E.toString(buffer.buffer));
    buffer.fill(NONE);
    const depth = begun < 0 ? 2 * count : count + begun;
    if (depth > samples.high) samples.high = depth;
    if (data.length) samples.drain();
    if (begun < 0 || unsure) {
      // As many buffers are missing as can have been full since the last one, less the one given.
      unsure = begun < 0;
      const period = flips > KNOWN ? (last - first) / (flips - 1) : count / rate;
      const margin = unsure ? MARGIN : 1;
      const buffers = Math.max(1, (((at - last) / period + margin + 1) >> 1) * 2 - 1) - (unsure ? 0 : 1);
      const since = last;
      flips += buffers;
      last += buffers * period;
      if (buffers > 0) taker.gap(buffers * count, "ADC_OVERRUN", since);
      if (unsure) return;
    }
    flips++;
    if (!first) {
      first = at;
      flips = 1;
    }
    last = at;
    data = copy;
    // What the interpreter has lost until now it tells at the end of this turn.
    setTimeout(samples.drain, 0);
  };

  const samples: Samples = {
    size: 2 * count,
    high: 0,
    start: () => {
      wave = new Waveform(count, { doubleBuffer: true, bits: 16 });
      wave.buffer2.fill(NONE);
      wave.on("buffer", full);
      second = unsure = false;
      first = flips = 0;
      data = EMPTY;
      last = getTime();
      try {
        wave.startInput(pin, rate, { repeat: true });
      } catch (e) {
        wave = null;
        throw e;
      }
    },
    stop: () => {
      wave!.stop();
      wave = null;
      data = EMPTY;
    },
    drain: () => {
      const all = data;
      data = EMPTY;
      if (all.length) batch(all, count, last, 0);
    },
  };
  return samples;
}
