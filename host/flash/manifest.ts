/** The list that a build of the firmware leaves beside its files, by which one that was cut short or damaged since is found before a board gets it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { z } from "zod";
import { DevsockError, fromNode } from "../errors.js";

/** Of each file of a board its length and its checksum, by its name. */
export type Manifest = Readonly<Record<string, { length: number; crc: number }>>;

const count = z.number().int().min(0);
const manifest = z.record(z.string(), z.object({ length: count, crc: count }));

export function manifestName(board: string): string {
  return `${board}.manifest.json`;
}

/** @throws DevsockError ENOENT; EIO for one that is damaged itself */
export function readManifest(directory: string, board: string): Manifest {
  const path = join(directory, manifestName(board));
  try {
    return manifest.parse(JSON.parse(read(path).toString()));
  } catch (error) {
    throw error instanceof DevsockError ? error : damaged(path, board, "is not as its build wrote it");
  }
}

/** @throws DevsockError ENOENT; EIO for a file that is not what was built */
export function readListed(directory: string, board: string, manifest: Manifest, name: string): Buffer {
  const path = join(directory, name);
  const data = read(path);
  const built = manifest[name];
  if (!built) throw damaged(path, board, "is of another build than the rest");
  if (data.length !== built.length)
    throw damaged(path, board, `has ${data.length} B, and was built with ${built.length}`);
  if (crc32(data) !== built.crc) throw damaged(path, board, "has other bytes than were built");
  return data;
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw fromNode(error, "file", path);
  }
}

function damaged(path: string, board: string, what: string): DevsockError {
  return new DevsockError(
    `EIO: ${path} ${what}; build it again (npm run build:firmware -- --board ${board}), or install devsock again`,
    { address: path },
  );
}
