/** `:clock`: what the board's clock says, for hosts that reckon how far it is from theirs. [SVC-10] */
import { be32, join, slice } from "../../protocols/bytes/index.js";
import { Stamp, stampOf } from "../../protocols/service/clock.js";
import { Type } from "../../protocols/socket/socket.js";
import type { Socket } from "../../protocols/socket/socket.js";
import type { Sockets } from "../../protocols/socket/sockets.js";
import { started } from "../io/time.js";
import type { Link } from "./link.js";

/**
 * Behind what waits on a serial line an answer leaves later, and for sure not before all but a ring of that has gone: the UART meters it by this clock.
 * @param boot another number after each start
 * @later clock
 */
export function clock(sockets: Sockets, socket: Socket, boot: number): void {
  if (socket.type != Type.datagram) return sockets.refuse(socket, "ESOCKTNOSUPPORT: :clock is a SOCK_DGRAM");
  socket.ondata = (frame, from, to) => {
    const came = join(stampOf(getTime() - started), be32(boot));
    const rest = join(came, slice(frame, from, Math.min(to, from + Stamp.echo)));
    const uart = (sockets.owner as Link).out.uart;
    const behind = uart ? (uart.free + (uart.queued - uart.ring) / uart.rate) / 1000 : 0;
    socket.send(join(stampOf(Math.max(getTime(), behind) - started), rest));
  };
  socket.onend = () => socket.end();
  sockets.accept(socket);
}
