/** The two ends of a UART wire in the simulator: what a peripheral sees, and what it must offer. */
import type { Clock } from "./clock.js";

/** A peripheral's end of the wire. Levels are logical: true means "ready". */
export interface UartLine {
  /** Speed of this end in bits a second, ten bits a byte, eleven with parity. */
  readonly baud: number;
  /** Speed of the board's end as its UART was last set up; this end's where it does not tell, as on a PC's terminal. */
  readonly farBaud: number;
  /** This end goes on at another speed, for what is not on its way yet. A byte between ends of different speeds is another byte. */
  setBaud(baud: number): void;
  /** Sends towards the board; the line delivers byte by byte at its speed. @param damaged which byte came to a wrong bit on the way, if any */
  write(data: Uint8Array, damaged?: number): void;
  /** Called with the bytes from the board as the line delivers them, at least one at a time. */
  onData(listener: (data: Uint8Array) => void): void;
  /** Drives a control line that the board may read on a pin. */
  set(line: "cts" | "dsr", level: boolean): void;
  /** Called when the board changes a control line. */
  onLine(listener: (line: "dtr" | "rts", level: boolean) => void): void;
}

export type Parity = "odd" | "even";

/** Something that can hang on a board's UART. */
export interface UartPeripheral {
  /** Each byte has a bit that makes the number of ones odd or even. */
  readonly parity?: Parity;
  /** Called once, before any byte moves. */
  connect(line: UartLine, clock: Clock): void;
  /** The simulation is over: files and timers go. */
  close?(): void;
}
