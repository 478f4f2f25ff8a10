/** The flash that keeps files over resets and power cycles, and the Storage module that reads and writes it. */
import { crc32 } from "node:zlib";
import { binary, toBytes } from "./binary.js";
import type { Realm } from "./realm.js";

const NAME_LIMIT = 28;
/** Flash that a file's entry takes, and the step in which files are laid out. */
const ENTRY = 32;
const ALIGN = 4;
const BLANK = 0xff;
/** More writes than one function of a program makes while it waits. */
const RECENT = 64;

export class Flash {
  private readonly files = new Map<string, Uint8Array>();
  /** What erased files take: until a file finds no room, and all pages are erased and written anew. */
  trash = 0;
  /** Times that happened: each is one of the some 10,000 that a page of flash bears. */
  compactions = 0;
  /** Bytes written, entries included. */
  written = 0;
  /**
   * Power goes in the middle of a write, when `spared` more were whole: what of its bytes gets there. Flash takes bits from 1 to 0, in any order
   * within a word, word after word. The program does not live to see it: power must be off before the clock moves.
   */
  cut: ((data: Uint8Array) => Uint8Array) | undefined;
  spared = 0;
  /** The interpreter's time, which a call that waits moves ahead of the clock. */
  now = (): number => 0;
  /** What was written, by that time. */
  private recent: { at: number; bytes: Uint8Array }[] = [];

  constructor(readonly capacity: number) {}

  /** Power goes at this time: what the interpreter would have written later is not there. */
  powerOff(time: number): void {
    for (const { at, bytes } of this.recent) if (at > time) bytes.fill(BLANK);
    this.recent = [];
  }

  /** Flash that was not written since the last compaction. */
  get free(): number {
    return this.capacity - this.used - this.trash;
  }

  compact(): void {
    if (!this.trash) return;
    this.trash = 0;
    this.compactions++;
  }

  get used(): number {
    let used = 0;
    for (const data of this.files.values()) used += footprint(data.length);
    return used;
  }

  names(): string[] {
    return [...this.files.keys()];
  }

  read(name: string): Uint8Array | undefined {
    return this.files.get(name.slice(0, NAME_LIMIT));
  }

  erase(name: string): void {
    this.discard(name.slice(0, NAME_LIMIT));
  }

  eraseAll(): void {
    this.files.clear();
    this.trash = 0;
  }

  /**
   * Writes a file, or a part of one that is still blank.
   * @param size bytes to reserve for a new file
   * @throws Error with the interpreter's own words
   */
  write(fullName: string, data: Uint8Array, offset = 0, size = 0): boolean {
    const name = fullName.slice(0, NAME_LIMIT);
    const total = size || data.length;
    if (total === 0) throw new Error("Can't create zero length file");
    if (offset + data.length > total && size) throw new Error("Too much data for file size");
    const old = this.files.get(name);
    if (offset > 0) {
      if (!old) throw new Error("Unable to find or create file");
      return this.patch(old, data, offset);
    }
    if (old && old.length === data.length && Buffer.from(old).equals(data)) return true;
    this.discard(name);
    const taken = footprint(total);
    if (taken > this.free && taken <= this.capacity - this.used) this.compact();
    if (taken > this.free) throw new Error("Unable to find or create file");
    const file = new Uint8Array(Math.max(total, offset + data.length)).fill(BLANK);
    this.files.set(name, file);
    this.written += ENTRY;
    this.program(file, data, offset);
    return true;
  }

  private discard(name: string): void {
    const file = this.files.get(name);
    if (!file) return;
    this.trash += footprint(file.length);
    this.files.delete(name);
  }

  private program(file: Uint8Array, data: Uint8Array, offset: number): void {
    const cut = this.spared-- > 0 ? undefined : this.cut;
    if (cut) this.cut = undefined;
    file.set(cut ? cut(data) : data, offset);
    this.recent.push({ at: this.now(), bytes: file.subarray(offset, offset + data.length) });
    if (this.recent.length > 2 * RECENT) this.recent.splice(0, RECENT);
    this.written += data.length;
    if (cut) throw new Error("power was cut");
  }

  private patch(file: Uint8Array, data: Uint8Array, offset: number): boolean {
    if (offset + data.length > file.length) throw new Error("Too much data for file size");
    const target = file.subarray(offset, offset + data.length);
    if (target.some((byte, index) => byte !== BLANK && byte !== data[index]))
      throw new Error("File already written with different data");
    this.program(file, data, offset);
    return true;
  }
}

function footprint(length: number): number {
  return ENTRY + Math.ceil(length / ALIGN) * ALIGN;
}

export function storageModule(realm: Realm, flash: Flash): object {
  const text = (name: unknown): string | undefined => {
    const data = flash.read(String(name));
    return data && binary(data);
  };
  const guard = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw realm.error((error as Error).message);
    }
  };
  const list = (pattern?: RegExp): string[] => flash.names().filter((name) => !pattern || name.match(pattern));
  const module = realm.object();
  realm.methods(module, {
    read: (name: unknown, offset = 0, length = 0) =>
      text(name)?.slice(offset, length > 0 ? offset + length : undefined),
    readArrayBuffer: (name: unknown) => {
      const data = flash.read(String(name));
      return data && realm.bytes(data).buffer;
    },
    readJSON: (name: unknown, quiet?: unknown) => {
      const source = text(name);
      return source === undefined ? undefined : parse(realm, source, Boolean(quiet));
    },
    write: (name: unknown, data: unknown, offset?: number, size?: number) =>
      isPlainObject(data)
        ? guard(() => flash.write(String(name), toBytes(realm.intrinsics.JSON.stringify(data))))
        : guard(() => flash.write(String(name), toBytes(data), offset, size)),
    writeJSON: (name: unknown, data: unknown) =>
      guard(() => flash.write(String(name), toBytes(realm.intrinsics.JSON.stringify(data)))),
    list: (pattern?: RegExp) => realm.array(list(pattern)),
    hash: (pattern?: RegExp) => crc32(list(pattern).join("\0")),
    erase: (name: unknown) => flash.erase(String(name)),
    eraseAll: () => flash.eraseAll(),
    compact: () => flash.compact(),
    getFree: () => flash.free,
    getStats: () =>
      realm.object({
        totalBytes: flash.capacity,
        freeBytes: flash.free,
        fileBytes: flash.used,
        trashBytes: flash.trash,
      }),
  });
  return module;
}

/** Storage's own JSON drops quotes around names, so that it is read as JavaScript. */
function parse(realm: Realm, source: string, quiet: boolean): unknown {
  try {
    return realm.intrinsics.JSON.parse(source);
  } catch {
    try {
      return realm.evaluate(`(${source})`, "json");
    } catch (error) {
      if (quiet) return undefined;
      throw error;
    }
  }
}

function isPlainObject(data: unknown): boolean {
  return (
    typeof data === "object" && data !== null && !Array.isArray(data) && !ArrayBuffer.isView(data) && !isBuffer(data)
  );
}

function isBuffer(data: object): boolean {
  return Object.prototype.toString.call(data) === "[object ArrayBuffer]";
}
