/** What a socket promises under the BSD calls, as simple as can be: a model that random sequences of calls are held against. */
import * as bsd from "../../../host/sockets.js";

/** Where the socket is in its life. */
export type Phase = "fresh" | "bound" | "listening" | "connected" | "closed";

/** How a socket comes to have another end. */
export type Way = "connect" | "accept" | "socketpair";

export class Model {
  phase: Phase = "fresh";
  /** What it sent, and what waits to be received: bytes of a stream one by one, or messages. */
  readonly sent: Buffer[] = [];
  waiting: Buffer[] = [];
  /** No more goes out, none is received, none will come. */
  shut = false;
  deaf = false;
  farEnded = false;
  /** SO_ERROR. */
  error: string | number = 0;
  priority = 0;

  constructor(
    readonly type: number,
    readonly way: Way,
  ) {}

  get stream(): boolean {
    return this.type === bsd.SOCK_STREAM;
  }

  /** A socket of a board's datagrams. */
  get endless(): boolean {
    return this.type === bsd.SOCK_DGRAM && this.way !== "socketpair";
  }

  /** The error of a call that needs another end, or "". */
  get unconnected(): string {
    if (this.phase === "connected") return "";
    if (this.phase === "closed") return "EBADF";
    return this.phase === "listening" ? "EINVAL" : "ENOTCONN";
  }

  /** What a call of `send` fails with, or "". */
  get sendError(): string {
    if (this.unconnected) return this.unconnected;
    if (this.shut) return "EPIPE";
    // Datagrams on a board have no half-close: the end is that of the socket.
    return this.endless && this.farEnded ? "ENOTCONN" : "";
  }

  /** What a call on a connected socket failed with is its SO_ERROR. */
  failed(code: string): void {
    if (!this.unconnected) this.error = code;
  }

  /** What `recv` is to give: bytes or a message, null at the end, or the code of its error. */
  recv(max: number, peek: boolean): Buffer | null | string {
    if (this.unconnected) return this.unconnected;
    if (this.deaf) return null;
    if (peek && this.type === bsd.SOCK_SEQPACKET && this.way !== "socketpair") return "EOPNOTSUPP";
    const [first] = this.waiting;
    if (!first) return this.farEnded ? null : "EAGAIN";
    const all = this.stream ? Buffer.concat(this.waiting) : first;
    const data = all.subarray(0, max);
    if (!peek)
      this.waiting = this.stream
        ? [all.subarray(data.length)].filter((rest) => rest.length > 0)
        : this.waiting.slice(1);
    return data;
  }

  /** Bytes that wait, and one for each message. */
  get held(): number {
    return this.waiting.reduce((sum, { length }) => sum + length + 1, 0);
  }

  /** Whether `recv` would not wait. */
  get readable(): boolean {
    return this.deaf || this.farEnded || this.waiting.length > 0;
  }
}
