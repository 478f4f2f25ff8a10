/** What is to be written into a board's Storage, and where: of both ways there, its console and its link. */
import { footprint } from "../../boards/index.js";
import { LOGS } from "../../protocols/service/boot-log.js";
import { ASKED, CRASH, STARTS } from "../../protocols/service/starts.js";
import { secretFileOf } from "../../protocols/service/secrets.js";
import type { Config } from "../config/index.js";
import { textsOf } from "../config/secrets.js";
import { BOOT_FILE, storageFile } from "./files.js";
import type { Firmware, StorageFile } from "./files.js";
import { configName, firmwareName } from "./slots.js";
import type { Slots } from "./slots.js";

/** Of Storage: bytes that are blank, and that erased files take until it is compacted; files by name. */
export interface Room {
  total: number;
  free: number;
  trash: number;
  files: ReadonlyMap<string, { length: number; crc: number }>;
}

export interface Plan {
  /** Written before anything is started from them. */
  files: StorageFile[];
  /** Files of what is not used any more. */
  old: string[];
  boot: StorageFile | undefined;
  slots: Slots;
  slotted: boolean;
  bytes: number;
  /** Bytes of Storage that are not there; none where this is no more than 0. */
  missing: number;
  words: string[];
}

/** Beside the program, its modules and the configuration. */
const OWN = [BOOT_FILE, ...LOGS, STARTS, CRASH, ASKED];

/**
 * @param running what starts now, of a board with slots
 * @param config none where it stays as it is
 */
export function planOf(
  found: Room,
  running: Slots | undefined,
  firmware: Firmware,
  config: Config | undefined,
  slotted: boolean,
): Plan {
  const has = ({ name, data, crc }: StorageFile): boolean => {
    const there = found.files.get(name);
    return there?.length === data.length && there.crc === crc;
  };
  const named = (slot: number): StorageFile[] =>
    firmware.files.map((file) => ({ ...file, name: firmwareName(file.name, slot) }));
  // The firmware that runs may be this one: then only the configuration is new.
  const same = running && named(running.firmware).every(has);
  const other = running && !same ? 1 - running.firmware : (running?.firmware ?? 0);
  const old = (slot: number): string[] =>
    [...firmware.names].map((name) => firmwareName(name, slot)).filter((name) => found.files.has(name));
  const needed = footprintOf(named(other));
  const configFiles = (slot: number): StorageFile[] => (config ? filesOf(config, slot) : []);
  const blank = found.free + found.trash;
  const room = blank + footprint(...old(other).map((name) => found.files.get(name)!.length));
  // Some of what the firmware writes beside may be there already.
  const spare = Math.max(0, firmware.spare - footprint(...OWN.flatMap((name) => found.files.get(name)?.length ?? [])));
  const fits = same || room >= needed + 2 * footprintOf(configFiles(0)) + spare;
  const slots = {
    firmware: fits ? other : (running?.firmware ?? 0),
    config: running && config ? 1 - running.config : (running?.config ?? 0),
  };
  const wanted = [...named(slots.firmware), ...configFiles(slots.config)];
  const files = wanted.filter((file) => !has(file));
  const bytes = files.reduce((sum, { data }) => sum + data.length, 0);
  const stale = same
    ? []
    : old(slots.firmware).filter((name) => !wanted.some((file) => file.name === name && has(file)));
  const replaced = [...new Set([...stale, ...files.map(({ name }) => name)])];
  const freed = footprint(...replaced.flatMap((name) => found.files.get(name)?.length ?? []));
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
    // The boot file and a new log are written as well.
    missing: footprintOf(files) + spare - blank - freed,
    old: stale,
    boot: has(firmware.boot) ? undefined : firmware.boot,
    words: [
      `firmware ${firmware.name}: ${files.length} of ${wanted.length} files, ${bytes} bytes to write${place}`,
      ...(config?.network?.ssid !== undefined && !config.network.password ? [openNetwork(config.network.ssid)] : []),
      ...(config && together(found, running) ? [TOGETHER + (slotted ? LATER : "")] : []),
      ...(blank < bytes ? [`Storage has ${found.free} bytes free of ${found.total}`] : []),
    ],
  };
}

function footprintOf(files: readonly StorageFile[]): number {
  return footprint(...files.map(({ data }) => data.length));
}

function openNetwork(ssid: string): string {
  return `it joins ${ssid} without a password; if that has one, give it with --wifi-password-file`;
}

const TOGETHER = "the configuration that is there has its secrets in it; they get a file of their own";
const LATER = ", and the old one goes when the next is written";

/** Whether what runs was written before secrets had a file of their own. */
function together({ files }: Room, running: Slots | undefined): boolean {
  const name = configName(running?.config ?? 0);
  return files.has(name) && !files.has(secretFileOf(name));
}

/** A configuration's two files. */
export function filesOf(config: Config, slot: number): StorageFile[] {
  const { open, secret } = textsOf(config);
  return [
    storageFile(configName(slot), Buffer.from(open)),
    storageFile(secretFileOf(configName(slot)), Buffer.from(secret)),
  ];
}
