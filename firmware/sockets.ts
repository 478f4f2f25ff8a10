/**
 * The names of BSD sockets for programs on the board, with callbacks (error, result): a module of its own in Storage,
 * which costs nothing where no program asks for it. docs/sockets.md says what of it there is.
 */
import { EMPTY, join, slice } from "../protocols/bytes/index.js";
import type { Bytes } from "../protocols/bytes/index.js";
import { codeOf, sentenceOf } from "../protocols/errors/index.js";
import type { Failure } from "../protocols/errors/index.js";
import { PORTS } from "../protocols/service/ports.js";

export const AF_DEVICE = "AF_DEVICE";
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_RDM = 4;
export const SOCK_SEQPACKET = 5;
export const MSG_OOB = 1;
export const SHUT_WR = 1;
export const SHUT_RDWR = 2;

type Callback = (error: Error | null, result?: unknown) => void;

/** Messages that wait for a slow program on a datagram socket; a newer one pushes out the oldest. */
const MOST_DATAGRAMS = 8;

class Handle {
  socket: DevsockProgramSocket | null = null;
  /** What came: pieces of a stream, messages; of records pieces, and null where one ends. */
  waiting: (Bytes | null)[] = [];
  ended = false;
  failure: Failure = "";
  /** Who waits in recv, and for how much. */
  reader: Callback | null = null;
  most = 0;
  record: Bytes = EMPTY;
  /** Who waits in send. */
  writer: (() => void) | null = null;
  constructor(readonly type: number) {}
}

function errorOf(failure: Failure): Error {
  const error = new Error(sentenceOf(failure));
  (error as Error & { code: string }).code = codeOf(failure);
  return error;
}

/** Tells a callback when the call that it was given to is over. */
function tell(told: Callback | undefined, failure: Failure, result?: unknown): void {
  if (told) setTimeout(() => told(failure ? errorOf(failure) : null, result), 0);
}

/** Gives the reader what it asked for. */
function serve(s: Handle): void {
  const told = s.reader;
  const socket = s.socket!;
  if (!told) return;
  while (s.waiting.length) {
    const piece = s.waiting.shift()!;
    let data = piece;
    if (s.type == SOCK_SEQPACKET) {
      socket.consume(piece === null ? 1 : piece.length);
      if (piece !== null) {
        s.record = slice(join(s.record, piece), 0, s.most);
        continue;
      }
      data = s.record;
      s.record = EMPTY;
    } else if (s.type == SOCK_STREAM) {
      if (piece.length > s.most) {
        data = slice(piece, 0, s.most);
        s.waiting.unshift(slice(piece, s.most, piece.length));
      }
      socket.consume(data.length);
    } else {
      if (s.type != SOCK_DGRAM) socket.consume(piece.length + 1);
      data = slice(piece, 0, s.most);
    }
    s.reader = null;
    return tell(told, "", data);
  }
  if (!s.ended) return;
  s.reader = null;
  tell(told, s.failure, null);
}

function came(s: Handle, piece: Bytes | null): void {
  s.waiting.push(piece);
  if (s.type == SOCK_DGRAM && s.waiting.length > MOST_DATAGRAMS) s.waiting.shift();
  serve(s);
}

/** @throws Error EAFNOSUPPORT, ESOCKTNOSUPPORT */
export function socket(family: string, type: number): Handle {
  if (family != AF_DEVICE)
    throw errorOf("EAFNOSUPPORT: programs on a board have AF_DEVICE; use the interpreter's own net");
  if (!(type >= SOCK_STREAM && type <= SOCK_SEQPACKET))
    throw errorOf("ESOCKTNOSUPPORT: there is no socket type " + type + "; use SOCK_STREAM");
  return new Handle(type);
}

/** To `device:service` or `:service` of this board, or `host:NAME` of the host that came last. */
export function connect(s: Handle, address: string, told: Callback): void {
  if (s.socket) return tell(told, "EISCONN: the socket is connected; open another one");
  const socket = $openSocket(s.type, address, s.type == SOCK_RDM ? 3 : 0);
  if (!socket) return tell(told, "EMFILE: no socket is left, or no host is there; try again later");
  s.socket = socket;
  let opening = true;
  socket.onopen = () => {
    opening = false;
    told(null);
  };
  socket.ondata = (frame, from, to) => came(s, slice(frame, from, to));
  socket.onrecord = () => came(s, null);
  socket.ondrain = () => {
    const writer = s.writer;
    s.writer = null;
    if (writer) writer();
  };
  socket.onend = () => {
    s.ended = true;
    serve(s);
  };
  socket.onclose = (failure) => {
    s.ended = true;
    s.failure = failure;
    if (opening) {
      s.socket = null;
      tell(told, failure);
    } else serve(s);
    if (s.writer) socket.ondrain();
  };
}

/** One call at a time: bytes of a stream are taken as a whole, a message or record is one. */
export function send(s: Handle, data: Bytes, flags: number, told: Callback): void {
  const socket = s.socket;
  if (!socket) return tell(told, "ENOTCONN: the socket is not connected; connect it first");
  if (flags & MSG_OOB) {
    const taken = socket.urgent(slice(data, data.length - 1, data.length));
    return tell(told, taken ? "" : "EAGAIN: an urgent byte waits already; try again later", 1);
  }
  const done = (): void => tell(told, s.failure, data.length);
  let taken = socket.send(data);
  if (s.type == SOCK_SEQPACKET) taken = socket.record();
  if (taken || s.type == SOCK_DGRAM) done();
  // A message that was not taken is sent again; bytes of a stream are queued.
  else if (socket.whole && !s.failure) s.writer = () => send(s, data, flags, told);
  else if (s.failure) done();
  else s.writer = done;
}

/** At most `length` bytes, or one message or record, cut off there; null when the other end sends no more. */
export function recv(s: Handle, length: number, _flags: number, told: Callback): void {
  if (!s.socket) return tell(told, "ENOTCONN: the socket is not connected; connect it first");
  if (s.reader) return tell(told, "EALREADY: another recv waits; wait for that");
  s.reader = told;
  s.most = length;
  serve(s);
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
  if (socket) {
    const one = socket.whole ? 1 : 0;
    socket.ondata = (_frame, from, to) => socket.consume(to - from + one);
    socket.onrecord = () => socket.consume(1);
    socket.onend = socket.ondrain = () => {};
    socket.onclose = () => {};
    for (let i = 0; i < s.waiting.length; i++) socket.consume((s.waiting[i] || EMPTY).length + one);
    socket.end();
  }
  s.waiting = [];
  tell(told, "");
}

/** The service of that name, or null. */
export function getservbyname(name: string): { name: string; port: number } | null {
  return PORTS.hasOwnProperty(name) ? { name, port: PORTS[name]! } : null;
}
