/**
 * The ring of bytes waiting for any UART. Its one sharp edge: a write into a full ring holds the interpreter until a
 * byte has left. Since nothing but the baud rate empties it, each byte's time is known when it is written.
 */
export class TransmitRing {
  /** For each port the times at which its bytes leave the ring, ascending. */
  private readonly leaving = new Map<number, number[]>();
  /** For each port the time at which its line is free again, and that at which the last of its bytes left the ring. */
  private readonly free = new Map<number, number>();
  private readonly empty = new Map<number, number>();

  constructor(readonly size: number) {}

  /** Items in the ring at a time. */
  used(now: number): number {
    let count = 0;
    for (const times of this.leaving.values()) {
      let gone = 0;
      while (gone < times.length && times[gone]! <= now) gone++;
      if (gone) times.splice(0, gone);
      count += times.length;
    }
    return count;
  }

  /**
   * Puts a byte of `duration` ms on the line into the ring.
   * @returns when the writer may go on, and when the byte has arrived at the far end
   */
  push(port: number, duration: number, now: number): { resume: number; arrives: number } {
    let resume = now;
    while (this.used(resume) >= this.size - 1) resume = this.nextToLeave();
    const start = Math.max(resume, this.free.get(port) ?? 0);
    this.free.set(port, start + duration);
    this.empty.set(port, start);
    let times = this.leaving.get(port);
    if (!times) this.leaving.set(port, (times = []));
    if (start > resume) times.push(start);
    return { resume, arrives: start + duration };
  }

  /** When the ring holds no byte of a port: the last one is still under way in the UART. */
  flushed(port: number): number {
    return this.empty.get(port) ?? 0;
  }

  private nextToLeave(): number {
    let next = Infinity;
    for (const times of this.leaving.values()) if (times.length) next = Math.min(next, times[0]!);
    return next;
  }
}
