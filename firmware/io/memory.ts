/** Whether the interpreter has variables for one more of something. It ends the program when it has none. */
import { board } from "#board";

/**
 * Variables that what is there may come to need: about 280 for what a printing job has in its queues, 300 for telling `info`, 160
 * for a part of the program that is loaded for it.
 */
const RESERVE = 740;

/** The board's variables, as main says. A PC's interpreter may count fewer, which grow when need be, or more. */
export const memory = { total: 0 };

/** @param variables what it takes; `npm run bench -- --only board.layer` measures that */
export function hasRoomFor(variables: number): boolean {
  const total = board.paths ? Math.max(memory.total, process.memory(false).total) : memory.total;
  const most = total - variables - RESERVE;
  // Garbage is collected only when it matters: that takes milliseconds.
  return process.memory(false).usage <= most || process.memory().usage <= most;
}
