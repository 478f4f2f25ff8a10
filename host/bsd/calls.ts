/**
 * The BSD calls. What may wait returns a promise and takes, last, `{ signal }` or a callback (error, result): with a
 * callback the same text runs on a board (examples/same-text.js). docs/sockets.md has what works where.
 */
import {
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SO_LINGER,
  SO_RCVTIMEO,
  SO_SNDTIMEO,
  SO_TIMESTAMP,
  SOCK_STREAM,
  SOMAXCONN,
} from "../constants.js";
import type { SocketType } from "../constants.js";
import type { SocketAddress } from "./addresses.js";
import type { Received } from "./endpoint.js";
import { familyOf } from "./families.js";
import { SocketHandle } from "./handle.js";
import type { CallOptions } from "./handle.js";
import { answered, signalOf } from "./last.js";
import type { Last } from "./last.js";
import type { Linger } from "./options.js";
import { pairOf } from "./pair.js";
import { arrived } from "./timestamps.js";
import type { MessageTime } from "./timestamps.js";
import { DevsockError } from "../errors.js";
import type { Board } from "../gateway.js";

export { getsockopt, setsockopt } from "./options.js";
export {
  getaddrinfo,
  getnameinfo,
  getprotobyname,
  getservbyname,
  getservbyport,
  htonl,
  htons,
  if_nameindex,
  if_nametoindex,
  ntohl,
  ntohs,
} from "./names.js";
export { poll, select } from "./poll.js";
export type { Polled, Selected } from "./poll.js";
export type { SocketAddress, CallOptions, Last, SocketHandle };

/** A message with where it came from. */
export interface ReceivedFrom {
  data: Buffer;
  address: unknown;
}

/** What recvmsg gives beside the data. */
export interface ReceivedMessage extends ReceivedFrom {
  /** MSG_TRUNC: it was longer; MSG_EOR: a record ends here; MSG_OOB. */
  flags: number;
  control: {
    /** With SO_TIMESTAMP: when it was made, of a message that bears the board's time; else when it came. */
    timestamp?: MessageTime;
  };
}

/** What sendmsg takes. */
export interface MessageToSend {
  data: Uint8Array | string | (Uint8Array | string)[];
  address?: SocketAddress;
}

/**
 * @param board the board that addresses mean which name none
 * @throws DevsockError EAFNOSUPPORT, ESOCKTNOSUPPORT, EPROTONOSUPPORT
 */
export function socket(family: string, type: number, protocol = 0, board?: Board | string): SocketHandle {
  const rules = familyOf(family, type, protocol);
  return new SocketHandle(family, type as SocketType, protocol, rules, board);
}

/** Two sockets of this program that are connected to each other. */
export function socketpair(family: string, type: number, protocol = 0): [SocketHandle, SocketHandle] {
  const rules = familyOf(family, family === "AF_UNIX" ? SOCK_STREAM : type, protocol);
  const [a, b] = pairOf(type as SocketType);
  const first = new SocketHandle(family, type as SocketType, protocol, rules, undefined);
  const second = new SocketHandle(family, type as SocketType, protocol, rules, undefined);
  first.endpoint = a;
  second.endpoint = b;
  return [first, second];
}

/** @throws DevsockError EINVAL when it is bound or connected; EADDRINUSE (for listening sockets, from `listen`) */
export function bind(s: SocketHandle, address: SocketAddress, last?: Last<void>): Promise<void> {
  return answered(last, async () => {
    s.check();
    if (s.bound !== undefined || s.endpoint) throw invalid("the socket has its address already; open another one");
    if (s.type !== SOCK_STREAM && s.rules.bind) s.endpoint = await s.rules.bind(address, s.context(signalOf(last)));
    s.bound = address;
  });
}

/** @throws DevsockError EDESTADDRREQ before bind, EADDRINUSE, EOPNOTSUPP where nothing can connect */
export function listen(s: SocketHandle, backlog = 8, last?: Last<void>): Promise<void> {
  return answered(last, async () => {
    s.check();
    if (!s.rules.listen)
      throw new DevsockError(`EOPNOTSUPP: sockets of ${s.family} do not listen; connect from the other side`);
    if (s.endpoint || s.listener) throw invalid("the socket is connected, or listens already; open another one");
    if (s.bound === undefined) throw new DevsockError("EDESTADDRREQ: the socket has no address; bind it first");
    const most = Math.max(1, Math.min(backlog, SOMAXCONN));
    s.listener = await s.rules.listen(s.bound, most, s.context(signalOf(last)));
  });
}

/** The next connection. @throws DevsockError EINVAL when the socket does not listen, EAGAIN after SO_RCVTIMEO */
export function accept(s: SocketHandle, last?: Last<SocketHandle>): Promise<SocketHandle> {
  return answered(last, async () => {
    s.check();
    const { listener } = s;
    if (!listener) throw invalid("the socket does not listen; bind it, then listen");
    const endpoint = await s.within(SO_RCVTIMEO, signalOf(last), (signal) => listener.accept(signal));
    const taken = new SocketHandle(s.family, s.type, s.protocol, s.rules, s.board);
    taken.endpoint = endpoint;
    return taken;
  });
}

/** @throws DevsockError EISCONN, EALREADY, and what the other side refuses it with */
export function connect(s: SocketHandle, address: SocketAddress, last?: Last<void>): Promise<void> {
  return answered(last, async () => {
    s.check();
    if (s.connecting) throw new DevsockError("EALREADY: the socket is being connected; wait for that");
    if (s.endpoint || s.listener)
      throw new DevsockError("EISCONN: the socket is connected, or listens; open another one");
    s.connecting = true;
    try {
      s.endpoint = await s.within(SO_SNDTIMEO, signalOf(last), (signal) => s.rules.connect(address, s.context(signal)));
      if (!s.closed) return;
      s.endpoint.destroy();
      throw new DevsockError("ECANCELED: the socket was closed while it was being connected");
    } catch (error) {
      s.error = error as DevsockError;
      await s.release();
      throw error;
    } finally {
      s.connecting = false;
    }
  });
}

/** Bytes taken: all, or of a stream at least one. */
export function send(s: SocketHandle, data: Uint8Array | string, flags = 0, last?: Last<number>): Promise<number> {
  return answered(last, () => transmit(s, Buffer.from(data), flags, undefined, signalOf(last)));
}

export function sendto(
  s: SocketHandle,
  data: Uint8Array | string,
  flags: number,
  address: SocketAddress,
  last?: Last<number>,
): Promise<number> {
  return answered(last, () => transmit(s, Buffer.from(data), flags, address, signalOf(last)));
}

export function sendmsg(s: SocketHandle, message: MessageToSend, flags = 0, last?: Last<number>): Promise<number> {
  const parts = Array.isArray(message.data) ? message.data : [message.data];
  const data = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return answered(last, () => transmit(s, data, flags, message.address, signalOf(last)));
}

/** At most `length` bytes, or one message, cut off there; null when the other end sends no more. */
export function recv(s: SocketHandle, length: number, flags = 0, last?: Last<Buffer | null>): Promise<Buffer | null> {
  return answered(last, async () => (await receive(s, length, flags, signalOf(last)))?.data ?? null);
}

export function recvfrom(
  s: SocketHandle,
  length: number,
  flags = 0,
  last?: Last<ReceivedFrom | null>,
): Promise<ReceivedFrom | null> {
  return answered(last, async () => {
    const got = await receive(s, length, flags, signalOf(last));
    return got && { data: got.data, address: got.address };
  });
}

export function recvmsg(
  s: SocketHandle,
  length: number,
  flags = 0,
  last?: Last<ReceivedMessage | null>,
): Promise<ReceivedMessage | null> {
  return answered(last, async () => {
    const got = await receive(s, length, flags, signalOf(last));
    if (!got) return null;
    const control: ReceivedMessage["control"] = {};
    if (s.options.get(SO_TIMESTAMP)) control.timestamp = (await s.endpoint?.timestamps?.of(got)) ?? arrived(got.time);
    return { data: got.data, address: got.address, flags: got.flags, control };
  });
}

/** @param how SHUT_RD, SHUT_WR or SHUT_RDWR */
export function shutdown(s: SocketHandle, how: number, last?: Last<void>): Promise<void> {
  return answered(last, () => {
    if (how !== SHUT_RD && how !== SHUT_WR && how !== SHUT_RDWR)
      throw invalid("the ways to shut down are SHUT_RD, SHUT_WR and SHUT_RDWR");
    s.connected().shutdown(how !== SHUT_WR, how !== SHUT_RD);
    return Promise.resolve();
  });
}

/**
 * Closes in order: what was sent still goes. At once; with SO_LINGER done when the other end has ended too, or the time
 * is over, and with a time of 0 the socket is reset.
 */
export function close(s: SocketHandle, last?: Last<void>): Promise<void> {
  return answered(last, async () => {
    s.check();
    s.closed = true;
    const linger = s.options.get(SO_LINGER) as Linger | undefined;
    await s.listener?.close();
    if (linger?.on && linger.seconds === 0) s.endpoint?.destroy();
    const closing = Promise.resolve(s.endpoint?.close()).then(() => s.release());
    if (!linger?.on || linger.seconds === 0) return void closing.catch(() => undefined);
    await within(closing, linger.seconds * 1000);
    s.endpoint?.destroy();
  });
}

/** The socket's own address. @throws DevsockError EBADF */
export function getsockname(s: SocketHandle): unknown {
  s.check();
  return s.endpoint?.local ?? s.listener?.local ?? s.bound;
}

/** What it is connected to. @throws DevsockError EBADF, ENOTCONN */
export function getpeername(s: SocketHandle): unknown {
  return s.connected().peer;
}

/** Whether the next byte to be read is the first one behind the urgent mark. */
export function sockatmark(s: SocketHandle): boolean {
  return s.connected().atMark ?? false;
}

async function transmit(
  s: SocketHandle,
  data: Buffer,
  flags: number,
  address: SocketAddress | undefined,
  signal: AbortSignal | undefined,
): Promise<number> {
  s.check();
  if (!s.endpoint && address !== undefined) {
    // A socket of messages is bound by its first use.
    if (s.type === SOCK_STREAM || !s.rules.bind) throw notConnected(s);
    s.endpoint = await s.rules.bind({ port: 0 }, s.context(signal));
  }
  const endpoint = s.connected();
  if (address !== undefined && s.type === SOCK_STREAM)
    throw new DevsockError("EISCONN: a stream has its address by connect; use send");
  try {
    return await s.within(SO_SNDTIMEO, signal, (signal) => endpoint.send(data, flags, address, signal));
  } catch (error) {
    s.error = error as DevsockError;
    throw error;
  }
}

async function receive(
  s: SocketHandle,
  length: number,
  flags: number,
  signal: AbortSignal | undefined,
): Promise<Received | null> {
  const endpoint = s.connected();
  try {
    return await s.within(SO_RCVTIMEO, signal, (signal) => endpoint.recv(length, flags, signal));
  } catch (error) {
    s.error = error as DevsockError;
    throw error;
  }
}

function invalid(why: string): DevsockError {
  return new DevsockError(`EINVAL: ${why}`);
}

function notConnected(s: SocketHandle): DevsockError {
  return new DevsockError(`ENOTCONN: sockets of ${s.family} send where they are connected to; connect it first`);
}

/** Waits for a promise, but no longer than so many ms. */
async function within(promise: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}
