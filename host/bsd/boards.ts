/** Boards that sockets share: one link for all sockets of one address, which ends with the last of them. */
import { DevsockError } from "../errors.js";
import { connect } from "../gateway.js";
import type { Board } from "../gateway.js";

interface Shared {
  board: Promise<Board>;
  users: number;
}

const shared = new Map<string, Shared>();

export interface Lent {
  board: Board;
  /** Call it once, when it is not needed any more. */
  release: () => Promise<void>;
}

/**
 * @param which a board that is connected, which stays its owner's, or an address
 * @throws DevsockError EDESTADDRREQ without a board; what `connect` throws
 */
export async function borrow(which: Board | string | undefined, signal?: AbortSignal): Promise<Lent> {
  if (which === undefined)
    throw new DevsockError("EDESTADDRREQ: the address names no board; write BOARD#DEVICE, or { board, device }");
  if (typeof which !== "string") return { board: which, release: () => Promise.resolve() };
  let entry = shared.get(which);
  if (!entry) {
    entry = { board: connect(which, { signal }), users: 0 };
    shared.set(which, entry);
    const mine = entry;
    const forget = (): void => {
      if (shared.get(which) === mine) shared.delete(which);
    };
    entry.board.then((board) => board.once("close", forget), forget);
  }
  entry.users++;
  const { board } = entry;
  const release = async (): Promise<void> => {
    if (--entry.users > 0) return;
    shared.delete(which);
    await (await board).close();
  };
  try {
    return { board: await board, release };
  } catch (error) {
    entry.users--;
    throw error;
  }
}
