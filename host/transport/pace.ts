/**
 * When a serial port should be given its next frame. The system's own queue takes 4 KB, for which an alarm would wait 355 ms at 115200 baud; so a
 * port gets no more than the line is about to send. When that is, the line's rate says. From time to time `drain`, which tells when all has
 * really been sent, says whether the rate is right; where it is not, as with USB, `drain` is waited for every time.
 */
import type { Clock, Timer } from "../clock.js";

/** So long before the line has sent all it gets the next frame, in ms: what a timer, or a busy process, may be late. */
export const AHEAD = 8;

/** How long the rate is believed, in ms: first, and at the most. Two clocks that differ by a half of a percent are 10 ms apart then. */
const BELIEVED = { first: 50, most: 2000 };

/** How late the line may be by its rate: in ms, or as a part of the time since that was known. */
const LATE = { ms: 10, part: 0.02 };

/** Bits of a byte on the line, 8N1. */
const BITS = 10;

/** The port, as far as its pace goes. */
export interface PacedPort {
  /** Whether the system has taken all that was written. */
  readonly taken: boolean;
  /** Calls back when all that was written has been sent, as far as the system knows. */
  drain(done: () => void): void;
  /** The next frame is wanted. */
  onready(): void;
}

export class Pace {
  /** When the line will have sent all it has, and when it was last known to have sent all. */
  private free = -Infinity;
  private known = 0;
  /** The rate is believed for so long, in ms, and until then. */
  private believed = 0;
  private until = 0;
  private waiting = false;
  private timer: Timer | undefined;

  constructor(
    private readonly port: PacedPort,
    private readonly baud: number,
    private readonly clock: Clock,
  ) {}

  /** The port was given `n` bytes. @returns false when the next ones should wait for `onready` */
  gave(n: number): boolean {
    const now = this.clock.now();
    if (now >= this.free) this.known = this.free = now;
    this.free += (n * BITS * 1000) / this.baud;
    if (!this.waiting && this.free - now > AHEAD) this.wait(now);
    return !this.waiting;
  }

  stop(): void {
    this.timer?.cancel();
  }

  private wait(now: number): void {
    this.waiting = true;
    if (now >= this.until) this.ask(now);
    else
      this.timer = this.clock.after(this.free - now - AHEAD, () => {
        if (this.port.taken) this.ready();
        else this.ask(this.clock.now());
      });
  }

  /** Has the line sent all when it should have, by its rate? */
  private ask(asked: number): void {
    this.port.drain(() => {
      const now = this.clock.now();
      const early = now - asked < (this.free - asked) / 2;
      const late = now - this.free > Math.max(LATE.ms, LATE.part * (now - this.known));
      this.believed = early || late ? 0 : Math.min(Math.max(this.believed * 2, BELIEVED.first), BELIEVED.most);
      this.until = now + this.believed;
      this.known = this.free = now;
      this.ready();
    });
  }

  private ready(): void {
    this.waiting = false;
    this.port.onready();
  }
}
