/** How a simulated receipt printer is set up. */
import type { Flow } from "./flow-control.js";
import type { Paper } from "./paper.js";
import { defaultThresholds } from "./receive-buffer.js";

export interface EscposOptions {
  /** Receive buffer in bytes: 4096, or 45 as a DIP switch of the TM-T88 sets it. Default 4096. */
  buffer?: number;
  /** Free bytes at which the buffer counts as full, and at which as ready again. Default: `defaultThresholds`. */
  busyAt?: number;
  readyAt?: number;
  /** Busy while the buffer is full, or also while offline, as the factory sets it. Default "offline". */
  busyOn?: "full" | "offline";
  /** How it says that it is busy. Default "xonxoff". */
  flow?: Flow;
  /** Its speed. On a line of another speed it understands nothing and says nothing. Default: the line's. */
  baud?: number;
  /** Bytes a second that it works off. Default Infinity: the line is slower. */
  speed?: number;
  /** ms that a row of dots takes to print or feed. Default 0. */
  rowTime?: number;
  /** Dots of its head: 576 on 80 mm paper, 384 on 58 mm. Default 576. */
  width?: number;
  /** File that gets every received byte. */
  log?: string;
  /** Called with each piece of paper that the cutter cuts off. */
  onPaper?: (piece: Paper) => void;
}

export type EscposSettings = Required<Omit<EscposOptions, "baud" | "log" | "onPaper">> &
  Pick<EscposOptions, "baud" | "log" | "onPaper">;

export function withDefaults(options: EscposOptions): EscposSettings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as EscposOptions;
  const buffer = given.buffer ?? 4096;
  return {
    busyOn: "offline",
    flow: "xonxoff",
    speed: Infinity,
    rowTime: 0,
    width: 576,
    ...defaultThresholds(buffer),
    ...given,
    buffer,
  };
}
