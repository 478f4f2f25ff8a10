/** Names and numbers of hosts, services, protocols and interfaces, and the order of bytes. */
import { lookup, lookupService } from "node:dns/promises";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { endianness, networkInterfaces } from "node:os";
import { PORTS } from "../../protocols/index.js";
import { AF_INET, AF_INET6, AF_UNSPEC, SOCK_DGRAM, SOCK_STREAM } from "../constants.js";
import type { SocketType } from "../constants.js";
import { DevsockError, fromNode } from "../errors.js";
import type { InetAddress } from "./addresses.js";

export interface ServiceEntry {
  name: string;
  port: number;
  protocol: string;
}

export interface AddressInfo {
  family: typeof AF_INET | typeof AF_INET6;
  type: SocketType;
  protocol: number;
  address: InetAddress;
}

export interface AddressHints {
  family?: string;
  type?: SocketType;
}

const PROTOCOLS: Record<string, number> = { ip: 0, icmp: 1, tcp: 6, udp: 17, ipv6: 41 };

/** The service of that name, or null. */
export function getservbyname(name: string, protocol = "tcp"): ServiceEntry | null {
  const port = Object.hasOwn(PORTS, name) ? PORTS[name] : undefined;
  return port === undefined ? null : { name, port, protocol };
}

/** The service at that port, or null. */
export function getservbyport(port: number, protocol = "tcp"): ServiceEntry | null {
  const name = Object.keys(PORTS).find((key) => PORTS[key] === port);
  return name === undefined ? null : { name, port, protocol };
}

/** The protocol of that name, or null. */
export function getprotobyname(name: string): { name: string; number: number } | null {
  const number = Object.hasOwn(PROTOCOLS, name) ? PROTOCOLS[name] : undefined;
  return number === undefined ? null : { name, number };
}

/**
 * Addresses of a host and service.
 * @param node a name or address; null for this host
 * @param service a port, or a name that `getservbyname` knows; null for none
 * @throws DevsockError ENOTFOUND, EAI_AGAIN; EAI_SERVICE for a service that nobody knows
 */
export async function getaddrinfo(
  node: string | null,
  service: string | number | null = null,
  hints: AddressHints = {},
): Promise<AddressInfo[]> {
  const port = portOf(service);
  const { family = AF_UNSPEC, type } = hints;
  const wanted = family === AF_INET ? 4 : family === AF_INET6 ? 6 : 0;
  let found;
  try {
    found = await lookup(node ?? "localhost", { all: true, family: wanted });
  } catch (error) {
    throw fromNode(error, "network", node ?? "localhost");
  }
  const types: SocketType[] = type === undefined ? [SOCK_STREAM, SOCK_DGRAM] : [type];
  return found.flatMap(({ address, family }) =>
    types.map((type) => ({
      family: family === 6 ? AF_INET6 : AF_INET,
      type,
      protocol: type === SOCK_DGRAM ? PROTOCOLS["udp"]! : PROTOCOLS["tcp"]!,
      address: { host: address, port },
    })),
  );
}

/** Names of an address and its port. @throws DevsockError ENOTFOUND */
export async function getnameinfo(address: InetAddress): Promise<{ host: string; service: string }> {
  const { host = "127.0.0.1", port } = address;
  if (!isIP(host))
    throw new DevsockError(`EINVAL: "${host}" is no IP address; getaddrinfo gives one`, { address: host });
  try {
    const { hostname, service } = await lookupService(host, port);
    return { host: hostname, service: getservbyport(port)?.name ?? service };
  } catch (error) {
    throw fromNode(error, "network", host);
  }
}

function portOf(service: string | number | null): number {
  if (service === null) return 0;
  const port = /^\d+$/.test(String(service)) ? Number(service) : getservbyname(String(service))?.port;
  if (port === undefined || port > 65535)
    throw new DevsockError(`EAI_SERVICE: nobody knows the service ${service}; give its port`);
  return port;
}

/** The network interfaces of this host. */
export async function if_nameindex(): Promise<{ index: number; name: string }[]> {
  const names = Object.keys(networkInterfaces());
  return Promise.all(names.map(async (name, i) => ({ index: (await systemIndex(name)) ?? i + 1, name })));
}

/** The number of an interface, 0 when there is none of that name. */
export async function if_nametoindex(name: string): Promise<number> {
  return (await if_nameindex()).find((one) => one.name === name)?.index ?? 0;
}

/** The kernel's own number, where it tells. */
async function systemIndex(name: string): Promise<number | undefined> {
  try {
    return Number(await readFile(`/sys/class/net/${name}/ifindex`, "utf8"));
  } catch {
    return undefined;
  }
}

const LITTLE = endianness() === "LE";

/** 16 bits of this host in the order of the network. */
export function htons(n: number): number {
  return LITTLE ? ((n & 0xff) << 8) | ((n >> 8) & 0xff) : n & 0xffff;
}

/** 32 bits of this host in the order of the network. */
export function htonl(n: number): number {
  return LITTLE ? ((htons(n) << 16) | htons(n >>> 16)) >>> 0 : n >>> 0;
}

export const ntohs = htons;
export const ntohl = htonl;
