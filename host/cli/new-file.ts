/** A file that is there as a whole or not at all: written beside its place, and put there when it is done. */
import { randomBytes } from "node:crypto";
import { link, open, realpath, rename, rm, stat } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DevsockError, fromNode } from "../index.js";

export class NewFile {
  private constructor(
    readonly path: string,
    /** Where it is until it is whole; null for a device or pipe, which is written as it is. */
    private readonly part: string | null,
    private readonly handle: FileHandle,
    private readonly replace: boolean,
  ) {}

  /**
   * Looks whether it can be made, before there is anything to put into it.
   * @param replace a file that is there
   * @throws DevsockError EEXIST, ENOENT, EACCES, EISDIR ...
   */
  static async begin(path: string, replace = false): Promise<NewFile> {
    try {
      const there = await stat(path).catch(() => undefined);
      if (there?.isDirectory()) throw Object.assign(new Error("directory"), { code: "EISDIR" });
      if (there && !there.isFile()) return new NewFile(path, null, await open(path, "w"), true);
      if (there && !replace) throw Object.assign(new Error("there already"), { code: "EEXIST" });
      // A link stays one.
      const real = there ? await realpath(path) : path;
      const part = join(dirname(real), `.${basename(real)}.${randomBytes(4).toString("hex")}.part`);
      return new NewFile(real, part, await open(part, "wx"), replace);
    } catch (error) {
      throw failed(error, path);
    }
  }

  /** Writes all of it, and puts it in its place. @throws DevsockError ENOSPC, EEXIST if somebody else made one meanwhile ... */
  async write(data: Uint8Array): Promise<void> {
    const { path, part, handle } = this;
    try {
      await handle.writeFile(data);
      if (part) await handle.sync();
      await handle.close();
      if (part && this.replace) await rename(part, path);
      else if (part) await place(part, path);
    } catch (error) {
      throw failed(error, path);
    } finally {
      await this.drop();
    }
  }

  /** Nothing comes of it. */
  async drop(): Promise<void> {
    await this.handle.close().catch(() => undefined);
    if (this.part) await rm(this.part, { force: true }).catch(() => undefined);
  }
}

function failed(error: unknown, path: string): DevsockError {
  if ((error as NodeJS.ErrnoException).code !== "EEXIST") return fromNode(error, "output", path);
  const text = `EEXIST: ${path} is there already and is left as it is; name another file, or replace it with --force`;
  return new DevsockError(text, { address: path, cause: error });
}

/** Never over another one; where there are no links, nobody else makes one in the moment between. */
async function place(part: string, path: string): Promise<void> {
  try {
    await link(part, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "EOPNOTSUPP" && code !== "ENOSYS") throw error;
    if (await stat(path).catch(() => undefined)) throw Object.assign(new Error("there already"), { code: "EEXIST" });
    await rename(part, path);
  }
}
