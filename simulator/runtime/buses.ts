/** The interpreter's I2C and SPI ports. They are synchronous: nothing else runs during a transfer. */
import { I2cBus, SpiBus } from "../bus.js";
import type { Bus, I2cOutcome, SpiChip } from "../bus.js";
import { asText, binary, iterated, toBytes } from "./binary.js";
import type { Realm } from "./realm.js";

const DEFAULT_BITRATE = 100_000;
const I2C_OPTIONS = ["scl", "sda", "bitrate"];
const SPI_OPTIONS = ["sck", "miso", "mosi", "baud", "mode", "order", "bits"];

/**
 * What an STM32 says of each way to fail, and how long it waits: 2,000,000 turns of a loop (targets/stm32/jshardware.c,
 * WAIT_UNTIL), here taken to be of 30 cycles at 100 MHz each. A byte more is a wait more.
 */
const WAIT_MS = 600;
export const FAILURES: Record<Exclude<I2cOutcome, "done">, (reading: boolean) => string> = {
  stuck: (reading) => (reading ? "I2C device not responding" : "Timeout on I2C Write BUSY"),
  nobody: (reading) => `Timeout on I2C ${reading ? "Read Receive Mode" : "Write Transmit Mode 2"}`,
  refused: () => "I2C device not responding",
};

interface Port {
  bus: Bus | undefined;
  bitrate: number;
}

export interface BusEnvironment {
  /** The interpreter is busy. */
  busy(ms: number): void;
  write(pin: string, level: boolean): void;
}

export class BusPorts {
  private readonly ports = new Map<string, Port & { object: object }>();
  /** SPI: whether each chip's select pin is low; a chip without a pin is always selected. */
  private readonly selected = new Map<SpiChip, boolean>();

  constructor(
    private readonly realm: Realm,
    private readonly environment: BusEnvironment,
  ) {}

  attach(port: string, bus: Bus): void {
    const there = this.ports.get(port);
    if (!there) throw new Error(`this board has no ${port}`);
    there.bus = bus;
  }

  /** A chip's select pin changes. */
  select(chip: SpiChip, on: boolean): void {
    this.selected.set(chip, on);
    chip.select(on);
  }

  install(names: readonly string[]): void {
    const { realm } = this;
    for (const kind of ["I2C", "SPI"]) {
      const prototype = realm.object();
      realm.methods(prototype, kind === "I2C" ? this.i2cMethods() : this.spiMethods());
      for (const name of names.filter((name) => name.startsWith(kind))) {
        const object = Object.setPrototypeOf(realm.object(), prototype) as object;
        this.ports.set(name, { bus: undefined, bitrate: DEFAULT_BITRATE, object });
        realm.define(realm.global, name, object);
      }
    }
  }

  private portOf(object: object): Port {
    for (const port of this.ports.values()) if (port.object === object) return port;
    throw this.realm.error("software buses are not simulated");
  }

  private setup(object: object, options: Record<string, unknown>, known: string[], speed: string): void {
    const strange = Object.keys(options).find((key) => !known.includes(key));
    if (strange !== undefined) throw this.realm.error(`Unknown option "${strange}"`);
    const port = this.portOf(object);
    port.bitrate = Number(options[speed] ?? DEFAULT_BITRATE);
    if (port.bus instanceof SpiBus)
      for (const chip of port.bus.chips) chip.setClock?.(port.bitrate, Number(options["mode"] ?? 0));
  }

  private i2cMethods(): Record<string, (this: object, ...args: never[]) => unknown> {
    const write = (object: object, to: unknown, data: Uint8Array): void => this.i2cWrite(object, addressOf(to), data);
    const read = (object: object, to: unknown, count: number): unknown => this.i2cRead(object, addressOf(to), count);
    const setup = (object: object, options = {}): void => this.setup(object, options, I2C_OPTIONS, "bitrate");
    return {
      setup(this: object, options: object) {
        setup(this, options);
      },
      writeTo(this: object, to: unknown, ...data: unknown[]) {
        write(this, to, toBytes(data));
      },
      readFrom(this: object, to: unknown, count: number) {
        return read(this, to, count);
      },
      readReg(this: object, to: number, register: number, count: number) {
        write(this, { address: to, stop: false }, Uint8Array.of(register));
        return read(this, to, count);
      },
    };
  }

  private i2cWrite(object: object, { address, stop }: Address, data: Uint8Array): void {
    // It does not even address the chip.
    if (data.length === 0) return;
    const bus = this.i2cBus(object);
    this.charge(object, 1 + data.length);
    const outcome = bus.write(address, data, stop);
    if (outcome !== "done") throw this.failed(outcome, false, data.length);
  }

  private i2cRead(object: object, { address, stop }: Address, count: number): Uint8Array | undefined {
    if (count <= 0) return undefined;
    const bus = this.i2cBus(object);
    this.charge(object, 1 + count);
    const data = bus.read(address, count, stop);
    if (typeof data === "string") throw this.failed(data as Exclude<I2cOutcome, "done">, true, count);
    return this.realm.bytes(data);
  }

  private failed(outcome: Exclude<I2cOutcome, "done">, reading: boolean, bytes: number): Error {
    this.environment.busy(WAIT_MS * (outcome === "nobody" ? 1 + bytes : 1));
    return this.realm.error(FAILURES[outcome](reading));
  }

  /** A bus that nothing hangs on is one that nobody answers on. */
  private i2cBus(object: object): I2cBus {
    const { bus } = this.portOf(object);
    return bus instanceof I2cBus ? bus : new I2cBus([]);
  }

  private spiMethods(): Record<string, (this: object, ...args: never[]) => unknown> {
    const setup = (object: object, options = {}): void => this.setup(object, options, SPI_OPTIONS, "baud");
    const send = (object: object, data: unknown, pin: unknown): Uint8Array => this.exchange(object, data, pin);
    const answer = (data: unknown, came: Uint8Array): unknown => {
      if (typeof data === "number") return came[0];
      return typeof data === "string" ? binary(came) : this.realm.bytes(came);
    };
    return {
      setup(this: object, options: object) {
        setup(this, options);
      },
      send(this: object, data: unknown, pin?: unknown) {
        return answer(data, send(this, data, pin));
      },
      write(this: object, ...data: unknown[]) {
        send(this, data, undefined);
      },
    };
  }

  private exchange(object: object, data: unknown, pin: unknown): Uint8Array {
    const bytes = iterated(this.realm, data);
    const { bus } = this.portOf(object);
    this.charge(object, bytes.length);
    if (pin !== undefined) this.environment.write(asText(pin), false);
    const chips = bus instanceof SpiBus ? bus.chips : [];
    const fixed = chips.filter((chip) => !this.selected.has(chip));
    for (const chip of fixed) chip.select(true);
    const heard = chips.filter((chip) => this.selected.get(chip) ?? true);
    const came = bus instanceof SpiBus ? bus.exchange(heard, bytes) : new Uint8Array(bytes.length).fill(0xff);
    for (const chip of fixed) chip.select(false);
    if (pin !== undefined) this.environment.write(asText(pin), true);
    return came;
  }

  /** Nine bits a byte, on SPI eight and a pause. */
  private charge(object: object, bytes: number): void {
    this.environment.busy((bytes * 9 * 1000) / this.portOf(object).bitrate);
  }
}

interface Address {
  address: number;
  stop: boolean;
}

function addressOf(to: unknown): Address {
  if (typeof to !== "object" || to === null) return { address: Number(to), stop: true };
  const { address, stop = true } = to as { address: number; stop?: boolean };
  return { address, stop: Boolean(stop) };
}
