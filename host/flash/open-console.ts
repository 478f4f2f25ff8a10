/** The console of a board's interpreter over a session: `:console` of docs/protocol/services.md. */
import { canceled, DevsockError } from "../errors.js";
import type { Board } from "../gateway.js";
import type { SocketStream } from "../socket-stream.js";
import { LET_IN } from "./repl.js";

/**
 * Open, and at its prompt.
 * @throws DevsockError EACCES in a session without the board's key, EBUSY while somebody else has it
 */
export async function openConsole(board: Board, signal?: AbortSignal): Promise<SocketStream> {
  const socket = await board.open(":console", { signal });
  let said = Buffer.alloc(0);
  return new Promise((resolve, reject) => {
    const heard = (): void => {
      said = Buffer.concat([said, (socket.read() as Buffer | null) ?? Buffer.alloc(0)]);
      const at = said.indexOf(LET_IN);
      const end = said.indexOf("\n", at) + 1;
      if (at < 0 || end === 0) return;
      settled();
      socket.unshift(said.subarray(end));
      resolve(socket);
    };
    const failed = (error: Error): void => {
      settled();
      reject(error);
    };
    const over = (): void =>
      failed(new DevsockError("EPROTO: the board's console ended before it was open", { address: board.address }));
    const stop = (): void => void socket.destroy(canceled(signal!, "nobody waited for the console", board.address));
    const settled = (): void => {
      socket.off("readable", heard).off("error", failed).off("close", over);
      signal?.removeEventListener("abort", stop);
    };
    socket.on("readable", heard).once("error", failed).once("close", over);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
