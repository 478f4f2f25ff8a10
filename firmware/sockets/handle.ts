/** A socket of a program on the board, between its calls. */
import { EMPTY, join, slice } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import { codeOf, sentenceOf } from "../../protocols/errors/index.js";
import type { Failure } from "../../protocols/errors/index.js";

export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_RDM = 4;
export const SOCK_SEQPACKET = 5;

export type Callback = (error: Error | null, result?: unknown) => void;

/** A connection that nobody has accepted yet. */
export interface Request {
  socket: DevsockProgramSocket;
  /** Accepts it, or refuses it with a failure. */
  answer: (failure: Failure) => void;
}

export class Handle {
  socket: DevsockProgramSocket | null = null;
  /** What it is bound to, and connected to. */
  local = "";
  peer = "";
  /** Connections that may wait; 0 while it does not listen. */
  backlog = 0;
  pending: Request[] = [];
  /** Who waits in accept. */
  acceptor: Callback | null = null;
  /** What came: pieces of a stream, messages; of records pieces, and null where one ends. */
  waiting: (Bytes | null)[] = [];
  ended = false;
  closed = false;
  /** What was sent waits, and as much as may. */
  full = false;
  failure: Failure = "";
  /** Who waits in recv, and for how much. */
  reader: Callback | null = null;
  most = 0;
  record: Bytes = EMPTY;
  /** Ends that wait. */
  timer = 0;
  /** Who waits in send. */
  writer: (() => void) | null = null;
  /** Who waits for an option of the device. */
  asker: Callback | null = null;
  /** SO_RCVTIMEO in ms, SO_PRIORITY, SO_RCVBUF: 0 is what they are when nobody sets them. */
  patience = 0;
  priority = 0;
  buffer = 0;
  constructor(readonly type: number) {}
}

/** Who waits in poll. */
export const watchers: (() => void)[] = [];

/** Something may be ready. */
export function changed(): void {
  for (let i = watchers.length - 1; i >= 0; i--) watchers[i]!();
}

export function errorOf(failure: Failure): Error {
  const error = new Error(sentenceOf(failure));
  (error as Error & { code: string }).code = codeOf(failure);
  return error;
}

/** Tells a callback when the call that it was given to is over. */
export function tell(told: Callback | undefined, failure: Failure, result?: unknown): void {
  if (told) setTimeout(() => told(failure ? errorOf(failure) : null, result), 0);
}

/** Messages that wait for a slow program on a datagram socket; a newer one pushes out the oldest. */
const MOST_DATAGRAMS = 8;

/** From now on the handle has what comes on a socket. */
export function adopt(s: Handle, socket: DevsockProgramSocket): void {
  s.socket = socket;
  s.ended = false;
  s.failure = "";
  const came = (piece: Bytes | null): void => {
    s.waiting.push(piece);
    if (s.type == SOCK_DGRAM && s.waiting.length > (s.buffer || MOST_DATAGRAMS)) {
      s.waiting.shift();
      $counts["overtaken"] = ($counts["overtaken"] || 0) + 1;
    }
    serve(s);
  };
  socket.ondata = (frame, from, to) => came(slice(frame, from, to));
  socket.onrecord = () => came(null);
  socket.ondrain = () => {
    const writer = s.writer;
    s.writer = null;
    s.full = false;
    if (writer) writer();
    changed();
  };
  socket.onend = () => {
    s.ended = true;
    serve(s);
  };
  socket.onanswer = (_number, text) => {
    const asker = s.asker;
    s.asker = null;
    const failed = text.charAt(0) == "E" && text.indexOf(": ") > 0;
    tell(asker || undefined, failed ? text : "", text);
  };
  socket.onclose = (failure) => {
    s.ended = true;
    s.failure = failure;
    serve(s);
    if (s.asker) socket.onanswer!(0, failure || "ENOTCONN: the socket is closed; open another one");
    if (s.writer) socket.ondrain!();
  };
}

/** Gives the reader what it asked for. */
export function serve(s: Handle): void {
  const told = s.reader;
  const socket = s.socket!;
  if (!told) return changed();
  let data: Bytes | null = null;
  while (data === null && s.waiting.length) {
    const piece = s.waiting.shift()!;
    if (s.type == SOCK_SEQPACKET) {
      socket.consume(piece === null ? 1 : piece.length);
      if (piece === null) {
        data = s.record;
        s.record = EMPTY;
      } else s.record = slice(join(s.record, piece), 0, s.most);
    } else if (s.type == SOCK_STREAM) {
      data = piece;
      if (piece.length > s.most) {
        data = slice(piece, 0, s.most);
        s.waiting.unshift(slice(piece, s.most, piece.length));
      }
      socket.consume(data.length);
    } else {
      if (s.type != SOCK_DGRAM) socket.consume(piece.length + 1);
      data = slice(piece, 0, s.most);
    }
  }
  if (data === null && !s.ended) return changed();
  s.reader = null;
  if (s.timer) clearTimeout(s.timer);
  s.timer = 0;
  tell(told, data === null ? s.failure : "", data);
}
