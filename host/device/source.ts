/** What a print job is made of: checked and begun before anybody connects. */
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import { DevsockError, fromNode } from "../errors.js";

/** A path, bytes, or anything that gives bytes in pieces. */
export type PrintSource = string | Uint8Array | Readable | AsyncIterable<Uint8Array>;

export class JobSource {
  private constructor(
    /** For errors: the path, or what it is. */
    readonly name: string,
    /** Bytes in all, where that is known before the end. */
    readonly total: number | undefined,
    private readonly first: Uint8Array,
    private readonly rest: AsyncGenerator<Uint8Array>,
    private readonly origin: unknown,
  ) {}

  /**
   * Opens a source and reads its first bytes.
   * @throws DevsockError for a file that is missing, unreadable or a directory (ENOENT, EACCES, EISDIR), and EINVAL
   *   for a job without a byte
   */
  static async open(source: PrintSource | JobSource): Promise<JobSource> {
    if (source instanceof JobSource) return source;
    if (source instanceof Uint8Array) return JobSource.begin("the buffer", source.length, [source]);
    if (source === process.stdin) return JobSource.begin("standard input", undefined, source);
    if (typeof source !== "string") return JobSource.begin("the stream", undefined, source);
    const file = await openFile(source);
    return JobSource.begin(source, file.total, file.stream);
  }

  private static async begin(
    name: string,
    total: number | undefined,
    pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  ): Promise<JobSource> {
    const rest = asBytes(pieces, name);
    const first = await rest.next();
    if (!first.done) return new JobSource(name, total, first.value, rest, pieces);
    throw new DevsockError(`EINVAL: ${name} is empty, there is nothing to print; check what makes it`, {
      address: name,
    });
  }

  /**
   * All of it from byte `from` on, once.
   * @param content what `content` said of the bytes, "" when nobody asked: no byte beyond that length is given
   * @throws DevsockError when reading fails, EINVAL when there are fewer bytes, ESTALE when they are not those of `content`
   */
  async *read(from = 0, content = ""): AsyncGenerator<Uint8Array> {
    const most = content ? parseInt(content, 10) : Infinity;
    let total = 0;
    let sum = 0;
    for await (const piece of this.pieces()) {
      const before = total;
      total += piece.length;
      if (total > most) throw this.stale();
      if (content) sum = crc32(piece, sum);
      // A last piece waits until it is certain that all are right: without it the job is not whole.
      if (total === most && contentOf(total, sum) !== content) throw this.stale();
      if (total > from) yield before < from ? piece.subarray(from - before) : piece;
    }
    if (content && total < most) throw this.stale();
    if (total < from)
      throw new DevsockError(
        `EINVAL: ${this.name} has ${total} bytes, and ${from} of the job are printed already; it is another source`,
        { address: this.name },
      );
  }

  /** `length-checksum` of a file or of bytes, "" of a stream: by that a board knows the job's bytes again. */
  async content(): Promise<string> {
    if (this.total === undefined) return "";
    let sum = 0;
    let total = 0;
    const pieces = this.origin instanceof Readable ? createReadStream(this.name) : (this.origin as Uint8Array[]);
    try {
      for await (const piece of pieces as AsyncIterable<Uint8Array>) {
        sum = crc32(piece, sum);
        total += piece.length;
      }
    } catch (error) {
      throw fromNode(error, "file", this.name);
    }
    return contentOf(total, sum);
  }

  private stale(): DevsockError {
    const text = `ESTALE: ${this.name} was changed while it was printed; print it under another id when nobody writes to it`;
    return new DevsockError(text, { address: this.name });
  }

  private async *pieces(): AsyncGenerator<Uint8Array> {
    yield this.first;
    yield* this.rest;
  }

  /** Lets go of a source that was not read to its end. */
  close(): void {
    // A generator that waits for its next piece would not return before that has come: end the stream itself.
    if (this.origin instanceof Readable) this.origin.destroy();
    else this.rest.return(undefined).catch(() => {});
  }
}

function contentOf(total: number, sum: number): string {
  return `${total}-${sum.toString(16).padStart(8, "0")}`;
}

async function openFile(path: string): Promise<{ total: number | undefined; stream: Readable }> {
  try {
    const file = await open(path);
    const stat = await file.stat();
    if (stat.isDirectory()) {
      await file.close();
      throw Object.assign(new Error("directory"), { code: "EISDIR" });
    }
    return { total: stat.isFile() ? stat.size : undefined, stream: file.createReadStream() };
  } catch (error) {
    throw fromNode(error, "file", path);
  }
}

/** Pieces that have bytes; text becomes UTF-8. */
async function* asBytes(
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of pieces as AsyncIterable<Uint8Array | string>) {
      const bytes = typeof piece === "string" ? Buffer.from(piece) : piece;
      if (!(bytes instanceof Uint8Array))
        throw new DevsockError(`EINVAL: ${name} gives something that is not bytes; print a Buffer, a file or a stream`);
      if (bytes.length) yield bytes;
    }
  } catch (error) {
    throw fromNode(error, "file", name);
  }
}
