/** One link and what it carries: bytes in, frames out, as the link takes them. */
import { isEmpty } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import { codeOf } from "../../protocols/errors/index.js";
import type { Failure } from "../../protocols/errors/index.js";
import type { Door } from "../../protocols/session/door.js";
import { Session, State } from "../../protocols/session/session.js";
import type { LinkTraits, SessionOwner, SessionUser } from "../../protocols/session/session.js";
import type { Terms } from "../../protocols/session/hello.js";
import { Sockets } from "../../protocols/socket/sockets.js";
import type { SocketsUser } from "../../protocols/socket/sockets.js";
import type { Socket } from "../../protocols/socket/socket.js";
import { increase } from "../io/count.js";
import { announce } from "./netlink.js";

/** What a board offers on every link. */
export interface Service {
  terms: Terms;
  /** Who may come in. */
  door: Door;
  /** Sockets a session may have. */
  sockets: number;
  /** Credit of a new socket, in frames of the link: a rest would make a sender cut frames that fill no chunk. */
  buffer: number;
  /** A client asks for `device:service`. */
  open(sockets: Sockets, socket: Socket, address: string): void;
}

/** Where a link's frames go. */
export interface Outlet {
  /** @returns whether another frame may follow at once; if not, the link waits for `drained` */
  write(frame: Bytes): boolean;
  /** Closes a connection. */
  end?(): void;
}

/** Over TCP nothing is urgent: what comes due may wait so many ms. */
const REST = 200;

export class Link implements SocketsUser, SessionOwner {
  readonly session: Session;
  sockets: Sockets | null = null;
  /** The outlet takes no frame now. */
  full = false;
  /** Bytes from the link. */
  readonly receive: (data: Bytes) => void;
  /** The outlet takes frames again. */
  readonly drained: () => void;
  /** Sends what there is to send. */
  readonly pump: () => void;
  /** `pump` has been ordered. */
  private _soon = false;
  /** When to look again whether anything is due, in ms. */
  private _rest = 0;

  /**
   * @param out takes the frames
   * @param over nothing more will come or go: close the link
   */
  constructor(
    private readonly _service: Service,
    terms: Terms,
    traits: LinkTraits,
    trusted: boolean,
    out: Outlet,
    over: () => void,
  ) {
    const reliable = traits.reliable;
    // No other call is welcome meanwhile.
    const flow = reliable
      ? (): void => {
          // One frame at a time: the connection takes the next one when it has sent this.
          const frame = session.poll(session.now);
          if (!isEmpty(frame))
            try {
              out.write(frame);
            } catch (e) {
              // The peer has closed and the event is still on its way.
            }
          else {
            this.full = false;
            if (session.state == State.closed) over();
          }
        }
      : (): void => {
          let frame: Bytes;
          while (!isEmpty((frame = session.poll(getTime() * 1000))) && out.write(frame));
          if (isEmpty(frame)) this.full = false;
          if (session.state == State.closed) over();
        };
    this.pump = () => {
      this._soon = false;
      if (this.full || !session.work) return;
      this.full = true;
      flow();
    };
    this.drained = reliable
      ? flow
      : () => {
          this.full = false;
          this.pump();
        };
    const session = new Session(this, terms, traits, getTime() * 1000, null, _service.door, trusted);
    this.session = session;
    session.onwork = this.pump;
    this.receive =
      reliable && (trusted || !_service.door.key)
        ? // Where nothing gets lost `tick` tells the time often enough.
          session.take.bind(session)
        : (data) => {
            let taking = true;
            try {
              session.receive(data, getTime() * 1000);
              taking = false;
            } finally {
              // No memory for a frame. On TCP it is not sent again: what the session carries goes on over another connection.
              if (taking && out.end) {
                session.lose("ENOBUFS: the board had no memory for a frame; connect again", session.now);
                out.end();
              }
            }
          };
  }

  begin(user: SessionUser | null): SessionUser {
    if (user) increase("resumed", 1);
    const service = this._service;
    const sockets =
      (user as Sockets | null) ||
      new Sockets(false, service.sockets, service.buffer * this.session.traits.payload, this);
    sockets.owner = this;
    return (this.sockets = sockets);
  }

  moved(): void {
    // The next tick closes the link.
    this.session.work = true;
  }

  onopen(): void {
    this._tell(true, "");
  }

  onclose(failure: Failure): void {
    if (codeOf(failure) == "ETIMEDOUT") increase("timeouts", 1);
    this._tell(false, failure);
  }

  private _tell(up: boolean, why: Failure): void {
    const { reliable, datagram } = this.session.traits;
    announce({ link: { kind: reliable ? "tcp" : datagram ? "udp" : "serial", up, why } });
  }

  onrequest(socket: Socket, address: string): void {
    this._service.open(this.sockets!, socket, address);
  }

  /** Whatever makes work may be in the midst of something: it is done when the interpreter is back in its loop. */
  onwork(): void {
    this.session.work = true;
    if (this._soon) return;
    this._soon = true;
    setTimeout(this.pump, 0);
  }

  /** The link is gone: what it carried may go on over another one. */
  lost(failure: Failure): void {
    this.session.lose(failure, getTime() * 1000);
  }

  /** Time passes: call every 50 ms or so. */
  tick(now: number): void {
    const session = this.session;
    session.now = now;
    if (session.state == State.closed) {
      // Nothing more will be heard of an outlet that takes nothing.
      this.full = false;
      session.work = true;
      return this.pump();
    }
    if (now < this._rest) return;
    this._rest = session.traits.reliable ? now + REST : 0;
    if (now < session.deadline()) return;
    session.timeout(now);
    this.pump();
  }
}

/** The service's terms on a link: its own longest payload. */
export function termsOf(service: Service, payload: number): Terms {
  const terms = JSON.parse(JSON.stringify(service.terms)) as Terms;
  terms.payload = payload;
  return terms;
}
