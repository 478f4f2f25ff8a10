/**
 * Boards that this one dials, for its programs and its ports: a session is asked for when somebody wants a socket, goes on over
 * another connection when its own is lost, and is left when nobody has one any more. docs/peers.md.
 */
import { hmacKey } from "../../protocols/crypto/index.js";
import { codeOf } from "../../protocols/errors/index.js";
import type { Failure } from "../../protocols/errors/index.js";
import { Frame } from "../../protocols/link/frame.js";
import type { PeerStatus } from "../../protocols/service/index.js";
import { State } from "../../protocols/session/contract.js";
import type { LinkTraits } from "../../protocols/session/contract.js";
import { Initiator } from "../../protocols/session/initiator.js";
import type { Session } from "../../protocols/session/session.js";
import { Phase, Type } from "../../protocols/socket/socket.js";
import type { Socket } from "../../protocols/socket/socket.js";
import { Sockets } from "../../protocols/socket/sockets.js";
import type { SocketsUser } from "../../protocols/socket/sockets.js";
import { increase } from "../io/count.js";
import { hasRoomFor } from "../io/memory.js";
import { isOver } from "../io/tcp.js";
import { about, Again, keyOf } from "../network/index.js";
import { flow, hear, Link, links, take } from "./link.js";
import type { Caller, Connection, Service } from "./link.js";
import { announce } from "./netlink.js";
import type { RawOptions } from "./raw.js";
import { relay } from "./relay.js";

/** From the configuration. */
export interface PeerConfig {
  /** HOST:PORT of its link on TCP. */
  address: string;
  /** Its key, 64 hexadecimal digits. */
  key?: string;
}

const enum Time {
  /** So long who wants a socket waits for the peer at the most, in ms. */
  patience = 10000,
  /** So often it is looked whether anybody has a socket still. */
  idle = 5000,
}

/** Variables of a session with a peer and its first socket. */
const SESSION = 420;

/** Those that were dialled since the start, by their names. */
export const peers: { [name: string]: Peer } = {};

/** No try will do better until somebody has changed something. */
const FINAL = "EACCES EPROTONOSUPPORT EPROTO";

export class Peer implements Caller, SocketsUser {
  /** Of its session, or of one that is asked for; none while nobody wants a socket. */
  sockets: Sockets | null = null;
  /** The link of its session, or the one that is tried. */
  link: Link | null = null;
  why: Failure = "";
  /** The session that has lost its link and is to go on. */
  private _lost: Session | null = null;
  /** Ms after the next try that fails; the timer of that pause, and of who waits. */
  private _pause: number = Again.least;
  private _timer = 0;
  private _limit = 0;
  private readonly _service: Service;
  private readonly _traits: LinkTraits;
  private readonly _takes: number;

  constructor(
    readonly name: string,
    private readonly _config: PeerConfig,
    offered: Service,
    private readonly _random: () => number,
  ) {
    const around = Frame.overhead + (_config.key ? Frame.mac - Frame.check : 0);
    const { terms, door, sockets, buffer } = offered;
    // As the board's link on TCP has it.
    const chunk = terms.chunk!;
    this._takes = chunk - around;
    this._traits = { payload: 2 * chunk - around, reliable: true, datagram: false };
    this._service = { terms, door, sockets, buffer, open: refuse, peer: this };
  }

  /** Its sockets: a new one of them goes to the peer as soon as there is a session. */
  table(): Sockets {
    let sockets = this.sockets;
    if (sockets) return sockets;
    sockets = this.sockets = new Sockets(true, this._service.sockets, 2 * this._takes, this);
    return sockets;
  }

  /** The same for who wants a socket: asks for a session if there is none. */
  reach(): Sockets {
    if (!this.sockets) {
      this._limit = setTimeout(() => this._late(), Time.patience);
      this._plan(0);
    }
    return this.table();
  }

  status(): PeerStatus {
    const state = this._lost ? "lost" : this.link && this.link.sockets ? "open" : this.sockets ? "dialling" : "idle";
    return { name: this.name, state, sockets: this.sockets ? this.sockets.count : 0, why: this.why };
  }

  initiator(): Initiator {
    const key = this._config.key;
    return new Initiator(this._service.terms, this._random, key ? hmacKey(keyOf(key)) : null, this._lost);
  }

  up(): void {
    this._rest();
    this._lost = null;
    this.why = "";
    this._pause = Again.least;
    this._tell(true);
    setTimeout(idle, Time.idle, this, this.link!);
  }

  down(link: Link, failure: Failure): void {
    this.why = failure;
    if (link.session == this._lost) {
      // So are all its sockets; a link that was to carry it on has nobody to carry.
      this._lost = this.sockets = null;
      this._tell(false);
    } else if (link == this.link) {
      this.link = null;
      if (link.sockets) {
        this.sockets = null;
        this._tell(false);
      } else this._failed(failure);
    }
  }

  // Of its sockets while no link has them.
  onup(): void {}
  onrequest(): void {}
  onwork(): void {}
  ondown(failure: Failure): void {
    this.why = failure;
    this.sockets = null;
    this._tell(false);
  }

  private _tell(up: boolean): void {
    announce({ peer: { name: this.name, up, why: this.why } });
  }

  /** Nobody waits for a first session any more. */
  private _rest(): void {
    if (this._limit) clearTimeout(this._limit);
    this._limit = 0;
  }

  /** A pause after a try that failed is kept, whoever asks. */
  private _plan(ms: number): void {
    if (!this._timer) this._timer = setTimeout(() => this._dial(), ms);
  }

  private _dial(): void {
    this._timer = 0;
    if (!this.sockets || this.link) return;
    if (!hasRoomFor(SESSION)) return this._failed("ENOBUFS: other sockets take all of this board's memory");
    const address = this._config.address;
    const colon = address.lastIndexOf(":");
    const refused = "ECONNREFUSED: " + this.name + " at " + address + " does not answer";
    let connected = false;
    let socket: Connection;
    try {
      socket = require("net").connect(
        { host: address.substring(0, colon), port: Number(address.substring(colon + 1)) },
        () => {
          connected = true;
          link.full = false;
          link.run();
        },
      );
    } catch (e) {
      return this._failed(String(e).indexOf("internet") < 0 ? refused : "ENETDOWN: the board is not on its network");
    }
    const link = new Link(this._service, this._takes, this._traits, socket);
    socket.link = this.link = link;
    link.full = true;
    links.push(link);
    if (this._config.key) hear(socket);
    else socket.on("data", take);
    socket.on("drain", flow);
    socket.on("close", () => {
      link.closed = true;
      link.severed(connected ? "ECONNRESET: " + this.name + " closed the connection" : refused);
      if (link == this.link && link.session.state == State.lost) {
        this.link = null;
        this._lost = link.session;
        this.why = "ECONNRESET: the connection was lost, and another one is sought";
        this._tell(false);
        this._plan(0);
      }
      link.run();
    });
  }

  /** There is no session, or the one that was lost does not go on yet. */
  private _failed(failure: Failure): void {
    increase("undialled", 1);
    this.why = failure;
    this._plan(about(this._pause));
    this._pause = Math.min(Again.most, 2 * this._pause);
    if (FINAL.indexOf(codeOf(failure)) >= 0) this._giveUp();
  }

  private _late(): void {
    this._limit = 0;
    const link = this.link;
    this.why = this.why || "ETIMEDOUT: " + this.name + " does not answer";
    this._giveUp();
    if (link) link.session.endSession(this.why);
  }

  /** Whoever waits is told why there is nothing to wait for. */
  private _giveUp(): void {
    this._rest();
    if (this._lost) this._lost.endSession(this.why);
    else if (this.sockets) this.sockets.abandoned(this.why);
  }
}

/** Leaves a session of which nobody has a socket. */
function idle(peer: Peer, link: Link): void {
  const session = link.session;
  if (peer.link != link || session.state != State.open) return;
  if (peer.sockets!.count || !session.settled()) {
    setTimeout(idle, Time.idle, peer, link);
    return;
  }
  session.closeSession("ECONNRESET: the board that had dialled has no socket left");
  peer.why = "";
  link.onwork();
}

/** A peer that is dialled is a server: it is let in by nobody's key. */
function refuse(sockets: Sockets, socket: Socket): void {
  sockets.refuseSocket(socket, "ECONNREFUSED: this board dials only");
}

/**
 * The peer of that name.
 * @param offered what the board offers: a session that it asks for tells as much of it
 * @param random gives 32 random bits
 * @later peer
 */
export function peerOf(name: string, config: PeerConfig, offered: Service, random: () => number): Peer {
  return peers[name] || (peers[name] = new Peer(name, config, offered, random));
}

/** Variables of a client of a port. */
const CLIENT = 150;

/** Bytes from its printer that wait for it: the printer's board keeps what comes then, and counts what it loses. */
const BACK = 512;

/** A port whose printer hangs on a peer: the bytes of one connection are its job, as on the peer's own port. */
export interface PeerPort extends RawOptions {
  device: string;
  peer?: string;
}

/**
 * @param named a peer by its name: the first client loads what dials it
 * @later port
 */
export function listenFor(named: (name: string) => Peer | null, options: PeerPort): void {
  let clients = 0;
  const most = options.busy == "refuse" ? 1 : 1 + (options.backlog || 4);
  require("net")
    .createServer((connection) => {
      if (isOver(connection)) return;
      const peer = clients < most && hasRoomFor(CLIENT) ? named(options.peer!) : null;
      const table = peer && peer.reach();
      const socket = table && table.connectTo(Type.stream, options.device + ":raw", 0, BACK);
      if (!socket) {
        increase("refused", 1);
        return connection.end();
      }
      clients++;
      serve(table, socket, connection, (options.idle || 60) * 1000, () => clients--);
    })
    .listen(options.port);
}

/** One client and its job. @param over tells that it is done */
function serve(table: Sockets, socket: Socket, connection: EspruinoSocket, idle: number, over: () => void): void {
  const tcp = relay(table, socket, connection, true);
  // Its bytes stay in the network until its printer has a place for the job.
  tcp.pause(true);
  socket.onopen = () => tcp.pause(false);
  const closed = socket.onclose!;
  socket.onclose = (failure) => {
    if (failure) increase("unrelayed", 1);
    clearTimeout(timer);
    closed(failure);
    over();
  };
  let moved = -1;
  const look = (): void => {
    const now = socket.sentCount() + socket.receivedCount();
    if (now == moved && !socket.queued && socket.phase == Phase.open) {
      increase("silent", 1);
      return tcp.end();
    }
    moved = now;
    timer = setTimeout(look, idle);
  };
  let timer = setTimeout(look, idle);
}
