/** The services that a socket may be opened to. protocols/service says what goes over each. */
import { fromText, slice } from "../../protocols/bytes/index.js";
import type { JobRecord } from "../../protocols/service/index.js";
import { Phase, Type } from "../../protocols/socket/socket.js";
import type { Socket } from "../../protocols/socket/socket.js";
import type { Sockets } from "../../protocols/socket/sockets.js";
import type { Escpos, Job } from "../driver/escpos.js";

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

function say(socket: Socket, record: object): void {
  socket.send(fromText(JSON.stringify(record) + "\n"));
}

/** One JSON line, then the end. */
export function tell(sockets: Sockets, socket: Socket, record: object): void {
  if (socket.type != Type.stream) return sockets.refuse(socket, "ESOCKTNOSUPPORT: this service is a SOCK_STREAM");
  sockets.accept(socket);
  say(socket, record);
  socket.end();
}

/** RFC 863. Whoever keeps nothing can take much at once: fewer acknowledgements. */
export function discard(sockets: Sockets, socket: Socket): void {
  socket.enlarge(32 * sockets.full);
  socket.ondata = (_frame, from, to) => socket.consume(to - from);
  socket.onend = () => socket.end();
  sockets.accept(socket);
}

/** RFC 864: one frame's worth of text again and again. */
export function chargen(sockets: Sockets, socket: Socket, size: number): void {
  if (socket.type != Type.stream) return sockets.refuse(socket, "ESOCKTNOSUPPORT: chargen is a SOCK_STREAM");
  let line = "";
  for (let i = 0; i < 95; i++) line += String.fromCharCode(32 + i);
  const text = fromText((line + line + line + line + line + line).substring(0, size));
  socket.source = (max) => (max < size ? slice(text, 0, max) : text);
  socket.onend = () => sockets.reset(socket, "ECONNRESET: chargen ends with its reader");
  sockets.accept(socket);
}

/** A print job: bytes in, records out. `plain`: what the printer says goes out instead of records. */
export function print(sockets: Sockets, socket: Socket, printer: Escpos, plain: boolean): void {
  if (socket.type != Type.stream) return sockets.refuse(socket, "ESOCKTNOSUPPORT: a print job is a SOCK_STREAM");
  if (printer.jobs.length >= MOST_JOBS)
    return sockets.refuse(socket, "EAGAIN: " + printer.name + " has " + MOST_JOBS + " jobs waiting; try again later");
  let turn = false;
  let over = false;
  let told = 0;
  const last = (failure: string): void => {
    over = true;
    if (plain) {
      if (failure) sockets.reset(socket, failure);
      else socket.end();
      return;
    }
    const record: JobRecord = { accepted: socket.received(), taken: job.taken, status: printer.status() };
    if (failure) record.failed = failure;
    else record.done = true;
    say(socket, record);
    socket.end();
  };
  const job: Job = {
    whole: true,
    idle: IDLE,
    taken: 0,
    ended: false,
    onstart() {
      turn = true;
      if (!plain) say(socket, { ahead: 0, status: printer.status() });
      // Credit from here on: a job that waits takes no room.
      socket.consume(0);
      if (socket.finReceived) printer.end(job);
    },
    onwait(ahead) {
      if (!plain) say(socket, { ahead });
    },
    ontaken(n) {
      socket.consume(n);
      if (!plain && job.taken - told >= PROGRESS && socket.queued < MOST_SAID) {
        told = job.taken;
        say(socket, { taken: told });
      }
    },
    onback(data) {
      if (!plain) return;
      if (socket.queued < MOST_SAID) socket.send(data);
      else lost.count += data.length;
    },
    ongap(gap) {
      if (!plain && socket.queued < MOST_SAID) say(socket, { gap });
    },
    onstatus(status) {
      if (!plain && socket.queued < MOST_SAID) say(socket, { taken: job.taken, status });
    },
    ondone: last,
    onidle() {
      if (printer.jobs.length < 2) return;
      printer.cancel(job);
      last("ETIMEDOUT: nothing of the job came for 60 s and others wait for " + printer.name + "; print it again");
    },
    onsilent(failure) {
      last(failure);
      return true;
    },
  };
  socket.ondata = (frame, from, to) => {
    if (!over) printer.write(slice(frame, from, to));
  };
  socket.onend = () => {
    if (turn) printer.end(job);
  };
  socket.onclose = () => {
    if (!over) printer.cancel(job);
  };
  socket.withhold();
  sockets.accept(socket);
  if (socket.phase == Phase.open) printer.submit(job);
}
