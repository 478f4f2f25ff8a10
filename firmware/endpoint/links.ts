/** The gateway link on TCP, UDP and serial: who may have a session, and how frames reach it. */
import { be16, EMPTY, isEmpty, join } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import type { Failure } from "../../protocols/errors/index.js";
import { Frame, Sync } from "../../protocols/link/frame.js";
import { isHello } from "../../protocols/session/door.js";
import { isProbe } from "../../protocols/session/probe.js";
import { State } from "../../protocols/session/contract.js";
import type { LinkTraits } from "../../protocols/session/contract.js";
import { ofInitiator } from "../../protocols/session/roles.js";
import type { Session } from "../../protocols/session/session.js";
import { increase } from "../io/count.js";
import { hasRoomFor } from "../io/memory.js";
import { isOver } from "../io/tcp.js";
import { busy } from "../io/uart.js";
import type { Uart } from "../io/uart.js";
import { flow, hear, hearing, input, Link, links, take } from "./link.js";
import type { Connection, Outlet, Service } from "./link.js";

/** ms that a short frame takes on a line of 115200: half of one would cost as much as all of it. */
const SHORT = 1.5;

/** Variables of a session with a key and one socket. */
const SESSION = 320;

/** Why there is no session for one more host, or "". */
function crowded(traits: LinkTraits, most: number): Failure {
  let count = 0;
  for (let i = 0; i < links.length; i++) if (links[i]!.session.traits == traits && !links[i]!.closed) count++;
  if (count >= most) return "EBUSY: all " + most + " sessions of this board are in use";
  return hasRoomFor(SESSION) || dismissed() ? "" : "ENOBUFS: other sessions take all of this board's memory";
}

/** Gives up the session that lost its link first. @returns whether that makes room */
function dismissed(): boolean {
  for (let i = 0; i < links.length; i++)
    if (links[i]!.session.state == State.lost) {
      increase("evicted", 1);
      links[i]!.session.endSession("ENOBUFS: the board needed the lost session's memory");
      return hasRoomFor(SESSION);
    }
  return false;
}

/** A host's session by its id: it may go on over another link. One that the board itself dials is nobody's else. */
export function findSession(id: number): Session | null {
  for (let i = 0; i < links.length; i++) {
    const session = links[i]!.session;
    if (!ofInitiator(session.initiator) && session.answersTo(id, getTime() * 1000)) return session;
  }
  return null;
}

/** TCP connections that have not shown that they may come in; who has not after so many ms is closed. */
const STRANGERS = 4;
const PATIENCE = 3000;

/** Variables of one of them. */
const STRANGER = 100;

/**
 * Somebody's whole handshake frame, before there is a session for him.
 * @returns what to answer; a session is to be made if `service.door.agreed` is there then
 */
function knock(service: Service, takes: number, frame: Bytes, traits: LinkTraits, most: number): Bytes {
  const door = service.door;
  service.terms.payload = takes;
  const reply = door.knock(frame, service.terms, null, false, getTime() * 1000);
  if (!door.agreed) return reply;
  // A session that comes back has its place already.
  const failure = door.agreed.old ? "" : crowded(traits, most);
  if (!failure) return reply;
  door.agreed = null;
  increase("refused", 1);
  return door.deny(frame, failure);
}

/** Bytes by which a frame's payload is shorter in a session with a key. */
function keyBytes(service: Service): number {
  return service.door.key ? Frame.mac - Frame.check : 0;
}

/**
 * Sessions over TCP. Before its handshake a connection has no session, and nothing is kept of it but a part of a
 * handshake's frame.
 * @param chunk bytes that the board receives at once: a frame to it fills exactly one
 */
export function listenTcp(service: Service, port: number, chunk: number, most: number): void {
  const around = Frame.overhead + keyBytes(service);
  const takes = chunk - around;
  // What makes a frame costs most: one that fills two chunks makes a byte cheaper by a fifth, a longer one none any more.
  const traits = { payload: 2 * chunk - around, reliable: true, datagram: false };
  const strangers: Connection[] = [];
  const known = (socket: Connection): boolean => {
    const at = strangers.indexOf(socket);
    if (at < 0) return false;
    strangers.splice(at, 1);
    clearTimeout(socket.wait!);
    delete socket.wait;
    return true;
  };
  const dismiss = (socket: Connection): void => {
    known(socket);
    socket.end();
  };
  const unfinished = (socket: Connection): void => {
    increase("unfinished", 1);
    dismiss(socket);
  };
  const closed = function (this: Connection): void {
    const link = this.link;
    if (known(this)) increase("unfinished", 1);
    if (!link) return;
    link.closed = true;
    link.severed("ECONNRESET: the connection was closed");
    link.run();
  };
  const received = function (this: Connection, data: Bytes): void {
    const frame = join(this.rest || EMPTY, data);
    const hello = isHello(frame);
    if (!hello) {
      this.rest = frame;
      return;
    }
    delete this.rest;
    if (hello < 0) {
      increase("discarded", frame.length);
      return dismiss(this);
    }
    const reply = knock(service, takes, frame, traits, most);
    const agreed = service.door.agreed;
    if (!isEmpty(reply)) this.write(reply);
    if (!agreed) return;
    known(this);
    // What is written waits in the connection; it says false and tells when it is sent.
    const link = new Link(service, takes, traits, this);
    this.link = link;
    link.full = true;
    link.session.expect(agreed);
    links.push(link);
    this.removeAllListeners("data");
    // Where nothing gets lost `tick` tells the time often enough.
    if (service.door.key) hear(this);
    else this.on("data", take);
    this.on("drain", flow);
  };
  require("net")
    .createServer((socket: Connection) => {
      if (isOver(socket)) return;
      if (!hasRoomFor(STRANGER)) {
        increase("refused", 1);
        return socket.end();
      }
      if (strangers.length >= STRANGERS) {
        increase("refused", 1);
        dismiss(strangers[0]!);
      }
      strangers.push(socket);
      socket.wait = setTimeout(unfinished, PATIENCE, socket);
      socket.on("close", closed);
      socket.on("data", received);
    })
    .listen(port);
}

/** @see Peer @later udp */
function peer(line: PeerLine, from: EspruinoSender): Outlet {
  return new Peer(line, from);
}

/** A peer over UDP: its address, and where its session's frames go. */
class Peer {
  constructor(
    private readonly _line: PeerLine,
    private readonly _from: EspruinoSender,
  ) {}

  write(frame: Bytes): boolean {
    const { peers } = this._line;
    const key = keyOf(this._from);
    const link = peers[key];
    // The one that was served goes to the end of the line.
    if (link) {
      delete peers[key];
      peers[key] = link;
    }
    this._line.send(frame, this._from);
    return false;
  }

  end(): void {
    delete this._line.peers[keyOf(this._from)];
  }
}

/** Ms until a UDP socket that could not be made is tried again. */
const REOPEN = 1000;

/** What all peers over UDP have together. */
interface PeerLine {
  peers: { [key: string]: Link };
  /** One datagram waits at most, of all peers: what waits takes variables. */
  send(frame: Bytes, to: EspruinoSender): void;
}

/** @resident udp */
function keyOf(from: EspruinoSender): string {
  return from.address + ":" + from.port;
}

/**
 * Sessions over UDP, one for each peer's address. Only a handshake makes one.
 * @param datagram longest datagram in bytes
 * @param probed answers who looks for boards, with EMPTY or a frame
 * @returns makes the socket anew, where the network has lost it without a word
 */
export function listenUdp(
  service: Service,
  port: number,
  datagram: number,
  most: number,
  probed: ((frame: Bytes) => Bytes) | undefined,
): () => void {
  const peers: { [key: string]: Link } = {};
  const traits = { payload: datagram - Frame.overhead - keyBytes(service), reliable: false, datagram: true };
  /** None while it cannot be made: `full` then. */
  let server: EspruinoDatagramSocket | null;
  let full = false;
  const hold = (): void => {
    full = true;
    for (const key in peers) peers[key]!.full = true;
  };
  const line: PeerLine = {
    peers,
    send(frame, to) {
      hold();
      try {
        server!.send(frame, to.port, to.address);
      } catch (e) {
        // The socket has closed and the event is still on its way.
      }
    },
  };
  const drained = (): void => {
    full = false;
    for (const key in peers) peers[key]!.full = false;
    const keys = Object.keys(peers);
    for (let i = 0; i < keys.length && !full; i++) peers[keys[i]!]!.drained();
  };
  const received = (data: Bytes, from: EspruinoSender): void => {
    const known = peers[keyOf(from)];
    if (known) return input(known, data);
    if (isHello(data) != 1) {
      increase("discarded", data.length);
      return;
    }
    if (probed && isProbe(data)) {
      const presence = full ? EMPTY : probed(data);
      return isEmpty(presence) ? increase("unanswered", 1) : line.send(presence, from);
    }
    const reply = knock(service, traits.payload, data, traits, most);
    const agreed = service.door.agreed;
    if (agreed) {
      const link = hearing(new Link(service, traits.payload, traits, peer(line, from)));
      peers[keyOf(from)] = link;
      link.full = full;
      link.session.expect(agreed);
      links.push(link);
    }
    // An answer for which there is no room is asked for again.
    if (full && !isEmpty(reply)) increase("unanswered", 1);
    if (!isEmpty(reply) && !full) line.send(reply, from);
  };
  // The interpreter takes an empty datagram for the end and closes the socket, once or twice: anybody could silence
  // the link with it. So the socket is made anew, and the sessions go on.
  const open = (): void => {
    const mine = (server = require("dgram").createSocket("udp4"));
    let wait = 0;
    mine.on("drain", drained);
    mine.on("message", received);
    mine.on("close", () => {
      if (server != mine) return;
      server = null;
      if (wait) setTimeout(open, wait);
      else open();
    });
    try {
      mine.bind(port);
    } catch (e) {
      // The network is away: the socket closes, and the next one comes later.
      wait = REOPEN;
      return hold();
    }
    drained();
  };
  open();
  return () => {
    if (server) server.close();
  };
}

/**
 * The session on a serial line: made when the first bytes come, and again when it has ended.
 * @param takes longest payload that comes on the line, in bytes
 * @param payload the longest that goes out: one that does not fit the transmit ring takes a turn for each half of it
 * @param trusted whoever holds the cable needs no key
 */
export function listenSerial(service: Service, uart: Uart, takes: number, payload: number, trusted: boolean): void {
  const traits = { payload, reliable: false, datagram: false, trusted };
  const out = {
    uart,
    write(frame: Bytes): boolean {
      uart.write(frame);
      return !uart.waits();
    },
    end() {
      link = null;
    },
  };
  uart.onlow = () => {
    if (link && link.full) link.drained();
  };
  let link: Link | null = null;
  // A frame in each turn, even a short one: what an acknowledgement frees takes its time as well.
  uart.head = be16(Sync.word);
  uart._gather = SHORT;
  busy.turn = 0;
  uart.ondata = (data) => {
    if (!link) links.push((link = hearing(new Link(service, takes, traits, out))));
    input(link, data);
  };
}
