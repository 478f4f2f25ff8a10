/** Puts devsock and a configuration onto a board by its console, and waits until it says hello. docs/flashing.md. */
import { setTimeout as delay } from "node:timers/promises";
import { boards } from "../../boards/index.js";
import type { BoardSpec } from "../../boards/index.js";
import type { BoardInfo } from "../board-info.js";
import { parseConfig } from "../config/index.js";
import type { Config } from "../config/index.js";
import { sizesIn, storageOf } from "../config/storage.js";
import { canceled, DevsockError } from "../errors.js";
import { erase, look, store, write } from "./console.js";
import type { Found } from "./console.js";
import { footprint, readFirmware, storageFile } from "./files.js";
import type { Firmware, StorageFile } from "./files.js";
import { hello } from "./hello.js";
import { Repl } from "./repl.js";
import { searchBuses } from "./buses.js";
import { BootLog, configName, firmwareName } from "./slots.js";
import type { Slots } from "./slots.js";
import { checkVersion } from "./versions.js";

export interface FlashOptions {
  /** The serial port of the board's console. */
  port: string;
  /** Bits a second; on USB it does not matter. */
  baud?: number;
  /** The text of devsock.json, or what it holds. */
  config: unknown;
  /** Directory of the firmware's files: `dist/firmware`. */
  firmware: string;
  /** The board's id: a configuration for another is refused. */
  board?: string;
  /** Where the board is reached afterwards, if it is not to be asked for that: `tcp://192.168.1.20`. */
  address?: string;
  /** Says what would be done, and leaves the board as it is. */
  dryRun?: boolean;
  /** Each step, in words. */
  onStep?: (step: string) => void;
  /** Bytes that are in Storage, of how many. */
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

export interface FlashReport {
  board: string;
  /** The interpreter's. */
  version: string;
  /** The firmware's file, as in `dist/firmware`. */
  firmware: string;
  /** Bytes that were written; what was there already was left. */
  written: number;
  /** Which slots it has now, on a board with slots. */
  slots?: Slots;
  /** What answers on its buses, a line each. */
  buses: string[];
  /** Where it was reached, and what it said of itself; nothing when it runs and was not reached from here. */
  address?: string;
  info?: BoardInfo;
}

/**
 * What runs on the board stops when the files are written, and goes on as it was if that fails: on a board with room for two firmwares
 * the new one is in the other slot, and is started only once it is whole.
 * @throws DevsockError; ConfigError for a configuration that is not right
 */
export async function flash(options: FlashOptions): Promise<FlashReport> {
  const { onStep = () => {}, signal } = options;
  const config = parseConfig(options.config, { firmware: options.firmware, board: options.board });
  const board = boards.find(({ id }) => id === config.board)!;
  const fit = storageOf(config, board, sizesIn(options.firmware))!;
  const firmware = readFirmware(options.firmware, board, fit.build, config);
  const repl = await Repl.open(options.port, options.baud ?? 115_200);
  const stop = (): void => void repl.close();
  signal?.addEventListener("abort", stop, { once: true });
  try {
    const found = await look(repl);
    checkBoard(found, board, options.port);
    checkVersion(found.version);
    onStep(`${board.title} with Espruino ${found.version}`);
    const slotted = fit.build.features.includes("slots");
    const plan = planOf(found, firmware, config, slotted);
    for (const line of plan.words) onStep(line);
    const report = { board: board.id, version: found.version, firmware: firmware.name, written: plan.bytes };
    const slots = slotted ? { slots: plan.slots } : {};
    if (options.dryRun) return { ...report, ...slots, written: 0, buses: [] };
    await carryOut(repl, plan, options);
    const buses = await searchBuses(repl, config);
    onStep("starting it");
    await repl.run(board.paths ? "load()" : "E.reboot()");
    await repl.close();
    const { address, info } = await hello(config, board, options, slotted ? plan.slots : undefined);
    return { ...report, ...slots, buses, ...(address !== undefined && { address }), ...(info && { info }) };
  } catch (error) {
    if (signal?.aborted) throw canceled(signal, "flashing was given up", options.port);
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
    await repl.close();
  }
}

interface Plan {
  /** Written before anything is started from them. */
  files: StorageFile[];
  /** Files of what is not used any more. */
  old: string[];
  boot: StorageFile | undefined;
  slots: Slots;
  slotted: boolean;
  bytes: number;
  words: string[];
}

function planOf(found: Found, firmware: Firmware, config: Config, slotted: boolean): Plan {
  const running = slotted ? new BootLog(found.logs).running : undefined;
  const has = ({ name, data, crc }: StorageFile): boolean => {
    const there = found.files.get(name);
    return there?.length === data.length && there.crc === crc;
  };
  const named = (slot: number): StorageFile[] =>
    firmware.files.map((file) => ({ ...file, name: firmwareName(file.name, slot) }));
  // The firmware that runs may be this one: then only the configuration is new.
  const same = running && named(running.firmware).every(has);
  const other = running && !same ? 1 - running.firmware : (running?.firmware ?? 0);
  const old = (slot: number): string[] => [...found.files.keys()].filter((name) => isFirmware(name, slot));
  const needed = named(other).reduce((sum, { data }) => sum + footprint(data.length), 0);
  const text = Buffer.from(JSON.stringify(config));
  const room =
    found.free + found.trash + old(other).reduce((sum, name) => sum + footprint(found.files.get(name)!.length), 0);
  const fits = same || room >= needed + 2 * footprint(text.length) + SPARE;
  const slots = {
    firmware: fits ? other : (running?.firmware ?? 0),
    config: running ? 1 - running.config : 0,
  };
  const wanted = [...named(slots.firmware), storageFile(configName(slots.config), text)];
  const files = wanted.filter((file) => !has(file));
  const bytes = files.reduce((sum, { data }) => sum + data.length, 0);
  const stale = same
    ? []
    : old(slots.firmware).filter((name) => !wanted.some((file) => file.name === name && has(file)));
  const place = !slotted
    ? ""
    : !running
      ? ""
      : same
        ? "; the firmware that runs is this one, and stays"
        : fits
          ? `, into the slot ${"ab"[slots.firmware]}; the firmware in the slot ${"ab"[running.firmware]} stays`
          : "; Storage has no room for two, so the old firmware is erased first: if the cable is pulled meanwhile, flash again";
  return {
    ...{ files, slots, slotted, bytes },
    old: stale,
    boot: has(firmware.boot) ? undefined : firmware.boot,
    words: [
      `firmware ${firmware.name}: ${files.length} of ${wanted.length} files, ${bytes} bytes to write${place}`,
      ...(found.trash + found.free < bytes ? [`Storage has ${found.free} bytes free of ${found.total}`] : []),
    ],
  };
}

/** Kept free: logs, the boot file, and what a print job's journal may take. */
const SPARE = 2048;

function isFirmware(name: string, slot: number): boolean {
  if (/^(\.|boot\.|job\.|crash\.)/.test(name) || name.endsWith(".json")) return false;
  return name.endsWith(".b") === (slot === 1) && (name.startsWith("devsock") || MODULE.test(name));
}

/** Names of modules have no dot. */
const MODULE = /^[a-z0-9]+(\.b)?$/;

async function carryOut(
  repl: Repl,
  plan: Plan,
  { onProgress = () => {}, onStep = () => {} }: FlashOptions,
): Promise<void> {
  // What runs would go on printing and measuring beside this, and has the memory.
  onStep("stopping what runs");
  await repl.run("reset()");
  await delay(SETTLE);
  await repl.find();
  if (plan.slotted) await write(repl, new BootLog((await look(repl)).logs).gone(plan.slots));
  for (const name of plan.old) await erase(repl, name);
  let done = 0;
  for (const file of plan.files) await store(repl, file, (bytes) => onProgress((done += bytes), plan.bytes));
  if (plan.boot) await store(repl, plan.boot, () => {});
  if (plan.slotted) await write(repl, new BootLog((await look(repl)).logs).staged(plan.slots));
}

/** ms that the interpreter takes to begin anew. */
const SETTLE = 500;

function checkBoard(found: Found, board: BoardSpec, port: string): void {
  if (found.board === board.interpreter) return;
  const known = boards.filter(({ interpreter }) => interpreter === found.board).map(({ id }) => id);
  const remedy =
    known.length > 0
      ? `set "board" to ${known.join(" or ")} in the configuration, or plug the other board in`
      : "devsock does not know that board; docs/adding-a-board.md says how it would";
  throw new DevsockError(
    `ENODEV: the configuration is for ${board.id}, and the interpreter at ${port} is one of ${found.board}; ${remedy}`,
    { origin: "peer", address: port },
  );
}
