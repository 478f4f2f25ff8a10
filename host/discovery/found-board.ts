/** What a board says of itself to who looks for it, for people and programs. */
import type { Answer, Presence } from "../../protocols/index.js";
import { formatAddress } from "../address.js";

export interface FoundDevice {
  name: string;
  driver: string;
  /** One word or two for people: "ready", "at work", "does not answer", "not asked yet". */
  state: string;
}

export interface FoundBoard {
  /** As `connect` takes it: over TCP where the board has that link. */
  address: string;
  /** Over UDP, where it was found. */
  udp: string;
  name: string;
  board: string;
  /**
   * `proved`: it has the key that was given. `open`: it asks for none. `locked`: it has a key that was not given, so it says no more than its name.
   * Of `open` and `locked` ones anybody may have answered.
   */
  access: "proved" | "open" | "locked";
  /** Version of the link's protocol. */
  protocol: number;
  /** Not of a locked one, as what follows. */
  firmware?: string;
  /** Seconds since its start. */
  uptime?: number;
  /** Sessions that it has at the moment. */
  sessions?: number;
  devices?: FoundDevice[];
  /** Devices of which the answer had no room. */
  more?: number;
}

/** Longest text that is taken from a board. */
const LONGEST = 64;

/** Whether it says more than its name. */
export function describes({ access }: FoundBoard): boolean {
  return access !== "locked";
}

/** @returns undefined for an answer that makes no sense */
export function describeFound({ text, version, proved }: Answer, host: string, port: number): FoundBoard | undefined {
  const told = parse(text);
  if (!told) return undefined;
  const { name, board, tcp, firmware } = told;
  if (!isText(name) || !isText(board)) return undefined;
  const udp = formatAddress({ kind: "udp", host, port });
  const access = proved ? "proved" : firmware === undefined ? "locked" : "open";
  const basics = {
    address: isCount(tcp) && tcp >= 1 && tcp <= 65535 ? formatAddress({ kind: "tcp", host, port: tcp }) : udp,
    udp,
    name: printable(name),
    board: printable(board),
    access,
    protocol: version,
  } as const;
  if (access === "locked") return basics;
  const { uptime, sessions, devices, count } = told;
  if (!isText(firmware) || !isCount(uptime) || !isCount(sessions) || !Array.isArray(devices) || !isCount(count))
    return undefined;
  const listed = devices.filter(isDevice).map(describeDevice);
  return { ...basics, firmware: printable(firmware), uptime, sessions, devices: listed, more: count - listed.length };
}

/** A stranger's JSON: nothing is known of its members. */
type Told = { [member in keyof Presence]?: unknown };

function parse(text: string): Told | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

type Device = NonNullable<Presence["devices"]>[number];

function isDevice(value: unknown): value is Device {
  return Array.isArray(value) && isText(value[0]) && isText(value[1]);
}

function describeDevice([name, driver, answers, working]: Device): FoundDevice {
  const state =
    answers === false ? "does not answer" : working ? "at work" : answers === true ? "ready" : "not asked yet";
  return { name: printable(name), driver: printable(driver), state };
}

/** No control characters on anybody's terminal. */
function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, "?").slice(0, LONGEST);
}
