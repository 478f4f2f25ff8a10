/**
 * SOCK_RAW: one message is one transaction, answered by one message. protocols/service has their layout. On a UART the
 * driver's line of jobs says whose turn it is: none begins while a job is there, and a job waits for it.
 */
import { byte, EMPTY, fromText, join, slice, u16 } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import type { Failure } from "../../protocols/errors/index.js";
import { nothing } from "../../protocols/nothing.js";
import { Result, Transaction } from "../../protocols/service/transaction.js";
import { Phase } from "../../protocols/socket/socket.js";
import type { Socket } from "../../protocols/socket/socket.js";
import type { Sockets } from "../../protocols/socket/sockets.js";
import type { Escpos, Job } from "../driver/escpos.js";
import { increase } from "../io/count.js";
import { denied } from "./lease.js";

/**
 * Begins a transaction; `done` is told the answer, within the call or later.
 * @returns gives it up: `done` is not called any more. Nothing when it is over
 */
export type Start = (request: Bytes, done: (answer: Bytes) => void) => () => void;

/** @later transaction */
export function transact(sockets: Sockets, socket: Socket, start: Start): void {
  // As much as the client's credit covers: it gets new credit when an answer is on its way.
  const requests: Bytes[] = [];
  let answer = EMPTY;
  let running = false;
  let giveUp = nothing;
  const next = (): void => {
    if (socket.phase != Phase.open || running) return;
    if (answer) {
      // A client that does not read waits for itself.
      if (!socket.send(answer)) return;
      answer = EMPTY;
      socket.consume(requests.shift()!.length + 1);
    }
    if (requests.length) {
      running = true;
      giveUp = start(requests[0]!, done);
    } else if (socket.finReceived) socket.end();
  };
  const done = (result: Bytes): void => {
    answer = result;
    running = false;
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
  socket.onclose = () => giveUp();
  sockets.accept(socket);
}

/**
 * Transactions on a printer's UART.
 * @param sockets whose they are
 * @later transaction
 */
export function onUart(printer: Escpos, sockets: Sockets): Start {
  return (request, done) => {
    const wanted = request.length < Transaction.header ? Infinity : u16(request, 0);
    let came = EMPTY;
    let over = false;
    let timer = 0;
    const refused = (failure: Failure): boolean => {
      done(join(byte(Result.failed), fromText(failure)));
      return true;
    };
    const end = (): void => {
      if (timer) clearTimeout(timer);
      timer = 0;
      if (!over) printer.finish(job);
      over = true;
    };
    const job: Job = {
      whole: true,
      idle: Infinity,
      taken: 0,
      ended: false,
      onstart() {
        if (request.length > Transaction.header) printer.write(slice(request, Transaction.header, request.length));
        if (wanted) timer = setTimeout(end, u16(request, 2));
        else end();
      },
      onback(data) {
        const room = over ? 0 : Math.min(data.length, Transaction.most - came.length);
        came = join(came, slice(data, 0, room));
        increase("backlost", data.length - room);
        if (came.length >= wanted) end();
      },
      ondone(failure) {
        if (failure) refused(failure);
        else done(join(byte(came.length < wanted ? Result.late : Result.whole), came));
      },
      onsilent: refused,
      onwait: nothing,
      ontaken: nothing,
      ongap: nothing,
      onstatus: nothing,
      onidle: nothing,
    };
    const leased = denied(printer.name, sockets);
    if (wanted > Transaction.most)
      refused("EINVAL: a transaction is bytes to read (2, at most 255), ms to wait (2), and what to write");
    else if (leased) refused(leased);
    else if (printer.jobs.length) refused("EBUSY: " + printer.name + " has a job");
    else printer.submit(job);
    return () => {
      if (timer) clearTimeout(timer);
      printer.cancel(job);
    };
  };
}
