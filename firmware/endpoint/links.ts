/** The gateway link on TCP, UDP and serial: who may have a session, and how frames reach it. */
import { EMPTY, isEmpty, join } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import type { Failure } from "../../protocols/errors/index.js";
import { Frame } from "../../protocols/link/frame.js";
import { isHello } from "../../protocols/session/door.js";
import type { Terms } from "../../protocols/session/hello.js";
import { State } from "../../protocols/session/session.js";
import type { Session } from "../../protocols/session/session.js";
import { increase } from "../io/count.js";
import type { Counters } from "../io/count.js";
import { hasRoomFor } from "../io/memory.js";
import { isOver } from "../io/tcp.js";
import { Bound } from "../io/uart.js";
import type { Uart } from "../io/uart.js";
import { Link, termsOf } from "./link.js";
import type { Service } from "./link.js";

/** All sessions of the board; main calls their `tick`. */
export const links: Link[] = [];

/** Connections and peers turned away because every session was taken. */
export const refused = { count: 0 };

/** Bytes that were of no frame, in sessions that are over and in datagrams that began none. */
export const discarded = { count: 0 };

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
  to.overtaken! += sockets.dropped;
  to.refusals! += sockets.refused;
  to.late! += sockets.late;
}

function remove(link: Link): void {
  const at = links.indexOf(link);
  if (at < 0) return;
  links.splice(at, 1);
  discarded.count += link.session.counters.discarded;
  tally(link, ended);
}

/** Variables of a session with one socket. */
const SESSION = 420;

/** Why there is no session for one more host, or "". */
function crowded(count: number, most: number): Failure {
  if (count >= most)
    return "EBUSY: all " + most + " sessions of this board are in use; end another program's, or try again later";
  return hasRoomFor(SESSION) || dismissed()
    ? ""
    : "ENOBUFS: other sessions take all of this board's memory; end one, or try again later";
}

/** Gives up the session that lost its link first. @returns whether that makes room */
function dismissed(): boolean {
  for (let i = 0; i < links.length; i++)
    if (links[i]!.session.state == State.lost) {
      increase("evicted", 1);
      links[i]!.session.end("ENOBUFS: the session had lost its link, and the board needed its memory");
      return hasRoomFor(SESSION);
    }
  return false;
}

/** A session by its id: it may go on over another link. */
export function findSession(id: number): Session | null {
  for (let i = 0; i < links.length; i++) if (links[i]!.session.is(id, getTime() * 1000)) return links[i]!.session;
  return null;
}

/** TCP connections that have not shown that they may come in; who has not after so many ms is closed. */
const STRANGERS = 4;
const PATIENCE = 3000;

/** Variables of one of them. */
const STRANGER = 150;

/**
 * Somebody's whole handshake frame, before there is a session for him.
 * @returns what to answer; a session is to be made if `service.door.agreed` is there then
 */
function knock(service: Service, terms: Terms, frame: Bytes, count: number, most: number): Bytes {
  const door = service.door;
  const reply = door.knock(frame, terms, null, false, getTime() * 1000);
  if (!door.agreed) return reply;
  // A session that comes back has its place already.
  const failure = door.agreed.old ? "" : crowded(count, most);
  if (!failure) return reply;
  door.agreed = null;
  refused.count++;
  return door.refuse(frame, failure);
}

/** Bytes by which a frame's payload is shorter in a session with a key. */
function keyBytes(service: Service): number {
  return service.door.key ? Frame.mac - Frame.check : 0;
}

/**
 * Sessions over TCP. Before its handshake a connection has no session, and nothing is kept of it but a part of a
 * handshake's frame.
 * @param chunk bytes that the board receives at once: a frame fills exactly one
 */
export function listenTcp(service: Service, port: number, chunk: number, most: number): void {
  let count = 0;
  const traits = { payload: chunk - Frame.overhead - keyBytes(service), reliable: true, datagram: false };
  const terms = termsOf(service, traits.payload);
  const strangers: (() => void)[] = [];
  require("net")
    .createServer((socket) => {
      if (isOver(socket)) return;
      if (!hasRoomFor(STRANGER)) {
        refused.count++;
        return socket.end();
      }
      let link: Link | null = null;
      let closed = false;
      let rest = EMPTY;
      const timer = setTimeout(() => {
        increase("unfinished", 1);
        dismiss();
      }, PATIENCE);
      const dismiss = (): void => {
        known();
        socket.end();
      };
      const known = (): boolean => {
        const at = strangers.indexOf(dismiss);
        if (at < 0) return false;
        strangers.splice(at, 1);
        clearTimeout(timer);
        return true;
      };
      if (strangers.length >= STRANGERS) {
        refused.count++;
        strangers[0]!();
      }
      strangers.push(dismiss);
      socket.on("close", () => {
        closed = true;
        if (known()) increase("unfinished", 1);
        if (!link) return;
        count--;
        link.lost("ECONNRESET: the connection was closed");
        link.pump();
      });
      socket.on("data", (data) => {
        rest = join(rest, data);
        const hello = isHello(rest);
        if (!hello) return;
        const frame = rest;
        rest = EMPTY;
        if (hello < 0) {
          discarded.count += frame.length;
          return dismiss();
        }
        const reply = knock(service, terms, frame, count, most);
        const agreed = service.door.agreed;
        if (!isEmpty(reply)) socket.write(reply);
        if (!agreed) return;
        known();
        count++;
        // What is written waits in the connection; it says false and tells when it is sent.
        link = new Link(service, terms, traits, false, socket, () => {
          remove(link!);
          if (!closed) socket.end();
        });
        link.full = true;
        link.session.expect(agreed);
        links.push(link);
        socket.removeAllListeners("data");
        socket.on("data", link.receive);
        socket.on("drain", link.drained);
      });
    })
    .listen(port);
}

/**
 * Sessions over UDP, one for each peer's address. Only a handshake makes one.
 * @param datagram longest datagram in bytes
 */
export function listenUdp(service: Service, port: number, datagram: number, most: number): void {
  const peers: { [key: string]: Link } = {};
  let count = 0;
  const traits = { payload: datagram - Frame.overhead - keyBytes(service), reliable: false, datagram: true };
  const terms = termsOf(service, traits.payload);
  let server: EspruinoDatagramSocket;
  // One datagram waits at most, of all peers: what waits takes variables.
  let full = false;
  const setFull = (): void => {
    full = true;
    for (const key in peers) peers[key]!.full = true;
  };
  const drained = (): void => {
    full = false;
    for (const key in peers) peers[key]!.full = false;
    const keys = Object.keys(peers);
    for (let i = 0; i < keys.length && !full; i++) peers[keys[i]!]!.drained();
  };
  const received = (data: Bytes, from: EspruinoSender): void => {
    const key = from.address + ":" + from.port;
    const known = peers[key];
    if (known) return known.receive(data);
    if (isHello(data) != 1) {
      discarded.count += data.length;
      return;
    }
    const reply = knock(service, terms, data, count, most);
    const agreed = service.door.agreed;
    if (agreed) {
      count++;
      const link = new Link(
        service,
        terms,
        traits,
        false,
        {
          write(frame) {
            // The one that was served goes to the end of the line.
            if (peers[key] == link) {
              delete peers[key];
              peers[key] = link;
            }
            setFull();
            server.send(frame, from.port, from.address);
            return false;
          },
        },
        () => {
          if (peers[key] != link) return;
          delete peers[key];
          count--;
          remove(link);
        },
      );
      peers[key] = link;
      link.full = full;
      link.session.expect(agreed);
      links.push(link);
    }
    // An answer for which there is no room is asked for again.
    if (full && !isEmpty(reply)) increase("unanswered", 1);
    if (isEmpty(reply) || full) return;
    setFull();
    server.send(reply, from.port, from.address);
  };
  // The interpreter takes an empty datagram for the end and closes the socket, once or twice: anybody could silence
  // the link with it. So the socket is made anew, and the sessions go on.
  const open = (): void => {
    const mine = require("dgram").createSocket("udp4");
    server = mine;
    mine.on("drain", drained);
    mine.on("message", received);
    mine.on("close", () => {
      if (server != mine) return;
      open();
      drained();
    });
    mine.bind(port);
  };
  open();
}

/**
 * The session on a serial line: made when the first bytes come, and again when it has ended.
 * @param trusted whoever holds the cable needs no key
 */
export function listenSerial(service: Service, uart: Uart, payload: number, trusted: boolean): void {
  const traits = { payload, reliable: false, datagram: false };
  const terms = termsOf(service, payload);
  const hasRoom = (): boolean => uart.queued < Bound.low;
  const out = {
    write(frame: Bytes): boolean {
      uart.write(frame);
      return hasRoom();
    },
  };
  let link: Link | null = null;
  const over = (): void => {
    if (link) remove(link);
    link = null;
  };
  uart.ondata = (data) => {
    if (!link) links.push((link = new Link(service, terms, traits, trusted, out, over)));
    link.receive(data);
  };
  uart.onsent = () => {
    if (link && link.full && hasRoom()) link.drained();
  };
}
