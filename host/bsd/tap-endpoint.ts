/** AF_PACKET for the BSD calls: frames of a link, in both directions. It reads only. */
import {
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_TRUNC,
  PACKET_STATISTICS,
  SO_RCVBUF,
  SOL_PACKET,
  SOL_SOCKET,
} from "../constants.js";
import { canceled, DevsockError } from "../errors.js";
import type { Packet } from "../tap/packet.js";
import type { Tap } from "../tap/tap.js";
import { Waiters } from "../waiters.js";
import { again, listen, noOption } from "./endpoint.js";
import type { Endpoint, Readiness, Received } from "./endpoint.js";

/** Where a packet passed. */
export interface PacketAddress {
  /** The link's address. */
  board: string;
  direction: Packet["direction"];
  kind: Packet["kind"];
  /** Why it is no frame, or what happened to the connection. */
  note?: string;
}

export class TapEndpoint implements Endpoint {
  readonly peer = undefined;
  /** What was looked at and not read. */
  private peeked: Packet | undefined;
  private readonly arrivals = new Waiters();

  constructor(
    private readonly tap: Tap,
    readonly local: { board: string },
  ) {
    listen(tap, ["readable", "end", "close"], () => this.arrivals.wake());
  }

  async recv(max: number, flags: number, signal?: AbortSignal): Promise<Received | null> {
    for (;;) {
      const packet = this.peeked ?? (this.tap.read() as Packet | null);
      this.peeked = packet && flags & MSG_PEEK ? packet : undefined;
      if (packet) return received(packet, max);
      if (this.tap.readableEnded || this.tap.destroyed) return null;
      if (flags & MSG_DONTWAIT) throw again("no frame has passed");
      await this.arrivals.wait(signal, () => canceled(signal!, "reading the tap was given up"));
    }
  }

  send(): Promise<number> {
    const text = "EOPNOTSUPP: a tap only reads; send on a socket to a device";
    return Promise.reject(new DevsockError(text));
  }

  shutdown(read: boolean): void {
    if (read) this.destroy();
  }

  close(): Promise<void> {
    this.destroy();
    return Promise.resolve();
  }

  destroy(): void {
    this.tap.destroy();
  }

  ready(): Readiness {
    const over = this.tap.readableEnded || this.tap.destroyed;
    const readable = over || this.peeked !== undefined || this.tap.readableLength > 0;
    return { readable, writable: false, urgent: false, failed: false, hungUp: over };
  }

  onchange(told: () => void): () => void {
    return listen(this.tap, ["readable", "end", "close"], told);
  }

  setOption(level: number, name: number | string): Promise<void> {
    const text = "EINVAL: set SO_RCVBUF before the socket is bound; it counts packets";
    return Promise.reject(level === SOL_SOCKET && name === SO_RCVBUF ? new DevsockError(text) : noOption(name));
  }

  getOption(level: number, name: number | string): Promise<unknown> {
    if (level === SOL_PACKET && name === PACKET_STATISTICS) return Promise.resolve({ ...this.tap.counters });
    return Promise.reject(noOption(name));
  }
}

function received({ address, direction, kind, note, bytes, time }: Packet, max: number): Received {
  const from: PacketAddress = { board: address, direction, kind, ...(note !== undefined && { note }) };
  const data = Buffer.from(bytes.subarray(0, max));
  return { data, address: from, flags: bytes.length > max ? MSG_TRUNC : 0, time };
}
