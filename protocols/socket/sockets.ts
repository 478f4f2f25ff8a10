/** All sockets of one session: opening, the order of sending, credits. docs/protocol/socket.md. */
import { be16, be32, byte, EMPTY, fromText, join, nameOf, pair, slice, toText, u16, u32, u8 } from "../bytes/index.js";
import type { Bytes } from "../bytes/index.js";
import type { Failure } from "../errors/index.js";
import { channelOf, Frame, front, Kind, kindOf, priorityOf, tag } from "../link/frame.js";
import type { Terms } from "../session/hello.js";
import { Room } from "../session/contract.js";
import type { SessionUser } from "../session/contract.js";
import { Bound, Op, Phase, Socket, Type } from "./socket.js";
import type { Channel } from "./socket.js";

/** What the owner of the sockets is told. */
export interface SocketsUser {
  /** The session stands; the terms are the peer's. */
  onup(terms: Terms): void;
  /** The peer asks for a socket of any type: `accept` or `refuse` it, now or later. */
  onrequest(socket: Socket, address: string): void;
  /** The session is over, and with it every socket. */
  ondown(failure: Failure): void;
  /** There is something to send: poll the session soon. */
  onwork(): void;
  /** Sends a message or whole record at once when nothing waits. @returns whether it has: see `Socket.post` */
  post?(socket: Socket, data: Bytes): boolean;
}

/** Messages on channels without a socket that may wait to be sent. */
const GHOSTS = 32;

export class Sockets implements SessionUser, Channel {
  bulk: Socket | null = null;
  tag = -1;
  due = false;
  full = 0;
  toll = 0;
  idle = false;
  starved = false;
  readonly streams: { [head: string]: Socket } = {};
  /** Sockets that are there. */
  count = 0;
  pushedOut = 0;
  /** Sockets that the peer was refused. */
  refused = 0;
  /** Frames for a socket that was closed, or could not take them. */
  late = 0;
  private _table: { [channel: number]: Socket } = {};
  /** Those with something to send. */
  _ready: Socket[] = [];
  private _granting: Socket[] = [];
  /** Control messages on channels that have no socket, each behind its channel number. At most `GHOSTS`. */
  private _ghosts: Bytes[] = [];
  /** Channel that was opened last. */
  private _last: number;

  /**
   * @param initiator the initiator of the session opens odd channels, the responder even ones [SOCK-1]
   * @param most sockets that may be there at once, fewer than 1023; one more is refused with EMFILE
   */
  constructor(
    private readonly _initiator: boolean,
    private readonly _most: number,
    private readonly _receiveBuffer: number,
    /** Another one when the session goes on over another link. */
    public owner: SocketsUser,
  ) {
    this._last = _initiator ? Frame.channels - 1 : 0;
  }

  /** @resident */
  anyBlocked(): boolean {
    this.starved = false;
    for (const channel in this._table) if (this._table[channel]!.blocked()) this.starved = true;
    return this.starved;
  }

  /**
   * Opens a socket to an address of the other side, `device` or `device:service`.
   * @returns the socket, or null when the table is full (EMFILE)
   */
  connectTo(type: Type, address: string, priority: number, receiveBuffer: number): Socket | null {
    if (this.count >= this._most) return null;
    // The number that was used longest ago: a late credit of its last socket is not taken for the new one's [SOCK-1].
    let channel = this._last;
    do channel = (channel + 2) & (Frame.channels - 1);
    while (!channel || this._table[channel]);
    this._last = channel;
    const socket = this._add(channel, type, receiveBuffer);
    socket.priority = priority;
    socket.control = join(join(byte(Op.open), byte(type)), join(be32(socket.granted), fromText(address)));
    this.ready(socket);
    return socket;
  }

  /** @resident large */
  accept(socket: Socket): void {
    if (socket.phase != Phase.opening) return;
    this._open(socket);
    socket.control = join(byte(Op.accept), be32(socket.granted));
    this.ready(socket);
  }

  refuseSocket(socket: Socket, failure: Failure): void {
    if (socket.phase != Phase.opening) return;
    this.refused++;
    socket.control = join(byte(Op.refuse), fromText(failure));
    this.ready(socket);
  }

  /** Ends a socket at once, both ways, and tells the peer why. */
  resetSocket(socket: Socket, failure: Failure): void {
    if (socket.phase >= Phase.resetting) return;
    socket.phase = Phase.resetting;
    this.bulk = null;
    delete this.streams[socket.head];
    socket.forget();
    socket.control = join(byte(Op.reset), fromText(failure));
    this.ready(socket);
    if (socket.onclose) socket.onclose(failure);
  }

  /** It has something to send. @resident */
  ready(socket: Socket): void {
    if (!socket.listed) {
      if (socket.has()) {
        socket.listed = true;
        this._ready.push(socket);
        this.bulk = null;
      } else this.starved = true;
    }
    if (!socket.source) this.bulk = null;
    this.owner.onwork();
  }

  /** @resident */
  grant(socket: Socket): void {
    if (!socket.granting) this._granting.push(socket);
    socket.granting = this.due = true;
    this.bulk = null;
    this.owner.onwork();
  }

  opened(terms: Terms): void {
    // Full frames are as long as the link wants them: their heads are others on another link.
    for (const channel in this._table) {
      const socket = this._table[channel]!;
      if (this.streams[socket.head] != socket) continue;
      delete this.streams[socket.head];
      this._await(socket);
    }
    this.owner.onup(terms);
  }

  abandoned(failure: Failure): void {
    const table = this._table;
    this._table = {};
    this._ready = [];
    this._granting = [];
    this._ghosts = [];
    this.bulk = null;
    this.count = 0;
    this.due = false;
    for (const channel in table) {
      const socket = table[channel]!;
      delete this.streams[socket.head];
      if (socket.phase == Phase.resetting) socket.phase = Phase.closed;
      else socket.drop(failure);
    }
    this.owner.ondown(failure);
  }

  next(max: number, room: Room): Bytes {
    this.tag = -1;
    this.bulk = null;
    this.idle = false;
    if (room && this._ghosts.length) {
      const ghost = this._ghosts.shift()!;
      this.tag = tag(Kind.control, 3, u16(ghost, 0));
      return slice(ghost, 2, ghost.length);
    }
    const ready = this._ready;
    for (;;) {
      const socket = room == Room.all && !ready[1] ? ready[0] : this._first(room);
      if (!socket) return EMPTY;
      const payload = this._take(socket, max, room);
      const none = this.tag < 0;
      // The end of a datagram socket is sequenced: it waits for the window.
      if (none && !room && socket.atEnd()) continue;
      if (socket.queued || socket.source ? none : !socket.has()) {
        // It has nothing now: what comes next of it takes no detour.
        if (none && socket.source && socket.paused && room == Room.all && !ready[1]) {
          this.bulk = socket;
          return EMPTY;
        }
        socket.listed = false;
        socket.turn = 0;
        ready.splice(ready.indexOf(socket), 1);
        if (none) this.starved = true;
        this.idle = !ready.length && !this._ghosts.length && !this.starved;
      } else if (ready[1]) {
        // Sockets of one priority take turns of as many bytes: who has had his goes to the end of the line [SOCK-8].
        socket.turn -= payload.length + Frame.overhead;
        if (socket.turn <= 0) {
          socket.turn += max + Frame.overhead;
          ready.push(ready.splice(ready.indexOf(socket), 1)[0]!);
        }
      } else if (socket.source && this.tag == socket.word && !socket.queued && socket.phase == Phase.open)
        this.bulk = socket;
      if (!none) return payload;
    }
  }

  /** @resident */
  credits(all: boolean, max: number): Bytes {
    const granting = this._granting;
    // An acknowledgement that has none to tell takes along what would soon make another one necessary.
    if (all || !granting.length)
      for (const channel in this._table) {
        const socket = this._table[channel]!;
        if (socket.phase != Phase.open || socket.granting) continue;
        if (all) granting.push(socket);
        else if (socket.room > 0 && socket.owed * 4 >= socket.receiveBuffer) {
          socket.settle();
          granting.push(socket);
        }
      }
    let out = EMPTY;
    let socket: Socket | undefined;
    for (max -= 6; max >= 0 && (socket = granting.pop()); max -= 6) {
      socket.granting = false;
      out = join(out, join(be16(socket.channel), be32(socket.granted)));
    }
    this.due = granting.length > 0;
    return out;
  }

  /** @resident */
  raiseCredit(channel: number, limit: number): void {
    const socket = this._table[channel];
    if (!socket) return;
    socket.extend(limit);
    if (socket != this.bulk) this.ready(socket);
  }

  frame(word: number, bytes: Bytes, from: number, to: number): void {
    const channel = channelOf(word);
    const kind = kindOf(word);
    const socket = this._table[channel];
    if (kind == Kind.control) return this._control(channel, socket, priorityOf(word), slice(bytes, from, to));
    if (!socket) {
      this.late++;
      return;
    }
    // A message may overtake the answer that opened its socket, and is as good as that.
    if (kind == Kind.message && socket.phase == Phase.opening && !this._isPeers(channel)) this._opened(socket);
    if (socket.phase != Phase.open || socket.finReceived) {
      this.late++;
      return;
    }
    const last = kind == Kind.last && socket.type == Type.seqpacket;
    if (kind != socket.word >> 13 && !last) {
      if (kind == Kind.message && socket.type == Type.stream && to >= from + 4) {
        if (socket.onurgent) socket.onurgent(slice(bytes, from + 4, to), u32(bytes, from));
        else this.late++;
      } else this.resetSocket(socket, "EPROTO: the peer mixed types of sockets");
    } else if (kind == Kind.datagram) socket.ondata(bytes, from, to);
    else if (socket.whole || last || to > from) {
      if ((socket.room -= to - from + (socket.whole || last ? 1 : 0)) < 0) return this.overrun(socket);
      if (socket.whole || to > from) socket.ondata(bytes, from, to);
      if (last && socket.phase == Phase.open) this._ended(socket);
    }
  }

  overrun(socket: Socket): void {
    this.resetSocket(socket, "EPROTO: the peer sent more than its credit");
  }

  /** From now on bytes may go both ways. @resident large */
  private _open(socket: Socket): void {
    const type = socket.type;
    socket.phase = Phase.open;
    socket.word = tag(
      type == Type.datagram ? Kind.datagram : type == Type.rdm ? Kind.message : Kind.data,
      socket.priority,
      socket.channel,
    );
    if (!socket.whole) this._await(socket);
  }

  /** Full frames of this stream come from now on. @resident large */
  private _await(socket: Socket): void {
    socket.head = nameOf(front(this.full, socket.word), 0, 6);
    this.streams[socket.head] = socket;
  }

  /** @resident large */
  private _add(channel: number, type: Type, receiveBuffer: number): Socket {
    this.count++;
    return (this._table[channel] = new Socket(this, channel, type, receiveBuffer));
  }

  /** A socket is over, whatever the peer may know of it. @resident large */
  protected remove(socket: Socket, failure: Failure): void {
    if (this._table[socket.channel] == socket) {
      delete this._table[socket.channel];
      delete this.streams[socket.head];
      this.count--;
    }
    this.bulk = null;
    socket.drop(failure);
  }

  /** Of the sockets with something to send the first of those with the highest priority [SOCK-8]. @resident */
  private _first(room: Room): Socket | undefined {
    const ready = this._ready;
    let first: Socket | undefined;
    let most = -1;
    for (let i = 0; i < ready.length; i++) {
      const socket = ready[i]!;
      const priority = socket.oob ? 3 : socket.priority;
      if (
        priority > most &&
        (room == Room.all ||
          (room && priority == 3) ||
          (socket.type == Type.datagram && socket.queued && !socket.control))
      ) {
        first = socket;
        most = priority;
      }
    }
    return first;
  }

  /** The socket's next payload, with its tag; none if it has nothing that may go. */
  private _take(socket: Socket, max: number, room: number): Bytes {
    let payload = socket.control;
    if (payload) {
      socket.control = undefined;
      this.tag = tag(Kind.control, socket.priority, socket.channel);
      if (u8(payload, 0) == Op.refuse) this.remove(socket, "");
      return payload;
    }
    if (socket.phase != Phase.open) return EMPTY;
    if (socket.oob) {
      payload = socket.oob;
      socket.oob = undefined;
      this.tag = tag(Kind.message, 3, socket.channel);
      return payload;
    }
    if (socket.whole && socket.type != Type.datagram && socket.first() > max) {
      this.resetSocket(socket, "EMSGSIZE: a frame of this link carries " + max + " bytes");
      return this._take(socket, max, room);
    }
    const data = socket.take(socket.type == Type.datagram ? max - this.toll : max);
    if (data !== null) {
      this.tag = socket.isLast ? socket.word | Frame.last : socket.word;
      return data;
    }
    if (!room || !socket.atEnd()) return EMPTY;
    this.tag = tag(Kind.control, socket.priority, socket.channel);
    socket.finSent = true;
    if (socket.finReceived) this.remove(socket, "");
    return byte(Op.fin);
  }

  /** @resident large */
  private _control(channel: number, socket: Socket | undefined, priority: number, payload: Bytes): void {
    const op = u8(payload, 0);
    if (op == Op.open) return this._requested(channel, socket, priority, payload);
    if (op == Op.reset) {
      this.tell(channel, byte(Op.gone));
      if (socket && socket.phase != Phase.resetting) this.remove(socket, toText(slice(payload, 1, payload.length)));
      return;
    }
    if (!socket) return;
    if (socket.phase == Phase.resetting) {
      if (op != Op.gone) return;
      socket.phase = Phase.closed;
      this.remove(socket, "");
    } else if (op == Op.accept && !this._isPeers(channel)) {
      socket.extend(u32(payload, 1));
      if (socket.phase == Phase.opening) this._opened(socket);
      else this.ready(socket);
    } else if (op == Op.option) this._option(socket, payload);
    else if (op == Op.answer && socket.onanswer)
      socket.onanswer(u8(payload, 1), toText(slice(payload, 2, payload.length)));
    else if (op == Op.refuse) this.remove(socket, toText(slice(payload, 1, payload.length)));
    else if (op == Op.fin && !socket.finReceived) {
      socket.finReceived = true;
      delete this.streams[socket.head];
      const over = socket.finSent;
      if (socket.onend) socket.onend();
      if (over) this.remove(socket, "");
    }
  }

  /** The peer has accepted. */
  private _opened(socket: Socket): void {
    this._open(socket);
    if (socket.onopen) socket.onopen();
    this.ready(socket);
  }

  /** The peer's record is whole [SOCK-9]. @resident large */
  private _ended(socket: Socket): void {
    const came = socket.receivedCount();
    const length = (came - 1 - (socket.begun || 0)) >>> 0;
    socket.begun = came;
    if (length > Bound.record) this.resetSocket(socket, "EPROTO: a record of the peer is longer than 16 MB");
    else if (socket.onrecord) socket.onrecord(length);
  }

  private _option(socket: Socket, payload: Bytes): void {
    const answer = socket.onoption
      ? socket.onoption(toText(slice(payload, 2, payload.length)))
      : "ENOPROTOOPT: there is nothing to be set here";
    this.tell(socket.channel, join(pair(Op.answer, u8(payload, 1)), fromText(answer)));
  }

  /** Whether the peer opens this channel. @resident */
  private _isPeers(channel: number): boolean {
    return (channel & 1) != (this._initiator ? 1 : 0);
  }

  /** @resident large */
  private _requested(channel: number, socket: Socket | undefined, priority: number, payload: Bytes): void {
    if (socket || !this._isPeers(channel)) return;
    if (this.count >= this._most) {
      this.refused++;
      const text = "EMFILE: all " + this._most + " sockets of this session are in use";
      return this.tell(channel, join(byte(Op.refuse), fromText(text)));
    }
    const type = u8(payload, 1);
    const request = this._add(channel, type, this._receiveBuffer);
    request.priority = priority;
    request.extend(u32(payload, 2));
    if (!(type >= Type.stream && type <= Type.seqpacket))
      this.refuseSocket(request, "ESOCKTNOSUPPORT: there is no socket type " + type);
    else this.owner.onrequest(request, toText(slice(payload, 6, payload.length)));
  }

  /** A control message that waits for none before it, or is on a channel that has no socket. @resident large */
  tell(channel: number, control: Bytes): void {
    // Whoever makes more than this without reading an answer gets none: it is no honest peer.
    this.bulk = null;
    if (this._ghosts.length < GHOSTS) this._ghosts.push(join(be16(channel), control));
    else this.pushedOut++;
    this.owner.onwork();
  }
}
