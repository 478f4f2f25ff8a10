/**
 * SOCK_RAW to a device on a UART: one message is one transaction, answered by one message. protocols/service has their
 * layout. The driver's line of jobs says whose turn it is: none begins while a job is there, and a job waits for it.
 */
import { byte, EMPTY, fromText, join, slice, u16 } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import type { Failure } from "../../protocols/errors/index.js";
import { Result, Transaction } from "../../protocols/service/transaction.js";
import { Phase } from "../../protocols/socket/socket.js";
import type { Socket } from "../../protocols/socket/socket.js";
import type { Sockets } from "../../protocols/socket/sockets.js";
import type { Escpos, Job } from "../driver/escpos.js";

export function transact(sockets: Sockets, socket: Socket, printer: Escpos): void {
  // As much as the client's credit covers: it gets new credit when an answer is on its way.
  const requests: Bytes[] = [];
  let answer = EMPTY;
  let job: Job | null = null;
  const timer = { id: 0 };
  const next = (): void => {
    if (socket.phase != Phase.open || job) return;
    if (answer) {
      // A client that does not read waits for itself.
      if (!socket.send(answer)) return;
      answer = EMPTY;
      socket.consume(requests.shift()!.length + 1);
    }
    if (requests.length) job = begin(printer, requests[0]!, timer, done);
    else if (socket.finReceived) socket.end();
  };
  const done = (result: Bytes): void => {
    answer = result;
    job = null;
    // What is refused is answered within the call that began it.
    setTimeout(next, 0);
  };
  socket.ondata = (frame, from, to) => {
    if (requests.push(slice(frame, from, to)) == 1) next();
  };
  socket.ondrain = next;
  socket.onend = () => {
    if (!requests.length) socket.end();
  };
  socket.onclose = () => {
    if (timer.id) clearTimeout(timer.id);
    if (job) printer.cancel(job);
  };
  sockets.accept(socket);
}

/**
 * @param timer the one that ends it
 * @returns the transaction, or null when it cannot be: `done` is then told why
 */
function begin(printer: Escpos, request: Bytes, timer: { id: number }, done: (answer: Bytes) => void): Job | null {
  const wanted = request.length < Transaction.header ? Infinity : u16(request, 0);
  let came = EMPTY;
  let over = false;
  const failed = (failure: Failure): boolean => {
    done(join(byte(Result.failed), fromText(failure)));
    return true;
  };
  const end = (): void => {
    if (timer.id) clearTimeout(timer.id);
    timer.id = 0;
    if (!over) printer.end(job);
    over = true;
  };
  const job: Job = {
    whole: true,
    idle: Infinity,
    taken: 0,
    ended: false,
    onstart() {
      if (request.length > Transaction.header) printer.write(slice(request, Transaction.header, request.length));
      if (wanted) timer.id = setTimeout(end, u16(request, 2));
      else end();
    },
    onback(data) {
      if (!over) came = join(came, data);
      if (came.length >= wanted) end();
    },
    ondone(failure) {
      if (failure) failed(failure);
      else done(join(byte(came.length < wanted ? Result.late : Result.whole), slice(came, 0, Transaction.most)));
    },
    onsilent: failed,
    onwait: nothing,
    ontaken: nothing,
    ongap: nothing,
    onstatus: nothing,
    onidle: nothing,
  };
  if (wanted > Transaction.most)
    failed("EINVAL: a transaction is bytes to read (2, at most 255), ms to wait (2), and what to write");
  else if (printer.jobs.length) failed("EBUSY: " + printer.name + " has a job; try again when it is done");
  else {
    printer.submit(job);
    return job;
  }
  return null;
}

function nothing(): void {}
