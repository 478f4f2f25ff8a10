/** One session on one link, driven as a board or a host drives it. */
import { Initiator, Kind, kindOf, Session, State, tagOf } from "../protocols/index.js";
import type { Agreement, Bytes, Failure, LinkTraits, Sockets, Terms } from "../protocols/index.js";
import type { SessionOwner, SessionUser } from "../protocols/index.js";
import type { Side } from "./checker.js";
import { Life } from "./life.js";
import type { Link } from "./link.js";
import type { Piece } from "./wire.js";
import type { World } from "./world.js";

/** A board looks every so many ms whether something is due, over TCP less often. */
const TICK = 50;
const REST = 200;

const WINDOW: Record<Side, number> = { host: 16, board: 8 };

/** Frames that a board keeps over TCP until they are acknowledged. */
const KEEP = 8;

/** What the connection's end is called on the side that is told of it. */
export const CUT = "ECONNRESET: the connection was closed";

/** What a side tells of itself on a link. */
export function termsOf(side: Side, traits: LinkTraits): Terms {
  const terms: Terms = { payload: traits.payload, window: WINDOW[side] };
  if (side === "host") return terms;
  terms.keep = KEEP;
  if (traits.reliable) terms.chunk = traits.payload + 12;
  return terms;
}

export class End implements SessionOwner {
  readonly session: Session;
  /** What it carries, or null. */
  life: Life | null = null;
  /** Nothing comes or goes any more. */
  over = false;
  private taking: End | null = null;
  private busy = false;
  private scheduled = false;
  /** When the timer goes off, in the world's time. */
  private timerAt = Infinity;

  /** @param old host: the life that is to go on here */
  constructor(
    private readonly world: World,
    readonly side: Side,
    readonly link: Link,
    private readonly old: Life | null,
  ) {
    const { medium } = link;
    const traits = {
      ...medium.traits,
      payload: medium.traits.payload - (world.key ? 4 : 0),
    };
    const terms = termsOf(side, traits);
    const session = old && !old.over ? old.end.session : null;
    const initiator =
      side === "host"
        ? new Initiator(terms, world.random32, world.key, session?.state === State.lost ? session : null)
        : null;
    this.session = new Session(this, terms, traits, this.now, initiator, initiator ? null : world.door);
    link.wires[side].onready = () => this.pump();
    this.schedule();
  }

  /** This side's clock. */
  get now(): number {
    return this.world.machines[this.side].clock();
  }

  /** Sockets may be opened. */
  get open(): boolean {
    return this.session.state === State.open && !this.over;
  }

  begin(user: SessionUser | null): SessionUser {
    const { tally, key } = this.world;
    tally.count(user ? "sessions that went on" : key ? "sessions with a key" : "sessions without a key");
    const life = this.world.lives.find(({ sockets, over }) => !over && sockets === user);
    if (life) life.end = this;
    this.life = life ?? new Life(this.world, this.side, this, this.side === "host" ? this.used : undefined);
    if (!life) this.world.lives.push(this.life);
    this.life.lostAt = Infinity;
    this.life.heard = this.now;
    const partner = this.taking?.life;
    // The initiator begins first.
    if (partner && this.side === "board" && !(life && life.partner === partner)) {
      this.life.partner = partner;
      partner.partner = this.life;
    }
    return this.life.sockets;
  }

  onmoved(): void {
    this.world.log(`${this.side} moved`);
    this.life = null;
    this.schedule();
  }

  ondown(failure: Failure): void {
    this.world.log(`${this.side} refused ${failure}`);
  }

  /** Board: what was agreed before there was this. */
  expect(agreed: Agreement): void {
    this.session.expect(agreed);
  }

  receive({ bytes, intact, from }: Piece<End | null, Life>): void {
    if (intact && intact === this.life && this.open) this.life.heard = this.now;
    this.taking = from;
    this.session.receive(bytes, this.now);
    this.taking = null;
    this.pump();
  }

  /** Ends the session in order. */
  close(failure: Failure): void {
    if (this.life) this.life.bye = failure;
    this.session.closeSession(failure);
    this.pump();
  }

  /** The connection is gone: what it carried may go on over another one. */
  lost(): void {
    this.world.log(`${this.side} lost`);
    this.leaves();
    this.session.lose(CUT, this.now);
    this.leave();
    this.pump();
  }

  /** What it carries waits for another link from now on. */
  leaves(): void {
    if (this.life && this.open) this.life.lostAt = this.now;
  }

  /** Its machine stopped: nobody is told. */
  vanish(): void {
    this.over = true;
  }

  /** There is something to send. A board sends at once; a host when what it does now is done. */
  worked(): void {
    if (this.side === "host" || this.busy || this.taking) this.schedule();
    else {
      this.session.work = true;
      this.pump();
    }
  }

  /** What a host's last session used goes on being used. */
  private get used(): Sockets | undefined {
    return this.old?.sockets;
  }

  /** The link is another's from now on. */
  private leave(): void {
    if (this.link.ends[this.side] === this) this.link.ends[this.side] = null;
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
    while (session.work && (session.state === State.lost || wire.ready)) {
      const frame = session.poll(this.now);
      if (!frame.length) break;
      this.world.bounds(this);
      this.say(frame);
    }
    this.busy = false;
    // The last word is not waited for.
    if (session.state === State.closed) {
      this.over = true;
      this.world.endOver(this);
    } else this.arm();
  }

  private say(frame: Bytes): void {
    this.world.sent(this.side, frame);
    // A handshake that comes again tells nothing of the session.
    const to = kindOf(tagOf(frame)) === Kind.hello ? null : (this.life?.partner ?? null);
    this.link.wires[this.side].send(frame, this, to);
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
      if (this.now >= this.session.deadline()) this.session.timeOut(this.now);
      this.pump();
    });
  }
}
