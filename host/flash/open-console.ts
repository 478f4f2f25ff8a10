/** The console of a board's interpreter over a session: `:console` of docs/protocol/services.md. */
import type { Board } from "../gateway.js";
import type { SocketStream } from "../socket-stream.js";

/** @throws DevsockError EACCES in a session without the board's key, EBUSY while somebody else has it */
export function openConsole(board: Board, signal?: AbortSignal): Promise<SocketStream> {
  return board.open(":console", { signal });
}
