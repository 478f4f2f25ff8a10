/**
 * `host.stream.*`: how fast one stream goes over loopback TCP, in writes of 64 KiB, until the other process has said that it
 * took all of it. Beside it in the same turns: a bare net.Socket. The best of the turns counts: what else the machine does only slows.
 */
import { once } from "node:events";
import { connect as dial } from "node:net";
import type { Duplex } from "node:stream";
import { connect } from "../../host/index.js";
import { figure } from "../figure.js";
import type { Figure } from "../figure.js";
import { Peer } from "./peer-process.js";
import type { PeerKind } from "./peer-process.js";
import { KEY } from "./responder.js";

const WRITE = 65536;
const BYTES = 64 * 2 ** 20;
const TURNS = 12;

/** One way to carry a stream. */
interface Way {
  peer: PeerKind;
  /** Opens a stream, and gives what closes its connection. */
  open(port: number): Promise<[stream: Duplex, close: () => Promise<void>]>;
}

const bare: Way = {
  peer: "bare.discard",
  async open(port) {
    const socket = dial({ host: "127.0.0.1", port, noDelay: true, allowHalfOpen: true });
    await once(socket, "connect");
    return [socket, async () => void socket.destroy()];
  },
};

const plain: Way = {
  peer: "devsock",
  async open(port) {
    const board = await connect(`tcp://127.0.0.1:${port}`);
    return [await board.open("discard"), () => board.close()];
  },
};

const encrypted: Way = {
  peer: "devsock.keyed",
  async open(port) {
    const board = await connect(`tcp://127.0.0.1:${port}`, { key: KEY });
    return [await board.open("discard"), () => board.close()];
  },
};

const chunk = Buffer.alloc(WRITE, "all bytes weigh the same ");

/** @returns MB a second */
async function run(way: Way, port: number): Promise<number> {
  const [stream, close] = await way.open(port);
  stream.resume();
  const ended = once(stream, "end");
  const start = performance.now();
  for (let sent = 0; sent < BYTES; sent += WRITE) if (!stream.write(chunk)) await once(stream, "drain");
  stream.end();
  await ended;
  const ms = performance.now() - start;
  await close();
  return BYTES / 1000 / ms;
}

export async function hostStreamFigures(): Promise<Figure[]> {
  const ways = { bare, plain, encrypted };
  const peers = new Map<Way, Peer>();
  const rates = new Map<Way, number[]>();
  for (const way of Object.values(ways)) peers.set(way, await Peer.start(way.peer));
  try {
    for (let turn = 0; turn < TURNS; turn++)
      for (const [way, { port }] of peers) rates.set(way, [...(rates.get(way) ?? []), await run(way, port)]);
  } finally {
    for (const peer of peers.values()) await peer.stop();
  }
  const best = (way: Way): number => Math.max(...rates.get(way)!);
  return [
    figure("host.stream.plain", best(plain), "MB/s", best(bare)),
    figure("host.stream.encrypted", best(encrypted), "MB/s", best(bare)),
  ];
}
