/** The print job of a link's socket: bytes in, records out. protocols/service says what the records are. */
import { slice } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import type { Failure } from "../../protocols/errors/index.js";
import type { GapRecord, JobRecord, PrinterStatus } from "../../protocols/service/index.js";
import { Phase, Type } from "../../protocols/socket/socket.js";
import type { Socket } from "../../protocols/socket/socket.js";
import type { Sockets } from "../../protocols/socket/sockets.js";
import type { Escpos, Job } from "../driver/escpos.js";
import { say } from "./services.js";

/** Jobs that may wait for one printer. */
const MOST_JOBS = 8;

/** Bytes taken between two progress records. */
const PROGRESS = 4096;

/** ms of silence after which a job loses its turn to one that waits. */
const IDLE = 60000;

/** Bytes that may wait for a client that does not read; progress is skipped then, a printer's bytes are counted as lost. */
const MOST_SAID = 1024;

/** Bytes from printers that no client took. */
export const lost = { count: 0 };

/** @param plain what the printer says goes out instead of records */
export function print(sockets: Sockets, socket: Socket, printer: Escpos, plain: boolean): void {
  if (socket.type != Type.stream) return sockets.refuse(socket, "ESOCKTNOSUPPORT: a print job is a SOCK_STREAM");
  if (printer.jobs.length >= MOST_JOBS)
    return sockets.refuse(socket, "EAGAIN: " + printer.name + " has " + MOST_JOBS + " jobs waiting; try again later");
  const job = new SocketJob(sockets, socket, printer, plain);
  socket.withhold();
  sockets.accept(socket);
  if (socket.phase == Phase.open) printer.submit(job);
}

class SocketJob implements Job {
  readonly whole = true;
  readonly idle = IDLE;
  taken = 0;
  ended = false;
  private _turn = false;
  private _over = false;
  /** What `taken` was in the last progress record. */
  private _told = 0;

  constructor(
    private readonly _sockets: Sockets,
    private readonly _socket: Socket,
    private readonly _printer: Escpos,
    private readonly _plain: boolean,
  ) {
    _socket.ondata = (frame, from, to) => {
      if (!this._over) _printer.write(slice(frame, from, to));
    };
    _socket.onend = () => {
      if (this._turn) _printer.end(this);
    };
    _socket.onclose = () => {
      if (!this._over) _printer.cancel(this);
    };
  }

  onstart(): void {
    this._turn = true;
    if (!this._plain) say(this._socket, { ahead: 0, status: this._printer.status() });
    // Credit from here on: a job that waits takes no room.
    this._socket.consume(0);
    if (this._socket.finReceived) this._printer.end(this);
  }

  onwait(ahead: number): void {
    // When many jobs leave at once, only the first count is told: the next change corrects it.
    if (!this._plain && !this._socket.queued) say(this._socket, { ahead });
  }

  ontaken(n: number): void {
    this._socket.consume(n);
    if (this.taken - this._told >= PROGRESS && this._tells()) {
      this._told = this.taken;
      say(this._socket, { taken: this.taken });
    }
  }

  onback(data: Bytes): void {
    if (!this._plain) return;
    if (this._socket.queued < MOST_SAID) this._socket.send(data);
    else lost.count += data.length;
  }

  ongap(gap: GapRecord): void {
    if (this._tells()) say(this._socket, { gap });
  }

  onstatus(status: PrinterStatus): void {
    if (this._tells()) say(this._socket, { taken: this.taken, status });
  }

  ondone(failure: Failure): void {
    const socket = this._socket;
    this._over = true;
    if (this._plain) {
      if (failure) this._sockets.reset(socket, failure);
      else socket.end();
      return;
    }
    const record: JobRecord = { accepted: socket.received(), taken: this.taken, status: this._printer.status() };
    if (failure) record.failed = failure;
    else record.done = true;
    say(socket, record);
    socket.end();
  }

  onidle(): void {
    if (this._printer.jobs.length < 2) return;
    this._printer.cancel(this);
    this.ondone(
      "ETIMEDOUT: nothing of the job came for 60 s and others wait for " + this._printer.name + "; print it again",
    );
  }

  onsilent(failure: Failure): boolean {
    this.ondone(failure);
    return true;
  }

  /** Whether the client gets records, and reads them. */
  private _tells(): boolean {
    return !this._plain && this._socket.queued < MOST_SAID;
  }
}
