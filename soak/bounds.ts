/** The bounds of docs/limits.md, read from where they are kept. */
import { Type } from "../protocols/index.js";
import type { Bytes } from "../protocols/index.js";
import { underWay } from "../protocols/session/sender.js";
import type { Side } from "./checker.js";
import type { End } from "./end.js";

const WINDOW = 16;
/** Frames kept until they are acknowledged over TCP. */
const KEPT: Record<Side, number> = { host: 1000, board: 8 };
const GHOSTS = 32;
const DATAGRAMS = 8;
/** Longest chunk that a wire delivers. */
const CHUNK = 600;
/** Longest payload that a decoder takes: the link's, or a handshake's. */
const PAYLOAD = 540;

/** What the layers keep, by the names they have there. */
interface Inner {
  session: { _decoder: { rest: Bytes }; _early?: { count: number } };
  sockets: {
    _ghosts: Bytes[];
    _table: Record<number, { type: Type; _queue: Bytes[] }>;
    _most: number;
  };
}

/** The bound that a session goes beyond, or "". */
export function checkBounds(end: End): string {
  const { session } = end as unknown as Inner;
  const waiting = underWay(end.session.sender);
  if (waiting > (end.link.medium.traits.reliable ? KEPT[end.side] : WINDOW)) return `${waiting} frames under way`;
  const early = session._early?.count ?? 0;
  if (early > WINDOW) return `${early} frames kept out of order`;
  if (session._decoder.rest.length > PAYLOAD + 12 + CHUNK)
    return `a half frame of ${session._decoder.rest.length} bytes`;
  const sockets = (end.life as unknown as Pick<Inner, "sockets"> | null)?.sockets;
  if (!sockets) return "";
  if (sockets._ghosts.length > GHOSTS) return `${sockets._ghosts.length} control messages without a socket`;
  const table = Object.values(sockets._table);
  if (table.length > sockets._most) return `${table.length} sockets`;
  for (const socket of table)
    if (socket.type === Type.datagram && socket._queue.length > DATAGRAMS)
      return `${socket._queue.length} datagrams of one socket`;
  return "";
}
