/**
 * What each driver asks of the board that it hangs on, beside what it costs (boards/costs.ts). The host adds it up, and refuses a configuration
 * that cannot give it: host/config/budget.ts. docs/timing.md shows it.
 */
import { VC_PARTS, VC_REPLY } from "./camera/vc0706.js";

/** A chip on I2C. Its driver knows it at this address only. */
export interface BusDemand {
  readonly address: number;
  /** Most bits a second. */
  readonly fastest: number;
  /** Bytes on the bus for a message, addresses and registers included: nine bits each, while which the board does nothing else. */
  readonly bytes: number;
}

/** A device that sends without being asked. */
export interface LineDemand {
  readonly frames: number;
  readonly frameBytes: number;
  /** Start, data, parity and stop. */
  readonly byteBits: number;
  /** The device's own speed in bits a second. */
  readonly baud: number;
}

export interface Demand {
  /** Readings, or bytes, in a second where the configuration says nothing. */
  readonly units: number;
  /** Bytes of one. */
  readonly unitBytes: number;
  /** Messages a second. @param rate units a second */
  messages(rate: number): number;
  readonly bus?: BusDemand;
  /** Bytes on SPI for a message, eight bits each, while which the board does nothing else. */
  readonly spiBytes?: number;
  readonly line?: LineDemand;
  /** ms of wire that the board drives itself, for a message. */
  readonly wireMs?: number;
  /** Interrupts a second, of whatever kind. */
  interrupts(rate: number): number;
  /** Bytes of the event queue that it fills. @param ms how long nobody takes them @param rate units a second @param part bytes that are asked for at once */
  queue(ms: number, rate: number, part?: number): number;
  /** ms after which something is lost that the board has not come for. */
  latency(rate: number): number;
  readonly lost: string;
  /** It goes on only when it is answered: on a busy board it takes longer, and no share of its time. */
  readonly waits?: boolean;
}

/** Bytes of a queue's event: an edge with its time, buffers that changed places, what stands before a UART's bytes. */
export const EDGE_BYTES = 6;
export const FLIP_BYTES = 3;
export const EVENT_BYTES = 2;

/** Frames that come in so many ms. */
const framesIn = (ms: number, perSecond: number): number => Math.ceil((ms * perSecond) / 1000) + 1;

/** Each frame may be an event of its own. */
const frameQueue = (ms: number, frames: number, bytes: number): number => framesIn(ms, frames) * (bytes + EVENT_BYTES);

/** ms of a converter's buffer, and its samples at the most: firmware/driver/ad8232.ts. */
const BUFFER_MS = 300;
const MOST_SAMPLES = 100;

/** Of the FIFO, and at which an interrupt comes: firmware/driver/max30102.ts. */
const DEPTH = 32;
const BATCH = 17;

/** Bytes that the interpreter keeps for a UART without a listener. */
const RING = 512;

/** The driver takes them so many times a second: firmware/main.ts. */
const LOOKS = 20;

/** ms between two messages of a serial sensor. */
const SERIAL_MS = 200;

/** The longest frame of ASTM E1381: then the analyser waits for its answer. */
const ASTM_FRAME = 247;

/** Registers that are written at once before an image: firmware/driver/ov2640.ts. */
const REGISTERS = 6;

/** Bytes of an image that are asked for at once: firmware/driver/ov2640.ts and ov528.ts. A turn has about as many of any camera. */
const PART = 512;

export const demands: { readonly [driver: string]: Demand } = {
  ad8232: {
    units: 250,
    unitBytes: 2,
    messages: (rate) => Math.max(1000 / BUFFER_MS, rate / MOST_SAMPLES),
    interrupts: (rate) => rate,
    // Both leads, off and on again, and the buffers.
    queue: (ms) => framesIn(ms, 1000 / BUFFER_MS) * FLIP_BYTES + 4 * EDGE_BYTES,
    // Until the other buffer is full, too, but for a sample.
    latency: (rate) => Math.min(BUFFER_MS, (1000 * MOST_SAMPLES) / rate) - 1000 / rate,
    lost: "its buffer is overwritten: ADC_OVERRUN",
  },
  max30102: {
    units: 100,
    unitBytes: 6,
    messages: (rate) => rate / BATCH,
    // Where to read and 7 bytes, where to read and 17 times 6, each behind the address twice.
    bus: { address: 0x57, fastest: 400_000, bytes: 3 + 7 + 3 + BATCH * 6 },
    interrupts: (rate) => rate / BATCH,
    queue: (ms, rate) => framesIn(ms, rate / BATCH) * EDGE_BYTES,
    latency: (rate) => (1000 * (DEPTH - BATCH)) / rate,
    lost: "its FIFO overflows: DEVICE_FIFO",
  },
  mlx90614: {
    units: 1,
    unitBytes: 3,
    messages: (rate) => rate,
    bus: { address: 0x5a, fastest: 100_000, bytes: 3 + 3 },
    interrupts: () => 0,
    queue: () => 0,
    latency: (rate) => 1000 / rate,
    lost: "a reading is left out: BOARD_BUSY",
  },
  ds18b20: {
    units: 1,
    unitBytes: 9,
    messages: (rate) => rate,
    // Two resets, four bytes out and nine in, by slots of 65 us.
    wireMs: 2 + 13 * 8 * 0.065,
    interrupts: () => 0,
    queue: () => 0,
    latency: () => 1000,
    lost: "a reading is left out: BOARD_BUSY",
  },
  nonin: serial(75, 5, 10, 9600),
  cms50: serial(60, 5, 11, 19_200),
  analyser: {
    units: 960,
    unitBytes: 1,
    messages: () => LOOKS,
    interrupts: (rate) => rate,
    queue: (ms, rate) => Math.min(ASTM_FRAME, (ms * rate) / 1000) + 4 * EVENT_BYTES,
    latency: () => Infinity,
    lost: "its frame fails its check and comes again",
    waits: true,
  },
  vc0706: camera(VC_PARTS.usual, 2 * VC_REPLY),
  ov528: camera(PART, 0),
  ov2640: {
    units: 25_600,
    unitBytes: 1,
    messages: (rate) => rate / PART,
    bus: { address: 0x30, fastest: 100_000, bytes: 3 * REGISTERS },
    spiBytes: PART + 2,
    interrupts: () => 0,
    queue: () => 0,
    latency: () => Infinity,
    lost: "nothing: it keeps its image",
    waits: true,
  },
};

function serial(frames: number, frameBytes: number, byteBits: number, baud: number): Demand {
  return {
    units: frames * frameBytes,
    unitBytes: 1,
    messages: () => 1000 / SERIAL_MS,
    line: { frames, frameBytes, byteBits, baud },
    interrupts: (rate) => rate,
    queue: (ms) => frameQueue(ms, frames, frameBytes),
    latency: (rate) => (1000 * RING) / rate,
    lost: "its bytes: BUFFER_FULL",
  };
}

/** @param usual bytes that are asked for at once, and what is around them */
function camera(usual: number, around: number): Demand {
  return {
    units: 11_520,
    unitBytes: 1,
    messages: (rate) => rate / PART,
    interrupts: (rate) => rate,
    queue: (ms, rate, part = usual) => Math.min(part + around, (ms * rate) / 1000),
    latency: () => Infinity,
    lost: "nothing: the next part is asked for later",
    waits: true,
  };
}
