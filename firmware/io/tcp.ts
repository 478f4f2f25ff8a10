/**
 * A TCP connection with bounds. The interpreter reads every connection on every idle turn and queues what is written
 * without limit; a connection's own field `sckt` is how it finds the operating system's socket, and without that
 * number it leaves the connection alone. Taking the number away is the only pause there is: the sender is then held
 * back by TCP itself. docs/decisions/0002-pausing-a-connection.md.
 */
import type { Bytes } from "../../protocols/bytes/index.js";
import { nothing } from "../../protocols/nothing.js";

/**
 * Whether a connection ended before the program was told of it: nobody listened then, and its `close` never comes.
 * @inline
 */
export function isOver(socket: EspruinoSocket): boolean {
  return !socket.sckt;
}

export class Tcp {
  /** A write waits to be sent: write again after `ondrain`. */
  full = false;
  closed = false;
  ondrain: () => void = nothing;
  onclose: () => void = nothing;
  private _number = 0;

  /** Call from the connection callback: a listener added later would be given the same bytes for ever. */
  constructor(
    private readonly _socket: EspruinoSocket,
    ondata: (data: Bytes) => void,
  ) {
    _socket.on("data", ondata);
    _socket.on("drain", () => {
      this.full = false;
      this.ondrain();
    });
    _socket.on("close", () => {
      this.closed = true;
      this.onclose();
    });
  }

  /** At most one chunk at a time: see `full`. */
  write(data: Bytes): void {
    this.full = true;
    try {
      this._socket.write(data);
    } catch (e) {
      // The peer has closed and the event is still on its way: `onclose` follows.
    }
  }

  /** Leaves what comes in the network's own buffers (true), or reads again (false). A paused end is not noticed. */
  pause(on: boolean): void {
    const socket = this._socket;
    if (on && socket.sckt) {
      this._number = socket.sckt;
      socket.sckt = 0;
    } else if (!on && this._number && !this.closed) {
      socket.sckt = this._number;
      this._number = 0;
    }
  }

  /** Closes when what was written is sent. */
  end(): void {
    this.pause(false);
    if (!this.closed) this._socket.end();
  }
}

/** @see Tcp @later tcp */
export function bounded(socket: EspruinoSocket, ondata: (data: Bytes) => void): Tcp {
  return new Tcp(socket, ondata);
}
