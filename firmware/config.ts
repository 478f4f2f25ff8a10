/** The board's configuration, devsock.json in Storage. */
import { features } from "#features";
import { Mark } from "../protocols/service/boot-log.js";
import type { RawOptions } from "./endpoint/raw.js";
import type { NetworkConfig, NetworkLink } from "./network/index.js";

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
  endpoints?: ({ service: string; device: string } & RawOptions)[];
  inet?: boolean;
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

/** All of it, for who asks later: from Storage. */
export function readConfig(): Config {
  return require("Storage").readJSON<Config>(features.slots ? $_b.c : "devsock.json", true) || {};
}

/** Until all is open; then only `name`, `network` and `inet` are left. */
export const config: Config = readConfig();

// What does not start may be a device's fault: a host can come in and see.
if (features.slots && $_b.m == Mark.safe) {
  delete config.devices;
  delete config.buses;
  delete config.endpoints;
}
