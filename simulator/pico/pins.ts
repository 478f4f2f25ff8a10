/** The chip's pins with what hangs on them: a pin reads what drives it, else its own pull, and whoever looks sees the same. */
import { GPIOPinState } from "rp2040js";
import type { GPIOPin, RP2040 } from "rp2040js";
import { failure } from "../simulation.js";

export class Pins {
  /** Levels that the outside drives, by the pin's number. */
  private readonly driven = new Map<number, boolean>();
  /** Pins with a resistor outside. */
  private readonly pulledUp = new Set<number>();
  private readonly levels = new Map<number, boolean>();
  private readonly followers = new Map<number, ((level: boolean) => void)[]>();
  private chip: RP2040 | undefined;

  /** Another boot of the chip: what drives its pins goes on, who followed them is forgotten. */
  attach(chip: RP2040): void {
    this.chip = chip;
    this.levels.clear();
    this.followers.clear();
    for (const pin of chip.gpio) {
      pin.addListener(() => this.settle(pin));
      this.settle(pin);
    }
  }

  /** Drives a pin from outside, or lets it go. @param name as the interpreter says it: D14 */
  drive(name: string, level: boolean | undefined): void {
    const pin = this.find(name);
    if (level === undefined) this.driven.delete(pin.index);
    else this.driven.set(pin.index, level);
    this.settle(pin);
  }

  /** Puts a resistor to the supply on a pin. */
  pullUp(name: string): void {
    const pin = this.find(name);
    this.pulledUp.add(pin.index);
    this.settle(pin);
  }

  /** Calls with each change of the level, until the chip starts again. */
  follow(name: string, changed: (level: boolean) => void): void {
    const { index } = this.find(name);
    this.followers.set(index, [...(this.followers.get(index) ?? []), changed]);
  }

  level(name: string): boolean {
    return this.levels.get(this.find(name).index) ?? false;
  }

  private find(name: string): GPIOPin {
    const pin = /^D\d+$/.test(name) ? this.chip!.gpio[Number(name.slice(1))] : undefined;
    if (!pin) throw failure("EINVAL", `the Pico has no pin ${name}: choose D0 to D29`);
    return pin;
  }

  private settle(pin: GPIOPin): void {
    const level = this.levelOf(pin);
    if (this.levels.get(pin.index) === level) return;
    this.levels.set(pin.index, level);
    pin.setInputValue(level);
    for (const follower of this.followers.get(pin.index) ?? []) follower(level);
  }

  private levelOf(pin: GPIOPin): boolean {
    const { value } = pin;
    if (value === GPIOPinState.High) return true;
    if (value === GPIOPinState.Low) return false;
    return this.driven.get(pin.index) ?? (value === GPIOPinState.InputPullUp || this.pulledUp.has(pin.index));
  }
}
