/** AF_PACKET: a socket that reads what passes on a link. */
import { Readable } from "node:stream";
import type { Packet } from "./packet.js";
import type { Taps, View } from "./taps.js";

/** Packets that wait for a slow reader. */
const WAITING = 1024;

export interface TapOptions {
  /** Packets that may wait for the reader; one more is lost and counted. 1024 by default. */
  waiting?: number;
  /** Of a session with a key: what its frames hold, instead of what they are on the wire. */
  decrypted?: boolean;
}

/**
 * A Readable of packets: listen to "data", pipe it, or iterate over it. It never slows the link: a reader that is
 * too slow loses packets, with their count in the next one and in `counters`. `destroy` ends it; the end of the link does.
 */
export class Tap extends Readable {
  /** What passed so far: frames, their bytes, bytes that were none, and packets that the reader was too slow for. */
  readonly counters = { frames: 0, bytes: 0, noise: 0, dropped: 0 };
  private readonly view: View;
  private lost = 0;
  private over = false;

  constructor({ waiting = WAITING, decrypted = false }: TapOptions = {}) {
    super({ objectMode: true, highWaterMark: waiting });
    this.view = decrypted ? "decrypted" : "wire";
  }

  override _read(): void {}

  /** Begins to listen. Called by the link. */
  attach(taps: Taps): this {
    if (this.destroyed) return this;
    const remove = taps.add(
      (packet) => this.put(packet),
      this.view,
      () => this.finish(),
    );
    this.once("close", remove);
    return this;
  }

  /** Nothing more comes: what waits can still be read. */
  finish(): void {
    if (this.over) return;
    this.over = true;
    this.push(null);
  }

  override [Symbol.asyncIterator](): NodeJS.AsyncIterator<Packet> {
    return super[Symbol.asyncIterator]() as NodeJS.AsyncIterator<Packet>;
  }

  private put(packet: Packet): void {
    if (this.over || this.destroyed) return;
    const { counters } = this;
    if (packet.kind === "frame") counters.frames++;
    if (packet.kind === "noise") counters.noise += packet.bytes.length;
    else counters.bytes += packet.bytes.length;
    if (this.readableLength >= this.readableHighWaterMark) {
      counters.dropped++;
      this.lost++;
      return;
    }
    this.push(this.lost > 0 ? { ...packet, dropped: this.lost } : packet);
    this.lost = 0;
  }
}
