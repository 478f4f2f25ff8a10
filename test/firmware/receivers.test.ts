/** The rings between interrupts and drivers, on Node, with interrupts of their own. */
import { receiverCompliance } from "../compliance/receiver.js";
import type { ReceiverUnderTest, Taken } from "../compliance/receiver.js";

const SIZE = 32;
/** Samples of a buffer, of which a converter has two, and how many a second. */
const SAMPLES = 16;
const RATE = 250;

/** The firmware's own source: its types are those of the interpreter, and not for this project. */
function io(file: string): Promise<unknown> {
  return import(new URL(`../../firmware/io/${file}.ts`, import.meta.url).href);
}

interface Pieces {
  readonly size: number;
  readonly high: number;
  put(piece: unknown, at: number): void;
  lose(units: number, cause: string, at: number): void;
  drain(taker: Taken, until?: number): void;
}

async function pieces(file: string, kind: string, taker: Taken): Promise<ReceiverUnderTest> {
  const made = (await io(file)) as Record<string, new (size: number) => Pieces>;
  const receiver = new made[kind]!(SIZE);
  const edges = kind === "Edges";
  return {
    receiver,
    held: 0,
    write: (number, at) => receiver.put(edges ? number & 0xff : Uint8Array.of(number), at),
    lose: (units, cause, at) => receiver.lose(units, cause, at),
    drain: () => receiver.drain(taker, Infinity),
    numbers: (data, flags) => (edges ? [flags] : [...data]),
  };
}

/** An interpreter's waveform: an interrupt fills its buffers, and the program learns that they changed places if it does not find them as they were. */
class FakeWaveform {
  static last: FakeWaveform;
  readonly buffer = new Uint16Array(SAMPLES);
  readonly buffer2 = new Uint16Array(SAMPLES);
  private told = 0;
  private taken = 0;
  private full: (buffer: Uint16Array) => void = () => {};

  constructor() {
    FakeWaveform.last = this;
  }

  on(_event: string, full: (buffer: Uint16Array) => void): void {
    this.full = full;
  }

  startInput(): void {}

  sample(number: number): void {
    const buffer = Math.floor(this.taken / SAMPLES) % 2 ? this.buffer2 : this.buffer;
    buffer[this.taken++ % SAMPLES] = (number & 0xff) << 4;
  }

  turn(): void {
    const filling = Math.floor(this.taken / SAMPLES) % 2;
    if (filling === this.told) return;
    this.told = filling;
    this.full(filling ? this.buffer : this.buffer2);
  }
}

async function converter(taker: Taken): Promise<ReceiverUnderTest> {
  const { openSamples } = (await io("samples")) as {
    openSamples(
      this: void,
      pin: unknown,
      count: number,
      rate: number,
      batch: Taken["batch"],
      taker: Taken,
    ): ReceiverUnderTest["receiver"] & { start(): void };
  };
  let now = 0;
  const due: (() => void)[] = [];
  Object.assign(globalThis, {
    getTime: () => now,
    Waveform: FakeWaveform,
    setTimeout: (run: () => void) => void due.push(run),
    E: { toString: (buffer: ArrayBuffer) => new Uint8Array(buffer) },
  });
  const receiver = openSamples(null, SAMPLES, RATE, (...piece) => taker.batch(...piece), taker);
  receiver.start();
  return {
    receiver,
    // Until a buffer is full; after an even number of changes until the next one.
    held: Infinity,
    write: (number) => FakeWaveform.last.sample(number),
    drain: (at) => {
      now = at;
      FakeWaveform.last.turn();
      for (let run = due.shift(); run; run = due.shift()) run();
    },
    numbers: (data) =>
      Array.from({ length: data.length / 2 }, (_, i) => (data[2 * i]! >> 4) | ((data[2 * i + 1]! & 15) << 4)),
  };
}

/** A UART that a printer or a link hangs on. */
async function uart(taker: Taken): Promise<ReceiverUnderTest> {
  const { Uart } = (await io("uart")) as {
    Uart: new (
      port: unknown,
      baud: number,
      options: object,
      ring: number,
    ) => {
      readonly high: number;
      readonly stamp: number;
      ondata(data: Uint8Array): void;
      onlost(n: number): void;
    };
  };
  let now = 0;
  let hear: (data: Uint8Array) => void = () => {};
  const due: (() => void)[] = [];
  const timeout = (run: (of: unknown) => void, _ms: number, of: unknown): void => void due.push(() => run(of));
  Object.assign(globalThis, { getTime: () => now, setTimeout: timeout });
  const port = { on: (_event: string, heard: typeof hear) => void (hear = heard), setup: () => {} };
  const receiver = new Uart(port, 9600, {}, 128);
  receiver.ondata = (data) => taker.batch(data, data.length, receiver.stamp / 1000, 0);
  receiver.onlost = (units) => taker.gap(units, "RING_FULL", now);
  return {
    receiver: {
      size: 1024,
      get high() {
        return receiver.high;
      },
    },
    held: 0,
    write: (number, at) => {
      now = at;
      hear(Uint8Array.of(number));
    },
    drain: (at) => {
      now = at;
      for (let run = due.shift(); run; run = due.shift()) run();
    },
    numbers: (data) => [...data],
  };
}

describe("firmware: between interrupts and drivers", () => {
  const { setTimeout: real } = globalThis;
  afterEach(() => void (globalThis.setTimeout = real));

  receiverCompliance("a UART's ring", (taker) => pieces("ring", "Ring", taker));
  // Its stamp is the time at which it is given: a listener called for each byte has none to spare.
  receiverCompliance("the UART of a printer or a link", uart, Infinity);
  receiverCompliance("a pin's edges", (taker) => pieces("edges", "Edges", taker));
  receiverCompliance("a converter's two buffers", converter, 1 / RATE + 1e-9);
});
