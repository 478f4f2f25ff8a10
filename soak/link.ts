/** A cable, a connection, or two UDP ports: two wires between whoever is at their ends. */
import type { Bytes } from "../protocols/index.js";
import type { Side } from "./checker.js";
import type { End } from "./end.js";
import type { EventQueue } from "./queue.js";
import type { Random } from "./random.js";
import { Wire } from "./wire.js";
import type { Medium } from "./wire.js";

export class Link {
  /** By the side that sends. */
  readonly wires: Record<Side, Wire>;
  readonly ends: Record<Side, End | null> = { host: null, board: null };
  closed = false;

  constructor(
    queue: EventQueue,
    rand: Random,
    readonly medium: Medium,
    deliver: (link: Link, to: Side, piece: Bytes, intact: boolean, from: End) => void,
  ) {
    this.wires = {
      host: new Wire(queue, rand, medium, (piece, intact, from) => deliver(this, "board", piece, intact, from)),
      board: new Wire(queue, rand, medium, (piece, intact, from) => deliver(this, "host", piece, intact, from)),
    };
  }

  /** Frames lost, doubled or changed. */
  get hurt(): number {
    return this.wires.host.hurt + this.wires.board.hurt;
  }

  /** Nothing arrives any more. */
  close(): void {
    this.closed = this.wires.host.closed = this.wires.board.closed = true;
  }
}
