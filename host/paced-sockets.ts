/** The sockets of a side that may ask for far more at once than the other can keep answers for. docs/protocol/socket.md. */
import { Kind, kindOf, Phase, Sockets } from "../protocols/index.js";
import type { Bytes, Failure, Socket, Type } from "../protocols/index.js";

/** Sockets that are asked for and not answered yet [SOCK-13]; each may be reset before it is. */
const MOST = 8;

export class PacedSockets extends Sockets {
  private readonly asked = new Set<Socket>();
  /** Those that wait for their turn, each with what asks for it. */
  private readonly held = new Map<Socket, Bytes>();

  override connectTo(type: Type, address: string, priority: number, receiveBuffer: number): Socket | null {
    const socket = super.connectTo(type, address, priority, receiveBuffer);
    if (!socket) return null;
    this.held.set(socket, socket.control!);
    socket.control = undefined;
    this.release();
    return socket;
  }

  override resetSocket(socket: Socket, failure: Failure): void {
    // The other side has never heard of it.
    if (this.held.delete(socket)) this.remove(socket, failure);
    else super.resetSocket(socket, failure);
  }

  override abandoned(failure: Failure): void {
    this.asked.clear();
    this.held.clear();
    super.abandoned(failure);
  }

  override frame(word: number, bytes: Bytes, from: number, to: number): void {
    super.frame(word, bytes, from, to);
    if (this.asked.size > 0 && kindOf(word) === Kind.control) this.release();
  }

  /** Asks for as many of those that wait as may be. */
  private release(): void {
    for (const socket of this.asked)
      if (socket.phase !== Phase.opening && socket.phase !== Phase.resetting) this.asked.delete(socket);
    for (const [socket, open] of this.held) {
      if (this.asked.size >= MOST) return;
      this.held.delete(socket);
      this.asked.add(socket);
      socket.control = open;
      this.ready(socket);
    }
  }
}
