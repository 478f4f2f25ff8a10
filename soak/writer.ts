/** How a program writes to its end of a socket: what it has to write goes as fast as the socket takes it. */
import { EMPTY, Type } from "../protocols/index.js";
import type { Bytes, Socket } from "../protocols/index.js";
import type { Flow } from "./flows.js";
import { hasMessages } from "./flows.js";
import { below } from "./random.js";
import type { Random } from "./random.js";

/** Messages of one call of `write`, and bytes of the longest: every link carries those of reliable types. */
const MESSAGES = 12;
const LONGEST = { datagram: 560, reliable: 220 };
/** Bytes of the longest piece that is handed to a stream at once. */
const PIECE = 1500;

export class Writer {
  /** Messages and records by their length, and bytes of a stream, that are to be sent. */
  private lengths: number[] = [];
  private rest = 0;
  /** A record has begun and its end is to be sent. */
  private inRecord = false;
  /** What the socket did not take. */
  private refused: Bytes | null = null;
  private readonly longest: number;

  /** @param later calls back when what happens now is done */
  constructor(
    private readonly socket: Socket,
    private readonly flow: Flow,
    private readonly rand: Random,
    private readonly bySource: boolean,
    peerBuffer: number,
    private readonly later: (then: () => void) => void,
  ) {
    this.longest = socket.type === Type.datagram ? LONGEST.datagram : Math.min(LONGEST.reliable, (peerBuffer >> 1) - 8);
  }

  /** `n` bytes, a record as long, or a few messages that add up to about as many. */
  add(n: number): void {
    const { type } = this.socket;
    if (type === Type.stream) this.rest += n;
    else if (type === Type.seqpacket) this.lengths.push(n);
    else
      for (let i = Math.min(MESSAGES, 1 + (n >> 9)); i > 0; i--)
        this.lengths.push(4 + below(this.rand, Math.min(n, this.longest - 4)));
  }

  addMessage(length: number): void {
    this.lengths.push(length);
  }

  /** Bytes of a stream or record that the socket has not taken yet. */
  get waiting(): number {
    return this.lengths.reduce((sum, length) => sum + length, this.rest) + this.socket.queued;
  }

  /** Sends what may go. @returns whether all has gone */
  fill(): boolean {
    if (hasMessages(this.socket.type)) return this.messages();
    for (;;) {
      if (this.rest > 0 && !this.bytes()) return false;
      if (this.inRecord) {
        this.flow.mark();
        this.socket.record();
        this.inRecord = false;
      }
      const next = this.lengths.shift();
      if (next === undefined) return true;
      this.rest = next;
      this.inRecord = true;
    }
  }

  private messages(): boolean {
    for (;;) {
      const length = this.refused ? 0 : this.lengths.shift();
      if (length === undefined) return true;
      const data = this.refused ?? this.flow.make(length);
      this.refused = null;
      // A queue of datagrams drops its oldest; a message of another type that was not taken is sent again.
      if (this.socket.send(data) || this.socket.type === Type.datagram) continue;
      this.refused = data;
      return false;
    }
  }

  /** @returns whether all of the stream or record has gone */
  private bytes(): boolean {
    const { socket } = this;
    if (this.bySource && socket.queued === 0) {
      socket.source ??= (n) => this.made(n);
      socket.wake();
      return false;
    }
    while (this.rest > 0) if (!this.push(Math.min(this.rest, 1 + below(this.rand, PIECE)))) return false;
    return true;
  }

  private push(n: number): boolean {
    this.rest -= n;
    return this.socket.send(this.flow.make(n));
  }

  /** Exactly `n` bytes, or none when there are fewer; then the rest is sent as it is. */
  private made(n: number): Bytes {
    if (this.rest >= n) {
      this.rest -= n;
      return this.flow.make(n);
    }
    this.later(() => {
      if (!this.socket.source) return;
      this.socket.source = null;
      if (this.rest > 0) this.push(this.rest);
    });
    return EMPTY;
  }
}
