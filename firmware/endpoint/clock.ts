/** `:clock`: what the board's clock says, for hosts that reckon how far it is from theirs. [SVC-10] */
import { features } from "#features";
import { be32, join, slice } from "../../protocols/bytes/index.js";
import { Stamp, stampOf } from "../../protocols/service/clock.js";
import { Type } from "../../protocols/socket/socket.js";
import type { Socket } from "../../protocols/socket/socket.js";
import type { Sockets } from "../../protocols/socket/sockets.js";
import { started } from "../io/time.js";
import type { Link } from "./link.js";

/**
 * Behind what waits on a serial line an answer leaves later, and for sure not before all but a ring of that has gone: the UART meters it by this clock.
 * Between what an answer says and its first byte on a line lies the work of making a frame of it: the next answer tells when that was done.
 * @param boot another number after each start
 * @later clock
 */
export function clock(sockets: Sockets, socket: Socket, boot: number): void {
  if (socket.type != Type.datagram) return sockets.refuseSocket(socket, "ESOCKTNOSUPPORT: :clock is a SOCK_DGRAM");
  socket.ondata = (frame, from, to) => {
    const link = sockets.owner as Link;
    const uart = features.serial ? link.out.uart : undefined;
    const came = features.serial && uart ? uart.stamp : link.session.now;
    // The answer before was not given to the link before the first frame that was given since, which may stand before it.
    const given = link.timed == socket.word && (features.serial && uart ? uart.given / 1000 : link.given);
    const behind = features.serial && uart ? (uart.free + (uart.queued - uart.ring) / uart.rate) / 1000 : 0;
    const rest = join(
      join(join(stampOf(came / 1000 - started), be32(boot)), stampOf(given ? given - started : 0)),
      slice(frame, from, Math.min(to, from + Stamp.echo)),
    );
    socket.send(join(stampOf((features.serial ? Math.max(getTime(), behind) : getTime()) - started), rest));
    link.timed = socket.word;
    if (features.serial && uart) uart.given = 0;
    else link.given = 0;
  };
  socket.onend = () => socket.end();
  sockets.accept(socket);
}
