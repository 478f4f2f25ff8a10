/**
 * The files that a build of the firmware leaves for a board, and the list beside them, by which one that was cut short or damaged since is found before a board gets it.
 * For whoever flashes, updates or simulates one.
 */
/// <reference types="node" />
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";

/** Of each file of a board its length and its checksum, by its name. */
export type Manifest = Readonly<Record<string, { length: number; crc: number }>>;

export function manifestName(board: string): string {
  return `${board}.manifest.json`;
}

/** @throws Error with `code` and `path`: ENOENT; EIO for one that is damaged itself */
export function readManifest(directory: string, board: string): Manifest {
  const path = join(directory, manifestName(board));
  const text = read(path, board).toString();
  try {
    const manifest = JSON.parse(text) as Manifest;
    if (Object.values(manifest).every(({ length, crc }) => Number.isInteger(length) && Number.isInteger(crc)))
      return manifest;
  } catch {
    // As below.
  }
  throw failure("EIO", path, board, "is not as its build wrote it");
}

/** @throws Error with `code` and `path`: ENOENT; EIO for a file that is not what was built */
export function readListed(directory: string, board: string, manifest: Manifest, name: string): Buffer {
  const path = join(directory, name);
  const data = read(path, board);
  const built = manifest[name];
  if (!built) throw failure("EIO", path, board, "is of another build than the rest");
  if (data.length !== built.length)
    throw failure("EIO", path, board, `has ${data.length} B, and was built with ${built.length}`);
  if (crc32(data) !== built.crc) throw failure("EIO", path, board, "has other bytes than were built");
  return data;
}

function read(path: string, board: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const { code = "EIO" } = cause as NodeJS.ErrnoException;
    throw failure(code, path, board, code === "ENOENT" ? "is not there" : "cannot be read", cause);
  }
}

function failure(code: string, path: string, board: string, what: string, cause?: unknown): Error {
  const text = `${path} ${what}; build it again (npm run build:firmware -- --board ${board}), or install devsock again`;
  return Object.assign(new Error(text, { cause }), { code, path });
}
