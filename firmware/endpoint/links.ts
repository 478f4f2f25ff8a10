/** The gateway link on TCP, UDP and serial: who may have a session, and how frames reach it. */
import { crc32, fromText, u8 } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import type { Failure } from "../../protocols/errors/index.js";
import { encode, Frame, Kind, tag } from "../../protocols/link/frame.js";
import { plain } from "../../protocols/session/handshake.js";
import { hasRoomFor } from "../io/memory.js";
import { isOver } from "../io/tcp.js";
import { Bound } from "../io/uart.js";
import type { Uart } from "../io/uart.js";
import { Link } from "./link.js";
import type { Service } from "./link.js";

/** All sessions of the board; main calls their `tick`. */
export const links: Link[] = [];

/** Connections and peers turned away because every session was taken. */
export const refused = { count: 0 };

/** Bytes that were of no frame, in sessions that are over and in datagrams that began none. */
export const discarded = { count: 0 };

/** Counts by name. */
export interface Counters {
  [name: string]: number;
}

/** What else was counted in sessions that are over. */
export const ended: Counters = { received: 0, duplicates: 0, resent: 0, overtaken: 0 };

/** Adds what a session has counted. */
export function tally(link: Link, to: Counters): void {
  const { received, duplicates } = link.session.counters;
  to.received! += received;
  to.duplicates! += duplicates;
  to.resent! += link.session.sender.resent;
  to.overtaken! += link.sockets.dropped;
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
  return hasRoomFor(SESSION)
    ? ""
    : "ENOBUFS: other sessions take all of this board's memory; end one, or try again later";
}

/** What somebody is told for whom there is no session [SES-15]. */
function turnAway(failure: Failure): Bytes {
  refused.count++;
  return encode(tag(Kind.bye, 3, 0), 0, fromText(failure), 0);
}

/**
 * Sessions over TCP. A connection that does not finish its handshake in time is closed by its session.
 * @param chunk bytes that the board receives at once: a frame fills exactly one
 */
export function listenTcp(service: Service, port: number, chunk: number, most: number): void {
  let count = 0;
  const traits = { payload: chunk - Frame.overhead, reliable: true, datagram: false };
  require("net")
    .createServer((socket) => {
      if (isOver(socket)) return;
      const failure = crowded(count, most);
      if (failure) {
        socket.write(turnAway(failure));
        return socket.end();
      }
      count++;
      let closed = false;
      // What is written waits in the connection; it says false and tells when it is sent.
      const link = new Link(service, traits, socket, () => {
        if (!closed) socket.end();
      });
      links.push(link);
      socket.on("data", link.receive);
      socket.on("drain", link.drained);
      socket.on("close", () => {
        closed = true;
        count--;
        remove(link);
        link.session.end("ECONNRESET: the connection was closed");
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
  const traits = { payload: datagram - Frame.overhead, reliable: false, datagram: true };
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
    let link = peers[key];
    if (!link) {
      // Nothing but a whole handshake: its CRC has no mark, and kind 0 is in the top bits of byte 4.
      if (crc32(data) != plain || u8(data, 4) >> 5) {
        discarded.count += data.length;
        return;
      }
      const failure = crowded(count, most);
      if (failure) {
        const bye = turnAway(failure);
        if (!full) server.send(bye, from.port, from.address);
        setFull();
        return;
      }
      count++;
      link = peers[key] = new Link(
        service,
        traits,
        {
          write(frame) {
            // The one that was served goes to the end of the line.
            if (peers[key]) {
              delete peers[key];
              peers[key] = link!;
            }
            setFull();
            server.send(frame, from.port, from.address);
            return false;
          },
        },
        () => {
          if (!peers[key]) return;
          delete peers[key];
          count--;
          remove(link!);
        },
      );
      link.full = full;
      links.push(link);
    }
    link.receive(data);
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

/** The session on a serial line: made when the first bytes come, and again when it has ended. */
export function listenSerial(service: Service, uart: Uart, payload: number): void {
  const traits = { payload, reliable: false, datagram: false };
  const hasRoom = (): boolean => uart.queued + payload < Bound.send;
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
    if (!link) links.push((link = new Link(service, traits, out, over)));
    link.receive(data);
  };
  uart.onsent = () => {
    if (link && link.full && hasRoom()) link.drained();
  };
}
