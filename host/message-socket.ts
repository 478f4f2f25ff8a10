/** Sockets of messages: what datagram, reliable (rdm) and raw ones share. The shape is that of a connected dgram.Socket. */
import { isStamped, Phase, readStamp, slice, Stamp, Type } from "../protocols/index.js";
import type { Socket } from "../protocols/index.js";
import { utcOf } from "./clock.js";
import { DevsockError } from "./errors.js";
import { PacketSocket } from "./packet-socket.js";
import type { RemoteInfo } from "./packet-socket.js";
import type { SocketLink } from "./socket-stream.js";

/** A message as `recv` gives it. */
export interface Message {
  data: Buffer;
  from: RemoteInfo;
  /** When it came to this host, in ms since 1970. */
  time: number;
}

const STAMP: number = Stamp.bytes;

/** What comes of a service that stamps its messages is shorter than a stamp. */
const UNSTAMPED = "EPROTO: a message of the board bears no time; update the older side";

/** SO_RCVBUF of a datagram socket, in messages. */
export const RECEIVE_MESSAGES = 64;

/**
 * With a listener for "message" each is told as it comes. Without one they wait for `recv`, async iteration or the
 * first listener: of a reliable type as many as the other end's credit covers, of datagrams the newest `receiveBuffer`.
 */
export class MessageSocket extends PacketSocket {
  /** SO_RCVBUF of a datagram socket: messages that wait; a newer one pushes out the oldest. */
  receiveBuffer = RECEIVE_MESSAGES;
  /** Messages pushed out by newer ones before they were read. */
  private unread = 0;
  private readonly waiting: Message[] = [];
  private readonly stamped: boolean;

  constructor(
    socket: Socket,
    link: SocketLink,
    address: string,
    /** Longest message that one frame of this link carries, in bytes. */
    private readonly longest: number,
  ) {
    super(socket, link, address);
    this.stamped = isStamped(address);
    socket.ondata = (frame, from, to) => this.came(Buffer.from(slice(frame, from, to)));
    socket.ondrain = () => this.emit("drain");
  }

  /** Longest message in bytes: what a frame carries, and of a reliable type less than half of the peer's buffer. */
  get maxMessage(): number {
    const { type, peerBuffer } = this.socket;
    if (type === Type.datagram || !peerBuffer) return this.longest;
    return Math.max(0, Math.min(this.longest, (peerBuffer >> 1) - 1));
  }

  /** Messages pushed out by newer ones before they could be sent, or before they were read. */
  get dropped(): number {
    return this.socket.pushedOut + this.unread;
  }

  override get readableLength(): number {
    return this.waiting.length;
  }

  /**
   * @throws DevsockError EMSGSIZE for a message that one frame cannot carry, ENOTCONN when the socket is closed; of a
   * reliable type EAGAIN when as much waits as SO_SNDBUF allows: nothing was sent, "drain" says when to try again
   */
  send(message: Uint8Array | string): void {
    const data = Buffer.from(message);
    const { address, maxMessage, socket } = this;
    this.checkWritable();
    if (data.length > maxMessage)
      throw new DevsockError(
        `EMSGSIZE: a message of ${data.length} bytes is too long, this link carries ${maxMessage}; send less, or use a stream`,
        { address },
      );
    if (!socket.send(data) && socket.type !== Type.datagram)
      throw new DevsockError(`EAGAIN: ${socket.queued} bytes wait to be sent to ${address}; try again at "drain"`, {
        address,
      });
    this.bytesWritten += data.length;
  }

  /**
   * The next message, or null when the other end sends no more.
   * @throws DevsockError ECANCELED when the signal aborts; what ended the socket
   */
  async recv(signal?: AbortSignal): Promise<Message | null> {
    return (await this.whenReadable(signal)) ? this.used() : null;
  }

  /** The next message, which stays the next one; undefined when there is none now. */
  peek(): Message | undefined {
    return this.waiting[0];
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void> {
    for (let message; (message = await this.recv());) yield message.data;
  }

  private came(message: Buffer): void {
    if (this.stamped && message.length < STAMP) return this.destroy(UNSTAMPED);
    const data = this.stamped ? message.subarray(STAMP) : message;
    const from: RemoteInfo = { address: this.address, size: data.length };
    if (this.stamped) from.tick = readStamp(message, 0);
    this.waiting.push({ data, from, time: utcOf(this.link.clock) });
    if (this.socket.type === Type.datagram && this.waiting.length > this.receiveBuffer) {
      this.waiting.shift();
      this.unread++;
    }
    this.arrived();
  }

  protected override tell(): void {
    while (this.waiting.length > 0 && this.listenerCount("message") > 0) {
      const { data, from } = this.used();
      this.emit("message", data, from);
    }
    if (this.waiting.length === 0) this.tellEnd();
  }

  protected override discard(): void {
    while (this.waiting.length > 0) this.used();
  }

  private used(): Message {
    const message = this.waiting.shift()!;
    const { socket } = this;
    this.bytesRead += message.data.length;
    const bytes = message.data.length + (this.stamped ? STAMP : 0);
    if (socket.type !== Type.datagram && socket.phase === Phase.open) socket.consume(bytes + 1);
    return message;
  }
}
