/** Services of the board itself, after inetd's. protocols/service says what goes over each. */
import { fromText, slice } from "../../protocols/bytes/index.js";
import { Type } from "../../protocols/socket/socket.js";
import type { Socket } from "../../protocols/socket/socket.js";
import type { Sockets } from "../../protocols/socket/sockets.js";

/** A record of a service: one JSON line. @returns false when the next one should wait */
export function say(socket: Socket, record: object): boolean {
  return socket.send(fromText(JSON.stringify(record) + "\n"));
}

/** One JSON line, then the end. */
export function tell(sockets: Sockets, socket: Socket, record: object): void {
  if (socket.type != Type.stream) return sockets.refuse(socket, "ESOCKTNOSUPPORT: this service is a SOCK_STREAM");
  sockets.accept(socket);
  say(socket, record);
  socket.end();
}

/** RFC 863. Whoever keeps nothing can take much at once: fewer acknowledgements. */
export function discard(sockets: Sockets, socket: Socket): void {
  socket.enlarge(32 * sockets.full);
  if (socket.whole) socket.ondata = (_frame, from, to) => socket.consume(to - from + 1);
  else socket.ondata = socket.skip.bind(socket);
  socket.onrecord = () => socket.consume(1);
  socket.onend = () => socket.end();
  sockets.accept(socket);
}

/** RFC 864: one frame's worth of text again and again. */
export function chargen(sockets: Sockets, socket: Socket, size: number): void {
  if (socket.type != Type.stream) return sockets.refuse(socket, "ESOCKTNOSUPPORT: chargen is a SOCK_STREAM");
  let line = "";
  for (let i = 0; i < 95; i++) line += String.fromCharCode(32 + i);
  const text = fromText((line + line + line + line + line + line).substring(0, size));
  socket.source = (max) => (max < size ? slice(text, 0, max) : text);
  socket.onend = () => sockets.reset(socket, "ECONNRESET: chargen ends with its reader");
  sockets.accept(socket);
}
