/**
 * The other end of a link, made of the protocol's own classes as a board's is: a session for each TCP connection, and two
 * services, `discard` and `echo`.
 */
import { createServer } from "node:net";
import type { Server, Socket as Connection } from "node:net";
import { Reassembly } from "../../host/reassembly.js";
import { Door, Frame, hmacKey, Session, slice, Sockets, State } from "../../protocols/index.js";
import type { Socket, Terms } from "../../protocols/index.js";

/** Longest payload of a frame: as long as the host library would have it. */
const PAYLOAD = 32_772;

/** The pre-shared key of encrypted sessions. */
export const KEY = new Uint8Array(32).fill(1);

/** SO_RCVBUF of each socket, about what the system gives a bare one on loopback, and sockets of one session. */
const RECEIVE_BUFFER = 2 ** 22;
const SOCKETS = 1022;

const terms: Terms = { payload: PAYLOAD, window: 16, name: "bench", board: "bench", firmware: "0" };

/** @param keyed whether sessions are encrypted, with `KEY` */
export function responder(keyed: boolean): Server {
  const door = new Door(random32, keyed ? hmacKey(KEY) : null, () => null);
  return createServer({ noDelay: true }, (connection) => serve(connection, door));
}

function serve(connection: Connection, door: Door): void {
  let timer: NodeJS.Timeout | undefined;
  let scheduled = false;
  const now = (): number => performance.now();
  const sockets = new Sockets(false, SOCKETS, RECEIVE_BUFFER, {
    onup: () => undefined,
    onrequest: (socket, address) => accept(sockets, socket, address),
    ondown: () => undefined,
    onwork: () => {
      if (!scheduled) queueMicrotask(pump);
      scheduled = true;
    },
  });
  const traits = { payload: PAYLOAD, reliable: true, datagram: false };
  const owner = { begin: () => sockets, onmoved: () => undefined, ondown: () => undefined };
  const session = new Session(owner, terms, traits, now(), null, door);
  const pump = (): void => {
    scheduled = false;
    for (let frame; (frame = session.poll(now())).length > 0;) connection.write(frame);
    if (session.state === State.closed) return void connection.end();
    const at = session.deadline();
    clearTimeout(timer);
    timer = undefined;
    if (at < Infinity) timer = setTimeout(late, Math.max(1, at - now()));
  };
  const late = (): void => {
    session.timeOut(now());
    pump();
  };
  const check = door.key ? Frame.mac : Frame.check;
  const frames = new Reassembly(PAYLOAD, check, (bytes) => session.receive(bytes, now()));
  connection.on("data", (data) => {
    frames.push(data);
    pump();
  });
  connection.on("error", () => undefined);
  connection.on("close", () => {
    clearTimeout(timer);
    session.endSession("ECONNRESET: the connection ended");
  });
}

function accept(sockets: Sockets, socket: Socket, address: string): void {
  socket.ondata = (frame, from, to) => {
    if (address === "echo") socket.send(slice(frame, from, to));
    socket.consume(to - from);
  };
  socket.onend = () => socket.end();
  sockets.accept(socket);
}

function random32(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]!;
}
