/** Whether the interpreter has variables for one more of something. It ends the program when it has none. */
/**
 * Variables that what is there may come to need: about 280 for what a printing job has in its queues, 300 for telling `info`, 160
 * for a part of the program that is loaded for it.
 */
const RESERVE = 740;

/** All that was read from flash when it was called goes, and is read again when it is called again. @inline */
export function dropOverlays(): unknown {
  return ($_r = $_o = []);
}

/**
 * @param variables what it takes; `npm run bench -- --only board.layer` measures that
 * @resident
 */
export function hasRoomFor(variables: number): boolean {
  const now = process.memory(false);
  const most = now.total - variables - RESERVE;
  if (now.usage <= most) return true;
  // Garbage is collected only when it matters: that takes milliseconds. And overlays are read again.
  dropOverlays();
  return process.memory().usage <= most;
}
