/** Frames over TCP. */
import { connect } from "node:net";
import type { Socket } from "node:net";
import { canceled, DevsockError, fromNode } from "../errors.js";
import { gated } from "./transport.js";
import type { Connection, Gate, Transport } from "./transport.js";

/**
 * Longest payload, for a peer that takes it: half of what programs write at once, 64 KiB, and the counter of a session with a key. A board says
 * less: a frame of 536 bytes is what its network chip hands over at once.
 */
const PAYLOAD = 32_772;
const FRAME = 536;

/** How long closing waits for the far end to take what was sent, in ms. */
const LINGER = 500;

export function tcp(host: string, port: number): Transport {
  return gated(
    { kind: "tcp", host, port },
    { payload: PAYLOAD, reliable: true, datagram: false },
    (gate, address, signal) => open(host, port, address, gate, signal),
  );
}

function open(
  host: string,
  port: number,
  address: string,
  gate: Gate,
  signal: AbortSignal | undefined,
): Promise<Connection> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(canceled(signal, `connecting to ${address} was given up`, address));
    // What the system does not take at once waits in the socket: two frames, so that an urgent one is soon out.
    const options = { host, port, noDelay: true, writableHighWaterMark: 2 * FRAME };
    const socket = connect(options);
    const abort = (): void => {
      socket.destroy();
      reject(canceled(signal!, `connecting to ${address} was given up`, address));
    };
    signal?.addEventListener("abort", abort, { once: true });
    const failed = (error: unknown): void => {
      signal?.removeEventListener("abort", abort);
      reject(fromNode(plain(error), "network", address));
    };
    socket.once("error", failed);
    socket.once("connect", () => {
      signal?.removeEventListener("abort", abort);
      socket.off("error", failed);
      resolve(attach(socket, address, gate));
    });
  });
}

/** A name with several addresses fails with all their errors together: the first one says why. */
function plain(error: unknown): unknown {
  return error instanceof AggregateError ? error.errors[0] : error;
}

function attach(socket: Socket, address: string, gate: Gate): Connection {
  socket.on("data", (data) => gate.data(data));
  socket.on("drain", () => gate.drain());
  socket.on("error", (error) => gate.closed(fromNode(error, "network", address)));
  socket.on("end", () =>
    gate.closed(
      new DevsockError(`ECONNRESET: the board at ${address} ended the connection`, { origin: "link", address }),
    ),
  );
  socket.on("close", () =>
    gate.closed(new DevsockError(`ECONNRESET: the connection to ${address} ended`, { origin: "link", address })),
  );
  return {
    send(frame) {
      socket.write(frame);
      return socket.writableLength < 2 * Math.max(FRAME, frame.length);
    },
    async close() {
      gate.stop();
      if (socket.closed) return;
      // A far end that takes nothing any more must not hold the socket for ever.
      const limit = setTimeout(() => socket.destroy(), LINGER);
      const closed = new Promise((resolve) => socket.once("close", resolve));
      socket.destroySoon();
      await closed;
      clearTimeout(limit);
    },
  };
}
