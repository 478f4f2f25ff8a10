/** All sockets of one session: opening, the order of sending, credits. docs/protocol/socket.md. */
import { be16, be32, byte, EMPTY, fromText, join, slice, toText, u16, u32, u8 } from "../bytes/index.js";
import type { Bytes } from "../bytes/index.js";
import type { Failure } from "../errors/index.js";
import { channelOf, Frame, Kind, kindOf, priorityOf, tag } from "../link/frame.js";
import type { Terms } from "../session/hello.js";
import type { SessionUser } from "../session/session.js";
import { Op, Phase, Socket, Type } from "./socket.js";
import type { Channel } from "./socket.js";

/** What the owner of the sockets is told. */
export interface SocketsUser {
  /** The session stands; the terms are the peer's. */
  onopen(terms: Terms): void;
  /** The peer asks for a socket: `accept` or `refuse` it, now or later. */
  onrequest(socket: Socket, address: string): void;
  /** The session is over, and with it every socket. */
  onclose(failure: Failure): void;
  /** There is something to send: poll the session soon. */
  onwork(): void;
}

/** Messages on channels without a socket that may wait to be sent. */
const GHOSTS = 32;

export class Sockets implements SessionUser, Channel {
  tag = -1;
  due = false;
  /** Sockets that are there. */
  count = 0;
  private _table: { [channel: number]: Socket } = {};
  private _ready: Socket[] = [];
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
    private readonly _user: SocketsUser,
  ) {
    this._last = _initiator ? Frame.channels - 1 : 0;
  }

  blocked(): boolean {
    for (const channel in this._table) if (this._table[channel]!.blocked()) return true;
    return false;
  }

  /**
   * Opens a socket to an address of the other side, `device` or `device:service`.
   * @returns the socket, or null when the table is full (EMFILE)
   */
  connect(type: Type, address: string, priority: number, receiveBuffer: number): Socket | null {
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

  accept(socket: Socket): void {
    if (socket.phase != Phase.opening) return;
    socket.phase = Phase.open;
    socket.control = join(byte(Op.accept), be32(socket.granted));
    this.ready(socket);
  }

  refuse(socket: Socket, failure: Failure): void {
    if (socket.phase != Phase.opening) return;
    socket.control = join(byte(Op.refuse), fromText(failure));
    this.ready(socket);
  }

  /** Ends a socket at once, both ways, and tells the peer why. */
  reset(socket: Socket, failure: Failure): void {
    if (socket.phase >= Phase.resetting) return;
    socket.phase = Phase.resetting;
    socket.clear();
    socket.control = join(byte(Op.reset), fromText(failure));
    this.ready(socket);
    socket.onclose(failure);
  }

  ready(socket: Socket): void {
    if (!socket.listed && socket.has()) {
      socket.listed = true;
      this._ready.push(socket);
    }
    this._user.onwork();
  }

  grant(socket: Socket): void {
    if (this._granting.indexOf(socket) < 0) this._granting.push(socket);
    this.due = true;
    this._user.onwork();
  }

  opened(terms: Terms): void {
    this._user.onopen(terms);
  }

  closed(failure: Failure): void {
    const table = this._table;
    this._table = {};
    this._ready = [];
    this._granting = [];
    this._ghosts = [];
    this.count = 0;
    this.due = false;
    for (const channel in table) {
      const socket = table[channel]!;
      if (socket.phase == Phase.resetting) socket.phase = Phase.closed;
      else socket.drop(failure);
    }
    this._user.onclose(failure);
  }

  next(max: number, sequenced: boolean): Bytes {
    this.tag = -1;
    if (sequenced && this._ghosts.length) {
      const ghost = this._ghosts.shift()!;
      this.tag = tag(Kind.control, 3, u16(ghost, 0));
      return slice(ghost, 2, ghost.length);
    }
    const ready = this._ready;
    let best = -1;
    for (let i = 0; i < ready.length; i++)
      if (
        (sequenced || (ready[i]!.type == Type.datagram && !ready[i]!.control.length)) &&
        (best < 0 || ready[i]!.priority > ready[best]!.priority)
      )
        best = i;
    if (best < 0) return EMPTY;
    const socket = ready.length > 1 ? ready.splice(best, 1)[0]! : ready.pop()!;
    socket.listed = false;
    const payload = this._take(socket, max);
    if (!socket.listed && this.tag >= 0 && socket.has()) {
      socket.listed = true;
      ready.push(socket);
    }
    return payload;
  }

  credits(all: boolean): Bytes {
    let out = EMPTY;
    if (all) {
      this._granting = [];
      for (const channel in this._table)
        if (this._table[channel]!.phase == Phase.open) this._granting.push(this._table[channel]!);
    }
    for (let i = 0; i < this._granting.length; i++) {
      const socket = this._granting[i]!;
      out = join(out, join(be16(socket.channel), be32(socket.granted)));
    }
    this._granting = [];
    this.due = false;
    return out;
  }

  credit(channel: number, limit: number): void {
    const socket = this._table[channel];
    // Acknowledgements may overtake each other: a limit never goes back [SOCK-6].
    if (!socket || ((limit - socket.limit) | 0) <= 0) return;
    socket.limit = limit | 0;
    this.ready(socket);
  }

  frame(word: number, frame: Bytes): void {
    const channel = channelOf(word);
    const socket = this._table[channel];
    const end = frame.length - 4;
    if (kindOf(word) == Kind.control) this._control(channel, socket, priorityOf(word), slice(frame, Frame.header, end));
    else if (socket && socket.phase == Phase.open && !socket.finReceived && end > Frame.header) {
      socket.received = (socket.received + end - Frame.header) | 0;
      const stream = socket.type == Type.stream;
      if (stream != (kindOf(word) == Kind.data)) this.reset(socket, "EPROTO: the peer mixed streams and datagrams");
      else if (stream && ((socket.granted - socket.received) | 0) < 0)
        this.reset(socket, "EPROTO: the peer sent more than its credit");
      else socket.ondata(slice(frame, Frame.header, end));
    }
  }

  private _add(channel: number, type: Type, receiveBuffer: number): Socket {
    this.count++;
    return (this._table[channel] = new Socket(this, channel, type, receiveBuffer));
  }

  private _remove(socket: Socket, failure: Failure): void {
    if (this._table[socket.channel] == socket) {
      delete this._table[socket.channel];
      this.count--;
    }
    socket.drop(failure);
  }

  /** The socket's next payload, with its tag. */
  private _take(socket: Socket, max: number): Bytes {
    let payload = socket.control;
    if (payload.length) {
      socket.control = EMPTY;
      this.tag = tag(Kind.control, socket.priority, socket.channel);
      if (u8(payload, 0) == Op.refuse) this._remove(socket, "");
      return payload;
    }
    if (!socket.has()) return EMPTY;
    payload = socket.take(max);
    if (payload.length) {
      this.tag = tag(socket.type == Type.datagram ? Kind.datagram : Kind.data, socket.priority, socket.channel);
      socket.drained();
      return payload;
    }
    this.tag = tag(Kind.control, socket.priority, socket.channel);
    socket.finSent = true;
    if (socket.finReceived) this._remove(socket, "");
    return byte(Op.fin);
  }

  private _control(channel: number, socket: Socket | undefined, priority: number, payload: Bytes): void {
    const op = u8(payload, 0);
    if (op == Op.open) return this._requested(channel, socket, priority, payload);
    if (op == Op.reset) {
      this._ghost(channel, byte(Op.gone));
      if (socket && socket.phase != Phase.resetting) this._remove(socket, toText(slice(payload, 1, payload.length)));
      return;
    }
    if (!socket) return;
    if (socket.phase == Phase.resetting) {
      if (op != Op.gone) return;
      socket.phase = Phase.closed;
      this._remove(socket, "");
    } else if (op == Op.accept && socket.phase == Phase.opening) {
      socket.phase = Phase.open;
      socket.limit = u32(payload, 1) | 0;
      socket.onopen();
      this.ready(socket);
    } else if (op == Op.refuse) this._remove(socket, toText(slice(payload, 1, payload.length)));
    else if (op == Op.fin && !socket.finReceived) {
      socket.finReceived = true;
      const over = socket.finSent;
      socket.onend();
      if (over) this._remove(socket, "");
    }
  }

  private _requested(channel: number, socket: Socket | undefined, priority: number, payload: Bytes): void {
    if (socket || (channel & 1) == (this._initiator ? 1 : 0)) return;
    if (this.count >= this._most) {
      const text = "EMFILE: all " + this._most + " sockets of this session are in use; close one";
      return this._ghost(channel, join(byte(Op.refuse), fromText(text)));
    }
    const request = this._add(channel, u8(payload, 1), this._receiveBuffer);
    request.priority = priority;
    request.limit = u32(payload, 2) | 0;
    if (request.type != Type.stream && request.type != Type.datagram)
      this.refuse(request, "ESOCKTNOSUPPORT: this side serves stream and datagram sockets");
    else this._user.onrequest(request, toText(slice(payload, 6, payload.length)));
  }

  /** One control message on a channel that has no socket. */
  private _ghost(channel: number, control: Bytes): void {
    // Whoever makes more than this without reading an answer gets none: it is no honest peer.
    if (this._ghosts.length < GHOSTS) this._ghosts.push(join(be16(channel), control));
    this._user.onwork();
  }
}
