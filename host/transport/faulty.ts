/** A transport that does to frames what bad links do, repeatably. */
import type { Bytes } from "../../protocols/bytes/index.js";
import { systemClock } from "../clock.js";
import type { Clock } from "../clock.js";
import { Gate } from "./transport.js";
import type { Connection, Transport } from "./transport.js";

/** Chances are between 0 and 1, for each frame sent and each chunk received. Times are in ms. */
export interface Faults {
  drop?: number;
  double?: number;
  /** One bit flips. */
  corrupt?: number;
  /** It comes up to 50 ms late, so that others overtake it. */
  reorder?: number;
  /** It comes in pieces of at most so many bytes. */
  split?: number;
  delay?: number;
  seed?: number;
}

/** What was done so far. */
export interface FaultCounters {
  dropped: number;
  doubled: number;
  corrupted: number;
  reordered: number;
}

const LATE = 50;

/** The transport `inner` with faults in both directions, the same ones for the same seed and traffic. */
export function faulty(
  inner: Transport,
  faults: Faults,
  clock: Clock = systemClock,
): Transport & { counters: FaultCounters } {
  const counters: FaultCounters = { dropped: 0, doubled: 0, corrupted: 0, reordered: 0 };
  const line = new Line(faults, counters, clock, random(faults.seed ?? 1));
  return {
    address: inner.address,
    traits: inner.traits,
    counters,
    async open(events, signal): Promise<Connection> {
      const gate = new Gate(events);
      let open = true;
      const connection = await inner.open(
        {
          data: (bytes) => line.carry(bytes, (piece) => gate.data(piece)),
          drain: () => gate.drain(),
          closed: (error) => {
            open = false;
            gate.closed(error);
          },
        },
        signal,
      );
      return {
        send(frame) {
          let more = true;
          line.carry(frame, (piece) => {
            if (open) more = connection.send(piece);
          });
          return more;
        },
        close() {
          open = false;
          gate.stop();
          return connection.close();
        },
      };
    },
  };
}

class Line {
  constructor(
    private readonly faults: Faults,
    private readonly counters: FaultCounters,
    private readonly clock: Clock,
    private readonly random: () => number,
  ) {}

  carry(bytes: Bytes, deliver: (bytes: Bytes) => void): void {
    const { drop = 0, double = 0, corrupt = 0, reorder = 0, split = bytes.length, delay = 0 } = this.faults;
    if (this.hit(drop, "dropped")) return;
    for (let copies = this.hit(double, "doubled") ? 2 : 1; copies > 0; copies--) {
      const copy = this.hit(corrupt, "corrupted") ? this.flip(bytes) : bytes;
      const wait = delay + (this.hit(reorder, "reordered") ? this.random() * LATE : 0);
      const run = (): void => {
        for (let at = 0; at < copy.length; at += split) deliver(copy.subarray(at, at + split));
      };
      if (wait > 0) this.clock.after(wait, run);
      else run();
    }
  }

  private hit(chance: number, counter: keyof FaultCounters): boolean {
    const hit = chance > 0 && this.random() < chance;
    if (hit) this.counters[counter]++;
    return hit;
  }

  private flip(bytes: Bytes): Bytes {
    const copy = Uint8Array.from(bytes);
    copy[Math.floor(this.random() * copy.length)]! ^= 1 << Math.floor(this.random() * 8);
    return copy;
  }
}

/** Repeatable numbers in [0, 1) (mulberry32). */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
