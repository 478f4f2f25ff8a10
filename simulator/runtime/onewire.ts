/**
 * The interpreter's software one-wire: `new OneWire(pin)`. It is synchronous, and interrupts are off for a few µs of each bit only.
 * Source: src/jswrap_onewire.c of the interpreter.
 */
import type { OneWireBus } from "../onewire.js";
import { asText, iterated } from "./binary.js";
import type { Realm } from "./realm.js";

const RESET_MS = 1;
const BYTE_MS = { write: 8 * 0.0675, read: 8 * 0.066 };
/** Of a search: a bit, its opposite, and the way to go, for each of 64. */
const SEARCH_MS = 64 * 0.2;

const MATCH_ROM = 0x55;
const SKIP_ROM = 0xcc;
const ROM_BYTES = 8;

export interface WireEnvironment {
  /** The interpreter is busy. */
  busy(ms: number): void;
}

export class OneWirePins {
  private readonly wires = new Map<string, OneWireBus>();

  constructor(
    private readonly realm: Realm,
    private readonly environment: WireEnvironment,
  ) {}

  /** Something outside the board hangs on a pin. */
  attach(pin: string, bus: OneWireBus): void {
    this.wires.set(pin, bus);
  }

  install(): void {
    const { realm } = this;
    const create = (pin: unknown): object => this.create(asText(pin));
    // A plain function, as the program calls it with `new`.
    realm.methods(realm.global, {
      OneWire: function (pin: unknown) {
        return create(pin);
      },
    });
  }

  private create(pin: string): object {
    const { realm } = this;
    const object = realm.object({ pin });
    realm.methods(object, {
      reset: () => this.reset(pin),
      select: (rom: unknown) => this.select(pin, rom),
      skip: () => this.write(pin, [SKIP_ROM]),
      write: (data: unknown) => this.write(pin, iterated(realm, data)),
      read: (count?: unknown) =>
        typeof count === "number" ? realm.bytes(this.read(pin, count)) : this.read(pin, 1)[0],
      search: () => this.search(pin),
    });
    return object;
  }

  /** A pull-up alone is nobody. */
  private reset(pin: string): boolean {
    this.environment.busy(RESET_MS);
    return this.wires.get(pin)?.reset() ?? false;
  }

  private select(pin: string, rom: unknown): void {
    if (typeof rom !== "string" || rom.length !== 2 * ROM_BYTES)
      throw this.realm.error(`Invalid OneWire device address ${JSON.stringify(rom)}`, "TypeError");
    this.reset(pin);
    this.write(pin, [MATCH_ROM, ...Buffer.from(rom, "hex")]);
  }

  private write(pin: string, data: Iterable<number>): void {
    for (const byte of data) {
      this.environment.busy(BYTE_MS.write);
      this.wires.get(pin)?.write(byte);
    }
  }

  private read(pin: string, count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => {
      this.environment.busy(BYTE_MS.read);
      return this.wires.get(pin)?.read() ?? 0xff;
    });
  }

  private search(pin: string): unknown[] {
    const found = this.wires.get(pin)?.search() ?? [];
    this.environment.busy((found.length + 1) * (RESET_MS + BYTE_MS.write + SEARCH_MS));
    return this.realm.array(found.map((rom) => Buffer.from(rom).toString("hex")));
  }
}
