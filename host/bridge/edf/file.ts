/** The file that a recorder's bytes go to. */
import { open, unlink } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { DevsockError, fromNode } from "../../errors.js";
import type { EdfBytes } from "./recorder.js";

/** From one fdatasync to the next, in ms. */
const SYNC = 1000;

/** Why a file grows no further. */
const FULL: Record<string, string> = {
  ENOSPC: "the disk is full",
  EDQUOT: "your share of the disk is used up",
  EFBIG: "files may be no longer here (ulimit -f, or the file system)",
};

/**
 * Each piece is handed to the system at once and in order: of a process that is killed all of them are there. Once a second, in
 * the background, they are made to reach the disk (fdatasync), for the case that the machine itself loses its power.
 */
export class EdfFile {
  private syncing: Promise<void> | undefined;
  private synced = 0;
  private failure: unknown;
  /** Up to here each piece is there as a whole. */
  private length = 0;

  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
  ) {}

  /** @throws DevsockError EEXIST for a file that is there, and what else forbids to make one */
  static async create(path: string): Promise<EdfFile> {
    try {
      return new EdfFile(path, await open(path, "wx"));
    } catch (error) {
      throw fromNode(error, "output", path);
    }
  }

  /** @throws DevsockError ENOSPC ... when it could not be written; what was written before stays readable, and nothing follows it */
  async write(pieces: EdfBytes[], now: number): Promise<void> {
    try {
      if (this.failure) throw this.failure as Error;
      for (const { at, bytes } of pieces) {
        await this.all(bytes, at);
        this.length = Math.max(this.length, at + bytes.length);
      }
    } catch (error) {
      this.failure ??= error;
      // A strict reader refuses a part of a record.
      await this.handle.truncate(this.length).catch(() => undefined);
      throw this.failed();
    }
    if (pieces.length === 0 || this.syncing || now - this.synced < SYNC) return;
    this.synced = now;
    this.syncing = this.handle.datasync().then(
      () => void (this.syncing = undefined),
      (error: unknown) => void (this.failure ??= error),
    );
  }

  /** @throws DevsockError when what was written did not reach the disk */
  async close(): Promise<void> {
    await this.syncing;
    try {
      if (this.failure) throw this.failure as Error;
      await this.handle.datasync();
    } catch (error) {
      this.failure ??= error;
      throw this.failed();
    } finally {
      await this.handle.close();
    }
  }

  /** Nothing is in it that anybody would miss. */
  async remove(): Promise<void> {
    await this.handle.close().catch(() => undefined);
    await unlink(this.path).catch(() => undefined);
  }

  private failed(): DevsockError {
    const { path, failure } = this;
    const { code } = failure as NodeJS.ErrnoException;
    const why = code === undefined ? undefined : FULL[code];
    if (!why) return fromNode(failure, "output", path);
    const text = `${code}: ${path} ends here, ${why}; what was recorded stays readable. Make room, and record to another file`;
    return new DevsockError(text, { address: path, cause: failure });
  }

  private async all(bytes: Buffer, at: number): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.handle.write(bytes, done, bytes.length - done, at + done);
      done += bytesWritten;
    }
  }
}
