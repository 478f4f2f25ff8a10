/** A socket of a link and a TCP connection, joined. */
import { join, slice } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import { Phase } from "../../protocols/socket/socket.js";
import type { Socket } from "../../protocols/socket/socket.js";
import type { Sockets } from "../../protocols/socket/sockets.js";
import { increase } from "../io/count.js";
import { bounded } from "../io/tcp.js";
import type { Tcp } from "../io/tcp.js";

const enum Mark {
  /** Bytes that wait for the link, at which a connection is not read. */
  high = 1024,
  /** It is read a little further while something is written to it: only a connection that is read is written. */
  most = 4096,
  /** Small writes that wait are put together up to so many bytes: one chunk of the network. */
  piece = 536,
}

/**
 * Carries bytes both ways between a socket of a link and a connection, and neither side is held in memory.
 * @param deaf what comes for a connection that has closed is left out, and does not reset the socket
 * @later relay
 */
export function relay(sockets: Sockets, socket: Socket, connection: EspruinoSocket, deaf: boolean): Tcp {
  /** From the link, not written yet. The credit bounds it. */
  let waiting: Bytes[] = [];
  /** Bytes being written. */
  let writing = 0;
  let ended = false;
  const tcp = bounded(connection, (data) => {
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
    increase("unsent", writing);
    for (let i = 0; i < waiting.length; i++) increase("unsent", waiting[i]!.length);
    // What the connection said goes out first.
    if ((writing || waiting.length) && !socket.queued)
      sockets.resetSocket(socket, "ECONNRESET: the connection ended before all was written to it");
    else socket.end();
    waiting = [];
  };
  socket.sendBuffer = Mark.high;
  socket.ondata = (frame, from, to) => {
    if (tcp.closed) {
      increase("unsent", to - from);
      if (deaf) socket.consume(to - from);
      else if (socket.finSent) sockets.resetSocket(socket, "EPIPE: the other side has closed the connection");
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
    for (let i = 0; i < waiting.length; i++) increase("unsent", waiting[i]!.length);
    waiting = [];
    tcp.end();
  };
  return tcp;
}
