/**
 * Sockets of this board's own programs: to its services, over two tables of sockets back to back, with the credits and
 * the order of a session and no link between them; and to hosts. The module `sockets` in Storage is what programs use.
 */
import { fromText, join, pair, u16, u32 } from "../../protocols/bytes/index.js";
import { Op } from "../../protocols/socket/socket.js";
import type { Socket, Type } from "../../protocols/socket/socket.js";
import { Sockets } from "../../protocols/socket/sockets.js";
import type { SocketsUser } from "../../protocols/socket/sockets.js";
import { Room } from "../../protocols/session/contract.js";
import { ofInitiator } from "../../protocols/session/roles.js";
import type { Service } from "./link.js";
import { links } from "./link.js";
import type { Peer } from "./peers.js";

/** Bytes of a piece or message at the most: those of a frame on a serial line. */
const LONGEST = 256;

/** Pieces that are carried before the interpreter sees to the rest of its work. */
const AT_ONCE = 8;

/** What programs connect to is a host, `host:NAME`, or on a board that this one dials, `PEER#ADDRESS`. */
const HOST = "host:";

/** A socket that can ask for options of what it is connected to. */
type ProgramSocket = Socket & { ask?: (number: number, text: string) => void };

/** The ends of the programs' sockets, and those of the services; none before a program asks for one. */
export const ends: Sockets[] = [];

/**
 * A socket of a program to `device:service` of this board, to `host:NAME` of the host that came last, or to `PEER#device:service` of another board.
 * @param peerNamed a peer, or null where the configuration has none of that name
 * @param receiveBuffer SO_RCVBUF; 0 is the usual one
 * @returns null when all sockets are in use (EMFILE), or no host is there (ENOTCONN)
 * @later program
 */
export function openLocal(
  service: Service,
  type: Type,
  address: string,
  priority: number,
  receiveBuffer: number,
  peerNamed: (name: string) => Peer | null,
): Socket | null {
  let name = address;
  let sockets: Sockets | null = null;
  if (address.substring(0, HOST.length) == HOST) {
    name = address.substring(HOST.length);
    for (let i = links.length - 1; i >= 0 && !sockets; i--)
      if (!ofInitiator(links[i]!.session.initiator)) sockets = links[i]!.sockets || null;
  } else if (ofInitiator(peerNamed) && address.indexOf("#") > 0) {
    const peer = peerNamed(address.substring(0, address.indexOf("#")));
    if (peer) {
      name = address.substring(address.indexOf("#") + 1);
      sockets = peer.reach();
    }
  }
  if (!sockets && name == address) sockets = ends[0] || backToBack(service);
  if (!sockets) return null;
  const table = sockets;
  const socket: ProgramSocket | null = table.connectTo(type, name, priority, receiveBuffer || service.buffer * LONGEST);
  if (socket) socket.ask = (number, text) => table.tell(socket.channel, join(pair(Op.option, number), fromText(text)));
  return socket;
}

/** All in one function: what no program asks for costs the board next to nothing. */
function backToBack(service: Service): Sockets {
  let timer = 0;
  const wake = (): void => {
    if (!timer) timer = setTimeout(pump, 0);
  };
  const side = (initiator: boolean, onrequest: (socket: Socket, address: string) => void): Sockets => {
    const user: SocketsUser = { onup: wake, ondown: wake, onrequest, onwork: wake };
    const sockets = new Sockets(initiator, service.sockets, service.buffer * LONGEST, user);
    sockets.full = LONGEST;
    return sockets;
  };
  const client = side(true, wake);
  const server = side(false, (socket, address) => service.open(server, socket, address));
  /** One message from one side to the other. @returns whether there was one */
  const carry = (from: Sockets, to: Sockets): boolean => {
    const payload = from.next(LONGEST, Room.all);
    if (from.tag >= 0) to.frame(from.tag, payload, 0, payload.length);
    else if (from.due) {
      const credits = from.credits(false, LONGEST);
      for (let at = 0; at < credits.length; at += 6) to.raiseCredit(u16(credits, at), u32(credits, at + 2));
    } else return false;
    return true;
  };
  ends.push(client, server);
  const pump = (): void => {
    timer = 0;
    for (let i = 0; i < AT_ONCE; i++) {
      const there = carry(client, server);
      if (!carry(server, client) && !there) return;
    }
    wake();
  };
  return client;
}
