/** AF_INET by way of a board: what Node's `net` does, on the board's own network. */
import { DevsockError } from "./errors.js";
import type { SocketStream } from "./socket-stream.js";

export interface ConnectOptions {
  /** A name that the board's network knows, or an IPv4 address. */
  host: string;
  port: number;
}

/** In the shape of Node's module `net`. */
export class BoardNet {
  constructor(private readonly open: (address: string) => SocketStream) {}

  /**
   * A TCP connection from the board. It is a Duplex: "connect" follows, or "error" with EACCES (the board's
   * configuration does not allow it), ECONNREFUSED, ENOTFOUND ... Half-close is not to be had of the interpreter: `end`
   * closes both ways when all is written.
   * @throws DevsockError EINVAL, EAFNOSUPPORT for IPv6, ENOTCONN when the link is over
   */
  connect({ host, port }: ConnectOptions, connected?: () => void): SocketStream {
    const socket = this.open(inetAddress(host, port));
    socket.allowHalfOpen = false;
    if (connected) socket.once("connect", connected);
    return socket;
  }
}

/** The board's address of a host and port of its network. */
export function inetAddress(host: string, port: number): string {
  if (host.includes(":"))
    throw new DevsockError(`EAFNOSUPPORT: boards have IPv4 only, not ${host}; use an IPv4 address`, { address: host });
  if (!/^[\w.-]+$/.test(host))
    throw new DevsockError(`EINVAL: "${host}" is no host; give a name or an IPv4 address`, { address: host });
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new DevsockError(`EINVAL: ${port} is no port; give a number from 1 to 65535`, { address: host });
  return `/inet/${host}/${port}`;
}
