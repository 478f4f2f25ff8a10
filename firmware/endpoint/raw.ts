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

/** Clients of all raw endpoints, for `tick`. */
const clients: { (now: number): void }[] = [];

/** Counters of all raw endpoints. */
export const raw = { refused: 0, silent: 0, lost: 0 };

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

/** Time passes: silent clients lose their turn. */
export function tickRaw(now: number): void {
  for (let i = clients.length - 1; i >= 0; i--) clients[i]!(now);
}

function serve(printer: Escpos, socket: EspruinoSocket, idle: number): void {
  let waiting: Bytes[] = [];
  let turn = false;
  let back = EMPTY;
  let touched = getTime() * 1000;
  const tcp = new Tcp(socket, (data) => {
    // Its turn is over; the end of the connection tells the client.
    if (job.ended) return;
    touched = getTime() * 1000;
    if (turn) {
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
    taken: 0,
    ended: false,
    onstart() {
      turn = true;
      touched = getTime() * 1000;
      for (let i = 0; i < waiting.length; i++) printer.write(waiting[i]!);
      waiting = [];
      if (tcp.closed) printer.end(job);
      else tcp.pause(false);
    },
    onwait() {},
    ontaken() {
      touched = getTime() * 1000;
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
      clients.splice(clients.indexOf(tick), 1);
      answer();
      raw.lost += back.length;
      tcp.end();
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
    } else if (!waiting.length) {
      printer.cancel(job);
      clients.splice(clients.indexOf(tick), 1);
    }
  };
  const tick = (now: number): void => {
    if (!turn || job.ended || printer.queued() || now < touched + idle) return;
    raw.silent++;
    job.ended = true;
    tcp.end();
    printer.end(job);
  };
  clients.push(tick);
  // The first bytes may have come with the connection; the rest stays in the network until its turn.
  tcp.pause(true);
  printer.submit(job);
}
