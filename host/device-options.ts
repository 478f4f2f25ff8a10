/** Options of what is at the other end of a socket: baud rate, lines, leases. docs/protocol/socket.md, [SOCK-12]. */
import { hostname } from "node:os";
import { fromText, join, Op, pair } from "../protocols/index.js";
import type { Failure, Socket } from "../protocols/index.js";
import { DEV_LEASE } from "./constants.js";
import { DevsockError } from "./errors.js";
import type { SocketLink } from "./socket-stream.js";

interface Waiting {
  resolve: (value: string) => void;
  reject: (error: DevsockError) => void;
}

/** Questions of a session that may wait for their answers: a board that cannot send at present keeps as many [SOCK-12]. */
const MOST = 16;

export class DeviceOptions {
  private next = 0;
  private readonly waiting = new Map<number, Waiting>();

  constructor(
    private readonly socket: Socket,
    private readonly link: SocketLink,
    private readonly address: string,
  ) {
    socket.onanswer = (number, text) => this.answered(number, text);
  }

  /** @throws DevsockError ENOPROTOOPT, EINVAL, ENOTCONN */
  async set(name: string, value: string): Promise<void> {
    // Who waits for the lease is told whose it is.
    await this.ask(name === DEV_LEASE ? `${name}=${value} ${hostname()}` : `${name}=${value}`);
  }

  /** @returns a number where it is one. @throws DevsockError ENOPROTOOPT, ENOTCONN */
  async get(name: string): Promise<string | number> {
    const text = await this.ask(name);
    return /^\d{1,9}$/.test(text) ? Number(text) : text;
  }

  /** The socket is over. */
  end(failure: Failure): void {
    const why = failure || `ENOTCONN: the socket to ${this.address} is closed; open it again`;
    for (const { reject } of this.waiting.values()) reject(new DevsockError(why, { address: this.address }));
    this.link.questions -= this.waiting.size;
    this.waiting.clear();
  }

  private ask(text: string): Promise<string> {
    const { address, link, socket, waiting } = this;
    if (link.questions >= MOST)
      return Promise.reject(
        new DevsockError(`EAGAIN: ${MOST} options of this board's sockets wait for their answers; wait for those`, {
          address,
        }),
      );
    link.questions++;
    const number = this.next++ & 255;
    return new Promise((resolve, reject) => {
      waiting.set(number, { resolve, reject });
      link.tell(socket, join(pair(Op.option, number), fromText(text)));
    });
  }

  private answered(number: number, text: string): void {
    const asked = this.waiting.get(number);
    if (this.waiting.delete(number)) this.link.questions--;
    if (/^E[A-Z0-9_]+: ./.test(text))
      asked?.reject(new DevsockError(text, { origin: "device", address: this.address }));
    else asked?.resolve(text);
  }
}
