/**
 * TCP sockets as the interpreter's idle loop serves them, step by step after libs/network/socketserver.c:
 * one chunk each way a turn, writes queued without limit, an end by the peer closes the whole socket.
 */
import type { BoardListener, BoardNetwork, BoardStream } from "../network/index.js";
import { binary, bytesOf } from "./binary.js";
import type { Interpreter } from "./interpreter.js";
import type { Realm } from "./realm.js";
import type { StreamBuffer } from "./stream.js";

interface SocketState {
  /** Its field `sckt` is one more than the number of the network's socket; without it the socket is left alone. `clsNow` closes it in the next turn, whatever is to be sent. */
  object: { sckt?: number; clsNow?: boolean };
  /** The server whose client it is. */
  server: object | undefined;
  connected: boolean;
  /** Close when all is sent. */
  closing: boolean;
  /** Close in the next turn. */
  closeNow: boolean;
  toSend: string;
  /** What arrived and no listener took: offered again each turn, and never shortened. */
  received: string;
}

/** Tells of what the interpreter does with so many bytes. */
export type NetworkWork = (kind: "write" | "send" | "receive", bytes: number) => void;

/** Error codes that the interpreter reports. */
const UNSENT_DATA = -8;

export class TcpSockets {
  private readonly sockets = new Map<object, SocketState>();
  private readonly servers = new Map<object, BoardListener>();
  private readonly streams = new Map<number, BoardStream>();
  private nextNumber = 0;

  constructor(
    private readonly realm: Realm,
    private readonly interpreter: Interpreter,
    private readonly buffer: StreamBuffer,
    private readonly network: BoardNetwork,
    private readonly limits: { chunk: number; sockets: number; clients: number },
    private readonly work: NetworkWork,
  ) {}

  get open(): number {
    return this.sockets.size + this.servers.size;
  }

  /** Bytes that the program wrote and the network has not taken. */
  get queued(): number {
    let queued = 0;
    for (const socket of this.sockets.values()) queued += socket.toSend.length;
    return queued;
  }

  listen(server: object, port: number): void {
    try {
      this.servers.set(server, this.network.listen(port));
    } catch {
      throw this.realm.error("Unable to create socket", "InternalError");
    }
  }

  closeServer(server: object): void {
    this.servers.get(server)?.close();
    this.servers.delete(server);
  }

  connect(object: object, host: string, port: number): void {
    try {
      if (this.open >= this.limits.sockets) throw new Error("no socket left");
      this.add(object, this.network.connect(host, port));
    } catch (error) {
      this.add(object).closeNow = true;
      const unknown = (error as { code?: string }).code === "ENOTFOUND";
      throw this.realm.error(unknown ? "Unable to locate host" : "Unable to create socket", "InternalError");
    }
  }

  write(object: object, data: string): void {
    const socket = this.sockets.get(object);
    if (!socket || socket.closing || socket.closeNow) throw this.realm.error("This socket is closed");
    this.work("write", data.length);
    socket.toSend += data;
  }

  end(object: object): void {
    const socket = this.sockets.get(object);
    if (!socket) return;
    if (!socket.toSend) socket.closeNow = true;
    socket.closing = true;
  }

  /** One turn, socket by socket. @returns whether anything moved, so that another turn is worth while */
  *idle(newSocket: () => object): Generator<void, boolean> {
    let moved = false;
    for (const [server, listener] of this.servers) {
      const stream = listener.accept();
      if (!stream) continue;
      moved = true;
      if (this.full(server)) stream.refuse();
      else {
        const object = newSocket();
        this.add(object, stream, server);
        this.interpreter.emit(server, "connect", [object]);
      }
    }
    for (const socket of [...this.sockets.values()]) {
      moved = this.serve(socket) || moved;
      yield;
    }
    return moved;
  }

  /** A chip has few sockets; some have one client to a server. */
  private full(server: object): boolean {
    let clients = 0;
    for (const socket of this.sockets.values()) if (socket.server === server) clients++;
    return clients >= this.limits.clients || this.open >= this.limits.sockets;
  }

  private add(object: object, stream?: BoardStream, server?: object): SocketState {
    const fresh = { connected: false, closing: false, closeNow: false, toSend: "", received: "" };
    const socket: SocketState = { object, server, ...fresh };
    this.sockets.set(object, socket);
    if (stream) {
      this.streams.set(this.nextNumber, stream);
      socket.object.sckt = ++this.nextNumber;
    }
    return socket;
  }

  private serve(socket: SocketState): boolean {
    const stream = this.streams.get((socket.object.sckt ?? 0) - 1);
    if (!stream && !socket.closeNow) return false;
    let over = false;
    let closeNow = socket.closeNow || socket.object.clsNow === true;
    let kept = this.offer(socket, socket.received, false);
    let moved = socket.received !== "" && kept === "";
    if (!closeNow && stream) {
      if (socket.toSend) {
        const sent = this.send(socket, stream);
        moved ||= sent > 0;
        over = sent < 0;
      } else if (socket.closing) closeNow = true;
      const data = stream.receive(this.limits.chunk);
      if (data === null) over = true;
      else {
        if (!socket.connected) this.connected(socket);
        if (data?.length) {
          moved = true;
          this.work("receive", data.length);
          kept = this.offer(socket, kept + binary(data), false);
          socket.received = kept;
        }
      }
    }
    return closeNow || over ? this.finish(socket, kept, over) : moved;
  }

  private connected(socket: SocketState): void {
    socket.connected = true;
    this.interpreter.emit(socket.object, "connect", [socket.object]);
    if (!socket.toSend) this.interpreter.emit(socket.object, "drain", [socket.object]);
  }

  private send(socket: SocketState, stream: BoardStream): number {
    const sent = stream.send(bytesOf(socket.toSend.slice(0, this.limits.chunk)));
    if (sent <= 0) return sent;
    // what is left is copied too
    this.work("send", socket.toSend.length);
    socket.toSend = socket.toSend.slice(sent);
    if (!socket.toSend && !socket.closing) this.interpreter.emit(socket.object, "drain", [socket.object]);
    return sent;
  }

  /** Gives data to the listener. @returns what is left of it */
  private offer(socket: SocketState, data: string, force: boolean): string {
    if (!data) return "";
    return this.buffer.push(socket.object, data, force) ? "" : data;
  }

  /** @returns false while data that nobody takes keeps the socket from closing */
  private finish(socket: SocketState, kept: string, over: boolean): boolean {
    if (this.offer(socket, kept, true)) return false;
    const failed = over && socket.toSend !== "";
    const number = (socket.object.sckt ?? 0) - 1;
    this.streams.get(number)?.close();
    this.streams.delete(number);
    delete socket.object.sckt;
    socket.closing = true;
    this.sockets.delete(socket.object);
    if (failed)
      this.interpreter.emit(socket.object, "error", [this.realm.object({ code: UNSENT_DATA, message: "unsent data" })]);
    this.interpreter.emit(socket.object, "end", []);
    this.interpreter.emit(socket.object, "close", [failed]);
    return true;
  }
}
