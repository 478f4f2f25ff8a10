/** AF_INET: sockets of the board's own network, opened over a link. docs/protocol/services.md. */
import { join, slice } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import { Phase, Type } from "../../protocols/socket/socket.js";
import type { Socket } from "../../protocols/socket/socket.js";
import type { Sockets } from "../../protocols/socket/sockets.js";
import { hasRoomFor } from "../io/memory.js";
import { Tcp } from "../io/tcp.js";

const enum Mark {
  /** Bytes that wait for the link, at which a connection is not read. */
  high = 1024,
  /** It is read a little further while something is written to it: only a connection that is read is written. */
  most = 4096,
  /** Small writes that wait are put together up to so many bytes: one chunk of the network. */
  piece = 536,
}

/** Variables of a connection. */
const CONNECTION = 180;

/** Bytes that came for connections which had ended. */
export const unsent = { count: 0 };

/** Opens `/inet/HOST/PORT`. */
export function openInet(sockets: Sockets, socket: Socket, address: string): void {
  const parts = address.split("/");
  const host = parts[2] || "";
  const port = Number(parts[3]);
  const name = host + " port " + port;
  const refuse = (failure: string): void => sockets.refuse(socket, failure);
  if (parts[1] == "inet6" || host.indexOf(":") >= 0)
    return refuse("EAFNOSUPPORT: the interpreter's network has IPv4 only; use an IPv4 address");
  if (parts[1] != "inet") return refuse("EAFNOSUPPORT: this board has no " + address + "; it has /inet/HOST/PORT");
  if (!host || parts.length != 4 || !(port > 0 && port < 65536))
    return refuse("EINVAL: " + address + " is no address; write /inet/HOST/PORT");
  if (socket.type != Type.stream) return refuse("ESOCKTNOSUPPORT: /inet/HOST/PORT is a SOCK_STREAM");
  if (!hasRoomFor(CONNECTION)) return refuse("ENOBUFS: other sockets take all of this board's memory; try again later");
  try {
    const tcp = relay(
      sockets,
      socket,
      // A host that is down holds up the whole interpreter until its network gives up.
      require("net").connect({ host, port }, () => sockets.accept(socket)),
    );
    const over = tcp.onclose;
    tcp.onclose = () => {
      if (socket.phase == Phase.opening) refuse("ECONNREFUSED: " + name + " does not answer; check that it is on");
      over();
    };
  } catch (e) {
    const why = String(e);
    if (why.indexOf("locate") >= 0) refuse("ENOTFOUND: the board knows no " + host + "; use an IP address");
    else if (why.indexOf("internet") >= 0) refuse("ENETDOWN: the board is not on its network; try again later");
    else refuse("ECONNREFUSED: " + name + " refused the board, or is off; check the address and the port");
  }
}

/** Carries bytes both ways between a socket of a link and a connection, and neither side is held in memory. */
function relay(sockets: Sockets, socket: Socket, connection: EspruinoSocket): Tcp {
  /** From the link, not written yet. The credit bounds it. */
  let waiting: Bytes[] = [];
  /** Bytes being written. */
  let writing = 0;
  let ended = false;
  const tcp = new Tcp(connection, (data) => {
    if (!socket.send(data) && (!writing || socket.queued > Mark.most)) tcp.pause(true);
  });
  const write = (): void => {
    if (writing || socket.queued > Mark.most) return;
    const data = waiting.shift();
    if (data) {
      writing = data.length;
      tcp.pause(false);
      tcp.write(data);
    } else if (ended) tcp.end();
    else if (socket.queued >= Mark.high) tcp.pause(true);
  };
  tcp.ondrain = () => {
    const n = writing;
    writing = 0;
    if (socket.phase == Phase.open) socket.consume(n);
    write();
  };
  tcp.onclose = () => {
    unsent.count += writing;
    for (let i = 0; i < waiting.length; i++) unsent.count += waiting[i]!.length;
    // What the connection said goes out first.
    if ((writing || waiting.length) && !socket.queued)
      sockets.reset(socket, "ECONNRESET: the connection ended before all was written to it");
    else socket.end();
    waiting = [];
  };
  socket.sendBuffer = Mark.high;
  socket.ondata = (frame, from, to) => {
    if (tcp.closed) {
      unsent.count += to - from;
      if (socket.finSent) sockets.reset(socket, "EPIPE: the other side has closed the connection");
      return;
    }
    const data = slice(frame, from, to);
    const last = waiting.length - 1;
    if (last >= 0 && waiting[last]!.length + data.length <= Mark.piece) waiting[last] = join(waiting[last]!, data);
    else waiting.push(data);
    write();
  };
  socket.ondrain = () => {
    tcp.pause(false);
    write();
  };
  socket.onend = () => {
    ended = true;
    write();
  };
  socket.onclose = () => {
    waiting = [];
    tcp.end();
  };
  return tcp;
}
