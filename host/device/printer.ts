/** A receipt printer behind a board. */
import { pipeline } from "node:stream/promises";
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
  /** Called at each record from the board and while bytes go out. */
  onProgress?: (progress: PrintProgress) => void;
  /** Longest time for the whole job, waiting included, in ms. None by default: a printer may wait for paper. */
  timeout?: number;
}

export interface JobReport {
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
   * Prints. Resolves when the printer has taken all of it and still answers.
   * @param source a path, bytes, or a stream of bytes
   * @throws DevsockError with `reach`, how far the job had come: an interrupted job is never repeated by itself
   */
  async print(source: PrintSource | JobSource, options: PrintOptions = {}): Promise<JobReport> {
    const job = await JobSource.open(source);
    try {
      return await new PrintJob(this.board, `${this.name}:job`, job, options).run();
    } finally {
      job.close();
    }
  }
}

class PrintJob {
  private readonly progress: PrintProgress;
  private socket: SocketStream | undefined;

  constructor(
    private readonly board: Board,
    private readonly address: string,
    private readonly source: JobSource,
    private readonly options: PrintOptions,
  ) {
    this.progress = { accepted: 0, taken: 0, total: source.total, ahead: undefined, status: undefined, gaps: [] };
  }

  async run(): Promise<JobReport> {
    const { signal, timeout } = this.options;
    const { hostClock: clock } = this.board;
    const start = clock.now();
    const limit = new AbortController();
    const abort = (): void => limit.abort(canceled(signal!, "the print job was given up", this.address));
    const timer = timeout === undefined ? undefined : clock.after(timeout, () => limit.abort(this.late(timeout)));
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort);
    try {
      const status = await this.transfer(limit.signal);
      const { accepted, taken, gaps } = this.progress;
      return { accepted, taken, status, gaps, durationMs: clock.now() - start };
    } catch (error) {
      throw this.explain(limit.signal.aborted ? limit.signal.reason : error);
    } finally {
      timer?.cancel();
      signal?.removeEventListener("abort", abort);
    }
  }

  private async transfer(signal: AbortSignal): Promise<PrinterStatus> {
    const socket = (this.socket = await this.board.open(this.address, { signal }));
    const abort = (): void => void socket.destroy(signal.reason as DevsockError);
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
    try {
      // An error of the source destroys the socket with it; whatever ends the socket is thrown where it is read.
      pipeline(this.source.read(), socket).catch(() => {});
      return await this.follow(socket);
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  /** Reads the board's records up to the last one. */
  private async follow(socket: SocketStream): Promise<PrinterStatus> {
    let done = false;
    for await (const record of readRecords(socket, this.address, jobRecord)) {
      this.note(record, socket);
      // Leaving the loop resets the socket: what is still to be written has no taker.
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
    progress.accepted = Math.max(progress.taken, record.accepted ?? socket.bytesAcknowledged);
    if (record.ahead !== undefined) progress.ahead = record.ahead;
    if (record.gap) progress.gaps = [...progress.gaps, record.gap].slice(-GAPS);
    if (record.status) progress.status = decodeStatus(record.status);
    this.options.onProgress?.({ ...progress });
  }

  private late(timeout: number): DevsockError {
    const text = `ETIMEDOUT: the print job took longer than ${timeout / 1000} s and was given up`;
    return new DevsockError(text, { address: this.address });
  }

  /** Says how far the job came. Only a job that the board had accepted can have come anywhere. */
  private explain(error: unknown): DevsockError {
    const { accepted, taken, total } = this.progress;
    const reach = { accepted: Math.max(accepted, this.socket?.bytesAcknowledged ?? 0), taken };
    let known = error instanceof DevsockError ? error : closed(error, this.address);
    if (this.socket && known.origin !== "device") {
      const all = total === undefined ? "" : ` of ${total}`;
      const far =
        `${taken}${all} bytes had gone to the printer and ${reach.accepted} to the board when it was last heard of; ` +
        "nothing is printed again by itself, look at the paper first";
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
