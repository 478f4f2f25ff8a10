/** One side of a session from its beginning to its end, over however many links: its sockets, and why it may end. */
import { PacedSockets } from "../host/paced-sockets.js";
import { Sockets } from "../protocols/index.js";
import type { Failure, Socket } from "../protocols/index.js";
import type { Side } from "./checker.js";
import type { End } from "./end.js";
import type { World } from "./world.js";

const SOCKETS: Record<Side, number> = { host: 64, board: 8 };

/** Credit of a socket that nobody asked another one for, in bytes. */
const RECEIVE_BUFFER = 4096;

export class Life {
  readonly sockets: Sockets;
  /** The other side of the session, once it has begun there. */
  partner: Life | null = null;
  /** Whether its sockets are over, and whether its machine has forgotten it. */
  over = false;
  gone = false;
  /** Why this side closed the session, if it did. */
  bye: Failure = "";
  /** When something of the partner last came unhurt, and when the link was lost, by this side's clock. */
  heard: number;
  lostAt = Infinity;

  /** @param sockets of a life before it, that a host goes on using */
  constructor(
    private readonly world: World,
    readonly side: Side,
    /** Where it is now. */
    public end: End,
    sockets: Sockets | undefined,
  ) {
    const host = side === "host";
    this.sockets = sockets ?? new (host ? PacedSockets : Sockets)(host, SOCKETS[side], RECEIVE_BUFFER, this);
    this.sockets.owner = this;
    this.heard = end.now;
  }

  onup(): void {
    this.world.log(`${this.side} open`);
  }

  onrequest(socket: Socket, address: string): void {
    this.world.programs.requested(this, socket, address);
  }

  onwork(): void {
    this.end.worked();
  }

  ondown(failure: Failure): void {
    const { now } = this.end;
    this.over = true;
    this.world.log(`${this.side} over ${failure}`);
    this.world.checker.sessionOver(this, failure, {
      own: this.bye,
      bye: this.partner?.bye ?? "",
      forgotten: !this.partner || this.partner.over || this.partner.partner !== this,
      silent: now - this.heard,
      lost: now - this.lostAt,
      lifetime: this.world.lifetime,
    });
  }
}
