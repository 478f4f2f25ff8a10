/**
 * The variables of the interpreter that a configuration takes with a host that has a socket to each device: all of its memory. Measured on the interpreter's
 * 32-bit build (docs/limits.md), where not said otherwise.
 */
import { bundleOf, featuresOf, isScarce, modulesOf } from "../../boards/index.js";
import type { BoardSpec, Build } from "../../boards/index.js";
import { variables } from "../../boards/variables.js";
import type { Config } from "./schema.js";

/** Of a build that nobody has measured yet. */
const MOST_BARE = 1600;

/** Listening on one more link than the first. */
const LINK = { udp: 120, serial: 101 } as const;
const ENDPOINTS = { raw: 40, http: 127 } as const;
/** On a board with few variables less of it stays. */
const PRINTER = 283;
const PRINTER_SCARCE = 245;
/** What waits for a link where frames get lost, where no network has been counted. */
const LOSSY = 30;
/** The module that tells a sensor's units. */
const SENSORS = 105;
/** With their modules, in a firmware that has nothing else. */
const DRIVERS: Readonly<Record<string, number>> = {
  ad8232: 250,
  max30102: 175,
  mlx90614: 111,
  ds18b20: 74,
  nonin: 325,
  cms50: 338,
  analyser: 157,
  vc0706: 413,
  ov528: 371,
  ov2640: 408,
};

/** Most of what a board with a watchdog keeps for its end, and does not keep beside sensors that are let go of then, which those on a UART are not: firmware/sensors.ts. */
const LET_GO = 185;
const LET_GO_OF: readonly string[] = ["ad8232", "max30102", "mlx90614", "ds18b20"];
/** Boards with fewer keep nothing: firmware/health.ts. */
const KEEPING = 3000;

/** Of an interpreter that commands its network by AT: its own modules, while it joins. */
export const MODEM = 566;

/** Boards that it dials: what is loaded for one, and a session with it. */
const PEER = 643;

/** A host, with a key and without. */
const SESSION = 264;
const INSECURE_SESSION = 226;
/** A device whose socket a host has, while it works: a printer prints, others are read. */
const JOB = 340;
const READER = 260;
/** What must be free for the last one: firmware/main.ts and firmware/io/memory.ts. And what is under way while that is asked. */
const LAST_SOCKET = 120;
const RESERVE = 740;
const OPENING = 300;

/** With the build that takes least, of those that have what is needed: which of them it will be is a matter of Storage, too. */
export function leastVariables(config: Config, board: BoardSpec): number {
  return Math.min(...buildsFor(config, board).map((build) => variablesOf(config, board, build)));
}

/** @returns 0 of a PC, whose interpreter takes what it needs */
export function variablesOf(config: Config, board: BoardSpec, build: Build): number {
  if (board.mhz === 0) return 0;
  const sockets = Object.values(config.devices ?? {}).map(({ driver }) => (driver in DRIVERS ? READER : JOB));
  // What takes least is opened last.
  const others = sockets.sort((one, other) => other - one).slice(0, -1);
  const session = config.key === undefined ? INSECURE_SESSION : SESSION;
  const idle = idleVariables(config, board, build);
  return others.reduce((sum, socket) => sum + socket, idle + session + LAST_SOCKET + RESERVE + OPENING);
}

/** Before a host is there. */
export function idleVariables(config: Config, board: BoardSpec, build: Build): number {
  const { links = {}, devices = {}, endpoints = [] } = config;
  const drivers = Object.values(devices).map(({ driver }) => driver);
  const modules = drivers.filter((driver) => driver in DRIVERS);
  const parts = [
    variables[bundleOf(board, build)]?.storage?.bare ?? MOST_BARE,
    links.tcp && links.udp ? LINK.udp : 0,
    (links.tcp ?? links.udp) && links.serial ? LINK.serial : 0,
    ...endpoints.map(({ service, peer }) => (peer === undefined ? ENDPOINTS[service] : 0)),
    config.peers ? PEER : 0,
    board.network.baud === undefined ? 0 : MODEM,
    !links.tcp && !links.udp && links.serial ? LOSSY : 0,
    (drivers.length - modules.length) * (isScarce(board) ? PRINTER_SCARCE : PRINTER),
    modulesOf(config).includes("sensors") ? SENSORS : 0,
    ...modules.map((driver) => DRIVERS[driver]!),
  ];
  const held = modules.reduce((sum, driver) => sum + (LET_GO_OF.includes(driver) ? DRIVERS[driver]! : 0), 0);
  const keeps = build.features.includes("watchdog") && board.variables >= KEEPING;
  return parts.reduce((sum, part) => sum + part, keeps ? -Math.min(LET_GO, held) : 0);
}

/** All of them where none has what is needed. */
function buildsFor(config: Config, board: BoardSpec): readonly Build[] {
  const needed = featuresOf(config);
  const able = board.builds.filter(({ features }) => needed.every((feature) => features.includes(feature)));
  return able.length > 0 ? able : board.builds;
}
