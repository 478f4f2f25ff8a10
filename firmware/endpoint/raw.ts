/** Port 9100: the job is the bytes until the client closes; what the printer says goes back on the same connection. */
import { EMPTY, join } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import type { Escpos, Job } from "../driver/escpos.js";
import { isOver, Tcp } from "../io/tcp.js";

/** Bytes handed to the printer but not sent, at which the client is held, and at which it may go on. */
const enum Mark {
  high = 1000,
  low = 500,
  /** A held client is read a little up to here, because only a connection that is read is written. */
  most = 2000,
}

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

/** Counters of all raw endpoints. `dropped`: bytes that came from clients whose turn was over. */
export const raw = { refused: 0, silent: 0, lost: 0, dropped: 0 };

export function listenRaw(printer: Escpos, options: RawOptions): void {
  const idle = (options.idle || 60) * 1000;
  const most = options.busy == "refuse" ? 1 : 1 + (options.backlog || 4);
  require("net")
    .createServer((socket) => {
      if (isOver(socket)) return;
      if (printer.jobs.length >= most) {
        raw.refused++;
        return socket.end();
      }
      serve(printer, socket, idle);
    })
    .listen(options.port);
}

function serve(printer: Escpos, socket: EspruinoSocket, idle: number): void {
  let waiting: Bytes[] = [];
  let turn = false;
  let back = EMPTY;
  const tcp = new Tcp(socket, (data) => {
    // Its turn is over; the end of the connection tells the client.
    if (job.ended) raw.dropped += data.length;
    else if (turn) {
      printer.write(data);
      if (printer.queued() > Mark.high) tcp.pause(true);
    } else waiting.push(data);
  });
  /** What the printer said, as soon as the connection takes it. */
  const answer = (): void => {
    if (!back.length || tcp.full || tcp.closed || printer.queued() > Mark.most) return;
    tcp.pause(false);
    tcp.write(back);
    back = EMPTY;
  };
  const job: Job = {
    whole: false,
    idle,
    taken: 0,
    ended: false,
    onstart() {
      turn = true;
      for (let i = 0; i < waiting.length; i++) printer.write(waiting[i]!);
      waiting = [];
      if (tcp.closed) printer.end(job);
      else tcp.pause(false);
    },
    onwait() {},
    ontaken() {
      if (printer.queued() < Mark.low) tcp.pause(false);
      answer();
    },
    onback(data) {
      if (tcp.closed || back.length + data.length > MOST_BACK) raw.lost += data.length;
      else back = join(back, data);
      answer();
    },
    ongap() {},
    onstatus() {},
    ondone() {
      answer();
      raw.lost += back.length;
      tcp.end();
    },
    onidle() {
      raw.silent++;
      tcp.end();
      printer.end(job);
    },
    // The client has no ear for reasons: it waits, as at any printer that is off, and may give up.
    onsilent() {
      return tcp.closed && !waiting.length;
    },
  };
  tcp.ondrain = () => {
    if (printer.queued() > Mark.high) tcp.pause(true);
    answer();
  };
  tcp.onclose = () => {
    if (turn) {
      if (!job.ended) printer.end(job);
    } else if (!waiting.length) printer.cancel(job);
  };
  // The first bytes may have come with the connection; the rest stays in the network until its turn.
  tcp.pause(true);
  printer.submit(job);
}
