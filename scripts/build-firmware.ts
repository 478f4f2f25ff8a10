/**
 * `npm run build:firmware -- [--board ID ...] [--out DIR] [--if-changed]`: all boards, or those named. With
 * `--if-changed` nothing is done when no source is newer than the bundles.
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { boards } from "../boards/index.js";
import type { BoardSpec } from "../boards/index.js";
import { budgetOf, MOST_TIME } from "../host/config/budget.js";
import type { DeviceConfig } from "../host/config/schema.js";
import { manifestName, readListed, readManifest } from "../boards/built.js";
import { demands } from "../protocols/device/demand.js";
import type { Firmware } from "./firmware/build.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const SOURCES = ["firmware", "protocols", "boards", "scripts"];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      board: { type: "string", multiple: true, default: boards.map(({ id }) => id) },
      out: { type: "string", default: join(root, "dist/firmware") },
      "if-changed": { type: "boolean", default: false },
    },
  });
  const wanted = values.board.map(find).filter(({ builds }) => builds.length > 0);
  if (values["if-changed"] && wanted.every(({ id }) => isCurrent(values.out, id))) return;
  const ids = wanted.map(({ id }) => id);
  // The compiler takes a second to load: not when there is nothing to do.
  const { build, filesOf, formOf, MODULES, writeFiles } = await import("./firmware/build.js");
  const { measure } = await import("./firmware/measure.js");
  const espruino = process.env["ESPRUINO"];
  const modules = await Promise.all(
    Object.entries(MODULES).map(async ([name, entry]) => ({
      name,
      built: await build(root, ids, entry, formOf(name)),
    })),
  );
  const programs = await build(root, ids);
  for (const board of wanted) {
    const files: Record<string, string> = {};
    for (const firmware of programs.filter(({ board: id }) => id === board.id)) {
      Object.assign(files, filesOf(firmware));
      console.log(report(board, firmware));
      console.log(`  loaded when called: ${[...firmware.parts].map((part) => part.join(" ")).join(", ")}`);
      if (espruino && board.id === "linux")
        console.log(`  ${await measure(espruino, firmware.image)} variables measured on ${espruino}`);
    }
    for (const { name, built } of modules) {
      const module = built.find(({ board: id }) => id === board.id)!;
      files[`${board.id}.${name}.js`] = module.image;
      console.log(
        `  module ${name}: ${module.cost.bytes} B; about ${module.cost.estimated} variables where it is loaded`,
      );
    }
    await writeFiles(values.out, board.id, files);
    for (const line of shares(board)) console.log(`  ${line}`);
  }
}

function find(id: string): BoardSpec {
  const board = boards.find((known) => known.id === id);
  if (!board) throw new Error(`no board "${id}"; choose among ${boards.map((known) => known.id).join(", ")}`);
  return board;
}

/** What each driver takes of a board at its usual rate, and what a configuration may take in all. */
function shares(board: BoardSpec): string[] {
  if (board.mhz === 0) return [];
  const of = (driver: string): string => {
    const device = { driver, uart: "", bus: "" } as unknown as DeviceConfig;
    const { shares } = budgetOf({ board: board.id, devices: { device } }, board);
    return `${driver} ${Math.round(shares[0]!.time)} %`;
  };
  const { shares: own } = budgetOf({ board: board.id }, board);
  const each = Object.keys(demands).map(of).join(", ");
  return [
    `time with one reader each, of ${MOST_TIME} % at the most: the firmware with a host ${Math.round(own[0]!.time)} %, ${each}`,
  ];
}

function report(board: BoardSpec, { name, cost }: Firmware): string {
  const { bytes, functions, parameters, estimated } = cost;
  return (
    `${name}: ${bytes} of ${board.storage} B of Storage; ${functions} functions with ${parameters} parameters, ` +
    `about ${estimated} of ${board.variables} variables at the start`
  );
}

/** Whether a board's files are all as they were built, and no source is newer. */
function isCurrent(directory: string, board: string): boolean {
  try {
    const manifest = readManifest(directory, board);
    for (const name of Object.keys(manifest)) readListed(directory, board, manifest, name);
  } catch {
    return false;
  }
  const made = statSync(join(directory, manifestName(board))).mtimeMs;
  return SOURCES.every((source) => newest(join(root, source)) < made);
}

function newest(path: string): number {
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), mtimeMs);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
