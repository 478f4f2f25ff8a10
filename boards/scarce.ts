import type { BoardSpec } from "./board.js";

/**
 * Whether a board's variables are scarcer than its time and its Storage: then what each print job, socket or session calls once stays in flash until it is called. A PC has room for all.
 */
export function isScarce(board: BoardSpec): boolean {
  return board.mhz > 0 && board.variables < 8000;
}
