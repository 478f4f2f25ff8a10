/** The board's configuration, devsock.json in Storage, and its secrets, devsock.key: docs/decisions/0014-secrets.md. */
import { features } from "#features";
import { secretFileOf } from "../protocols/service/secrets.js";
import type { PeerConfig } from "./endpoint/peers.js";
import type { RawOptions } from "./endpoint/raw.js";
import type { NetworkConfig, NetworkLink } from "./network/index.js";
import { safe } from "./starts.js";

/** The configuration as the host has checked it; docs/config.schema.json. */
export interface Config {
  name?: string;
  /** 64 hexadecimal digits. */
  key?: string;
  network?: NetworkConfig;
  links?: {
    tcp?: NetworkLink;
    udp?: NetworkLink;
    serial?: UartConfig & { trusted?: boolean };
  };
  devices?: { [name: string]: DeviceConfig | DevsockDeviceConfig };
  buses?: { [name: string]: BusConfig };
  endpoints?: ({ service: string; device: string; peer?: string } & RawOptions)[];
  inet?: boolean;
  peers?: { [name: string]: PeerConfig };
}

export interface UartConfig {
  uart: string;
  baud: number;
  path?: string;
  pins?: { tx?: string; rx?: string; cts?: string; dtr?: string; rts?: string };
}

export interface DeviceConfig extends UartConfig {
  driver: string;
  flow?: string;
  buffer?: number;
  answers?: boolean;
}

export interface BusConfig {
  /** I2C1, SPI1. */
  port: string;
  bitrate?: number;
  mode?: 0 | 1 | 2 | 3;
  order?: "msb" | "lsb";
  pins?: { [signal: string]: string };
  /** Of each chip. */
  cs?: string[];
}

const file = features.slots ? $_b.c : "devsock.json";

/** All but the secrets, for who asks later: from Storage. */
export function readConfig(): Config {
  return require("Storage").readJSON<Config>(file, true) || {};
}

/** With its secrets, until all is open; then only `name`, `network`, `inet` and `peers` are left. */
export const config: Config = readConfig();

interface Part {
  [name: string]: string | Part;
}

/** Puts each secret in its place. */
function add(to: Part, secrets: Part): void {
  for (const name in secrets) {
    const value = secrets[name]!;
    if (typeof value != "object") to[name] = value;
    // A file that is damaged must not keep the board from starting.
    else if (to[name]) add(to[name] as Part, value);
  }
}

add(config as unknown as Part, require("Storage").readJSON<Part>(secretFileOf(file), true) || {});

// What does not start may be a device's fault: a host can come in and see.
if (safe) {
  delete config.devices;
  delete config.buses;
  delete config.endpoints;
}
