/** Port 9100: the job is the bytes until the client closes; what the printer says goes back on the same connection. */
import { EMPTY, join } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import type { Escpos, Job } from "../driver/escpos.js";
import { increase } from "../io/count.js";
import { denied } from "./lease.js";
import { hasRoomFor } from "../io/memory.js";
import { bounded, isOver } from "../io/tcp.js";
import type { Tcp } from "../io/tcp.js";

/** Bytes handed to the printer but not sent, at which the client is held, and at which it may go on. */
const enum Mark {
  high = 1000,
  low = 500,
  /** A held client is read a little up to here, because only a connection that is read is written. */
  most = 2000,
}

/** Variables of a client. */
const CLIENT = 150;

/** Bytes from the printer that wait for the client; more are lost and counted. */
const MOST_BACK = 512;

/** Settings of the endpoint. */
export interface RawOptions {
  port: number;
  /** A second client waits for its turn, or is turned away. */
  busy?: "wait" | "refuse";
  /** Seconds after which a silent client loses its turn. */
  idle?: number;
  /** Clients that may wait. */
  backlog?: number;
}

export function listenRaw(printer: Escpos, options: RawOptions): void {
  const idle = (options.idle || 60) * 1000;
  const most = options.busy == "refuse" ? 1 : 1 + (options.backlog || 4);
  require("net")
    .createServer((socket) => {
      if (isOver(socket)) return;
      if (printer.jobs.length >= most || !hasRoomFor(CLIENT) || denied(printer.name, null)) {
        increase("refused", 1);
        return socket.end();
      }
      serve(printer, socket, idle);
    })
    .listen(options.port);
}

/** @later raw */
function serve(printer: Escpos, socket: EspruinoSocket, idle: number): void {
  new RawJob(printer, socket, idle);
}

/** The job of one client. */
class RawJob implements Job {
  readonly whole = false;
  taken = 0;
  ended = false;
  private _turn = false;
  /** What came before its turn. */
  private _waiting: Bytes[] = [];
  /** What the printer said and the connection has not taken. */
  private _back = EMPTY;
  private readonly _tcp: Tcp;

  constructor(
    private readonly _printer: Escpos,
    socket: EspruinoSocket,
    readonly idle: number,
  ) {
    const tcp = bounded(socket, (data) => this._take(data));
    this._tcp = tcp;
    tcp.ondrain = () => {
      if (_printer.waiting() > Mark.high) tcp.pause(true);
      this._answer();
    };
    tcp.onclose = () => {
      if (this._turn) {
        if (!this.ended) _printer.finish(this);
      } else if (!this._waiting.length) _printer.cancel(this);
    };
    // The first bytes may have come with the connection; the rest stays in the network until its turn.
    tcp.pause(true);
    _printer.submit(this);
  }

  onstart(): void {
    this._turn = true;
    for (let i = 0; i < this._waiting.length; i++) this._printer.write(this._waiting[i]!);
    this._waiting = [];
    if (this._tcp.closed) this._printer.finish(this);
    else this._tcp.pause(false);
  }

  onwait(): void {}

  ontaken(): void {
    if (this._printer.waiting() < Mark.low) this._tcp.pause(false);
    this._answer();
  }

  onback(data: Bytes): void {
    if (this._tcp.closed || this._back.length + data.length > MOST_BACK) increase("backlost", data.length);
    else this._back = join(this._back, data);
    this._answer();
  }

  ongap(): void {}

  onstatus(): void {}

  ondone(): void {
    this._answer();
    increase("backlost", this._back.length);
    this._tcp.end();
  }

  onidle(): void {
    increase("silent", 1);
    this._tcp.end();
    this._printer.finish(this);
  }

  /** The client has no ear for reasons: it waits, as at any printer that is off, and may give up. */
  onsilent(): boolean {
    return this._tcp.closed && !this._waiting.length;
  }

  private _take(data: Bytes): void {
    // Its turn is over; the end of the connection tells the client.
    if (this.ended) increase("dropped", data.length);
    else if (this._turn) {
      this._printer.write(data);
      if (this._printer.waiting() > Mark.high) this._tcp.pause(true);
    } else this._waiting.push(data);
  }

  /** What the printer said, as soon as the connection takes it. */
  private _answer(): void {
    const tcp = this._tcp;
    if (!this._back.length || tcp.full || tcp.closed || this._printer.waiting() > Mark.most) return;
    tcp.pause(false);
    tcp.write(this._back);
    this._back = EMPTY;
  }
}
