/**
 * The variables of the interpreter that a configuration takes with a host that has a socket to each device: all of its memory. Measured on the interpreter's
 * 32-bit build (docs/performance.md), where not said otherwise.
 */
import { featuresOf } from "../../boards/index.js";
import type { BoardSpec } from "../../boards/index.js";
import type { Config } from "./schema.js";

/** The smallest firmware with a link on TCP, at rest. */
const FIRMWARE = 1275;
/** What each feature adds to that, about: 182 for twelve of them, as estimated from their functions. */
const FEATURE = 15;

const LINKS = { tcp: 0, udp: 102, serial: 101 } as const;
const ENDPOINTS = { raw: 31, http: 185 } as const;
const PRINTER = 326;
/** The module behind the drivers of sensors and cameras. */
const SENSORS = 105;
/** With their modules. Those of cameras are estimated from their functions, and a buffer. */
const DRIVERS: Readonly<Record<string, number>> = {
  ad8232: 344,
  max30102: 291,
  mlx90614: 191,
  ds18b20: 146,
  nonin: 438,
  cms50: 447,
  analyser: 147,
  vc0706: 420,
  ov528: 380,
  ov2640: 345,
};

/** Boards that it dials: what is loaded for one, and a session with it. */
const PEER = 643;

const SESSION = 227;
const SOCKET = 67;
/** What must be free for the last one: firmware/main.ts and firmware/io/memory.ts. */
const LAST_SOCKET = 120;
const RESERVE = 740;

/** @returns 0 of a PC, whose interpreter takes what it needs */
export function variablesOf(config: Config, board: BoardSpec): number {
  if (board.mhz === 0) return 0;
  const { links = {}, devices = {}, endpoints = [] } = config;
  const drivers = Object.values(devices).map(({ driver }) => driver);
  const modules = drivers.filter((driver) => driver in DRIVERS);
  const parts = [
    FIRMWARE + FEATURE * leastFeatures(config, board),
    ...(["tcp", "udp", "serial"] as const).map((link) => (links[link] ? LINKS[link] : 0)),
    ...endpoints.map(({ service, peer }) => (peer === undefined ? ENDPOINTS[service] : 0)),
    config.peers ? PEER : 0,
    (drivers.length - modules.length) * PRINTER,
    modules.length > 0 ? SENSORS : 0,
    ...modules.map((driver) => DRIVERS[driver]!),
    SESSION + Math.max(0, drivers.length - 1) * SOCKET + LAST_SOCKET + RESERVE,
  ];
  return parts.reduce((sum, part) => sum + part, 0);
}

/** Of the board's builds that have what is needed the one with least: others are taken only where there is room for more. */
function leastFeatures(config: Config, board: BoardSpec): number {
  const needed = featuresOf(config);
  const able = board.builds.filter(({ features }) => needed.every((feature) => features.includes(feature)));
  return Math.min(...(able.length > 0 ? able : board.builds).map(({ features }) => features.length));
}
