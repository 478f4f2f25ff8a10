/** AF_NETLINK: what happens on the board, told to whoever has `/netlink` open. docs/netlink.md. */
import { find } from "../../protocols/bytes/index.js";
import type { NetlinkRecord } from "../../protocols/service/index.js";
import { Type } from "../../protocols/socket/socket.js";
import type { Socket } from "../../protocols/socket/socket.js";
import type { Sockets } from "../../protocols/socket/sockets.js";
import { increase } from "../io/count.js";
import { started } from "../io/time.js";
import { say } from "./services.js";

/** @internal */
interface Reader {
  socket: Socket;
  /** It takes no more now. */
  full: boolean;
  /** Records that it did not get. */
  missed: number;
}

const readers: Reader[] = [];

/** Tells all who listen. */
export function announce(record: NetlinkRecord): void {
  for (let i = 0; i < readers.length; i++) put(readers[i]!, record);
}

/**
 * @param first what a new reader is told at once
 * @param counters what it is told for each line that it sends
 */
export function netlink(
  sockets: Sockets,
  socket: Socket,
  first: () => NetlinkRecord[],
  counters: () => NetlinkRecord,
): void {
  if (socket.type != Type.stream) return sockets.refuseSocket(socket, "ESOCKTNOSUPPORT: /netlink is a SOCK_STREAM");
  const reader: Reader = { socket, full: false, missed: 0 };
  socket.ondata = (frame, from, to) => {
    const line = find(frame, 10, from);
    if (line >= 0 && line < to) put(reader, counters());
    socket.consume(to - from);
  };
  socket.ondrain = () => {
    reader.full = false;
    if (reader.missed) put(reader, {});
    if (socket.finReceived) socket.end();
  };
  socket.onend = () => {
    // What was left out is told first.
    if (!reader.missed) socket.end();
  };
  socket.onclose = () => {
    const at = readers.indexOf(reader);
    if (at >= 0) readers.splice(at, 1);
  };
  sockets.accept(socket);
  const records = first();
  for (let i = 0; i < records.length; i++) say(socket, stamped(records[i]!));
  readers.push(reader);
}

/** @later report */
function put(reader: Reader, record: NetlinkRecord): void {
  if (reader.full) {
    reader.missed++;
    increase("missed", 1);
    return;
  }
  stamped(record);
  if (reader.missed) record.missed = reader.missed;
  reader.missed = 0;
  reader.full = !say(reader.socket, record);
  delete record.missed;
}

function stamped(record: NetlinkRecord): NetlinkRecord {
  record.at = getTime() - started;
  return record;
}
