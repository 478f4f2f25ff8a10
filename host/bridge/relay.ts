/** Carries one local client's bytes to a socket of a board, and back. */
import type { Socket as Client } from "node:net";
import { DevsockError } from "../errors.js";
import type { SocketStream } from "../socket-stream.js";
import { AdvisedLines } from "./advised-lines.js";

/** How a service talks. */
export interface Manner {
  /** What the board says are lines of JSON, and so is why it failed. */
  lines: boolean;
  /**
   * What the board says waits until the client has ended. A client that closes without having read it all would
   * otherwise fail our next write, and with that what it had written before would be lost.
   */
  holds: boolean;
}

/** Bytes of a job's records that wait for the client's end; the oldest lines go. */
const HELD = 16_384;

const UNREAD = "EPIPE: a client closed before it had read all; what it wrote last may be missing on the paper";

/** A full board is asked again after so many ms. */
const AGAIN = 500;
const FULL = ["EMFILE", "EAGAIN", "ENOBUFS"];

/**
 * Resolves when both are done with each other.
 * @param open opens the board's socket; what the client wrote waits meanwhile
 * @returns why it failed, if it did
 */
export async function relay(
  client: Client,
  open: () => Promise<SocketStream>,
  manner: Manner,
): Promise<DevsockError | undefined> {
  let unread = false;
  client.on("error", ({ code }: NodeJS.ErrnoException) => (unread ||= code === "EPIPE"));
  try {
    const socket = await whenFree(client, open);
    if (socket) await both(client, socket, manner);
    return unread && !manner.lines ? new DevsockError(UNREAD) : undefined;
  } catch (error) {
    const known = error instanceof DevsockError ? error : new DevsockError(`EIO: ${String(error)}`);
    if (manner.lines && client.writable) client.write(JSON.stringify({ failed: known.failure }) + "\n");
    client.destroySoon();
    return known;
  }
}

/** Clients wait for a place as long as they like. */
async function whenFree(client: Client, open: () => Promise<SocketStream>): Promise<SocketStream | undefined> {
  while (!client.destroyed) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof DevsockError) || !FULL.includes(error.code)) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN));
    }
  }
  return undefined;
}

/** @throws DevsockError when the socket fails */
function both(client: Client, socket: SocketStream, { lines, holds }: Manner): Promise<void> {
  const advised = lines ? new AdvisedLines() : undefined;
  let held: Buffer[] | undefined = holds ? [] : undefined;
  const give = (data: Buffer): void => {
    if (!data.length) return;
    if (held) held = newest([...held, data]);
    else if (client.writable && !client.write(data)) {
      socket.pause();
      client.once("drain", () => socket.resume());
    }
  };
  const release = (): void => {
    if (held?.length && client.writable) client.write(Buffer.concat(held));
    held = undefined;
  };
  const ended = (): void => {
    release();
    socket.end();
  };
  const over = (): void => {
    if (advised) give(advised.flush());
    release();
  };
  socket.on("data", (data: Buffer) => give(advised ? advised.push(data) : data));
  client.once("end", ended).once("close", () => {
    ended();
    // Nobody hears the rest.
    socket.resume();
  });
  client.pipe(socket, { end: false });
  return new Promise((resolve, reject) => {
    socket.on("error", (error) => {
      over();
      reject(error);
    });
    socket.once("end", () => {
      over();
      client.unpipe(socket);
      client.destroySoon();
      socket.end();
      resolve();
    });
  });
}

/** The last pieces of what is held. */
function newest(held: Buffer[]): Buffer[] {
  let bytes = held.reduce((sum, { length }) => sum + length, 0);
  while (bytes > HELD) bytes -= held.shift()!.length;
  return held;
}
