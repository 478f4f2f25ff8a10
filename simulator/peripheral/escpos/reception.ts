/** The printer's ear: stores what comes as long as there is room, and hears real-time commands at once. */
import { CommandCursor } from "../../../protocols/device/escpos/index.js";
import { RealtimeRecogniser } from "./realtime.js";
import type { RealtimeCommand } from "./realtime.js";
import type { ReceiveBuffer } from "./receive-buffer.js";

/** A byte that has just come: whether it stood within a command, and whether there was room for it. */
interface Arrival {
  within: boolean;
  stored: boolean;
}

export class Reception {
  /** Bytes for which there was no room. */
  lost = 0;
  private readonly realtime = new RealtimeRecogniser();
  /** Follows what is stored, to tell what comes between commands from what comes within one. */
  private arriving = new CommandCursor();
  /** The last three bytes. */
  private arrivals: Arrival[] = [];

  constructor(private readonly buffer: ReceiveBuffer) {}

  /**
   * Stores a byte, or loses it.
   * @returns the real-time command that ends with it, and whether that began within another command. Its bytes are
   * stored like all others: they are data there, or are passed over in their turn
   */
  take(b: number): { command: RealtimeCommand; within: boolean } {
    const within = !this.arriving.atBoundary;
    const stored = this.buffer.push(b);
    if (stored) this.arriving.take(b);
    else this.lost++;
    this.arrivals = [...this.arrivals.slice(-2), { within, stored }];
    const command = this.realtime.take(b);
    const beganWithin = this.arrivals[0]!.within;
    if (command.kind !== "none" && !beganWithin) this.forgetHalfStored();
    return { command, within: beganWithin };
  }

  /** A real-time command between two commands that found no room, or not for all of it, takes none and is no loss. */
  private forgetHalfStored(): void {
    const unstored = this.arrivals.filter((arrival) => !arrival.stored).length;
    if (unstored === 0) return;
    this.lost -= unstored;
    this.buffer.unpush(this.arrivals.length - unstored);
    this.arriving = new CommandCursor();
  }

  /** Forgets what is stored, and what was under way. */
  clear(): void {
    this.buffer.clear();
    this.realtime.reset();
    this.arrivals = [];
    this.arriving = new CommandCursor();
  }
}
