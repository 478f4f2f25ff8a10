/** Whether the interpreter has variables for one more of something. It ends the program when it has none. */

/** Variables that what is there may come to need: about 280 for what a printing job has in its queues, 300 for telling `info`. */
const RESERVE = 700;

/** @param variables what it takes; `npm run bench -- --only board.layer` measures that */
export function hasRoomFor(variables: number): boolean {
  const least = variables + RESERVE;
  // Garbage is collected only when it matters: that takes milliseconds.
  return process.memory(false).free >= least || process.memory().free >= least;
}
