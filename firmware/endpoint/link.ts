/** One link and what it carries: bytes in, frames out, as the link takes them. */
import { features } from "#features";
import { EMPTY, isEmpty } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import { codeOf } from "../../protocols/errors/index.js";
import type { Failure } from "../../protocols/errors/index.js";
import type { Door } from "../../protocols/session/door.js";
import { State } from "../../protocols/session/contract.js";
import type { LinkTraits, SessionOwner, SessionUser } from "../../protocols/session/contract.js";
import type { Initiator } from "../../protocols/session/initiator.js";
import { ofInitiator } from "../../protocols/session/roles.js";
import { Session } from "../../protocols/session/session.js";
import type { Terms } from "../../protocols/session/hello.js";
import { Sockets } from "../../protocols/socket/sockets.js";
import type { SocketsUser } from "../../protocols/socket/sockets.js";
import type { Socket } from "../../protocols/socket/socket.js";
import { increase } from "../io/count.js";
import type { Counters } from "../io/count.js";
import { busy, postponed } from "../io/uart.js";
import type { Uart } from "../io/uart.js";
import { announce } from "./netlink.js";

/** What a board offers on every link. */
export interface Service {
  /** One object for all links: before it is told or asked, its payload is set to what the link at hand takes. */
  terms: Terms;
  /** Who may come in. */
  door: Door;
  /** Sockets a session may have. */
  sockets: number;
  /** Credit of a new socket, in frames of the link: a rest would make a sender cut frames that fill no chunk. */
  buffer: number;
  /** A client asks for `device:service`. */
  open(sockets: Sockets, socket: Socket, address: string): void;
  /** On a link that the board dials: who does. */
  peer?: Caller;
}

/** Who dials a link. */
export interface Caller {
  /** Asks for the session; the terms are those of its link. */
  initiator(): Initiator;
  /** What serves the session's sockets. */
  table(): Sockets;
  /** The session stands, on this link. */
  up(): void;
  /** The session of this link, or what was to be one, is over. */
  down(link: Link, failure: Failure): void;
}

/** Where a link's frames go. */
export interface Outlet {
  /** @returns whether another frame may follow at once; if not, the link waits for `drained` */
  write(frame: Bytes): boolean;
  /** The session is over: closes a connection. */
  end(): void;
  /** Where they wait, on a serial line. */
  uart?: Uart;
}

/** A TCP connection, and what the board has of it. */
export interface Connection extends EspruinoSocket {
  /** Its session's, once it has shown that it may come in. */
  link?: Link;
  /** Before that: part of a handshake's frame, and the timer that dismisses it. */
  rest?: Bytes;
  wait?: number;
}

/** What comes due may wait so many ms, unless the session is restless: over TCP it never is. */
const REST = 200;

/** The highest priority of a socket: of alarms. */
const URGENT = 3;

/** Looks that are left out for one of them at the most: a connection may stand still. One that came late is followed by the next at once: two may be over before a turn is. */
const LOOKS = 4;

// The interpreter calls a listener as its emitter's own: one function serves all connections. A function made for each of them
// would keep all that was at hand where it was made.

/** Bytes that go at once, if they are several frames: a turn of a busy board is long, and over TCP the interpreter sends a chunk in each. */
const FEW = 128;

/** Whether a frame may go behind a short one in the same turn: none while a socket pours, as that may be a full one. @resident */
function follows({ session, sockets }: Link): boolean {
  if ((features.chargen || features.http) && sockets)
    for (let i = 0; i < sockets._ready.length; i++)
      if (sockets._ready[i]!.source && !sockets._ready[i]!.paused) return false;
  return session.work;
}

/** A connection's `drain`: a frame at a time or a few short ones, the next when these are sent. No other call is welcome meanwhile. */
export function flow(this: Connection): void {
  const link = this.link!;
  const session = link.session;
  if (features.aside) busy.alarm = 0;
  let frame = session.work ? session.poll(session.now) : EMPTY;
  if (!isEmpty(frame))
    try {
      if (!link.given) link.given = getTime();
      this.write(frame);
      for (
        let n = frame.length;
        n < FEW && follows(link) && !isEmpty((frame = session.poll(session.now)));
        n += frame.length
      )
        this.write(frame);
    } catch (e) {
      // The peer has closed and the event is still on its way.
    }
  else {
    link.full = false;
    if (session.state == State.closed) link.retire();
  }
}

/** Hears what comes in a connection, with a key. @later input */
export function hear(connection: Connection): void {
  connection.on("data", receive);
}

/** A link where frames get lost: what hears its bytes is there from now on. @later input */
export function hearing(link: Link): Link {
  return link;
}

/** Bytes from such a link, or from a connection with a key. @inline */
export function input(link: Link, data: Bytes): void {
  return link.session.receive(data, getTime() * 1000);
}

/** A connection's `data`, without one. */
export function take(this: Connection, data: Bytes): void {
  const session = this.link!.session;
  session.now = getTime() * 1000;
  session.take(data);
}

/** A connection's `data`, with a key. */
function receive(this: Connection, data: Bytes): void {
  const link = this.link!;
  let taking = true;
  try {
    input(link, data);
    taking = false;
  } finally {
    // No memory for a frame. It is not sent again: what the session carries goes on over another connection.
    if (taking) {
      link.session.lose("ENOBUFS: the board had no memory for a frame", link.session.now);
      this.end();
    }
  }
}

export class Link implements SocketsUser, SessionOwner {
  readonly session: Session;
  sockets: Sockets | undefined;
  /** The outlet takes no frame now. */
  full: boolean | undefined;
  /** The connection is closed: nothing more will be heard of it. */
  closed: boolean | undefined;
  /** When a frame was first given to a connection since somebody set it to 0, in s; and the word of the `:clock` that did last. */
  given: number | undefined;
  timed: number | undefined;
  /** `run` has been ordered. */
  soon: boolean | undefined;
  /** When to look again whether anything is due, in ms. */
  private _rest = 0;

  /**
   * @param takes longest payload that comes on the link, in bytes
   * @param out takes the frames
   */
  constructor(
    private readonly _service: Service,
    takes: number,
    traits: LinkTraits,
    readonly out: Outlet,
  ) {
    _service.terms.payload = takes;
    const peer = ofInitiator(_service.peer);
    const initiator = peer ? peer.initiator() : null;
    this.session = new Session(this, _service.terms, traits, getTime() * 1000, initiator, _service.door);
  }

  /** Sends what there is to send. @resident */
  run(): void {
    const session = this.session;
    if (this.full || !session.work) return;
    if (session.traits.reliable) {
      this.full = true;
      return flow.call(this.out as Connection);
    }
    const frame = session.poll(getTime() * 1000);
    if (!isEmpty(frame) && !this.out.write(frame)) this.full = true;
    if (session.state == State.closed) this.retire();
    // A frame takes long to make: what else is due comes before the next one.
    else if (session.work && !this.full) this.onwork();
  }

  /** The outlet takes frames again; of a connection `flow` hears it. @resident udp serial inet */
  drained(): void {
    this.full = false;
    this.run();
  }

  /** The session is over, and its last word is said. */
  retire(): void {
    forget(this);
    if (!this.closed) this.out.end();
  }

  begin(user: SessionUser | null): SessionUser {
    if (user) increase("resumed", 1);
    const service = this._service;
    const peer = ofInitiator(service.peer);
    const sockets =
      (user as Sockets | null) ||
      (peer ? peer.table() : new Sockets(false, service.sockets, service.buffer * this.session.full, this));
    sockets.owner = this;
    return (this.sockets = sockets);
  }

  onmoved(): void {
    // A look closes the link.
  }

  onup(): void {
    const peer = ofInitiator(this._service.peer);
    if (peer) return peer.up();
    this._announce(true, "");
  }

  ondown(failure: Failure): void {
    // The next tick closes the link.
    this._rest = 0;
    const peer = ofInitiator(this._service.peer);
    if (peer) return peer.down(this, failure);
    if (codeOf(failure) == "ETIMEDOUT") increase("timeouts", 1);
    this._announce(false, failure);
  }

  private _announce(up: boolean, why: Failure): void {
    const { reliable, datagram } = this.session.traits;
    announce({ link: { kind: reliable ? "tcp" : datagram ? "udp" : "serial", up, why } });
  }

  onrequest(socket: Socket, address: string): void {
    this._service.open(this.sockets!, socket, address);
  }

  /** Whatever makes work may be in the midst of something: it is done when the interpreter is back in its loop, or, on a full outlet, when that takes frames again. */
  onwork(): void {
    this.session.work = true;
    if (this.soon || this.full) return;
    this.soon = true;
    setTimeout(run, 0, this);
  }

  /** A message or record goes out at once when nothing waits, on the way that costs least; what overtakes all else waits for its own like alone. */
  post(socket: Socket, data: Bytes): boolean {
    const session = this.session;
    const urgent = socket.priority == URGENT && !socket.listed && !session.traits.datagram;
    if (!urgent && (this.full || session.work)) return false;
    const frame = session.post(socket, data, getTime() * 1000, urgent);
    if (isEmpty(frame)) return false;
    try {
      if (!this.out.write(frame)) this.full = true;
    } catch (e) {
      // As in `flow`.
    }
    if (features.aside && urgent && session.traits.reliable) busy.alarm = LOOKS;
    return true;
  }

  /** The link is gone: what it carried may go on over another one. */
  severed(failure: Failure): void {
    this.session.lose(failure, getTime() * 1000);
  }

  /** Time passes: call every 50 ms or so. */
  tick(now: number): void {
    const session = this.session;
    session.now = now;
    if (now >= this._rest || now >= session.sender.due || session.restless) this._look(session, now);
  }

  /** @resident */
  private _look(session: Session, now: number): void {
    this._rest = now + REST;
    if (session.state == State.closed) {
      // Nothing more will be heard of an outlet that takes nothing.
      this.full = false;
      session.work = true;
      return this.run();
    }
    if (now < session.deadline()) return;
    session.timeOut(now);
    this.onwork();
  }
}

function run(link: Link): void {
  if (link.out.uart && postponed(run, link)) return;
  link.soon = false;
  link.run();
}

/** All sessions of the board; main calls their `tick`. */
export const links: Link[] = [];

/** What else was counted in sessions that are over. */
export const ended: Counters = { received: 0, duplicates: 0, resent: 0, overtaken: 0, refusals: 0, late: 0 };

/** Adds what a session has counted. */
export function tally(link: Link, to: Counters): void {
  const { received, duplicates } = link.session.counters;
  to.received! += received;
  to.duplicates! += duplicates;
  to.resent! += link.session.sender.resent;
  const sockets = link.sockets;
  if (!sockets) return;
  to.overtaken! += sockets.pushedOut;
  to.refusals! += sockets.refused;
  to.late! += sockets.late;
}

/** A session is over: what it has counted stays. */
function forget(link: Link): void {
  const at = links.indexOf(link);
  if (at < 0) return;
  links.splice(at, 1);
  increase("discarded", link.session.counters.discarded);
  tally(link, ended);
}
