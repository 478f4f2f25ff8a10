/** A receipt printer behind a board. */
import { pipeline } from "node:stream/promises";
import { boards } from "../../boards/index.js";
import { sentenceOf } from "../../protocols/errors/index.js";
import type { GapRecord, JobRecord } from "../../protocols/service/index.js";
import { canceled, DevsockError } from "../errors.js";
import type { Board } from "../gateway.js";
import type { SocketStream } from "../socket-stream.js";
import { readRecord, readRecords } from "./records.js";
import { jobRecord, printerStatus } from "./schema.js";
import { JobSource } from "./source.js";
import type { PrintSource } from "./source.js";
import { decodeStatus } from "./status.js";
import type { PrinterStatus } from "./status.js";

/** Gap records kept of one job. */
const GAPS = 16;

export interface PrintProgress {
  /** The job's id, if it has one. */
  job: string | undefined;
  /** Bytes of the job known to have reached the board. */
  accepted: number;
  /** Bytes that left the board for the printer. */
  taken: number;
  /** Bytes of the job in all; undefined for a stream of unknown length. */
  total: number | undefined;
  /** Jobs that print before this one; undefined until the board has said. */
  ahead: number | undefined;
  status: PrinterStatus | undefined;
  /** What the printer said and nobody got: then the status may be older than it seems. The last 16. */
  gaps: readonly GapRecord[];
}

export interface PrintOptions {
  /** Aborted: the job is reset at once, what the printer has not taken is forgotten. */
  signal?: AbortSignal;
  /** Called at each record from the board and while bytes go out. What it throws ends the job as an abort does, as the `cause` of an ECANCELED. */
  onProgress?: (progress: PrintProgress) => void;
  /** Longest time for the whole job, waiting included, in ms. None by default: a printer may wait for paper. */
  timeout?: number;
  /**
   * The job's id, 1 to 24 of A-Z a-z 0-9 . _ -: a repeat under the same id continues where the job stopped, or is told that it was printed.
   * Random by default, but not on a board whose program lies in the flash that ids fill (docs/limits.md); null for a job without one,
   * which the board does not remember.
   */
  job?: string | null;
  /** Aborted or late, a job is not given up: the board keeps it for a repeat under its id, unless another one wants the printer. */
  keep?: boolean;
  /** For a job that was cut off and of which the board does not know the next byte for certain: it goes on with this one. */
  resumeAt?: number;
}

export interface JobReport {
  /** The job's id; undefined where the board remembers none. */
  job: string | undefined;
  /** Bytes of the job that an earlier call had printed: all of them when it was done already. */
  from: number;
  accepted: number;
  taken: number;
  status: PrinterStatus;
  gaps: readonly GapRecord[];
  durationMs: number;
}

export class Printer {
  /** @param name the device's name on the board, such as printer0 */
  constructor(
    private readonly board: Board,
    readonly name: string,
  ) {}

  /** What the board knows of the printer now. */
  async status(signal?: AbortSignal): Promise<PrinterStatus> {
    const address = `${this.name}:status`;
    const socket = await this.board.open(address, { signal });
    return decodeStatus(await readRecord(socket, address, printerStatus));
  }

  /**
   * Prints. Resolves when the printer has taken all of it and still answers, or had before, under the same id.
   * @param source a path, bytes, or a stream of bytes
   * @throws DevsockError with `reach`, how far the job had come and under which id: an interrupted job is never repeated by itself
   */
  async print(source: PrintSource | JobSource, options: PrintOptions = {}): Promise<JobReport> {
    const { job: id = this.remembersByItself() ? randomId() : null, resumeAt } = options;
    checkJob(id, resumeAt);
    const job = await JobSource.open(source);
    const plain = `${this.name}:job`;
    try {
      if (id !== null) {
        const content = await job.content();
        const parts = [plain, id, content, ...(resumeAt === undefined ? [] : [resumeAt])];
        try {
          return await new PrintJob(this.board, parts.join("/"), job, options, id, content).run();
        } catch (error) {
          // An older board, or one without room: who gave no id does without.
          if (options.job !== undefined || !isIdRefused(error)) throw error;
        }
      }
      return await new PrintJob(this.board, plain, job, options, undefined).run();
    } finally {
      job.close();
    }
  }

  /** Of a board that this library does not know it cannot know what a full Storage does. */
  private remembersByItself(): boolean {
    return boards.some(({ id, sharedFlash }) => id === this.board.terms.board && !sharedFlash);
  }
}

const ID = /^[\w.-]{1,24}$/;

/** Ten letters and digits that are not taken for each other. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(10));
  return Array.from(bytes, (byte) => "abcdefghijkmnpqrstuvwxyz23456789"[byte % 32]).join("");
}

function checkJob(id: string | null, resumeAt: number | undefined): void {
  if (id !== null && !ID.test(id))
    throw new DevsockError(`EINVAL: "${id}" is no id of a job; take 1 to 24 of A-Z, a-z, 0-9, ".", "_" and "-"`);
  if (resumeAt !== undefined && (!Number.isSafeInteger(resumeAt) || resumeAt < 0))
    throw new DevsockError(`EINVAL: a job cannot go on at byte ${resumeAt}; give a whole number, 0 or more`);
  if (resumeAt !== undefined && id === null)
    throw new DevsockError("EINVAL: a job without an id cannot go on; give the id that it had");
}

/** Nothing was printed, and nothing was read of the source. */
function isIdRefused(error: unknown): boolean {
  return error instanceof DevsockError && (error.code === "EPROTONOSUPPORT" || error.code === "ENOSPC");
}

class PrintJob {
  private readonly progress: PrintProgress;
  private socket: SocketStream | undefined;
  /** Where this call's bytes begin; undefined until it is known. */
  private from: number | undefined;
  private sent: JobRecord["sent"];
  /** Why there are no more bytes of the source. */
  private fault: unknown;
  /** The board was told to forget the rest. */
  private givenUp = false;

  constructor(
    private readonly board: Board,
    private readonly address: string,
    private readonly source: JobSource,
    private readonly options: PrintOptions,
    private readonly id: string | undefined,
    /** What the board was told of the bytes. */
    private readonly content = "",
  ) {
    const { total } = source;
    this.progress = { job: id, accepted: 0, taken: 0, total, ahead: undefined, status: undefined, gaps: [] };
  }

  async run(): Promise<JobReport> {
    const { signal, timeout } = this.options;
    const { hostClock: clock } = this.board;
    const start = clock.now();
    const limit = new AbortController();
    const abort = (): void => limit.abort(canceled(signal!, `the print job ${this.fate()}`, this.address));
    const timer = timeout === undefined ? undefined : clock.after(timeout, () => limit.abort(this.late(timeout)));
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort);
    try {
      const status = await this.transfer(limit.signal);
      const { accepted, taken, gaps } = this.progress;
      return { job: this.id, from: this.from ?? 0, accepted, taken, status, gaps, durationMs: clock.now() - start };
    } catch (error) {
      throw this.explain(limit.signal.aborted ? limit.signal.reason : (this.fault ?? error));
    } finally {
      timer?.cancel();
      signal?.removeEventListener("abort", abort);
    }
  }

  private async transfer(signal: AbortSignal): Promise<PrinterStatus> {
    const leave = new AbortController();
    const abort = (): void => {
      const reason = this.leaving(signal.reason);
      leave.abort(reason);
      this.socket?.destroy(reason);
    };
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
    try {
      const socket = (this.socket = await this.board.open(this.address, { signal: leave.signal }));
      if (this.id === undefined) this.send(socket, 0);
      return await this.follow(socket);
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  /** Sends the source's bytes from here on. Of a job with an id the board says first where. */
  private send(socket: SocketStream, from: number, done = false): void {
    if (this.from !== undefined) return;
    this.from = from;
    if (done) return void socket.end();
    // An error of the source destroys the socket; whatever ends the socket is thrown where it is read.
    pipeline(this.bytes(from), socket).catch(() => {});
  }

  private async *bytes(from: number): AsyncGenerator<Uint8Array> {
    try {
      yield* this.source.read(from, this.content);
    } catch (error) {
      this.fault = error;
      throw this.leaving(error);
    }
  }

  /** What the board is told of a job that ends early: a job with an id is given up at ECANCELED only [SVC-23]. */
  private leaving(why: unknown): DevsockError {
    const known = why instanceof DevsockError ? why : closed(why, this.address);
    // Bytes that are not those of the content have no repeat.
    if (this.options.keep && known.code !== "ESTALE")
      return new DevsockError("EINTR: the client was interrupted, and may go on later");
    this.givenUp = true;
    return known.code === "ECANCELED"
      ? known
      : new DevsockError(`ECANCELED: the client gave the job up: ${sentenceOf(known.failure)}`);
  }

  /** Reads the board's records up to the last one. */
  private async follow(socket: SocketStream): Promise<PrinterStatus> {
    let done = false;
    for await (const record of readRecords(socket, this.address, jobRecord)) {
      this.note(record, socket);
      // Leaving the loop resets the socket: what is still to be written has no taker.
      if (record.from !== undefined) this.send(socket, record.from, record.done);
      if (record.failed) throw new DevsockError(record.failed, { origin: "device", address: this.address });
      done ||= record.done === true;
    }
    const { status } = this.progress;
    if (done && status) return status;
    throw new DevsockError(
      "EPROTO: the board ended the job without its result; look at the paper, update its firmware",
      {
        origin: "peer",
        address: this.address,
      },
    );
  }

  private note(record: JobRecord, socket: SocketStream): void {
    const { progress } = this;
    progress.taken = Math.max(progress.taken, record.taken ?? 0);
    progress.accepted = Math.max(progress.taken, record.accepted ?? (this.from ?? 0) + socket.bytesAcknowledged);
    this.sent = record.sent ?? this.sent;
    if (record.ahead !== undefined) progress.ahead = record.ahead;
    if (record.gap) progress.gaps = [...progress.gaps, record.gap].slice(-GAPS);
    if (record.status) progress.status = decodeStatus(record.status);
    try {
      this.options.onProgress?.({ ...progress });
    } catch (error) {
      // Before the loop that reads records ends the socket without a word.
      const told = new DevsockError(`ECANCELED: the print job ${this.fate()}: onProgress threw ${String(error)}`, {
        ...{ address: this.address, cause: error },
      });
      socket.destroy(this.leaving(told));
      throw told;
    }
  }

  private late(timeout: number): DevsockError {
    const text = `ETIMEDOUT: the print job took longer than ${timeout / 1000} s and ${this.fate()}`;
    return new DevsockError(text, { address: this.address });
  }

  private fate(): string {
    return this.options.keep && this.id !== undefined ? "was left to a repeat" : "was given up";
  }

  /** Says how far the job came. Only a job that the board had accepted can have come anywhere. */
  private explain(error: unknown): DevsockError {
    const { accepted, taken, total } = this.progress;
    const acknowledged = (this.from ?? 0) + (this.socket?.bytesAcknowledged ?? 0);
    const reach = {
      ...{ accepted: Math.max(accepted, acknowledged), taken },
      ...(this.id !== undefined && { job: this.id }),
      ...(this.sent && { sent: this.sent }),
    };
    let known = error instanceof DevsockError ? error : closed(error, this.address);
    if (this.socket && known.origin !== "device") {
      const all = total === undefined ? "" : ` of ${total}`;
      const far =
        `${taken}${all} bytes had gone to the printer and ${reach.accepted} to the board when it was last heard of; ` +
        "nothing is printed again by itself, look at the paper" +
        (this.id === undefined || known.code === "ESTALE"
          ? " first"
          : this.givenUp
            ? `; a repeat as job ${this.id} is told at which byte it can go on`
            : `, or print it as job ${this.id} and it goes on from there`);
      known = new DevsockError(`${known.failure}; ${far}`, { ...known, cause: known.cause });
    }
    known.reach = reach;
    return known;
  }
}

/** The socket was destroyed without a reason: the board's object was closed. */
function closed(error: unknown, address: string): DevsockError {
  return new DevsockError("ECONNRESET: the link was closed while the job was under way", { address, cause: error });
}
