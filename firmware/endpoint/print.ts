/** The print job of a link's socket: bytes in, records out. protocols/service says what the records are. */
import { features } from "#features";
import { slice } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import { codeOf } from "../../protocols/errors/index.js";
import type { Failure } from "../../protocols/errors/index.js";
import type { GapRecord, JobRecord, PrinterStatus } from "../../protocols/service/index.js";
import { Phase, Type } from "../../protocols/socket/socket.js";
import type { Socket } from "../../protocols/socket/socket.js";
import type { Sockets } from "../../protocols/socket/sockets.js";
import type { Escpos, Job } from "../driver/escpos.js";
import { increase } from "../io/count.js";
import { Rest } from "./journal.js";
import type { Journal, OpenJournal } from "./journal.js";
import { say } from "./services.js";

/** Jobs that may wait for one printer. */
const MOST_JOBS = 8;

/** Bytes taken between two progress records. */
const PROGRESS = 4096;

/** ms of silence after which a job loses its turn to one that waits. */
const IDLE = 60000;

/** s for which a job with an id that lost its client is kept when nobody waits. */
const KEEP = 600;

/** ms after which all that a job has taken has left the wire. */
const FLIGHT = 2000;

/** Characters of an id, and of what a client says of the bytes. */
const enum Longest {
  id = 24,
  content = 32,
}

/** Bytes that may wait for a client that does not read; progress is skipped then, a printer's bytes are counted as lost. */
const MOST_SAID = 1024;

/**
 * @param plain what the printer says goes out instead of records
 * @param path id, what the client says of the bytes, and where to go on, with slashes between them [SVC-20]; or ""
 * @resident large
 */
export function print(
  sockets: Sockets,
  socket: Socket,
  printer: Escpos,
  plain: boolean,
  path: string,
  open: OpenJournal | null,
): void {
  if (socket.type != Type.stream) return sockets.refuseSocket(socket, "ESOCKTNOSUPPORT: a print job is a SOCK_STREAM");
  const parts = path.split("/");
  const id = parts[0]!;
  const content = parts[1] || "";
  const jobs = printer.jobs;
  let journal: Journal | null = null;
  if (id && !open) return sockets.refuseSocket(socket, "EPROTONOSUPPORT: this board remembers no jobs");
  if (features.ids && id && open) {
    if (id.length > Longest.id || content.length > Longest.content)
      return sockets.refuseSocket(socket, "EINVAL: the id of a job has 24 characters at the most");
    let under: Job | undefined;
    for (let i = 0; i < jobs.length; i++) if (jobs[i]!.id == id) under = jobs[i];
    journal = open(id, printer.ring);
    if (journal.device && journal.device != printer.name)
      return sockets.refuseSocket(socket, "EEXIST: " + id + " is a job of " + journal.device);
    if (journal.content && content && journal.content != content)
      return sockets.refuseSocket(socket, "EEXIST: job " + id + " is there already, with other bytes");
    if (under) return (under as SocketJob).takeOver(sockets, socket);
    if (journal.ending) return sockets.refuseSocket(socket, "EAGAIN: " + id + " ends just now");
    if (!journal.content) journal.content = content;
    const { state, least, most } = journal;
    const failed = journal.resume(parts[2]);
    if (failed) {
      const record: JobRecord = { status: printer.status() };
      if (state == Rest.done) {
        record.from = record.taken = record.accepted = most;
        record.done = true;
      } else {
        record.failed = failed;
        record.sent = { least, most: most == Infinity ? null : most };
      }
      sockets.accept(socket);
      say(socket, record);
      return socket.end();
    }
  }
  if (jobs.length >= MOST_JOBS)
    return sockets.refuseSocket(socket, "EAGAIN: " + printer.name + " has " + MOST_JOBS + " jobs waiting");
  const job = new SocketJob(sockets, socket, printer, plain, journal);
  if (socket.phase != Phase.open) return;
  if (features.ids && journal) journal.enter(printer.name);
  printer.submit(job);
}

/** A job's socket. */
interface JobSocket extends Socket {
  job?: SocketJob | undefined;
}

// What a job's socket calls is one function for all of them: made for each job they took twenty variables.

/** As `ondata`. */
function took(this: JobSocket, frame: Bytes, from: number, to: number): void {
  const job = this.job;
  if (job && !job.over) job.printer.write(slice(frame, from, to));
}

/** As `onend`. */
function handed(this: JobSocket): void {
  const job = this.job;
  if (job && job.turn) job.printer.finish(job);
}

/** As `onclose`: the client is gone. A job with an id waits for it, unless it was given up. */
function gone(this: JobSocket, failure: Failure): void {
  const job = this.job;
  if (!job || job.over) return;
  if (features.ids && job.log && job.turn && codeOf(failure) != "ECANCELED") {
    job.until = getTime() + KEEP;
    job.idle = 0;
  } else {
    job.printer.cancel(job);
    job.ondone(failure);
  }
}

class SocketJob implements Job {
  readonly whole = true;
  idle = IDLE;
  readonly id: string;
  taken = 0;
  ended = false;
  turn = false;
  over = false;
  /** What `taken` was in the last progress record. */
  private _told = 0;
  /** Bytes of the job before those of this socket. */
  private _before = 0;
  /** Of those, what has not left yet: no credit until then. */
  private _behind = 0;
  /** Until when it is kept without a client, in s; 0 while it has one. */
  until = 0;
  /** Why it could not begin. */
  private _failure: Failure = "";

  constructor(
    private _sockets: Sockets,
    private _socket: JobSocket,
    readonly printer: Escpos,
    private readonly _plain: boolean,
    readonly log: Journal | null,
  ) {
    this.id = features.ids && log ? log.id : "";
    if (features.ids && log) this.taken = this._told = this._before = log.least;
    this._attach(_sockets, _socket);
  }

  /** A client comes for a job that is under way: it goes on over the new socket, behind the bytes that are here. */
  takeOver(sockets: Sockets, socket: Socket): void {
    const before = this._socket;
    const owner = this._sockets;
    this._before += before.receivedCount();
    before.job = undefined;
    this._attach(sockets, socket);
    owner.resetSocket(before, "ECONNRESET: " + this.id + " goes on over another connection");
    if (this.turn) this.onstart();
    else this.onwait(this.printer.jobs.indexOf(this));
  }

  /** Its turn, or its turn with another client. From here on there is credit: a job that waits takes no room. */
  onstart(): void {
    const log = features.ids ? this.log : null;
    const printer = this.printer;
    const record: JobRecord = { ahead: 0, status: printer.status() };
    // It ends without a byte.
    if (log && !this.turn && (this._failure = log.begin())) return printer.finish(this);
    if (log) {
      record.from = this._before;
      if (!this.turn && this._before) record.gap = { cause: "JOB_RESUMED", bytes: null };
    }
    this.turn = true;
    if (!this._plain) say(this._socket, record);
    this._behind = printer.waiting();
    if (!this._behind) this._socket.consume(0);
    if (this._socket.finReceived) printer.finish(this);
  }

  onwait(ahead: number): void {
    // When many jobs leave at once, only the first count is told: the next change corrects it.
    if (!this._plain && !this._socket.queued) say(this._socket, { ahead });
  }

  ontaken(n: number): void {
    if (this.until) return;
    if (this._behind > 0) {
      if ((this._behind -= n) > 0) return;
      n = 0;
    }
    this._socket.consume(n);
    if (this.taken - this._told >= PROGRESS && this._tells()) {
      this._told = this.taken;
      say(this._socket, { taken: this.taken });
    }
  }

  onback(data: Bytes): void {
    if (!this._plain) return;
    if (this._socket.queued < MOST_SAID) this._socket.send(data);
    else increase("backlost", data.length);
  }

  ongap(gap: GapRecord): void {
    if (this._tells()) say(this._socket, { gap });
  }

  onstatus(status: PrinterStatus): void {
    if (this._tells()) say(this._socket, { taken: this.taken, status });
  }

  ondone(failure: Failure): void {
    const socket = this._socket;
    const log = features.ids ? this.log : null;
    this.over = true;
    failure = failure || this._failure;
    const total = log ? log.total() : NaN;
    if (!failure && total >= 0 && this.taken != total)
      failure = "EBADMSG: " + this.taken + " bytes came of a job that has " + total + ", and they were printed";
    if (log) {
      log.ending = true;
      if (!this.turn) log.leave();
      else {
        // As soon as it is certain how far it came.
        const end = (): void => {
          log.rest(this.taken, failure ? Rest.stopped : Rest.done);
          log.leave();
        };
        if (failure && log.moved) setTimeout(end, FLIGHT);
        else end();
      }
    }
    if (this._plain) {
      if (failure) this._sockets.resetSocket(socket, failure);
      else socket.end();
      return;
    }
    const record: JobRecord = {
      accepted: this._before + socket.receivedCount(),
      taken: this.taken,
      status: this.printer.status(),
    };
    if (failure) record.failed = failure;
    else record.done = true;
    say(socket, record);
    socket.end();
  }

  onidle(): void {
    if (this.printer.jobs.length < 2 && !(this.until && getTime() > this.until)) return;
    if (!this.until) increase("silent", 1);
    this.printer.cancel(this);
    this.ondone(
      this.until
        ? "ECONNRESET: the client of the job did not come back"
        : "ETIMEDOUT: nothing of the job came for 60 s and others wait for " + this.printer.name,
    );
  }

  onsilent(failure: Failure): boolean {
    this.ondone(failure);
    return true;
  }

  private _attach(sockets: Sockets, socket: JobSocket): void {
    this._sockets = sockets;
    this._socket = socket;
    this.until = 0;
    this.idle = IDLE;
    socket.job = this;
    socket.ondata = took;
    socket.onend = handed;
    socket.onclose = gone;
    socket.withhold();
    sockets.accept(socket);
  }

  /** Whether the client gets records, and reads them. @resident */
  private _tells(): boolean {
    return !this._plain && this._socket.queued < MOST_SAID;
  }
}
