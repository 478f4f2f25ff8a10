/**
 * `host.stream.*`: how fast one stream goes over loopback TCP, in writes of 64 KiB, until the other process has said that it
 * took all of it. Beside it in the same turns: a bare net.Socket, and the yamux of js-libp2p, with a key over its noise. The best of the
 * turns counts, and of yamux the better of two windows: what else the machine does only slows. `host.crypto.ceiling` is in ceiling.ts.
 */
import { figure } from "../figure.js";
import type { Figure } from "../figure.js";
import { cryptoRate } from "./ceiling.js";
import { Peer } from "./peer-process.js";
import { bare, encrypted, plain, yamux } from "./ways.js";
import type { Way } from "./ways.js";

const WRITE = 65536;
/** How long each writes in a turn, in ms: the same for all, so that each has the same chance of a quiet moment. */
const TURN = 150;
const TURNS = 24;

const chunk = Buffer.alloc(WRITE, "all bytes weigh the same ");

/** @returns MB a second */
async function run(way: Way, port: number): Promise<number> {
  const sink = await way.open(port);
  const start = performance.now();
  let bytes = 0;
  for (; performance.now() - start < TURN; bytes += WRITE) if (!sink.write(chunk)) await sink.drained();
  await sink.end();
  const ms = performance.now() - start;
  await sink.close();
  return bytes / 1000 / ms;
}

export async function hostStreamFigures(): Promise<Figure[]> {
  const open = { default: yamux("default", false), large: yamux("large", false) };
  const noise = { default: yamux("default", true), large: yamux("large", true) };
  const peers = new Map<Way, Peer>();
  const rates = new Map<Way, number[]>();
  for (const way of [bare, plain, encrypted, ...Object.values(open), ...Object.values(noise)])
    peers.set(way, await Peer.start(way.peer));
  let ceiling = 0;
  try {
    for (let turn = 0; turn < TURNS; turn++) {
      for (const [way, { port }] of peers) rates.set(way, [...(rates.get(way) ?? []), await run(way, port)]);
      ceiling = Math.max(ceiling, cryptoRate(chunk, TURN));
    }
  } finally {
    for (const peer of peers.values()) await peer.stop();
  }
  const best = (...ways: Way[]): number => Math.max(...ways.flatMap((way) => rates.get(way)!));
  const beside = (name: string, ours: Way, theirs: number): Figure => figure(name, best(ours), "MB/s", theirs);
  return [
    beside("host.stream.plain", plain, best(bare)),
    beside("host.stream.plain.yamux", plain, best(...Object.values(open))),
    beside("host.stream.encrypted", encrypted, best(bare)),
    beside("host.stream.encrypted.yamux", encrypted, best(...Object.values(open))),
    beside("host.stream.encrypted.noise", encrypted, best(...Object.values(noise))),
    figure("host.crypto.ceiling", ceiling, "MB/s", best(bare)),
  ];
}
