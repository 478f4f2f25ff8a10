/**
 * The names of BSD sockets for programs on the board, with callbacks (error, result): a module of its own in Storage,
 * which costs nothing where no program asks for it. docs/sockets.md says what of it there is.
 */
import { EMPTY, slice } from "../protocols/bytes/index.js";
import type { Bytes } from "../protocols/bytes/index.js";
import { PORTS } from "../protocols/service/ports.js";
import {
  adopt,
  changed,
  errorOf,
  Handle,
  serve,
  SOCK_DGRAM,
  SOCK_RDM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  tell,
} from "./sockets/handle.js";
import type { Callback } from "./sockets/handle.js";

export { SOCK_DGRAM, SOCK_RAW, SOCK_RDM, SOCK_SEQPACKET, SOCK_STREAM } from "./sockets/handle.js";
export {
  getsockopt,
  setsockopt,
  SO_ERROR,
  SO_PRIORITY,
  SO_RCVBUF,
  SO_RCVTIMEO,
  SO_SNDBUF,
  SO_TYPE,
  SOL_DEVICE,
  SOL_SOCKET,
} from "./sockets/options.js";
export { poll, POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, select } from "./sockets/poll.js";

export const AF_DEVICE = "AF_DEVICE";
export const MSG_OOB = 0x1;
export const MSG_DONTWAIT = 0x40;
export const SHUT_WR = 1;
export const SHUT_RDWR = 2;
export const SOMAXCONN = 8;

/** Names that a program on a board listens at. */
const PROGRAM = "program:";

/** @throws Error EAFNOSUPPORT, ESOCKTNOSUPPORT */
export function socket(family: string, type: number): Handle {
  if (family != AF_DEVICE)
    throw errorOf("EAFNOSUPPORT: programs on a board have AF_DEVICE; use the interpreter's own net");
  if (!(type >= SOCK_STREAM && type <= SOCK_SEQPACKET))
    throw errorOf("ESOCKTNOSUPPORT: there is no socket type " + type + "; use SOCK_STREAM");
  return new Handle(type);
}

/** To `device:service`, `:service` or `program:NAME` of this board, or `host:NAME` of the host that came last. */
export function connect(s: Handle, address: string, told: Callback): void {
  if (s.socket || s.backlog) return tell(told, "EISCONN: the socket is connected, or listens; open another one");
  const socket = $openSocket(
    s.type,
    address,
    s.priority || (s.type == SOCK_RDM ? 3 : 0),
    s.type == SOCK_DGRAM ? 0 : s.buffer,
  );
  if (!socket) return tell(told, "EMFILE: no socket is left, or no host is there; try again later");
  adopt(s, socket);
  s.peer = address;
  const over = socket.onclose;
  socket.onopen = () => {
    socket.onclose = over;
    told(null);
  };
  socket.onclose = (failure) => {
    s.socket = null;
    s.failure = failure;
    tell(told, failure);
  };
}

/** `program:NAME`. That a name is taken shows at listen. */
export function bind(s: Handle, address: string, told: Callback): void {
  if (address.substring(0, PROGRAM.length) != PROGRAM || address.length == PROGRAM.length)
    return tell(told, "EINVAL: a program on a board is bound to program:NAME, which others connect to");
  if (s.local || s.socket) return tell(told, "EINVAL: the socket has its address already; open another one");
  s.local = address;
  tell(told, "");
}

/** Connections wait for `accept`, as many as the backlog; one more is refused with ECONNREFUSED. */
export function listen(s: Handle, backlog: number, told: Callback): void {
  if (!s.local) return tell(told, "EDESTADDRREQ: the socket has no address; bind it first");
  const name = s.local.substring(PROGRAM.length);
  if ($programs[name])
    return tell(told, "EADDRINUSE: " + s.local + " is taken by a program on this board; take another");
  s.backlog = Math.max(1, Math.min(backlog, SOMAXCONN));
  $programs[name] = (socket, answer) => {
    if (socket.type != s.type) return answer("ESOCKTNOSUPPORT: " + s.local + " is of socket type " + s.type);
    if (s.pending.length >= s.backlog)
      return answer("ECONNREFUSED: " + s.backlog + " connections wait at " + s.local + " already; try again later");
    const request = { socket, answer };
    s.pending.push(request);
    socket.onclose = () => {
      const at = s.pending.indexOf(request);
      if (at >= 0) s.pending.splice(at, 1);
    };
    if (s.acceptor) take(s, s.acceptor);
    changed();
  };
  tell(told, "");
}

function take(s: Handle, told: Callback): void {
  s.acceptor = null;
  const { socket, answer } = s.pending.shift()!;
  const taken = new Handle(s.type);
  taken.local = s.local;
  adopt(taken, socket);
  answer("");
  tell(told, "", taken);
}

/** The next connection, a socket of its own. */
export function accept(s: Handle, told: Callback): void {
  if (!s.backlog) return tell(told, "EINVAL: the socket does not listen; bind it, then listen");
  if (s.acceptor) return tell(told, "EALREADY: another accept waits; wait for that");
  if (s.pending.length) take(s, told);
  else s.acceptor = told;
}

/** One call at a time: bytes of a stream are taken as a whole, a message or record is one. */
export function send(s: Handle, data: Bytes, flags: number, told: Callback): void {
  const socket = s.socket;
  if (!socket) return tell(told, "ENOTCONN: the socket is not connected; connect it first");
  if (flags & MSG_OOB) {
    const taken = socket.urgent(slice(data, data.length - 1, data.length));
    return tell(told, taken ? "" : "EAGAIN: an urgent byte waits already; try again later", 1);
  }
  const again = "EAGAIN: what was sent before waits still; try again later, or leave MSG_DONTWAIT out";
  if (flags & MSG_DONTWAIT && s.full) return tell(told, again);
  const done = (): void => tell(told, s.failure, data.length);
  let taken = socket.send(data);
  if (s.type == SOCK_SEQPACKET) taken = socket.record();
  s.full = !taken && s.type != SOCK_DGRAM;
  if (!s.full || s.failure) return done();
  // A message that was not taken is sent again; bytes of a stream are queued.
  if (flags & MSG_DONTWAIT) return isWhole(s) ? tell(told, again) : done();
  s.writer = isWhole(s) ? () => (s.failure ? done() : send(s, data, flags, told)) : done;
}

/** Whether its messages come as they were sent, and not as pieces of something longer. */
function isWhole(s: Handle): boolean {
  return s.type != SOCK_STREAM && s.type != SOCK_SEQPACKET;
}

/** With an address a datagram socket is connected by its first use. */
export function sendto(s: Handle, data: Bytes, flags: number, address: string, told: Callback): void {
  if (s.socket || !address) {
    if (address && address != s.peer) return tell(told, "EISCONN: the socket is connected to " + s.peer + "; use send");
    return send(s, data, flags, told);
  }
  if (s.type != SOCK_DGRAM) return tell(told, "ENOTCONN: the socket is not connected; connect it first");
  connect(s, address, (error) => {
    if (error) told(error);
    else send(s, data, flags, told);
  });
}

/** At most `length` bytes, or one message or record, cut off there; null when the other end sends no more. */
export function recv(s: Handle, length: number, flags: number, told: Callback): void {
  if (!s.socket) return tell(told, "ENOTCONN: the socket is not connected; connect it first");
  if (s.reader) return tell(told, "EALREADY: another recv waits; wait for that");
  s.reader = told;
  s.most = length;
  serve(s);
  if (!s.reader) return;
  const late = (): void => {
    s.timer = 0;
    s.reader = null;
    tell(told, "EAGAIN: nothing waits to be read; try again later");
  };
  if (flags & MSG_DONTWAIT) late();
  else if (s.patience) s.timer = setTimeout(late, s.patience);
}

/** What recv gives, with where it came from: { data, address }. */
export function recvfrom(s: Handle, length: number, flags: number, told: Callback): void {
  recv(s, length, flags, (error, data) => told(error, error || data === null ? data : { data, address: s.peer }));
}

/** No more goes this way. */
export function shutdown(s: Handle, _how: number, told?: Callback): void {
  if (s.socket) s.socket.end();
  tell(told, "");
}

/** What was sent still goes; what comes is dropped. */
export function close(s: Handle, told?: Callback): void {
  const socket = s.socket;
  s.socket = null;
  s.closed = true;
  if (s.backlog) {
    delete $programs[s.local.substring(PROGRAM.length)];
    const pending = s.pending;
    s.pending = [];
    for (let i = 0; i < pending.length; i++) pending[i]!.answer("ECONNREFUSED: the program listens no more");
    if (s.acceptor) tell(s.acceptor, "ECANCELED: the socket was closed");
    s.acceptor = null;
  }
  if (socket) {
    const one = isWhole(s) ? 1 : 0;
    socket.ondata = (_frame, from, to) => socket.consume(to - from + one);
    socket.onrecord = () => socket.consume(1);
    socket.onend = socket.ondrain = () => {};
    socket.onclose = () => {};
    for (let i = 0; i < s.waiting.length; i++) socket.consume((s.waiting[i] || EMPTY).length + one);
    socket.end();
  }
  if (s.timer) clearTimeout(s.timer);
  s.waiting = [];
  s.reader = s.writer = null;
  changed();
  tell(told, "");
}

/** What it is bound to. */
export function getsockname(s: Handle): string {
  return s.local;
}

/** What it is connected to; nobody knows who connected to a program. */
export function getpeername(s: Handle): string {
  return s.peer;
}

/** The service of that name, or null. */
export function getservbyname(name: string): { name: string; port: number } | null {
  return PORTS.hasOwnProperty(name) ? { name, port: PORTS[name]! } : null;
}

/** The service at that port, or null. */
export function getservbyport(port: number): { name: string; port: number } | null {
  for (const name in PORTS) if (PORTS[name] == port) return { name, port };
  return null;
}
