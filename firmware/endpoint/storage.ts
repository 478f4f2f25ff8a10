/** `:storage`: files of the board's flash, and which slots start, for whoever has its key. docs/protocol/services.md [SVC-47]. */
import { EMPTY, slice, toText } from "../../protocols/bytes/index.js";
import { State } from "../../protocols/session/contract.js";
import { Mark } from "../../protocols/service/boot-log.js";
import { secretFileOf } from "../../protocols/service/secrets.js";
import { Type } from "../../protocols/socket/socket.js";
import type { Socket } from "../../protocols/socket/socket.js";
import type { Sockets } from "../../protocols/socket/sockets.js";
import type { Link } from "./link.js";
import { say, tell } from "./services.js";

/** The answer leaves, then the board goes down. */
const LATER = 300;

/** A file's entry. */
const ENTRY = 32;

/** Of this start: the slots that do not run are not whole any more. */
let gone = false;

/** Bytes of erased files when Storage was last to be compacted: that takes memory for all that is in it, and does nothing without. */
let compacted = 0;

/** Who changes files: what two put there would not belong together. */
let writer: Sockets | undefined;

/** Whether it is of the slots that run. */
function runs(name: string): boolean {
  const ending = name.substring(name.length - 2) == ".b";
  if (name.indexOf(".") >= 0 && !ending) return name == $_b.c || name == secretFileOf($_b.c);
  return ending == !!$_b.s;
}

/**
 * `storage`, `storage/get/NAME`, `storage/sum/NAME`, `storage/put/NAME/LENGTH/CRC`, `storage/rm/NAME`, `storage/start/SLOTS`.
 * @param keyed whether who is here has shown the board's key
 * @param down the board starts anew
 * @later storage
 */
export function storage(sockets: Sockets, socket: Socket, service: string, keyed: boolean, down: () => void): void {
  const flash = require("Storage");
  const parts = service.split("/");
  const verb = parts[1];
  const name = parts[2] || "";
  const refuse = (failure: string): void => sockets.refuseSocket(socket, failure);
  const { reliable, datagram } = (sockets.owner as Link).session.traits;
  if (socket.type != Type.stream) return refuse("ESOCKTNOSUPPORT: this service is a SOCK_STREAM");
  if (!keyed && (reliable || datagram)) return refuse("EACCES: this board has no key");
  if (!verb) {
    const { freeBytes, trashBytes, totalBytes } = flash.getStats();
    const files = flash.list().map((name) => [name, flash.read(name)!.length]);
    return tell(sockets, socket, { total: totalBytes, free: freeBytes, trash: trashBytes, slots: $_b.n, files });
  }
  if (verb != "get") {
    if (writer && writer != sockets && (writer.owner as Link).session.state == State.open)
      return refuse("EBUSY: somebody else changes this board's Storage");
    writer = sockets;
  }
  if (verb == "start") {
    if (!$_b.note) return refuse("EOPNOTSUPP: nothing says which slot of this board starts");
    if (!(+name >= 0 && +name < 4)) return refuse("EINVAL: slots are 0 to 3, not " + name);
    $_b.note(Mark.staged, +name);
    // What else this start has to say would take it back.
    delete $_b.note;
    setTimeout(down, LATER);
    return tell(sockets, socket, { started: +name });
  }
  const data = flash.read(name);
  if (verb != "put" && data === undefined) return refuse("ENOENT: this board's Storage has no file " + name);
  // Before there were files for secrets they were in the configuration.
  if (
    !name.indexOf("devsock.") &&
    (verb == "get" || verb == "sum") &&
    (name.indexOf(".key") > 0 || (name.indexOf(".json") > 0 && flash.read(secretFileOf(name)) === undefined))
  )
    return refuse("EACCES: " + name + " has the board's secrets, and nobody gets them");
  if (verb == "sum") return tell(sockets, socket, { crc: E.CRC32(data!), length: data!.length });
  if (verb == "get") {
    let at = 0;
    socket.source = (n) => {
      const from = at;
      at += n;
      if (at < data!.length) return slice(data!, from, at);
      socket.source = null;
      socket.send(slice(data!, from, data!.length));
      socket.end();
      return EMPTY;
    };
    return sockets.accept(socket);
  }
  if (!name || !name.indexOf(".") || !name.indexOf("boot.") || runs(name))
    return refuse("EACCES: " + name + " is of what runs, or bears such a name");
  const length = +parts[3]!;
  if (verb == "put" ? !(length > 0) : verb != "rm")
    return refuse("EINVAL: " + service + " is none of get, sum, put, rm and start");
  const { freeBytes, trashBytes } = flash.getStats();
  const room = freeBytes + trashBytes + (data ? data.length : 0);
  if (verb == "put" && room < length + ENTRY)
    return refuse("ENOSPC: " + name + " takes " + length + " B of Storage, and " + room + " are left");
  if (verb == "put" && freeBytes < length + ENTRY && trashBytes) {
    if (trashBytes == compacted)
      return refuse("ENOMEM: this board has not the memory to compact its Storage for " + name);
    compacted = trashBytes;
    // It moves files: not while any of the firmware is under way.
    setTimeout(flash.compact, 0);
    return refuse("EAGAIN: Storage is being compacted");
  }
  // Files that are of no slot are no part of what may be gone back to.
  if (name.indexOf(".") < 0 || name.substring(name.length - 2) == ".b" || !name.indexOf("devsock.")) {
    if ($_b.note && !gone) $_b.note(Mark.gone);
    gone = true;
  }
  flash.erase(name);
  if (verb == "rm") return tell(sockets, socket, { erased: name });
  let at = 0;
  socket.ondata = (frame, from, to) => {
    try {
      flash.write(name, toText(slice(frame, from, to)), at, length);
      at += to - from;
      socket.consume(to - from);
    } catch (e) {
      flash.erase(name);
      sockets.resetSocket(socket, "EIO: " + name + ": " + String(e));
    }
  };
  socket.onend = () => {
    const whole = at == length && E.CRC32(flash.read(name)!) == +parts[4]!;
    if (whole) {
      say(socket, { stored: length });
      return socket.end();
    }
    flash.erase(name);
    sockets.resetSocket(socket, "EIO: " + name + " is damaged, or not whole: send it again");
  };
  socket.onclose = (failure) => {
    if (failure && at < length) flash.erase(name);
  };
  sockets.accept(socket);
}
