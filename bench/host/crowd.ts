/**
 * `host.sockets1000`: a thousand sockets on one link; `host.boards1000`: a thousand boards on one process: the CPU time of an exchange, 100
 * bytes there and back, on each of them, in ms. `memory` and `cpu` are of one: what the process holds on to, in KB, and the time of its
 * exchange, in µs. Beside them the same of bare net.Sockets. `idle` is what a thousand quiet boards take of a core, with their
 * keepalives, in ms a second.
 */
import { once } from "node:events";
import { connect as dial } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { connect } from "../../host/index.js";
import type { Board } from "../../host/index.js";
import { figure } from "../figure.js";
import type { Figure } from "../figure.js";
import { Peer } from "./peer-process.js";

const COUNT = 1000;
const ROUNDS = 20;
const MESSAGE = Buffer.alloc(100, "x");
/** A second of one core in ms, and how long quiet is measured: longer than the time between two keepalives. */
const CORE = 1000;
const QUIET = 11_000;

/** What one of a thousand takes. */
interface Cost {
  memory: number;
  cpu: number;
}

export async function crowdFigures(wants: (name: string) => boolean): Promise<Figure[]> {
  const [echo, devsock] = await Promise.all([Peer.start("bare.echo"), Peer.start("devsock")]);
  try {
    const bare = await cost(() => times(() => bareSocket(echo.port)), endAll);
    const figures: Figure[] = [];
    if (wants("host.sockets1000")) figures.push(...(await sockets(devsock.port, bare)));
    if (wants("host.boards1000")) figures.push(...(await boards(devsock.port, bare)));
    return figures;
  } finally {
    await Promise.all([echo.stop(), devsock.stop()]);
  }
}

async function sockets(port: number, bare: Cost): Promise<Figure[]> {
  const board = await connect(`tcp://127.0.0.1:${port}`);
  const ours = await cost(() => times(() => board.open("echo")), endAll);
  await board.close();
  return compared("host.sockets1000", ours, bare);
}

async function boards(port: number, bare: Cost): Promise<Figure[]> {
  const connected: Board[] = [];
  let idle = 0;
  const ours = await cost(
    async () => {
      connected.push(...(await times(() => connect(`tcp://127.0.0.1:${port}`))));
      return Promise.all(connected.map((board) => board.open("echo")));
    },
    async () => {
      const start = process.cpuUsage();
      await sleep(QUIET);
      idle = microseconds(start) / QUIET;
      await Promise.all(connected.map((board) => board.close()));
    },
  );
  return [...compared("host.boards1000", ours, bare), figure("host.boards1000.idle", idle, "ms/s", CORE)];
}

function compared(name: string, ours: Cost, bare: Cost): Figure[] {
  return [
    figure(name, ours.cpu, "ms/1000", bare.cpu),
    figure(`${name}.memory`, ours.memory, "KB", bare.memory),
    figure(`${name}.cpu`, ours.cpu, "us/exchange", bare.cpu),
  ];
}

/** @param end takes the streams when all is measured */
async function cost(make: () => Promise<Duplex[]>, end: (streams: Duplex[]) => Promise<void>): Promise<Cost> {
  const before = held();
  const streams = await make();
  // Once, so that what the first use of each makes is counted as its own.
  await exchange(streams);
  const memory = (held() - before) / 1000 / COUNT;
  const start = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round++) await exchange(streams);
  const cpu = microseconds(start) / COUNT / ROUNDS;
  await end(streams);
  return { memory, cpu };
}

/** All at once: a message there and back on each. */
async function exchange(streams: Duplex[]): Promise<void> {
  await Promise.all(
    streams.map(async (stream) => {
      const answer = once(stream, "data");
      stream.write(MESSAGE);
      await answer;
    }),
  );
}

async function bareSocket(port: number): Promise<Duplex> {
  const socket = dial({ host: "127.0.0.1", port, noDelay: true });
  await once(socket, "connect");
  return socket;
}

async function endAll(streams: Duplex[]): Promise<void> {
  await Promise.all(streams.map((stream) => once(stream.end().resume(), "close")));
}

function times<T>(make: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: COUNT }, make));
}

function microseconds(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes that are in use, in the heap and beside it. */
function held(): number {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
