/** How fast a board's interpreter is. */
import type { BoardSpec } from "./board.js";
import { costs } from "./costs.js";

/** Cycles of an instruction of Thumb-2, flash and its waiting included. */
const CYCLES = 1.5;

/** Instructions a second, of a build for Thumb-2; a PC has no end of them. */
export function instructionsOf({ mhz }: BoardSpec): number {
  return mhz > 0 ? (mhz * 1e6) / CYCLES : Infinity;
}

/** The same of those that are counted on a PC, by `npm run costs` and the bench: more of them are one of Thumb-2. 0 for a PC: nothing is charged there. */
export function countedOf(board: BoardSpec): number {
  return board.mhz > 0 ? instructionsOf(board) * costs.scale : 0;
}
