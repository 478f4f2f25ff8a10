/** The other end of a socket under test: a program on a board, or the other socket of a pair. It reads at once. */
import * as bsd from "../../../host/sockets.js";
import { slice, Type } from "../../../protocols/index.js";
import type { Bytes, Socket } from "../../../protocols/index.js";

export interface Far {
  /** What came: bytes of a stream in one piece, or messages. */
  readonly got: Buffer[];
  /** It was told that no more comes. */
  ended: boolean;
  send(data: Buffer): void;
  end(): void;
  /** Reads what there is. */
  look(): Promise<void>;
}

export class BoardFar implements Far {
  readonly got: Buffer[] = [];
  ended = false;
  private record: Bytes[] = [];

  constructor(private readonly socket: Socket) {
    socket.ondata = (frame, from, to) => this.came(Buffer.from(slice(frame, from, to)));
    socket.onrecord = () => {
      this.got.push(Buffer.concat(this.record));
      this.record = [];
      socket.consume(1);
    };
    socket.onend = () => (this.ended = true);
    // Datagrams have no order, and so no end: the socket is over.
    if (socket.type === Type.datagram) socket.onclose = () => (this.ended = true);
  }

  send(data: Buffer): void {
    this.socket.send(data);
    if (this.socket.type === Type.seqpacket) this.socket.record();
  }

  end(): void {
    this.socket.end();
  }

  look(): Promise<void> {
    return Promise.resolve();
  }

  private came(data: Buffer): void {
    const { socket } = this;
    if (socket.type === Type.seqpacket) this.record.push(data);
    else this.got.push(data);
    socket.consume(data.length + (socket.whole ? 1 : 0));
  }
}

export class PairFar implements Far {
  readonly got: Buffer[] = [];
  ended = false;

  constructor(private readonly socket: bsd.SocketHandle) {}

  send(data: Buffer): void {
    // A pair whose other end is closed says EPIPE.
    bsd.send(this.socket, data).catch(() => undefined);
  }

  end(): void {
    void bsd.shutdown(this.socket, bsd.SHUT_WR);
  }

  async look(): Promise<void> {
    while (!this.ended)
      try {
        const data = await bsd.recv(this.socket, 65_536, bsd.MSG_DONTWAIT);
        if (data) this.got.push(data);
        else this.ended = true;
      } catch {
        return;
      }
  }
}
