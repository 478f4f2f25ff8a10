/** What hangs on single pins of a board: converters' inputs, levels, interrupts. */
import type { Clock } from "./clock.js";

/** The board's pins as a peripheral sees them: each by its role in the configuration, `out`, `loPlus`. */
export interface PinLines {
  /** Drives an input of the converter: volts at a moment in ms of the clock. Nothing happens where the role has no pin. */
  supply(role: string, voltage: (at: number) => number): void;
  /** Drives a pin high or low, or lets it go: then it is high if the board pulls it up. */
  drive(role: string, level: boolean | undefined): void;
  /** Follows a pin that the board drives. */
  follow(role: string, listener: (level: boolean) => void): void;
}

/** Something that hangs on a board's pins. */
export interface PinPeripheral {
  readonly kind: "pins";
  /** Called each time the board gets power: what was supplied and driven before is forgotten. */
  attach(lines: PinLines, clock: Clock): void;
  /** The simulation is over: timers go. */
  close?(): void;
}
