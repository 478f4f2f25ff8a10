/** Whether a board's Storage holds what a configuration needs: a firmware, modules, and the configuration itself. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { bundleOf, featuresOf, fitOf, unusedBuses } from "../../boards/index.js";
import type { BoardSpec, Build, Feature, Fit } from "../../boards/index.js";
import { fromNode } from "../errors.js";
import { variablesOf } from "./memory.js";
import type { Config } from "./schema.js";
import { textsOf } from "./secrets.js";

type Report = (path: string, problem: string) => void;

/** The size of a file of the firmware, in bytes. */
export type SizeOf = (file: string) => number;

const WORDS: Record<Feature, string> = {
  printers: "printers",
  raw: "raw ports",
  ids: "ids of jobs",
  udp: "UDP",
  discover: "discovery",
  serial: "serial links",
  chargen: "discard and chargen",
  extras: "transactions, settings of devices, leases",
  inet: "sockets of its network",
  peers: "other boards that it dials",
  programs: "sockets of its programs",
  http: "HTTP of cameras",
  watchdog: "a watchdog and a new start after a crash",
  starts: "a count of its starts",
  slots: "a second slot",
  console: "its console over a session",
  aside: "work that steps aside for alarms",
};

/** @param directory where the firmware is: `dist/firmware` @returns what throws DevsockError (ENOENT) for a file that is not there */
export function sizesIn(directory: string): SizeOf {
  return (file) => {
    try {
      return statSync(join(directory, file)).size;
    } catch (error) {
      throw fromNode(error, "file", join(directory, file));
    }
  };
}

export function storageOf(config: Config, board: BoardSpec, sizeOf: SizeOf): Fit | undefined {
  const { open, secret } = textsOf(config);
  const lengths = [open, secret].map((text) => Buffer.byteLength(text));
  return fitOf(board, config, lengths, sizeOf, (build) => variablesOf(config, board, build) <= board.variables);
}

export function checkStorage(config: Config, board: BoardSpec, sizeOf: SizeOf, report: Report): void {
  const fit = storageOf(config, board, sizeOf);
  if (fit?.fits) return;
  const what = fit ? excessOf(fit, config, board) : lackOf(config, board);
  const enough = lessThan(config).filter(({ less }) => storageOf(less, board, sizeOf)?.fits);
  const remedy =
    enough.length > 0
      ? `enough would be all but ${enough.map(({ path }) => path).join(", or but ")}`
      : "use another board";
  report("", `${what}; ${remedy}`);
}

function lackOf(config: Config, { id }: BoardSpec): string {
  const needed = featuresOf(config).map((feature) => WORDS[feature]);
  return `no firmware of ${id} has all of ${needed.join(", ")}: there is no room for it in its Storage`;
}

function excessOf({ build, bytes }: Fit, config: Config, board: BoardSpec): string {
  const variables = variablesOf(config, board, build);
  return variables > board.variables && bytes <= board.storage
    ? `with ${bundleOf(board, build)}, for which there is room in its Storage, its devices take about ${variables} variables, and ${board.id} has ${board.variables}`
    : `its devices take ${bytes} B of Storage, the firmware and the configuration among them, and ${board.id} has ${board.storage}`;
}

/** What is left when one of its parts is removed, with what hangs on that. */
function lessThan(config: Config): { path: string; less: Config }[] {
  const { links = {}, devices = {}, endpoints = [], buses = {} } = config;
  const found: { path: string; less: Config }[] = [];
  if (config.inet) found.push({ path: "inet", less: { ...config, inet: false } });
  // A board that no host reaches is none.
  if (links.udp && (links.tcp ?? links.serial))
    found.push({ path: "links.udp", less: { ...config, links: { ...links, udp: undefined } } });
  for (const [i] of endpoints.entries())
    found.push({ path: `endpoints[${i}]`, less: { ...config, endpoints: endpoints.filter((_, at) => at !== i) } });
  for (const name of Object.keys(devices)) {
    const others = Object.fromEntries(Object.entries(devices).filter(([other]) => other !== name));
    const rest = endpoints.filter(({ device }) => device !== name);
    found.push({ path: `devices.${name}`, less: { ...config, devices: others, endpoints: rest } });
  }
  for (const name of unusedBuses(config)) {
    const others = Object.fromEntries(Object.entries(buses).filter(([other]) => other !== name));
    found.push({ path: `buses.${name}`, less: { ...config, buses: others } });
  }
  return found;
}

/** @returns what it means that a firmware has no watchdog, and without what it would have one; nothing where it has one, or no firmware of the board has */
export function describeUnwatched({ build }: Fit, config: Config, board: BoardSpec, sizeOf: SizeOf): string[] {
  const watched = ({ features }: Build): boolean => features.includes("watchdog");
  if (watched(build) || !board.builds.some(watched)) return [];
  const enough = lessThan(config).filter(({ less }) => {
    const fit = storageOf(less, board, sizeOf);
    return fit?.fits && watched(fit.build);
  });
  const remedy =
    enough.length > 0
      ? `there is one without ${enough.map(({ path }) => path).join(", or without ")}`
      : "no single part of it would have to go: use another board, or two";
  return [
    `no watchdog, and no new start after a crash, as what is configured leaves no room for them: a board that hangs stays so until its power is taken away; ${remedy}`,
  ];
}

/** A line each for Storage and for memory. */
export function describeFit({ build, bytes }: Fit, config: Config, board: BoardSpec): string[] {
  const all = new Set(board.builds.flatMap(({ features }) => features));
  const without = [...all].filter((feature) => !build.features.includes(feature)).map((feature) => WORDS[feature]);
  const lacks = without.length > 0 ? `, without ${without.join("; ")}` : "";
  const storage = `Storage: ${bytes} of ${board.storage} bytes, with the firmware ${bundleOf(board, build)}${lacks}`;
  if (board.mhz === 0) return [storage];
  const variables = `${variablesOf(config, board, build)} of ${board.variables} variables`;
  return [`memory: about ${variables}, with a host that reads all of it`, storage];
}
