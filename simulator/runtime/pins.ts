/** Pins and watches. A pin driven from outside puts an event with its time into the shared queue. */
import { asText } from "./binary.js";
import type { EventQueue, QueueEvent } from "./event-queue.js";
import type { Interpreter } from "./interpreter.js";
import type { Realm } from "./realm.js";

interface PinState {
  level: boolean;
  /** What drives it from outside. */
  outside?: boolean | undefined;
  mode: string;
  object: object;
  driven?: (level: boolean) => void;
}

interface Watch {
  pin: string;
  edge: number;
  repeat: boolean;
  callback: unknown;
  dataPin: string | undefined;
  lastTime: number | undefined;
}

export class Pins {
  private readonly pins = new Map<string, PinState>();
  private readonly watches = new Map<number, Watch>();
  private made = 0;

  constructor(
    private readonly realm: Realm,
    private readonly interpreter: Interpreter,
    private readonly queue: EventQueue,
    private readonly environment: {
      names: string[];
      sharedInterrupts: boolean;
      /** The time that `now` calls 0, in ms since 1970. */
      epoch: number;
      now: () => number;
      interrupt: (push: () => void) => void;
    },
  ) {}

  get watching(): number {
    return this.watches.size;
  }

  /** Something outside the board sets a pin, or lets it go. */
  drive(name: string, level: boolean | undefined): void {
    const pin = this.find(name);
    pin.outside = level;
    this.settle(name, pin, level ?? pin.mode === "input_pullup");
  }

  /** An input that nobody drives has the level of its own pull. */
  private mode(name: string, mode: string): void {
    const pin = this.find(name);
    pin.mode = mode;
    if (pin.outside === undefined && mode.startsWith("input")) this.settle(name, pin, mode === "input_pullup");
  }

  private settle(name: string, pin: PinState, level: boolean): void {
    if (pin.level === level) return;
    pin.level = level;
    const watch = [...this.watches.values()].find((entry) => entry.pin === name);
    if (!watch) return;
    const data = watch.dataPin !== undefined && this.find(watch.dataPin).level;
    this.environment.interrupt(() => this.queue.pushEdge(name, level, this.environment.now(), data));
  }

  /** Something outside the board follows an output. */
  follow(name: string, listener: (level: boolean) => void): void {
    const pin = this.find(name);
    pin.driven = listener;
    if (pin.mode === "output") listener(pin.level);
  }

  /** A peripheral of the processor takes a pin: a UART's line rests high. */
  assign(name: string): void {
    const state = this.find(name);
    if (state.mode === "output") state.driven?.(true);
    state.mode = "af_output";
    state.level = true;
  }

  /** The interpreter itself drives a pin, as a chip select. */
  set(name: string, level: boolean): void {
    this.write(name, level);
  }

  /** A watch event that the interpreter took from the queue. */
  handle(event: Extract<QueueEvent, { kind: "edge" }>): void {
    for (const [id, watch] of [...this.watches]) {
      if (watch.pin !== event.pin) continue;
      const time = (this.environment.epoch + event.at) / 1000;
      if (watch.edge === 0 || watch.edge > 0 === event.level) {
        const details = { state: event.level, lastTime: watch.lastTime, time, pin: this.find(event.pin).object };
        const extra = watch.dataPin === undefined ? {} : { data: event.data };
        if (!watch.repeat) this.watches.delete(id);
        this.interpreter.call(undefined, watch.callback, [this.realm.object({ ...details, ...extra })]);
      }
      watch.lastTime = time;
    }
  }

  install(): void {
    const { realm } = this;
    for (const name of this.environment.names) {
      this.pins.set(name, { level: false, mode: "analog", object: this.pinObject(name) });
      realm.define(realm.global, name, this.pins.get(name)!.object);
    }
    const pinOf = (pin: unknown): object | undefined => this.pins.get(nameOf(pin))?.object;
    realm.methods(realm.global, {
      // A plain function, as the program calls it with `new`.
      Pin: function (pin: unknown) {
        return pinOf(pin);
      },
      pinMode: (pin: unknown, mode?: string) => this.mode(nameOf(pin), mode ?? "analog"),
      getPinMode: (pin: unknown) => this.find(nameOf(pin)).mode,
      digitalRead: (pin: unknown) => this.read(pin),
      digitalWrite: (pin: unknown, value: unknown) => this.write(pin, value),
      setWatch: (callback: unknown, pin: unknown, options?: unknown) => this.watch(callback, pin, options),
      clearWatch: (...ids: unknown[]) =>
        ids.length ? void this.watches.delete(ids[0] as number) : this.watches.clear(),
    });
    realm.define(realm.global, "HIGH", 1);
    realm.define(realm.global, "LOW", 0);
  }

  private pinObject(name: string): object {
    const pin = this.realm.object();
    this.realm.methods(pin, {
      read: () => this.read(name),
      write: (value: unknown) => this.write(name, value),
      set: () => this.write(name, 1),
      reset: () => this.write(name, 0),
      mode: (mode: string) => this.mode(name, mode),
      getMode: () => this.find(name).mode,
      toggle: () => (this.write(name, !this.find(name).level), this.find(name).level),
      toString: () => name,
      toJSON: () => name,
    });
    return pin;
  }

  private watch(callback: unknown, pin: unknown, options: unknown): number {
    const name = nameOf(pin);
    this.find(name);
    const given = (typeof options === "object" && options !== null ? options : { repeat: options }) as {
      repeat?: unknown;
      edge?: unknown;
      data?: unknown;
    };
    const sharing = [...this.watches.values()].find(
      ({ pin: other }) => other !== name && number(other) === number(name),
    );
    if (sharing && this.environment.sharedInterrupts)
      throw this.realm.error(`Unable to set watch. You may already have a watch on a pin with the same number`);
    const id = ++this.made;
    this.watches.set(id, {
      pin: name,
      edge: edgeOf(given.edge, this.realm),
      repeat: Boolean(given.repeat),
      callback,
      dataPin: given.data === undefined ? undefined : nameOf(given.data),
      lastTime: undefined,
    });
    return id;
  }

  private read(pin: unknown): number {
    return this.find(nameOf(pin)).level ? 1 : 0;
  }

  private write(pin: unknown, value: unknown): void {
    const state = this.find(nameOf(pin));
    state.mode = "output";
    state.level = Boolean(value);
    state.driven?.(state.level);
  }

  private find(name: string): PinState {
    const pin = this.pins.get(name);
    if (!pin) throw this.realm.error("Invalid pin");
    return pin;
  }
}

function nameOf(pin: unknown): string {
  return asText(pin);
}

function number(name: string): string {
  return name.slice(1);
}

function edgeOf(edge: unknown, realm: Realm): number {
  if (edge === undefined || edge === "both") return 0;
  if (edge === "rising") return 1;
  if (edge === "falling") return -1;
  if (typeof edge === "number") return Math.sign(edge);
  throw new realm.intrinsics.TypeError("'edge' in setWatch should be 1, -1, 0, 'rising', 'falling' or 'both'");
}
