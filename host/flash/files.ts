/** What of devsock goes into a board's Storage, and under which names. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { bundleOf, modulesOf } from "../../boards/index.js";
import type { BoardSpec, Build } from "../../boards/index.js";
import type { Config } from "../config/index.js";
import { fromNode } from "../errors.js";

/** The file that the interpreter runs when it starts. */
export const BOOT_FILE = ".bootcde";

export interface StorageFile {
  name: string;
  data: Uint8Array;
  /** As the interpreter's own `E.CRC32` has it. */
  crc: number;
}

export interface Firmware {
  /** Of its files in `dist/firmware`. */
  name: string;
  /** What starts it. */
  boot: StorageFile;
  /** The program and its modules: without the slot's ending. */
  files: StorageFile[];
}

/** @param directory of the firmware's files @throws DevsockError ENOENT */
export function readFirmware(directory: string, board: BoardSpec, build: Build, config: Config): Firmware {
  const name = bundleOf(board, build);
  const file = (stored: string, path: string): StorageFile => storageFile(stored, read(join(directory, path)));
  return {
    name,
    boot: file(BOOT_FILE, `${name}.boot.js`),
    files: [
      file("devsock", `${name}.js`),
      ...modulesOf(config).map((module) => file(module, `${board.id}.${module}.js`)),
    ],
  };
}

export function storageFile(name: string, data: Uint8Array): StorageFile {
  return { name, data, crc: crc32(data) };
}

/** What a file takes of Storage: its entry, and its bytes in steps of 4. src/jsflash.h of the interpreter. */
export function footprint(length: number): number {
  return 32 + 4 * Math.ceil(length / 4);
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw fromNode(error, "file", path);
  }
}
