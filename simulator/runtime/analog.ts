/**
 * The converter: `analogRead`, and `Waveform`, which samples a pin by a timer's interrupt into buffers that take turns. Sources:
 * src/jswrap_waveform.c, src/jstimer.c of the interpreter.
 */
import type { Clock, Timer } from "../clock.js";
import { asText } from "./binary.js";
import type { Interpreter } from "./interpreter.js";
import type { Realm } from "./realm.js";

/** Volts at a moment in ms of the clock. */
export type Voltage = (at: number) => number;

const REFERENCE = 3.3;
/** Steps of a converter of 12 bits. */
const STEPS = 4095;

/** What a sample of 16 bits is: the converter's 12, the highest of them again below. */
export function converted(voltage: number): number {
  const step = stepOf(voltage);
  return (step << 4) | (step >> 8);
}

function stepOf(voltage: number): number {
  return Math.round((Math.min(Math.max(voltage, 0), REFERENCE) / REFERENCE) * STEPS);
}

/** Timers of the interpreter's that waveforms may have at once. */
const MOST = 16;

export interface AnalogEnvironment {
  clock: Clock;
  /** Whether it is a pin with a converter. */
  converts: (pin: string) => boolean;
  /** The interrupt's word that a waveform's buffers have changed places. */
  flipped: (waveform: number) => void;
}

interface Waveform {
  object: Record<string, unknown>;
  buffers: Uint16Array[];
  bits: 8 | 16;
  running: Running | undefined;
  /** The buffer being filled, as the program was last told. */
  told: number;
}

interface Running {
  pin: string;
  /** ms */
  period: number;
  start: number;
  /** Buffers that are full so far, and samples of the next one. */
  full: number;
  taken: number;
  timer: Timer;
}

export class Analog {
  private readonly voltages = new Map<string, Voltage>();
  private readonly waveforms: Waveform[] = [];

  constructor(
    private readonly realm: Realm,
    private readonly interpreter: Interpreter,
    private readonly environment: AnalogEnvironment,
  ) {}

  /** Something outside the board drives a pin. */
  supply(pin: string, voltage: Voltage): void {
    this.voltages.set(pin, voltage);
  }

  install(): void {
    const { realm } = this;
    const create = (samples: number, options: Options): object => this.create(samples, options);
    realm.methods(realm.global, {
      analogRead: (pin: unknown) => stepOf(this.voltageOf(this.pinOf(pin), this.environment.clock.now())) / (STEPS + 1),
      // A plain function, as the program calls it with `new`.
      Waveform: function (samples: unknown, options: Options = {}) {
        return create(Number(samples), options);
      },
    });
  }

  /** The power goes. */
  stop(): void {
    for (const { running } of this.waveforms) running?.timer.cancel();
  }

  /** The program learns that buffers have changed places; that they did twice it cannot see. It may look at what there is of the next one. */
  handle(index: number): void {
    const waveform = this.waveforms[index];
    if (!waveform?.running || waveform.buffers.length < 2) return;
    this.sample(waveform, waveform.running);
    const filling = waveform.running.full % 2;
    if (filling === waveform.told) return;
    waveform.told = filling;
    this.interpreter.emit(waveform.object, "buffer", [waveform.buffers[1 - filling]]);
  }

  /** Converters went on while the program had other events. */
  catchUp(): void {
    for (const waveform of this.waveforms) if (waveform.running) this.sample(waveform, waveform.running);
  }

  private create(samples: number, { doubleBuffer, bits }: Options): object {
    const { realm } = this;
    if (!(samples > 0)) throw realm.error("Samples must be greater than 0");
    if (bits !== undefined && bits !== 8 && bits !== 16) throw realm.error("Invalid number of bits");
    const kind = realm.global[bits === 16 ? "Uint16Array" : "Uint8Array"] as Uint16ArrayConstructor;
    const buffers = Array.from({ length: doubleBuffer ? 2 : 1 }, () => new kind(samples));
    const object = realm.object({ buffer: buffers[0], ...(doubleBuffer && { buffer2: buffers[1] }) });
    const waveform: Waveform = { object, buffers, bits: bits ?? 8, running: undefined, told: 0 };
    realm.methods(object, {
      startInput: (pin: unknown, rate: number) => this.start(waveform, this.pinOf(pin), rate),
      stop: () => this.end(waveform),
    });
    return object;
  }

  private start(waveform: Waveform, pin: string, rate: number): void {
    const { clock } = this.environment;
    if (waveform.running) throw this.realm.error("Waveform is already running");
    if (!(rate >= 0.001)) throw this.realm.error("Frequency must be above 0.001Hz");
    if (this.waveforms.length >= MOST) throw this.realm.error("Unable to schedule a timer");
    this.waveforms.push(waveform);
    waveform.told = 0;
    const running: Running = {
      pin,
      period: 1000 / rate,
      start: clock.now(),
      full: 0,
      taken: 0,
      timer: { cancel: () => {} },
    };
    waveform.running = running;
    waveform.object["running"] = true;
    this.schedule(waveform, running);
  }

  private end(waveform: Waveform): void {
    if (!waveform.running) throw this.realm.error("Waveform is not running");
    waveform.running.timer.cancel();
    waveform.running = undefined;
    waveform.object["running"] = false;
    this.waveforms.splice(this.waveforms.indexOf(waveform), 1);
  }

  private schedule(waveform: Waveform, running: Running): void {
    const { clock } = this.environment;
    const due = this.timeOf(waveform, running, running.full + 1, 0);
    const run = (): void => this.fill(waveform, running);
    running.timer = (clock.within ?? clock.after).call(clock, Math.max(0, due - clock.now()), run);
  }

  /** Samples what is due since the last time: on a machine's own clock that may be more than one buffer. */
  private fill(waveform: Waveform, running: Running): void {
    const size = waveform.buffers[0]!.length;
    for (;;) {
      this.sample(waveform, running);
      if (running.taken < size) break;
      running.full++;
      running.taken = 0;
      this.environment.flipped(this.waveforms.indexOf(waveform));
    }
    this.schedule(waveform, running);
  }

  /** Puts into the buffer what it has room for of the samples that are due. */
  private sample(waveform: Waveform, running: Running): void {
    const buffer = waveform.buffers[running.full % waveform.buffers.length]!;
    const now = this.environment.clock.now() + 1e-6;
    for (; running.taken < buffer.length; running.taken++) {
      const at = this.timeOf(waveform, running, running.full, running.taken + 1);
      if (at > now) return;
      const voltage = this.voltageOf(running.pin, at);
      buffer[running.taken] = waveform.bits === 16 ? converted(voltage) : stepOf(voltage) >> 4;
    }
  }

  /** When sample `index` of a buffer is taken, in ms of the clock. */
  private timeOf(waveform: Waveform, running: Running, buffer: number, index: number): number {
    return running.start + (buffer * waveform.buffers[0]!.length + index) * running.period;
  }

  private voltageOf(pin: string, at: number): number {
    return this.voltages.get(pin)?.(at) ?? 0;
  }

  private pinOf(pin: unknown): string {
    const name = asText(pin);
    if (!this.environment.converts(name)) throw this.realm.error(`Pin ${name} doesn't have Analog input`);
    return name;
  }
}

interface Options {
  doubleBuffer?: boolean;
  bits?: 8 | 16;
}
