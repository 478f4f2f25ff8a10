/**
 * What to do about a failure. A board, and the code that it shares with its hosts, says in few words what is wrong: each of
 * them takes its Storage. docs/decisions/0018-remedies.md.
 */
import { codeOf } from "../protocols/errors/index.js";
import type { Failure } from "../protocols/errors/index.js";

/** By what is said, `*` for what differs: a name, a number. What says more, as boards with older firmware do, is none of these. */
export const REMEDIES: Record<Failure, string> = {
  // Sessions.
  "EACCES: that is not this board's key": "give the file that holds it",
  "EACCES: this board has a key": "give the file that holds it",
  "EACCES: the board does not prove that it has this key": "check that the address is the right board's",
  "EACCES: the board asks for no key, so it may be another one": "check the address, or connect without a key",
  "EBUSY: all * sessions of this board are in use": "end another program's, or try again later",
  "ECONNRESET: the numbers of this session's frames are used up": "connect again",
  "ECONNRESET: the session is over on the other side": "it was restarted, or too much time has passed",
  "ENOBUFS: other sessions take all of this board's memory": "end one, or try again later",
  "EPROTO: the terms of the handshake make no sense": "update the older side",
  "EPROTO: what came is not the devsock protocol (*)": "check that the address is a board's link port",
  "EPROTONOSUPPORT: this side speaks version *, the other *": "update the older one",
  "ETIMEDOUT: no devsock board answered": "check the address and that the board is on",
  "ETIMEDOUT: nothing was heard for * s": "check the cable or the network",

  // Sockets.
  "EBUSY: * is leased to * for * s more": "try again then",
  "EBUSY: * has jobs or readers of others": "ask again when they are done",
  "EBUSY: somebody else has the console": "try again later",
  "ECONNREFUSED: this board dials only": "connect to its own link",
  "EINVAL: a lease is 1 to 3600 seconds": "0 gives it back",
  "EMFILE: all * sockets of this session are in use": "close one",
  "EMSGSIZE: a frame of this link carries * bytes": "send shorter messages",
  "ENOBUFS: other sockets take all of this board's memory": "try again later",
  "ESOCKTNOSUPPORT: * is a bus": "open it as a SOCK_RAW without a service",
  "ESOCKTNOSUPPORT: there is no socket type *": "update the older side",

  // Sockets of the board's network, and its peers.
  "EACCES: this board opens no sockets of its network": 'say "inet": true in its configuration',
  "EADDRINUSE: port * of the board is in use": "take another",
  "EADDRINUSE: the board cannot open port *": "take another",
  "EAFNOSUPPORT: the interpreter's network has IPv4 only": "use an IPv4 address",
  "EAFNOSUPPORT: this board's firmware has no sockets of its network":
    'flash it with "inet": true in its configuration',
  "ECONNREFUSED: * does not answer": "check that it is on",
  "ECONNREFUSED: * port * refused the board, or is off": "check both",
  "EINVAL: * is no address": "write /inet/HOST/PORT",
  "ENETDOWN: the board is not on its network": "try again later",
  "ENOTFOUND: the board knows no *": "use an IP address",
  "ETIMEDOUT: * does not answer": "check its address and that it is on",

  // Transactions on a bus or a UART.
  "EAGAIN: too many wait for *": "try again later",
  "EBUSY: * has a job": "try again when it is done",
  "EINVAL: an address on I2C is 0 to 127": "it has seven bits, without the one that says read or write",
  "EIO: the chip at address * stopped answering within the transaction": "try again",
  "EMSGSIZE: a transaction has 255 bytes at the most": "make two of it",
  "ENXIO: no chip answers at address *": "check the address, the supply and the wires",
  "ENXIO: there is no chip *": "the configuration's cs counts them from 0",
  "EOPNOTSUPP: this board's firmware has no transactions": "they did not fit beside its devices",
  "ETIMEDOUT: a driver has had * for 5 s": "try again later",
  "ETIMEDOUT: the bus is held low":
    "a chip hangs, or a pull-up is missing: take the chips' supply away and give it back",

  // Printers and their jobs.
  "EAGAIN: * ends just now": "ask for it again in two seconds",
  "EAGAIN: * has * jobs waiting": "try again later",
  "EBADMSG: * bytes came of a job that has *, and they were printed": "look at the paper",
  "EBUSY: bytes are on their way to *": "try again when it has no job",
  "ECANCELED: * was given up * bytes": "look at the paper, then say at which of them it goes on",
  "EEXIST: job * is there already, with other bytes": "give this one another id",
  "EHOSTDOWN: * does not answer": "is it on, are both data wires connected, is its baud right?",
  "EINTR: * was interrupted * bytes": "look at the paper, then say at which of them it goes on",
  "EINVAL: flow is none or xonxoff": "rtscts and dtrdsr need the pin cts in the configuration",
  "EIO: * stopped answering; * bytes of the job were sent, how many it printed is unknown":
    "look at the paper before you print it again",
  "ENOSPC: Storage has no room for a record of the job": "print it without an id, or later",
  "ENOSPC: the job was cut off too often to be remembered": "print the rest of it under another id",
  "ETIMEDOUT: nothing of the job came for 60 s and others wait for *": "print it again",

  // Sensors, analysers and cameras.
  "EAGAIN: * images of this socket are asked for already": "wait for one",
  "EAGAIN: * sockets ask * for images already": "close one first",
  "EAGAIN: * sockets read * already": "close one first; those of a program that was killed are kept for 30 s",
  "EBUSY: another program takes the results of *": "end it first",
  "EIO: pin out: *": "name a pin with a converter as out in the configuration",
  "ENODEV: the chip on pin * is a DS18S20":
    "it counts in half degrees, and devsock does not know it: put a DS18B20 there",
  "ENXIO: no chip answers on pin *": "check its supply, the wire, and the pull-up of 4.7 kilohms",
  "EPROTO: a request for an image is a JSON object with size and quality, 1 to 100": "update the older side",

  // The board's Storage.
  "EACCES: this board has no key": "its Storage is changed by its cable only: devsock flash",
  "EACCES: * is of what runs, or bears such a name": "a new one goes into the other slot: devsock update",
  "EAGAIN: Storage is being compacted": "ask again",
  "EBUSY: somebody else changes this board's Storage": "try again when that session is over",
  "ENOMEM: this board has not the memory to compact its Storage for *": "put it there by its cable: devsock flash",
  "EOPNOTSUPP: nothing says which slot of this board starts": "put it there with devsock flash",
};

/** Of each errno name what is said, and what to do. */
const known = new Map<string, [said: RegExp, advice: string][]>();

for (const [said, advice] of Object.entries(REMEDIES)) {
  const code = codeOf(said);
  known.set(code, [...(known.get(code) ?? []), [patternOf(said), advice]]);
}

/** The whole of a failure of the table; `*` stands for no semicolon, behind which there would be advice already. */
export function patternOf(said: Failure): RegExp {
  const parts = said.split("*").map((part) => part.replace(/[()./?]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^;]+")}$`);
}

/** A failure in a board's words with what to do about it; any other one as it is. */
export function remedied(failure: Failure): Failure {
  const found = known.get(codeOf(failure))?.find(([said]) => said.test(failure));
  return found ? `${failure}; ${found[1]}` : failure;
}
