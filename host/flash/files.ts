/** What of devsock goes into a board's Storage, and under which names. */
import { crc32 } from "node:zlib";
import { readListed, readManifest } from "../../boards/built.js";
import type { Manifest } from "../../boards/built.js";
import { bundleOf, modulesOf, spareOf } from "../../boards/index.js";
import type { BoardSpec, Build } from "../../boards/index.js";
import type { Config } from "../config/index.js";
import { DevsockError } from "../errors.js";

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
  /** All names that the program and its modules have, also those that this configuration has no use for. */
  names: ReadonlySet<string>;
  /** Bytes of Storage that must stay free beside the files: for the boot file, and what the firmware writes. */
  spare: number;
}

/** @param directory of the firmware's files @throws DevsockError ENOENT; EIO for a file that is not what was built */
export function readFirmware(directory: string, board: BoardSpec, build: Build, config: Config): Firmware {
  const name = bundleOf(board, build);
  const manifest = manifestOf(directory, board);
  const modules = Object.keys(manifest).flatMap(
    (path) => new RegExp(`^${board.id}\\.(?!boot\\.)(\\w+)\\.js$`).exec(path)?.[1] ?? [],
  );
  const file = (stored: string, path: string): StorageFile =>
    storageFile(
      stored,
      told(() => readListed(directory, board.id, manifest, path)),
    );
  const boot = file(BOOT_FILE, `${name}.boot.js`);
  return {
    ...{ name, boot, spare: spareOf(build, boot.data.length) },
    files: [
      file("devsock", `${name}.js`),
      ...modulesOf(config).map((module) => file(module, `${board.id}.${module}.js`)),
    ],
    names: new Set(["devsock", ...modules]),
  };
}

/** @throws DevsockError ENOENT; EIO for a list that is damaged itself */
export function manifestOf(directory: string, board: BoardSpec): Manifest {
  return told(() => readManifest(directory, board.id));
}

function told<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const { code, path, message } = cause as NodeJS.ErrnoException;
    throw new DevsockError(`${code}: ${message}`, { ...(path !== undefined && { address: path }), cause });
  }
}

export function storageFile(name: string, data: Uint8Array): StorageFile {
  return { name, data, crc: crc32(data) };
}
