/** Ways to carry a stream to another process: a bare net.Socket, ours, and yamux. */
import { once } from "node:events";
import { connect as dial } from "node:net";
import type { Duplex } from "node:stream";
import { connect } from "../../host/index.js";
import type { PeerKind } from "./peer-process.js";
import { KEY } from "./responder.js";
import { dialYamux } from "./yamux.js";
import type { Window } from "./yamux.js";

/** A stream that is written to. */
export interface Sink {
  /** @returns false when the next write should wait for `drained` */
  write(chunk: Uint8Array): boolean;
  drained(): Promise<unknown>;
  /** Nothing more is written. Fulfilled when the other process has said that it took all. */
  end(): Promise<unknown>;
  /** Closes the connection. */
  close(): Promise<void>;
}

export interface Way {
  peer: PeerKind;
  open(port: number): Promise<Sink>;
}

export const bare: Way = {
  peer: "bare.discard",
  async open(port) {
    const socket = dial({ host: "127.0.0.1", port, noDelay: true, allowHalfOpen: true });
    await once(socket, "connect");
    return duplex(socket, async () => void socket.destroy());
  },
};

export const plain: Way = {
  peer: "devsock",
  async open(port) {
    const board = await connect(`tcp://127.0.0.1:${port}`);
    return duplex(await board.open("discard"), () => board.close());
  },
};

export const encrypted: Way = {
  peer: "devsock.keyed",
  async open(port) {
    const board = await connect(`tcp://127.0.0.1:${port}`, { key: KEY });
    return duplex(await board.open("discard"), () => board.close());
  },
};

function duplex(stream: Duplex, close: () => Promise<void>): Sink {
  const ended = once(stream.resume(), "end");
  return {
    write: (chunk) => stream.write(chunk),
    drained: () => once(stream, "drain"),
    end: () => {
      stream.end();
      return ended;
    },
    close,
  };
}

export function yamux(window: Window, keyed: boolean): Way {
  return {
    peer: `yamux.${window}${keyed ? ".noise" : ""}`,
    async open(port) {
      const [stream, muxer] = await dialYamux(port, window, keyed);
      const event = (name: "drain" | "end"): Promise<void> =>
        new Promise((resolve) => stream.addEventListener(name, () => resolve(), { once: true }));
      stream.addEventListener("message", () => undefined);
      const ended = event("end");
      return {
        write: (chunk) => stream.send(chunk),
        drained: () => event("drain"),
        end: async () => {
          await stream.close();
          await ended;
        },
        close: () => muxer.close(),
      };
    },
  };
}
