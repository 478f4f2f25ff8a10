/** A cable, a connection, or two UDP ports: two wires between whoever is at their ends. */
import { EMPTY } from "../protocols/index.js";
import type { Bytes } from "../protocols/index.js";
import type { Side } from "./checker.js";
import type { End } from "./end.js";
import type { Life } from "./life.js";
import type { EventQueue } from "./queue.js";
import type { Random } from "./random.js";
import type { Tally } from "./tally.js";
import { Wire } from "./wire.js";
import type { Medium, Piece } from "./wire.js";

export class Link {
  /** By the side that sends. */
  readonly wires: Record<Side, Wire<End | null, Life>>;
  readonly ends: Record<Side, End | null> = { host: null, board: null };
  closed = false;
  /** TCP: what came before there was a session. */
  rest: Bytes = EMPTY;

  constructor(
    queue: EventQueue,
    rand: Random,
    readonly medium: Medium,
    deliver: (link: Link, to: Side, piece: Piece<End | null, Life>) => void,
    tally: Tally,
  ) {
    this.wires = {
      host: new Wire(queue, rand, medium, (piece) => deliver(this, "board", piece), tally),
      board: new Wire(queue, rand, medium, (piece) => deliver(this, "host", piece), tally),
    };
  }

  /** Frames that came twice. */
  get doubled(): number {
    return this.wires.host.doubled + this.wires.board.doubled;
  }

  /** Nothing arrives any more. */
  close(): void {
    this.closed = this.wires.host.closed = this.wires.board.closed = true;
  }
}
