/** Which board hangs on a port, by what its interpreter calls itself. */
import type { BoardSpec } from "../../boards/index.js";
import { look } from "../flash/console.js";
import { Repl } from "../flash/repl.js";
import { checkVersion } from "../flash/versions.js";
import { DevsockError } from "../errors.js";
import { consolePassword } from "../key.js";
import { boardsOf } from "./draft.js";

export interface Recognised {
  /** Those that it may be. */
  boards: BoardSpec[];
  /** The interpreter's. */
  version: string;
  /** Where its console is: "USB", "Serial1" ... */
  console: string | undefined;
}

/**
 * @param key of a board that has one: its console is locked
 * @throws DevsockError as `flash`: ENODEV where nothing, or no board that devsock knows, answers; EACCES for a console that is locked; ENOTSUP for an old interpreter
 */
export async function recognise(port: string, baud: number, key?: string | Uint8Array): Promise<Recognised> {
  const repl = await Repl.open(port, baud, true, key === undefined ? [] : [consolePassword(key)]);
  try {
    const { board, version } = await look(repl);
    checkVersion(version);
    const found = boardsOf(board);
    const console = await repl.evaluate("E.getConsole()");
    if (found.length > 0) return { boards: found, version, console: typeof console === "string" ? console : undefined };
    throw new DevsockError(
      `ENODEV: the interpreter at ${port} is one of ${board}, and no firmware is made for that; docs/adding-a-board.md says how it would`,
      { origin: "peer", address: port },
    );
  } finally {
    await repl.close();
  }
}
