/** Frames over UDP, one to a datagram. */
import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { canceled, fromNode } from "../errors.js";
import { gated } from "./transport.js";
import type { Connection, Gate, Transport } from "./transport.js";

/** Longest payload: Espruino cuts a datagram at 528 bytes without a word. */
const PAYLOAD = 516;
const FRAME = PAYLOAD + 12;

export function udp(host: string, port: number): Transport {
  return gated(
    { kind: "udp", host, port },
    { payload: PAYLOAD, reliable: false, datagram: true },
    (gate, address, signal) => open(host, port, address, gate, signal),
  );
}

/** Boards have IPv4 first of all: of a name with both kinds of address it is the one to try. */
async function resolve(host: string, address: string): Promise<{ address: string; family: number }> {
  try {
    const found = await lookup(host, { all: true });
    return found.find((one) => one.family === 4) ?? found[0]!;
  } catch (error) {
    throw fromNode(error, "network", address);
  }
}

async function open(
  host: string,
  port: number,
  address: string,
  gate: Gate,
  signal: AbortSignal | undefined,
): Promise<Connection> {
  const target = await resolve(host, address);
  if (signal?.aborted) throw canceled(signal, `connecting to ${address} was given up`, address);
  const socket = createSocket(target.family === 6 ? "udp6" : "udp4");
  await new Promise<void>((connected, reject) => {
    const failed = (error: unknown): void => {
      socket.close();
      reject(fromNode(error, "network", address));
    };
    socket.once("error", failed);
    socket.connect(port, target.address, () => {
      socket.off("error", failed);
      connected();
    });
  });
  return attach(socket, address, gate);
}

function attach(socket: Socket, address: string, gate: Gate): Connection {
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    socket.close();
  };
  // A port where nobody listens answers with ICMP: the connected socket hears of it at the next send or receive.
  const failed = (error: unknown): void => {
    close();
    gate.closed(fromNode(error, "network", address));
  };
  socket.on("message", (data) => gate.data(data));
  socket.on("error", failed);
  let full = false;
  const sent = (error: Error | null): void => {
    if (!open) return;
    if (error) return failed(error);
    if (full && socket.getSendQueueSize() < 2 * FRAME) {
      full = false;
      gate.drain();
    }
  };
  return {
    send(frame) {
      if (!open) return false;
      socket.send(frame, sent);
      full = socket.getSendQueueSize() >= 2 * FRAME;
      return !full;
    },
    async close() {
      gate.stop();
      close();
    },
  };
}
