/** A machine: what its clock says, and whether it runs. */
import type { EventQueue } from "./queue.js";

export class Machine {
  up = true;

  /**
   * @param rate ms of this machine's clock in one of the world's
   * @param start what its clock says at the beginning, in ms
   */
  constructor(
    private readonly queue: EventQueue,
    private readonly rate: number,
    private readonly start: number,
  ) {}

  clock(): number {
    return this.start + this.queue.now * this.rate;
  }

  /** When this machine's clock will say `local`, in the world's time. */
  worldTime(local: number): number {
    return (local - this.start) / this.rate;
  }
}
