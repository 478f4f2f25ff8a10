/** Which of a board's firmwares a configuration gets, and whether its Storage holds that with all modules. docs/decisions/0011-builds.md. */
import type { BoardSpec, Build, Feature } from "./board.js";

/** What of a configuration decides it: as the file has it. */
export interface Wanted {
  links?: { udp?: unknown; serial?: unknown } | undefined;
  devices?: Readonly<Record<string, { driver: string; [bus: string]: unknown }>> | undefined;
  buses?: object | undefined;
  endpoints?: readonly { service: string; peer?: string | undefined }[] | undefined;
  inet?: boolean | undefined;
  /** Other boards that it dials. */
  peers?: object | undefined;
  /** Programs of the board's own are beside it. */
  programs?: boolean;
}

/** Of a board's Storage, in bytes. */
export interface Fit {
  build: Build;
  /** Firmware, modules, and the configuration, twice where it has slots: the next one is written before the last is erased. */
  bytes: number;
  /** Whether the board has that, what must stay free beside it, and the memory that the build takes. */
  fits: boolean;
}

/** The driver that is in the firmware itself; each of the others is a module. A camera's HTTP is one, too. */
const BUILT_IN = "escpos";

/** Drivers that are devices by themselves; each of the others gives units, which the module of sensors tells to whoever reads them. */
const WHOLE = ["analyser", "ov2640", "ov528", "vc0706"];

/** Of Storage, in bytes, where there are slots: for the boot file, its log and the next one, the reason of a crash, that of a start that was asked for, and what a print job's journal may take. */
const SPARE = 2624;

/** Beside the boot file, where there is a watchdog and no slots: for the count of starts, and the reason of a crash. */
const RECORDS = 640;

/** The modules in Storage that a configuration needs. */
export function modulesOf({ devices = {}, endpoints = [] }: Wanted): string[] {
  const drivers = Object.values(devices).map(({ driver }) => driver);
  const modules = [...new Set(drivers)].filter((driver) => driver !== BUILT_IN);
  if (modules.some((driver) => !WHOLE.includes(driver))) modules.push("sensors");
  if (endpoints.some(({ service }) => service === "http")) modules.push("httpd");
  return modules;
}

/** Buses that no device hangs on: they are there for transactions of programs. */
export function unusedBuses({ devices = {}, buses = {} }: Pick<Wanted, "devices" | "buses">): string[] {
  const used = Object.values(devices).flatMap(({ bus, i2c, spi }) => [bus, i2c, spi]);
  return Object.keys(buses).filter((bus) => !used.includes(bus));
}

/** What a firmware must have for a configuration. The rest is for whoever asks later. */
export function featuresOf({
  links,
  devices = {},
  buses = {},
  endpoints = [],
  inet,
  peers,
  programs,
}: Wanted): Feature[] {
  const features: Feature[] = [];
  if (unusedBuses({ devices, buses }).length > 0) features.push("extras");
  if (Object.values(devices).some(({ driver }) => driver === BUILT_IN)) features.push("printers");
  for (const service of ["raw", "http"] as const)
    if (endpoints.some((endpoint) => endpoint.service === service && endpoint.peer === undefined))
      features.push(service);
  for (const link of ["udp", "serial"] as const) if (links?.[link]) features.push(link);
  if (inet) features.push("inet");
  if (peers) features.push("peers");
  if (programs) features.push("programs");
  return features;
}

/** A build's files are `NAME.js` and, for the start, `NAME.boot.js`. */
export function bundleOf(board: BoardSpec, { name }: Build): string {
  return name ? `${board.id}-${name}` : board.id;
}

/**
 * The first of the board's builds that has what a configuration needs and leaves room for its modules: before others one with a second slot, then one with a watchdog, then one that answers probes where there is a UDP link; else the one that
 * comes nearest, and none where no build has all of it.
 * @param lengths of the configuration's files in Storage, in bytes
 * @param sizeOf of a file of the firmware, in bytes
 * @param holds whether the board's memory is enough for a build
 */
export function fitOf(
  board: BoardSpec,
  config: Wanted,
  lengths: readonly number[],
  sizeOf: (file: string) => number,
  holds: (build: Build) => boolean = () => true,
): Fit | undefined {
  const features = featuresOf(config);
  const modules = modulesOf(config).map((module) => `${board.id}.${module}.js`);
  // Where there is room for that a board is updated over the link, stays up by itself, and one with a UDP link is found on its network.
  const worth = ({ features }: Build): number =>
    4 * Number(features.includes("slots")) +
    2 * Number(features.includes("watchdog")) +
    Number(!!config.links?.udp && features.includes("discover"));
  const fits = board.builds
    .filter((build) => features.every((feature) => build.features.includes(feature)))
    .sort((one, other) => worth(other) - worth(one))
    .map((build): Fit => {
      const name = bundleOf(board, build);
      const files = [`${name}.js`, `${name}.boot.js`, ...modules].map(sizeOf);
      // Where there is no other slot the next one takes the place of the last.
      const others = build.features.includes("slots") ? lengths : [];
      const bytes = footprint(...files, ...lengths, ...others);
      const spare = spareOf(build, files[1]!) - footprint(files[1]!);
      return { build, bytes, fits: bytes + spare <= board.storage && holds(build) };
    });
  return fits.find(({ fits }) => fits) ?? fits.sort((one, other) => one.bytes - other.bytes)[0];
}

/** @param boot length of the build's boot file @returns bytes of Storage for it, and for what the firmware itself writes */
export function spareOf({ features }: Build, boot: number): number {
  if (features.includes("slots")) return SPARE;
  return footprint(boot) + (features.includes("watchdog") ? RECORDS : 0);
}

/** What files of these lengths take of Storage: each an entry, and its bytes in steps of 4. src/jsflash.h of the interpreter. */
export function footprint(...lengths: readonly number[]): number {
  return lengths.reduce((sum, length) => sum + 32 + 4 * Math.ceil(length / 4), 0);
}
