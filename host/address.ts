/** Addresses of boards, as people type them. */
import { DevsockError } from "./errors.js";

/** TCP and UDP port of a board's link when the address names none. */
export const DEFAULT_PORT = 9180;

/** Speed of a serial link when the address names none. */
export const DEFAULT_BAUD = 115200;

export type Address =
  { kind: "tcp" | "udp"; host: string; port: number } | { kind: "serial"; path: string; baud: number };

const FORMS =
  "the forms are tcp://HOST[:PORT], udp://HOST[:PORT] (port 9180 by default) and serial:/dev/ttyX[?baud=115200]";

function wrong(text: string, why: string): never {
  throw new DevsockError(`EINVAL: "${text}" is not a board's address: ${why}; ${FORMS}`, { address: text });
}

/** @throws DevsockError EINVAL, with the forms that are right */
export function parseAddress(text: string): Address {
  const kind = /^([a-z]+):/i.exec(text)?.[1]?.toLowerCase();
  if (kind === "serial") return parseSerial(text);
  if (kind === "tcp" || kind === "udp") return parseNetwork(text, kind);
  return wrong(text, kind && !/^[\w.-]+:\d+$/.test(text) ? `there is no link "${kind}"` : "it does not say which link");
}

function parseNetwork(text: string, kind: "tcp" | "udp"): Address {
  const match = /^[a-z]+:\/\/(\[[0-9a-f:.]+\]|[^/:@?#\s[\]]+)(?::(\d*))?\/?$/i.exec(text);
  if (!match) return wrong(text, "it should be a host, and perhaps a colon and a port");
  const host = match[1]!.replace(/^\[|\]$/g, "");
  const port = match[2] === undefined ? DEFAULT_PORT : Number(match[2] || NaN);
  if (!(port >= 1 && port <= 65535)) return wrong(text, "a port is a number from 1 to 65535");
  return { kind, host, port };
}

function parseSerial(text: string): Address {
  const match = /^serial:(?:\/\/(?=\/))?([^?#]+)(?:\?(.*))?$/i.exec(text);
  if (!match) return wrong(text, "it names no serial port");
  let baud = DEFAULT_BAUD;
  for (const [key, value] of new URLSearchParams(match[2])) {
    if (key !== "baud") return wrong(text, `"${key}" is not a setting of a serial link, baud is`);
    baud = /^\d+$/.test(value) ? Number(value) : 0;
    if (baud < 50 || baud > 4_000_000) return wrong(text, "baud is a number of bits a second, such as 115200");
  }
  return { kind: "serial", path: match[1]!, baud };
}

/** The address as text; `parseAddress` reads it back. */
export function formatAddress(address: Address): string {
  if (address.kind === "serial")
    return `serial:${address.path}` + (address.baud === DEFAULT_BAUD ? "" : `?baud=${address.baud}`);
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `${address.kind}://${host}:${address.port}`;
}
