/**
 * `host.stream.*`: how fast one stream goes over loopback TCP, in writes of 64 KiB, until the other process has said that it
 * took all of it. Beside it in the same turns: a bare net.Socket, and the yamux of js-libp2p, with a key over its noise. The best of the
 * turns counts, and of yamux the better of two windows: what else the machine does only slows. `cpu` is what both processes used for a
 * write, all turns together: a busy machine changes less of it. `host.crypto.ceiling` is in ceiling.ts.
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

/** What a way has done in all its turns. */
interface Done {
  peer: Peer;
  /** MB a second of the best turn. */
  best: number;
  bytes: number;
  /** CPU time of both processes, in µs. */
  cpu: number;
}

async function run(way: Way, done: Done): Promise<void> {
  const { peer } = done;
  const sink = await way.open(peer.port);
  const before = await cpu(peer);
  const start = performance.now();
  let bytes = 0;
  for (; performance.now() - start < TURN; bytes += WRITE) if (!sink.write(chunk)) await sink.drained();
  await sink.end();
  done.best = Math.max(done.best, bytes / 1000 / (performance.now() - start));
  done.cpu += (await cpu(peer)) - before;
  done.bytes += bytes;
  await sink.close();
}

async function cpu(peer: Peer): Promise<number> {
  const { user, system } = process.cpuUsage();
  return user + system + (await peer.cpu());
}

export async function hostStreamFigures(): Promise<Figure[]> {
  const open = [yamux("default", false), yamux("large", false)];
  const noise = [yamux("default", true), yamux("large", true)];
  const all = new Map<Way, Done>();
  let ceiling = 0;
  try {
    for (const way of [bare, plain, encrypted, ...open, ...noise])
      all.set(way, { peer: await Peer.start(way.peer), best: 0, bytes: 0, cpu: 0 });
    for (let turn = 0; turn < TURNS; turn++) {
      for (const [way, done] of all) await run(way, done);
      ceiling = Math.max(ceiling, cryptoRate(chunk, TURN));
    }
  } finally {
    for (const { peer } of all.values()) await peer.stop();
  }
  const best = (ways: Way[]): number => Math.max(...ways.map((way) => all.get(way)!.best));
  const spent = (ways: Way[]): number =>
    Math.min(...ways.map((way) => all.get(way)!).map(({ cpu, bytes }) => (cpu * WRITE) / bytes));
  const beside = (name: string, ours: Way, theirs: Way[]): Figure[] => [
    figure(`host.stream.${name}`, best([ours]), "MB/s", best(theirs)),
    figure(`host.stream.${name}.cpu`, spent([ours]), "us/64KiB", spent(theirs)),
  ];
  return [
    ...beside("plain", plain, [bare]),
    ...beside("plain.yamux", plain, open),
    ...beside("encrypted", encrypted, [bare]),
    ...beside("encrypted.yamux", encrypted, open),
    ...beside("encrypted.noise", encrypted, noise),
    figure("host.crypto.ceiling", ceiling, "MB/s", best([bare])),
  ];
}
