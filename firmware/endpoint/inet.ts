/** AF_INET: sockets of the board's own network, opened over a link. docs/inet.md. */
import { find, slice } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import { Phase, Type } from "../../protocols/socket/socket.js";
import type { Socket } from "../../protocols/socket/socket.js";
import type { Sockets } from "../../protocols/socket/sockets.js";
import { increase } from "../io/count.js";
import { hasRoomFor } from "../io/memory.js";
import { isOver } from "../io/tcp.js";
import { relay } from "./relay.js";
import { endToo } from "./services.js";

const enum Mark {
  /** Datagrams that wait for the network; the newest push out the oldest. */
  datagrams = 4,
}

/** Variables of a connection. */
const CONNECTION = 180;

/** Ports that are in use; the configuration's are never to be had. */
export const taken: number[] = [];

/** Opens `/inet/HOST/PORT`, or with the host `*` listens there. @later inet */
export function openInet(sockets: Sockets, socket: Socket, address: string): void {
  const parts = address.split("/");
  const host = parts[2] || "";
  const port = Number(parts[3]);
  const any = host == "*";
  const datagrams = socket.type == Type.datagram;
  const refuse = (failure: string): void => sockets.refuseSocket(socket, failure);
  if (parts[1] == "inet6" || host.indexOf(":") >= 0)
    return refuse("EAFNOSUPPORT: the interpreter's network has IPv4 only");
  if (parts[1] != "inet") return refuse("EAFNOSUPPORT: this board has no " + address + "; it has /inet/HOST/PORT");
  if (!host || parts.length != 4 || !(port < 65536 && port >= (any && datagrams ? 0 : 1)))
    return refuse("EINVAL: " + address + " is no address");
  if (!datagrams && socket.type != Type.stream)
    return refuse("ESOCKTNOSUPPORT: " + address + " is a SOCK_STREAM or a SOCK_DGRAM");
  if (!hasRoomFor(CONNECTION)) return refuse("ENOBUFS: other sockets take all of this board's memory");
  if (any && taken.indexOf(port) >= 0) return refuse("EADDRINUSE: port " + port + " of the board is in use");
  try {
    if (datagrams) bind(sockets, socket, port, any ? "" : host);
    else if (any) listen(sockets, socket, port, address);
    else connect(sockets, socket, port, host);
  } catch (e) {
    const why = String(e);
    if (why.indexOf("locate") >= 0) refuse("ENOTFOUND: the board knows no " + host);
    else if (why.indexOf("internet") >= 0) refuse("ENETDOWN: the board is not on its network");
    else if (any) refuse("EADDRINUSE: the board cannot open port " + port);
    else refuse("ECONNREFUSED: " + host + " port " + port + " refused the board, or is off");
  }
}

function connect(sockets: Sockets, socket: Socket, port: number, host: string): void {
  // A host that is down holds up the whole interpreter until its network gives up.
  const tcp = relay(
    sockets,
    socket,
    require("net").connect({ host, port }, () => sockets.accept(socket)),
    false,
  );
  const over = tcp.onclose;
  tcp.onclose = () => {
    if (socket.phase == Phase.opening)
      sockets.refuseSocket(socket, "ECONNREFUSED: " + host + " port " + port + " does not answer");
    over();
  };
}

/** Each connection becomes a socket of the host's, with the same address. */
function listen(sockets: Sockets, socket: Socket, port: number, address: string): void {
  const server = require("net").createServer((connection) => {
    if (isOver(connection)) return;
    const incoming = hasRoomFor(CONNECTION) ? sockets.connectTo(Type.stream, address, 0, socket.receiveBuffer) : null;
    if (!incoming) {
      increase("refused", 1);
      return connection.end();
    }
    const tcp = relay(sockets, incoming, connection, false);
    // Its bytes stay in the network until the host has accepted.
    tcp.pause(true);
    incoming.onopen = () => tcp.pause(false);
  });
  server.listen(port);
  taken.push(port);
  socket.onclose = () => {
    taken.splice(taken.indexOf(port), 1);
    server.close();
  };
  socket.onend = endToo;
  sockets.accept(socket);
}

/** UDP: each message has its peer in front, `HOST:PORT` and a line feed, unless the socket has one peer. */
function bind(sockets: Sockets, socket: Socket, port: number, peer: string): void {
  let waiting: Bytes[] = [];
  /** Where from a name's answers come nobody here knows. */
  const named = !/^[0-9.]+$/.test(peer);
  let full = false;
  let over = false;
  let udp: EspruinoDatagramSocket;
  const write = (): void => {
    const message = waiting.shift();
    if (!message) return;
    const at = peer ? -1 : find(message, 10, 0);
    const colon = message.lastIndexOf(":", at);
    full = true;
    if (peer) udp.send(message, port, peer);
    else
      udp.send(slice(message, at + 1, message.length), Number(slice(message, colon + 1, at)), slice(message, 0, colon));
  };
  const drained = (): void => {
    full = false;
    write();
  };
  const open = (): void => {
    const mine = require("dgram").createSocket("udp4");
    udp = mine;
    mine.on("drain", drained);
    mine.on("message", (data, from) => {
      if (!peer) socket.send(from.address + ":" + from.port + "\n" + data);
      else if (from.port == port && (named || from.address == peer)) socket.send(data);
      else increase("strange", 1);
    });
    // An empty datagram makes the interpreter close the socket.
    mine.on("close", () => {
      if (udp != mine || over) return;
      open();
      drained();
    });
    mine.bind(peer ? 0 : port);
  };
  open();
  if (port && !peer) taken.push(port);
  socket.ondata = (frame, from, to) => {
    if (waiting.length >= Mark.datagrams) increase("unsent", waiting.shift()!.length);
    waiting.push(slice(frame, from, to));
    if (!full) write();
  };
  socket.onclose = () => {
    over = true;
    for (let i = 0; i < waiting.length; i++) increase("unsent", waiting[i]!.length);
    waiting = [];
    if (port && !peer) taken.splice(taken.indexOf(port), 1);
    udp.close();
  };
  socket.onend = endToo;
  sockets.accept(socket);
}
