/** One session on one link, driven as a board or a host drives it. */
import { Door, Initiator, Kind, kindOf, Session, Sockets, State, tagOf } from "../protocols/index.js";
import type { Failure, Socket, Terms } from "../protocols/index.js";
import { OTHER } from "./checker.js";
import type { Side } from "./checker.js";
import type { Link } from "./link.js";
import type { Piece } from "./wire.js";
import type { World } from "./world.js";

/** A board looks every so many ms whether something is due, over TCP less often. */
const TICK = 50;
const REST = 200;

const SOCKETS: Record<Side, number> = { host: 64, board: 8 };
const WINDOW: Record<Side, number> = { host: 16, board: 8 };

/** What the connection's end is called on the side that is told of it. */
export const CUT = "ECONNRESET: the connection was closed";

export class End {
  readonly sockets: Sockets;
  readonly session: Session;
  /** Sockets may be opened. */
  open = false;
  /** It is over, and has said so. */
  over = false;
  /** Whose frames it takes. */
  partner: End | null = null;
  /** Why this side closed the session, if it did. */
  bye: Failure = "";
  /** This side knows why it is over: it closed the session, or was told that the connection is gone. */
  private cut = false;
  /** When something of the partner last came unhurt, by this side's clock. */
  private heard: number;
  private taking: End | null = null;
  private busy = false;
  private scheduled = false;
  /** When the timer goes off, in the world's time. */
  private timerAt = Infinity;

  constructor(
    private readonly world: World,
    readonly side: Side,
    readonly link: Link,
  ) {
    const { traits } = link.medium;
    const host = side === "host";
    this.heard = this.now;
    this.sockets = new Sockets(host, SOCKETS[side], host ? 4096 : 4 * traits.payload, {
      onopen: () => this.opened(),
      onrequest: (socket, address) => world.programs.requested(this, socket, address),
      onclose: (failure) => this.ended(failure),
      onwork: () => this.worked(),
    });
    const terms: Terms = { payload: traits.payload, window: WINDOW[side] };
    if (!host && traits.reliable) terms.chunk = traits.payload + 12;
    const random = (): number => world.random() * 2 ** 32;
    const owner = {
      begin: () => this.sockets,
      moved: () => undefined,
      onclose: (failure: Failure) => this.ended(failure),
    };
    const initiator = host ? new Initiator(terms, random) : null;
    const door = host ? null : new Door(random);
    this.session = new Session(owner, terms, traits, this.now, initiator, door, false);
    link.wires[side].onready = () => this.pump();
    this.schedule();
  }

  /** This side's clock. */
  get now(): number {
    return this.world.machines[this.side].clock();
  }

  receive({ bytes, intact, from }: Piece<End>): void {
    if (intact === this && from === this.partner) this.heard = this.now;
    this.taking = from;
    this.session.receive(bytes, this.now);
    this.taking = null;
    this.pump();
  }

  /** Ends the session in order. */
  close(failure: Failure): void {
    if (this.session.state === State.open) this.bye = failure;
    this.cut = true;
    this.session.close(failure);
    this.pump();
  }

  /** The connection is gone. */
  lost(): void {
    this.cut = true;
    this.session.end(CUT);
    this.pump();
  }

  /** Its machine stopped: nobody is told. */
  vanish(): void {
    this.over = true;
    this.open = false;
  }

  reset(socket: Socket, failure: Failure): void {
    this.sockets.reset(socket, failure);
  }

  private opened(): void {
    this.partner = this.taking;
    this.heard = this.now;
    this.open = true;
    this.world.log(`${this.side} open`);
  }

  private ended(failure: Failure): void {
    this.open = this.session.state === State.open;
    this.world.log(`${this.side} over ${failure}`);
    // A handshake that fails takes no socket with it.
    if (!this.partner) return;
    this.world.checker.sessionOver(this, failure, {
      cut: this.cut,
      bye: this.partner.bye,
      replaced: this.taking !== this.partner,
      silent: this.now - this.heard,
      lifetime: 30_000,
    });
  }

  /** A board sends at once; a host when what it does now is done. */
  private worked(): void {
    if (this.side === "host" || this.busy || this.taking) this.schedule();
    else {
      this.session.work = true;
      this.pump();
    }
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    this.world.queue.put(this.world.queue.now, () => {
      this.scheduled = false;
      this.session.work = true;
      this.pump();
    });
  }

  private pump(): void {
    if (this.over || this.busy || this.taking) return;
    const { session, link } = this;
    const wire = link.wires[this.side];
    this.busy = true;
    while (session.work && wire.ready) {
      const frame = session.poll(this.now);
      if (!frame.length) break;
      this.world.bounds(this);
      this.world.sent(this, frame);
      // A handshake that comes again tells nothing of the session.
      wire.send(frame, this, kindOf(tagOf(frame)) === Kind.hello ? null : this.partner);
    }
    this.busy = false;
    // The last word is not waited for.
    if (session.state === State.closed) {
      this.over = true;
      this.world.endOver(this);
    } else this.arm();
  }

  private arm(): void {
    const { queue, machines } = this.world;
    const machine = machines[this.side];
    let at = Math.max(this.session.deadline(), this.now);
    if (at === Infinity) return;
    const tick = this.link.medium.traits.reliable ? REST : TICK;
    at = this.side === "board" ? Math.ceil(at / tick) * tick : Math.max(at, this.now + 1);
    const due = Math.max(machine.worldTime(at), queue.now + 0.01);
    if (due >= this.timerAt) return;
    this.timerAt = due;
    queue.put(due, () => {
      if (this.timerAt !== due) return;
      this.timerAt = Infinity;
      if (this.over) return;
      if (this.now >= this.session.deadline()) this.session.timeout(this.now);
      this.pump();
    });
  }

  /** The side that this one talks to. */
  get other(): Side {
    return OTHER[this.side];
  }
}
