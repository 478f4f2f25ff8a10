/**
 * One-wire devices on a pin: slots of the wire to bits, and bits to the bytes that the devices know. Maxim, DS18B20 data sheet 19-7487,
 * pages 15 and 16.
 */
import type { OneWireBus } from "../onewire.js";
import type { Pins } from "./pins.js";
import { Alarm } from "./time.js";
import type { EmulatedTime } from "./time.js";

const US = 1000;
/** A low that is longer is a reset; a shorter one a bit, of 1 if it ends before the devices look. */
const RESET_NS = 400 * US;
const LOOK_NS = 30 * US;
/** A device says that it is there so long after the reset, for so long; a bit of 0 it holds for so long. */
const PRESENCE = { after: 30 * US, ns: 120 * US };
const HOLD_NS = 30 * US;

const SEARCH_ROM = 0xf0;
const ROM_BITS = 64;

export class OneWirePin {
  private fell = 0;
  /** We hold the wire low. */
  private holding = false;
  private readonly presence: Alarm;
  private readonly release: Alarm;
  /** Bits of the present byte: what the devices say, and what was on the wire. */
  private count = 0;
  private said = 0xff;
  private seen = 0;
  private first = true;
  private search: { roms: Uint8Array[]; slot: number } | undefined;

  constructor(
    private readonly pins: Pins,
    private readonly time: EmulatedTime,
    private readonly pin: string,
    private readonly bus: OneWireBus,
  ) {
    this.presence = new Alarm(time, () => this.hold(PRESENCE.ns));
    this.release = new Alarm(time, () => this.letGo());
    pins.pullUp(pin);
    pins.follow(pin, (level) => this.changed(level));
  }

  private changed(level: boolean): void {
    if (this.holding) return;
    if (!level) {
      this.fell = this.time.nanos;
      if (this.saying() === 0) this.hold(HOLD_NS);
      return;
    }
    const low = this.time.nanos - this.fell;
    if (low >= RESET_NS) this.reset();
    else this.bit(low < LOOK_NS ? 1 : 0);
  }

  private hold(ns: number): void {
    this.holding = true;
    this.pins.drive(this.pin, false);
    this.release.schedule(ns);
  }

  private letGo(): void {
    this.pins.drive(this.pin, undefined);
    this.holding = false;
    // Whoever still holds the wire has begun a reset.
    if (!this.pins.level(this.pin)) return;
    // The devices say nothing before the first byte but that they are there.
    if (!this.first) this.bit(0);
  }

  private reset(): void {
    this.count = 0;
    this.said = 0xff;
    this.first = true;
    this.search = undefined;
    if (this.bus.reset()) this.presence.schedule(PRESENCE.after);
  }

  /** What the devices say in the slot that begins. */
  private saying(): number {
    if (this.search) return this.search.slot % 3 < 2 ? this.searched() : 1;
    if (this.count === 0) this.said = this.first ? 0xff : this.bus.read();
    return (this.said >> this.count) & 1;
  }

  private bit(bit: number): void {
    if (this.search) return this.walk(bit);
    this.seen = this.count === 0 ? bit : this.seen | (bit << this.count);
    if (++this.count < 8) return;
    this.count = 0;
    const command = this.first;
    this.first = false;
    if (command && this.seen === SEARCH_ROM) this.search = { roms: this.bus.search(), slot: 0 };
    else if (this.said === 0xff) this.bus.write(this.seen);
  }

  /** A bit of all that are still in the search, or its opposite: a 0 of one is a 0 of all. */
  private searched(): number {
    const { roms, slot } = this.search!;
    const opposite = slot % 3;
    return roms.every((rom) => bitOf(rom, Math.floor(slot / 3)) !== opposite) ? 1 : 0;
  }

  /** After each pair the master says with which bit it goes on. */
  private walk(bit: number): void {
    const search = this.search!;
    const at = Math.floor(search.slot / 3);
    if (search.slot++ % 3 === 2) search.roms = search.roms.filter((rom) => bitOf(rom, at) === bit);
    if (search.slot === 3 * ROM_BITS) this.search = undefined;
  }
}

function bitOf(rom: Uint8Array, at: number): number {
  return (rom[at >> 3]! >> (at & 7)) & 1;
}
