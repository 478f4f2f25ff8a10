/** Taps on a link: whoever listens gets each frame of both directions. All tracing rests on this. */
import { Kind, kindOf, tagOf } from "../../protocols/index.js";
import type { Bytes } from "../../protocols/index.js";
import { systemClock } from "../clock.js";
import type { Clock } from "../clock.js";
import type { ConnectionEvents, Transport } from "../transport/transport.js";
import { Cutter, Marks } from "./cutter.js";
import { unproved } from "./decrypted.js";
import type { Packet } from "./packet.js";

export type PacketListener = (packet: Packet) => void;

/** Of a session with a key: frames as they are on the wire, or with what they hold. Else both are the same. */
export type View = "wire" | "decrypted";

interface Audience {
  view: View;
  /** Told when nothing more will come. */
  end: () => void;
}

type Direction = Packet["direction"];

export class Taps {
  private readonly listeners = new Map<PacketListener, Audience>();
  private readonly base: number;

  constructor(private readonly clock: Clock = systemClock) {
    this.base = clock === systemClock ? performance.timeOrigin : 0;
  }

  /** Whether anybody listens. */
  get wanted(): boolean {
    return this.listeners.size > 0;
  }

  /**
   * @param end told when nothing more will come
   * @returns what takes the listener off again
   */
  add(listener: PacketListener, view: View = "wire", end: () => void = () => undefined): () => void {
    this.listeners.set(listener, { view, end });
    return () => void this.listeners.delete(listener);
  }

  /** The link is over. */
  end(): void {
    for (const { end } of this.listeners.values()) end();
    this.listeners.clear();
  }

  now(): number {
    return this.clock.now();
  }

  /** @param only for these alone */
  tell(packet: Omit<Packet, "time">, only?: View): void {
    const timed = { time: this.base + this.clock.now(), ...packet };
    for (const [listener, { view }] of this.listeners) if (!only || view === only) listener(timed);
  }

  /** The transport `inner`, with all of its connections listened to. */
  wrap(inner: Transport): Transport {
    const { address, traits } = inner;
    return {
      address,
      traits,
      open: async (events, signal) => {
        const line = new Line(this, address, traits.datagram);
        const watched: ConnectionEvents = {
          data: (bytes) => {
            line.pass("in", bytes);
            events.data(bytes);
          },
          drain: () => events.drain(),
          closed: (error) => {
            line.end("in", `closed: ${error.message}`);
            events.closed(error);
          },
        };
        const connection = await inner.open(watched, signal).catch((error: Error) => {
          line.event("in", `no connection: ${error.message}`);
          throw error;
        });
        line.event("out", `open ${address}`);
        return {
          send(frame) {
            line.pass("out", frame);
            return connection.send(frame);
          },
          close() {
            line.end("out", "close");
            return connection.close();
          },
        };
      },
    };
  }
}

/** One connection. While nobody listens it costs a glance a chunk, once its handshake has passed. */
class Line {
  private readonly marks = new Marks();
  private cutters: Record<Direction, Cutter> | undefined;

  constructor(
    private readonly taps: Taps,
    private readonly address: string,
    private readonly datagram: boolean,
  ) {}

  pass(direction: Direction, bytes: Bytes): void {
    if (!this.taps.wanted && this.marks.known) {
      // What was cut off is not put together with what comes when somebody listens again.
      this.cutters = undefined;
      return;
    }
    this.cutters ??= { in: this.cutter("in"), out: this.cutter("out") };
    this.cutters[direction].push(bytes, this.taps.now());
  }

  event(direction: Direction, note: string): void {
    this.taps.tell({ address: this.address, direction, kind: "event", bytes: new Uint8Array(), note });
  }

  end(direction: Direction, note: string): void {
    this.cutters?.in.flush(this.taps.now());
    this.cutters = undefined;
    this.event(direction, note);
  }

  private cutter(direction: Direction): Cutter {
    const { address } = this;
    const { taps, marks } = this;
    return new Cutter(marks, this.datagram, (bytes, reason) => {
      if (reason !== undefined) return taps.tell({ address, direction, kind: "noise", bytes, note: reason });
      const packet = { address, direction, kind: "frame" as const, bytes };
      const hello = kindOf(tagOf(bytes)) === Kind.hello;
      const sealed = marks.sealed && !hello;
      if (!sealed && !hello) return taps.tell(packet);
      taps.tell(sealed ? { ...packet, sealed } : packet, "wire");
      if (hello) taps.tell({ ...packet, bytes: unproved(bytes) }, "decrypted");
    });
  }
}
