/** A board's Storage over its link: `:storage` of docs/protocol/services.md. */
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { readRecord } from "../device/records.js";
import { canceled, DevsockError } from "../errors.js";
import type { Board } from "../gateway.js";
import type { StorageFile } from "./files.js";

/** What is in it. */
export interface StorageList {
  /** Bytes: all, those that are blank, and those that erased files take until it is compacted. */
  total: number;
  free: number;
  trash: number;
  /** Which slots were started: the firmware's, and twice the configuration's; nothing where there are none. */
  slots?: number | undefined;
  /** Name and length of each file. */
  files: [name: string, length: number][];
}

const count = z.number().int().min(0);
const list: z.ZodType<StorageList> = z.looseObject({
  ...{ total: count, free: count, trash: count, slots: count.optional() },
  files: z.array(z.tuple([z.string(), count])),
});
const sum = z.looseObject({ crc: count, length: count });
const stored = z.looseObject({ stored: count });
const erased = z.looseObject({ erased: z.string() });
const started = z.looseObject({ started: count });

/** Storage is compacted for so many ms at the most, in steps of. */
const COMPACTION = 30_000;
const AGAIN = 1000;

/** Of a file in a socket at once. */
const PIECE = 2048;

export class BoardStorage {
  constructor(private readonly board: Board) {}

  list(signal?: AbortSignal): Promise<StorageList> {
    return this.ask("", list, signal);
  }

  /** @throws DevsockError ENOENT; EACCES for a configuration, which has secrets */
  async get(name: string, signal?: AbortSignal): Promise<Buffer> {
    const socket = await this.board.open(`:storage/get/${named(name)}`, { signal });
    socket.end();
    const pieces: Buffer[] = [];
    for await (const piece of socket) pieces.push(piece as Buffer);
    return Buffer.concat(pieces);
  }

  /** A file's checksum, as zlib's crc32 has it. */
  async sum(name: string, signal?: AbortSignal): Promise<{ crc: number; length: number }> {
    return this.ask(`/sum/${named(name)}`, sum, signal);
  }

  /**
   * Writes a file, in place of one of that name; the board checks that all of it is there, and else has none.
   * @param progress how many more bytes are on their way
   * @throws DevsockError EACCES for what runs, ENOSPC, EIO
   */
  async put({ name, data, crc }: StorageFile, progress: (bytes: number) => void, signal?: AbortSignal): Promise<void> {
    const address = `:storage/put/${named(name)}/${data.length}/${crc}`;
    const until = Date.now() + COMPACTION;
    for (;;) {
      const socket = await this.board.open(address, { signal }).catch((error: unknown) => {
        if (!(error instanceof DevsockError) || error.code !== "EAGAIN" || Date.now() > until) throw error;
      });
      if (!socket) {
        await delay(AGAIN, undefined, { signal });
        continue;
      }
      // Reading below tells of it.
      const failed = new Promise<void>((resolve) => socket.once("error", () => resolve()));
      const stop = (): void => void socket.destroy(canceled(signal!, `${name} was not written`, this.board.address));
      signal?.addEventListener("abort", stop);
      try {
        for (let at = 0; at < data.length && !socket.destroyed; at += PIECE) {
          const piece = data.subarray(at, at + PIECE);
          const more = socket.write(piece);
          progress(piece.length);
          if (!more) await Promise.race([new Promise((resolve) => socket.once("drain", resolve)), failed]);
        }
        await readRecord(socket, `${this.board.address} ${address}`, stored);
      } finally {
        signal?.removeEventListener("abort", stop);
      }
      return;
    }
  }

  async remove(name: string, signal?: AbortSignal): Promise<void> {
    await this.ask(`/rm/${named(name)}`, erased, signal);
  }

  /** The board starts anew, with these slots on trial. */
  async start(slots: number, signal?: AbortSignal): Promise<void> {
    await this.ask(`/start/${slots}`, started, signal);
  }

  private async ask<T>(what: string, shape: z.ZodType<T>, signal?: AbortSignal): Promise<T> {
    const address = `:storage${what}`;
    return readRecord(await this.board.open(address, { signal }), `${this.board.address} ${address}`, shape);
  }
}

/** Bytes of a file's name that Storage keeps. */
const LONGEST = 28;

/** @throws DevsockError EINVAL */
function named(name: string): string {
  if (!/^[\x21-\x7e]+$/.test(name) || name.includes("/") || name.length > LONGEST)
    throw new DevsockError(
      `EINVAL: "${name}" is no file's name on a board: up to ${LONGEST} characters, without spaces and /`,
    );
  return name;
}
