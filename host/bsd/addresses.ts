/** Addresses of sockets, by family. */
import { DevsockError } from "../errors.js";
import type { Board } from "../gateway.js";

/** AF_DEVICE: a device or service of a board; of a listening socket, a name of this host that the board may connect to. */
export interface DeviceAddress {
  /** A board that is connected, or its address. Not needed where the calls are a board's own (`socketsOf(board)`). */
  board?: Board | string;
  /** `printer0`, `printer0:status`, `:info`. */
  device: string;
}

/** AF_INET, AF_INET6. */
export interface InetAddress {
  /** A name or an address; this host if left out. */
  host?: string;
  port: number;
  /** The socket is one of this board's own network, and not of this host's. */
  board?: Board | string;
}

/** AF_UNIX. */
export interface UnixAddress {
  path: string;
}

/** AF_NETLINK: the control socket of a board. */
export interface NetlinkAddress {
  board?: Board | string;
}

/** AF_PACKET: the board whose link is read. */
export interface PacketBinding {
  board?: Board | string;
}

export type SocketAddress = string | DeviceAddress | InetAddress | UnixAddress | NetlinkAddress | PacketBinding;

/** `tcp://192.168.1.20#printer0:status`, or `printer0:status` where the board is known. */
export function deviceAddress(address: SocketAddress): DeviceAddress {
  if (typeof address === "string") {
    const at = address.indexOf("#");
    return at < 0 ? { device: address } : { board: address.slice(0, at), device: address.slice(at + 1) };
  }
  if ("device" in address) return address;
  throw wrong(address, "AF_DEVICE has { board, device }, or BOARD#DEVICE as text");
}

/** `host:port`, `[::1]:80`. */
export function inetAddress(address: SocketAddress): InetAddress {
  if (typeof address === "string") {
    const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d+)$/.exec(address);
    if (!match) throw wrong(address, "AF_INET has { host, port }, or HOST:PORT as text");
    address = { host: match[1] ?? match[2] ?? "", port: Number(match[3]) };
  }
  if (!("port" in address) || !Number.isInteger(address.port) || address.port < 0 || address.port > 65535)
    throw wrong(address, "AF_INET has { host, port }, and a port is a number up to 65535");
  return address;
}

export function unixAddress(address: SocketAddress): UnixAddress {
  if (typeof address === "string") return { path: address };
  if ("path" in address) return address;
  throw wrong(address, "AF_UNIX has { path }, or a path as text");
}

function wrong(address: SocketAddress, forms: string): DevsockError {
  const text = typeof address === "string" ? address : Object.keys(address).join(", ");
  return new DevsockError(`EINVAL: "${text}" is no address of this family: ${forms}`);
}
