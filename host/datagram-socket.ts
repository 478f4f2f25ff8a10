/** The three kinds of message sockets. */
import { MessageSocket } from "./message-socket.js";

/**
 * SOCK_DGRAM. Messages keep their boundaries; they may be lost. Of more than eight that wait to be sent, and of more
 * than `receiveBuffer` that wait to be read, the oldest are dropped and counted in `dropped`.
 */
export class DatagramSocket extends MessageSocket {}

/** SOCK_RDM. Each message comes once, whatever happens on the way, and does not wait for one that was sent before it. */
export class RdmSocket extends MessageSocket {}

/** SOCK_RAW. A message is one transaction on a bus; its answer is one message. */
export class RawSocket extends MessageSocket {
  private turn: Promise<unknown> = Promise.resolve();

  /**
   * One transaction. Several at once take turns.
   * @returns the answer; null when the other end is gone before it
   */
  transact(request: Uint8Array | string, signal?: AbortSignal): Promise<Buffer | null> {
    const mine = this.turn.then(async () => {
      this.send(request);
      return (await this.recv(signal))?.data ?? null;
    });
    this.turn = mine.catch(() => undefined);
    return mine;
  }
}
