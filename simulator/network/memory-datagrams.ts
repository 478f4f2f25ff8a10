/** A datagram socket in memory, on a path that may lose, double, delay and damage. */
import type { Clock } from "../clock.js";
import type { Random } from "../random.js";
import type { Datagram } from "./index.js";

/** Probabilities from 0 to 1. */
export interface DatagramFaults {
  loss?: number;
  duplicate?: number;
  /** Held back behind later ones. */
  reorder?: number;
  /** One bit turned. */
  corrupt?: number;
}

export interface DatagramPath {
  clock: Clock;
  latency: number;
  random: Random;
  faults: DatagramFaults;
  find: (port: number) => MemoryDatagrams | undefined;
}

/** How much later, in ms, a datagram comes that is held back. */
const HELD_BACK = 15;

export class MemoryDatagrams {
  readonly counters = { sent: 0, received: 0, lost: 0, duplicated: 0, reordered: 0, corrupted: 0, overrun: 0 };
  ofBoard = true;
  private listener: (datagram: Datagram) => void = () => {};

  constructor(
    readonly port: number,
    private readonly path: DatagramPath,
    readonly close: () => void,
  ) {}

  onMessage(listener: (datagram: Datagram) => void): void {
    this.listener = listener;
  }

  send(data: Uint8Array, port: number): void {
    const { random, faults } = this.path;
    this.counters.sent++;
    if (random.chance(faults.loss ?? 0)) {
      this.counters.lost++;
      return;
    }
    this.travel(data, port);
    if (random.chance(faults.duplicate ?? 0)) {
      this.counters.duplicated++;
      this.travel(data, port);
    }
  }

  private travel(data: Uint8Array, port: number): void {
    const { clock, latency, random, faults, find } = this.path;
    const copy = data.slice();
    if (copy.length && random.chance(faults.corrupt ?? 0)) {
      this.counters.corrupted++;
      const bit = random.next() % (copy.length * 8);
      copy[bit >> 3]! ^= 1 << (bit & 7);
    }
    let delay = latency;
    if (random.chance(faults.reorder ?? 0)) {
      this.counters.reordered++;
      delay += HELD_BACK * (0.5 + random.fraction());
    }
    clock.after(delay, () => find(port)?.receive({ data: copy, address: "127.0.0.1", port: this.port }));
  }

  private receive(datagram: Datagram): void {
    this.counters.received++;
    this.listener(datagram);
  }
}
