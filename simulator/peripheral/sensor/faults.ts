/** What can be wrong with a simulated sensor, by a seed. */
import type { Clock } from "../../clock.js";
import { Random } from "../../random.js";
import { count, fraction, spans } from "../settings.js";
import type { Span } from "../settings.js";

export interface FaultOptions<Fault extends string> {
  fault?: Fault | "none";
  /** Share of answers or frames with a wrong bit, 0 to 1. */
  errors?: number;
  seed?: number;
  /** When its cable, and with it its power, is out. */
  unplugged?: Span[];
}

/** As the command line gives them; `fault` is the device's own. */
export const faultSettings = { errors: fraction, seed: count, unplugged: spans };

export class Faults<Fault extends string> {
  fault: Fault | "none";
  errors: number;
  /** Answers or frames that got a wrong bit. */
  damaged = 0;
  /** Which byte of the last one it was; -1 for none. */
  at = -1;
  private readonly random: Random;
  private readonly unplugged: Span[];
  private clock: Clock | undefined;
  private start = 0;

  constructor({ fault = "none", errors = 0, seed = 1, unplugged = [] }: FaultOptions<Fault>) {
    this.fault = fault;
    this.errors = errors;
    this.random = new Random(seed);
    this.unplugged = unplugged;
  }

  /** @param changed called when the cable is pulled, and when it is back */
  connect(clock: Clock, changed: (plugged: boolean) => void): void {
    this.clock = clock;
    this.start = clock.now();
    for (const { from, ms } of this.unplugged) {
      clock.after(from, () => changed(false));
      clock.after(from + ms, () => changed(true));
    }
  }

  get plugged(): boolean {
    const at = (this.clock?.now() ?? 0) - this.start;
    return !this.unplugged.some(({ from, ms }) => at >= from && at < from + ms);
  }

  /** The bytes, or now and then a copy with a wrong bit in one of those from `from` on. */
  damage(bytes: Uint8Array, from = 0): Uint8Array {
    this.at = -1;
    if (!(this.errors > 0) || !this.random.chance(this.errors)) return bytes;
    this.damaged++;
    const bad = Uint8Array.from(bytes);
    this.at = from + (this.random.next() % (bytes.length - from));
    bad[this.at]! ^= 1 << (this.random.next() & 7);
    return bad;
  }

  noise(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.random.next() & 0xff);
  }
}
