/** A board at its interpreter's console: what is in its Storage, and how that changes. */
import { LOGS } from "../../protocols/service/boot-log.js";
import { DevsockError } from "../errors.js";
import type { StorageFile } from "./files.js";
import type { Room } from "./plan.js";
import type { Repl } from "./repl.js";
import type { Write } from "./slots.js";

/** What the interpreter says of itself and of its Storage. */
export interface Found extends Room {
  /** Its own name of the board, as ESPRUINOWIFI. */
  board: string;
  /** As 2v29, or 2v29.277. */
  version: string;
  /** What it has of `LOGS`. */
  logs: Record<string, Uint8Array | null>;
}

interface State {
  b: string;
  v: string;
  t: number;
  f: number;
  x: number;
  n: [string, number, number][];
  l: (string | null)[];
}

/** One expression: in variables of the board it takes little more than its answer. */
const STATE =
  `(function(s){var t=s.getStats();return{b:process.env.BOARD,v:process.env.VERSION,t:t.totalBytes,f:t.freeBytes,x:t.trashBytes,` +
  `n:s.list().map(function(n){var d=s.read(n);return[n,d.length,E.CRC32(d)]}),` +
  `l:${JSON.stringify(LOGS)}.map(function(n){var d=s.read(n);return d?btoa(d):null})}})(require("Storage"))`;

export async function look(repl: Repl): Promise<Found> {
  const { b, v, t, f, x, n, l } = (await repl.evaluate(STATE)) as State;
  return {
    ...{ board: b, version: v, total: t, free: f, trash: x },
    files: new Map(n.map(([name, length, crc]) => [name, { length, crc }])),
    logs: Object.fromEntries(l.map((text, i) => [LOGS[i]!, text === null ? null : Buffer.from(text, "base64")])),
  };
}

/** Bytes of a file that are written at once: they take four times as many of the interpreter's memory until they are. */
const PIECE = 768;

/** Times that a file is written when it does not read as it should. */
const TRIES = 2;

/**
 * Writes a file, and reads it again.
 * @throws DevsockError EIO when it is damaged, ENOSPC when there is no room
 */
export async function store(repl: Repl, file: StorageFile, progress: (bytes: number) => void): Promise<void> {
  const { name, data, crc } = file;
  for (let i = 0; i < TRIES; i++) {
    await erase(repl, name);
    await writeAll(repl, file, i === 0 ? progress : () => {});
    if ((await checksum(repl, name)) === crc) return;
  }
  const text = `EIO: ${name} (${data.length} B) is damaged in Storage after it was written ${TRIES} times; is the cable too long?`;
  throw new DevsockError(text, { origin: "device", address: repl.path });
}

async function writeAll(repl: Repl, { name, data }: StorageFile, progress: (bytes: number) => void): Promise<void> {
  for (let offset = 0; offset < data.length; offset += PIECE) {
    const piece = data.subarray(offset, offset + PIECE);
    try {
      await write(repl, [{ name, offset, data: piece, size: data.length }]);
    } catch (error) {
      if (!(error instanceof DevsockError) || !/find or create/.test(error.message)) throw error;
      const { free } = await look(repl);
      const text = `ENOSPC: ${name} takes ${data.length} B of Storage, and ${free} are left; erase what is not needed there`;
      throw new DevsockError(text, { origin: "device", address: repl.path, cause: error });
    }
    progress(piece.length);
  }
}

export async function erase(repl: Repl, name: string): Promise<void> {
  await repl.evaluate(`(require("Storage").erase(${JSON.stringify(name)}),1)`);
}

export async function write(repl: Repl, writes: readonly Write[]): Promise<void> {
  for (const { name, offset, data, size = 0 } of writes)
    if (!data) await erase(repl, name);
    else {
      const bytes = `atob("${Buffer.from(data).toString("base64")}")`;
      await repl.evaluate(`(require("Storage").write(${JSON.stringify(name)},${bytes},${offset},${size}),1)`);
    }
}

async function checksum(repl: Repl, name: string): Promise<unknown> {
  return repl.evaluate(`(function(d){return d?E.CRC32(d):0})(require("Storage").read(${JSON.stringify(name)}))`);
}
