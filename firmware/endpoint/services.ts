/** Services of the board itself, after inetd's. protocols/service says what goes over each. */
import { fromText, slice } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import { Type } from "../../protocols/socket/socket.js";
import type { Socket } from "../../protocols/socket/socket.js";
import type { Sockets } from "../../protocols/socket/sockets.js";

/** A record of a service: one JSON line. @returns false when the next one should wait @resident */
export function say(socket: Socket, record: object): boolean {
  return socket.send(fromText(JSON.stringify(record) + "\n"));
}

/** One JSON line, then the end. */
export function tell(sockets: Sockets, socket: Socket, record: object): void {
  if (socket.type != Type.stream) return sockets.refuseSocket(socket, "ESOCKTNOSUPPORT: this service is a SOCK_STREAM");
  sockets.accept(socket);
  say(socket, record);
  socket.end();
}

/** As `onend`: who is told that no more comes sends no more either. */
export function endToo(this: Socket): void {
  this.end();
}

/** As `ondata`: bytes that nobody wants. */
function skip(this: Socket, _frame: Bytes, from: number, to: number): void {
  if ((this.owed += to - from) * 2 >= this.receiveBuffer) this.consume(0);
}

/** RFC 863. Whoever keeps nothing can take much at once: fewer acknowledgements. @later inetd */
export function discard(sockets: Sockets, socket: Socket): void {
  socket.enlarge(32 * sockets.full);
  socket.ondata = skip;
  if (socket.whole) socket.ondata = (_frame, from, to) => socket.consume(to - from + 1);
  if (socket.type == Type.seqpacket) socket.onrecord = () => socket.consume(1);
  socket.onend = endToo;
  sockets.accept(socket);
}

/** RFC 864: one frame's worth of text again and again. @later inetd */
export function chargen(sockets: Sockets, socket: Socket, size: number): void {
  if (socket.type != Type.stream) return sockets.refuseSocket(socket, "ESOCKTNOSUPPORT: chargen is a SOCK_STREAM");
  let line = "";
  for (let i = 0; i < 95; i++) line += String.fromCharCode(32 + i);
  while (line.length < size) line += line;
  const text = fromText(line.substring(0, size));
  socket.source = (max) => (max < size ? slice(text, 0, max) : text);
  socket.onend = () => sockets.resetSocket(socket, "ECONNRESET: chargen ends with its reader");
  sockets.accept(socket);
}
