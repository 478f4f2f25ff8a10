/**
 * UDP sockets as the interpreter's idle loop serves them: datagrams cut at one chunk less its header, one a turn. Its
 * length reads as "connection closed" for a datagram without a byte in it. A bound socket is looked at twice a turn:
 * the one look takes no notice, the other closes the socket, and which of them it meets is chance.
 */
import type { BoardDatagrams, BoardNetwork, Datagram } from "../network/index.js";
import type { Random } from "../random.js";
import { binary, bytesOf } from "./binary.js";
import type { Interpreter } from "./interpreter.js";
import { DATAGRAM_HEADER } from "./limits.js";
import type { Realm } from "./realm.js";
import type { NetworkWork } from "./tcp.js";

interface UdpState {
  object: object;
  socket: BoardDatagrams | undefined;
  toSend: Datagram[];
  closing: boolean;
}

const FORGOTTEN: BoardDatagrams = { receive: () => undefined, send: () => true, close: () => undefined };

export class UdpSockets {
  private readonly sockets = new Map<object, UdpState>();
  /** Bytes cut off datagrams that were too long. */
  cut = 0;

  constructor(
    private readonly realm: Realm,
    private readonly interpreter: Interpreter,
    private readonly network: BoardNetwork,
    private readonly chunk: number,
    private readonly random: Random,
    private readonly work: NetworkWork,
  ) {}

  get open(): number {
    return this.sockets.size;
  }

  get queued(): number {
    let queued = 0;
    for (const state of this.sockets.values())
      for (const { data } of state.toSend) queued += data.length + DATAGRAM_HEADER;
    return queued;
  }

  create(object: object): void {
    this.sockets.set(object, { object, socket: undefined, toSend: [], closing: false });
  }

  bind(object: object, port: number): void {
    const state = this.sockets.get(object);
    if (!state) throw this.realm.error("This socket is closed");
    try {
      state.socket = this.network.bind(port);
    } catch {
      state.closing = true;
      throw this.realm.error("Unable to create socket", "InternalError");
    }
  }

  send(object: object, data: string, port: number, address: string): void {
    const state = this.sockets.get(object);
    if (!state || state.closing) throw this.realm.error("This socket is closed");
    state.socket ??= this.network.bind(0);
    this.work("write", data.length);
    state.toSend.push({ data: bytesOf(data), address, port });
  }

  /** The module closes them, and the program is told. */
  end(): void {
    for (const state of this.sockets.values()) state.closing = true;
  }

  /** The chip forgets its sockets: what is sent goes nowhere, and nobody is told. */
  forget(): void {
    for (const state of this.sockets.values()) {
      if (!state.socket) continue;
      state.socket.close();
      state.socket = FORGOTTEN;
    }
  }

  close(object: object): void {
    const state = this.sockets.get(object);
    if (state) state.closing = true;
  }

  /** One turn, socket by socket. @returns whether anything moved */
  *idle(): Generator<void, boolean> {
    let moved = false;
    for (const state of [...this.sockets.values()]) {
      moved = this.serve(state) || moved;
      yield;
    }
    return moved;
  }

  private serve(state: UdpState): boolean {
    let moved = false;
    const next = state.toSend[0];
    if (next && state.socket?.send(next)) {
      state.toSend.shift();
      this.work("send", next.data.length);
      moved = true;
      if (state.toSend.length === 0 && !state.closing) this.interpreter.emit(state.object, "drain", [state.object]);
    }
    const datagram = state.socket?.receive();
    if (datagram?.data.length) this.deliver(state, datagram);
    const killed = datagram?.data.length === 0 && this.random.chance(0.5);
    if (killed || (state.closing && state.toSend.length === 0)) {
      this.finish(state);
      return true;
    }
    return moved || datagram !== undefined;
  }

  private deliver(state: UdpState, datagram: Datagram): void {
    const data = binary(datagram.data).slice(0, this.chunk - DATAGRAM_HEADER);
    this.work("receive", data.length);
    this.cut += datagram.data.length - data.length;
    const { address, port } = datagram;
    this.interpreter.emit(state.object, "message", [data, this.realm.object({ address, port, size: data.length })]);
  }

  /** The interpreter keeps a bound socket in two lists, and each tells of the end. */
  private finish(state: UdpState): void {
    state.socket?.close();
    this.sockets.delete(state.object);
    for (let times = state.socket ? 2 : 1; times > 0; times--) {
      this.interpreter.emit(state.object, "end", []);
      this.interpreter.emit(state.object, "close", [false]);
    }
  }
}
