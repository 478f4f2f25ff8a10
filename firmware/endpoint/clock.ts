/** `:clock`: what the board's clock says, for hosts that reckon how far it is from theirs. [SVC-10] */
import { be32, join, slice } from "../../protocols/bytes/index.js";
import { Stamp, stampOf } from "../../protocols/service/clock.js";
import { Type } from "../../protocols/socket/socket.js";
import type { Socket } from "../../protocols/socket/socket.js";
import type { Sockets } from "../../protocols/socket/sockets.js";
import { started } from "../io/time.js";
import type { Uart } from "../io/uart.js";
import type { Link } from "./link.js";

/**
 * Behind what waits on a serial line an answer leaves later, and for sure not before all but a ring of that has gone: the UART meters it by this clock.
 * Between what an answer says and its first byte on a line lies the work of making a frame of it: the next answer tells when that was done.
 * @param boot another number after each start
 * @later clock
 */
export function clock(sockets: Sockets, socket: Socket, boot: number): void {
  if (socket.type != Type.datagram) return sockets.refuseSocket(socket, "ESOCKTNOSUPPORT: :clock is a SOCK_DGRAM");
  let left = 0;
  // In the turn that the frame is made in, and behind it: the answer was not given to the line before the first that was given since, which may stand before it.
  const leave = (uart: Uart): void => {
    if (uart.given) left = uart.given / 1000 - started;
  };
  socket.ondata = (frame, from, to) => {
    const uart = (sockets.owner as Link).out.uart;
    const came = join(stampOf((uart ? uart.stamp / 1000 : getTime()) - started), be32(boot));
    const rest = join(join(came, stampOf(left)), slice(frame, from, Math.min(to, from + Stamp.echo)));
    const behind = uart ? (uart.free + (uart.queued - uart.ring) / uart.rate) / 1000 : 0;
    left = 0;
    socket.send(join(stampOf(Math.max(getTime(), behind) - started), rest));
    if (uart) {
      uart.given = 0;
      setTimeout(leave, 0, uart);
    }
  };
  socket.onend = () => socket.end();
  sockets.accept(socket);
}
