/** One session on one link: bytes in, frames out, as the link takes them. */
import type { Bytes } from "../../protocols/bytes/index.js";
import type { Failure } from "../../protocols/errors/index.js";
import { Session, State } from "../../protocols/session/session.js";
import type { LinkTraits } from "../../protocols/session/session.js";
import type { Terms } from "../../protocols/session/hello.js";
import { Sockets } from "../../protocols/socket/sockets.js";
import type { Socket } from "../../protocols/socket/socket.js";

/** What a board offers on every link. */
export interface Service {
  terms: Terms;
  /** Sockets a session may have. */
  sockets: number;
  /** Credit of a new socket, in frames of the link: a rest would make a sender cut frames that fill no chunk. */
  buffer: number;
  /** A client asks for `device:service`. */
  open(sockets: Sockets, socket: Socket, address: string): void;
}

export class Link {
  readonly session: Session;
  readonly sockets: Sockets;
  private _pumping = false;

  /**
   * @param _ready whether the link takes a frame now
   * @param _write hands a frame to the link
   * @param _over the session has ended: close the link
   */
  constructor(
    service: Service,
    traits: LinkTraits,
    private readonly _ready: () => boolean,
    private readonly _write: (frame: Bytes) => void,
    private readonly _over: (failure: Failure) => void,
  ) {
    const sockets: Sockets = new Sockets(false, service.sockets, service.buffer * traits.payload, {
      onopen: nothing,
      onrequest: (socket, address) => service.open(sockets, socket, address),
      onclose: nothing,
      onwork: () => this.pump(),
    });
    this.sockets = sockets;
    const terms = JSON.parse(JSON.stringify(service.terms)) as Terms;
    terms.payload = traits.payload;
    this.session = new Session(false, terms, traits, sockets, E.hwRand, getTime() * 1000);
  }

  receive(data: Bytes): void {
    this._pumping = true;
    try {
      this.session.receive(data, getTime() * 1000);
    } finally {
      this._pumping = false;
    }
    this.pump();
  }

  /** Sends what there is to send. Work that arises meanwhile is done by the call that is under way. */
  pump(): void {
    if (this._pumping) return;
    this._pumping = true;
    const session = this.session;
    try {
      while (this._ready()) {
        const frame = session.poll(getTime() * 1000);
        if (!frame.length) break;
        this._write(frame);
      }
    } finally {
      this._pumping = false;
    }
    if (session.state == State.closed) this._over("");
  }

  /** Time passes: call every 50 ms or so. */
  tick(now: number): void {
    if (now < this.session.deadline()) return;
    this.session.timeout(now);
    this.pump();
  }
}

function nothing(): void {}
