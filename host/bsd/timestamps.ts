/** SO_TIMESTAMP: when a message was made, where it bears the board's time; else when it came. */
import type { BoardClock } from "../board-clock.js";
import type { Board } from "../gateway.js";
import type { Received } from "./endpoint.js";

export interface MessageTime {
  /** Ms since 1970. */
  time: number;
  /** How far from that it may have been made, in ms; null when only its coming is known. */
  uncertainty: number | null;
}

/** How long a message waits for the board to tell its time, once for a socket, in ms. */
const PATIENCE = 3000;

export class Timestamps {
  private clock: Promise<BoardClock | undefined> | undefined;

  constructor(private readonly board: Board) {}

  async of({ tick, time }: Received): Promise<MessageTime> {
    if (tick === undefined) return arrived(time);
    const clock = await (this.clock ??= this.ask());
    const { utc, uncertainty } = clock?.toUtc(tick, time) ?? { utc: NaN, uncertainty: Infinity };
    return uncertainty < Infinity ? { time: utc, uncertainty } : arrived(time);
  }

  /** No more is wanted. */
  async close(): Promise<void> {
    (await this.clock)?.dispose();
  }

  private ask(): Promise<BoardClock | undefined> {
    return this.board.clock(AbortSignal.timeout(PATIENCE)).catch(() => {
      this.clock = undefined;
      return undefined;
    });
  }
}

/** All that is known of a message that bears no time. */
export function arrived(time: number): MessageTime {
  return { time, uncertainty: null };
}
