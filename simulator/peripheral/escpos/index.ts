/** The simulated ESC/POS receipt printer. */
export type { Fault, PaperState } from "./condition.js";
export type { Flow } from "./flow-control.js";
export type { EscposOptions } from "./options.js";
export { LONGEST_PAPER, Paper } from "./paper.js";
export type { Entry } from "./paper.js";
export { EscposPrinter } from "./printer.js";
export { defaultThresholds } from "./receive-buffer.js";
export { LONGEST_LOG, MOST_POLLS, WireLog } from "./wire-log.js";
export type { Poll } from "./wire-log.js";
