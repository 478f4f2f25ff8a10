/**
 * `board.receive`, `board.send` and the same `.encrypted`: what a byte of a bulk stream costs the board, beside a program
 * with no protocol.
 */
import net from "node:net";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "../../host/index.js";
import type { Board } from "../../host/index.js";
import type { Clock } from "../../host/clock.js";
import { figure } from "../figure.js";
import type { Figure } from "../figure.js";
import { startCounted } from "./counted.js";
import type { Counted } from "./counted.js";
import { idleOf, workOf } from "./work.js";
import type { Idle } from "./work.js";

const UNIT = "instructions/B";

/** What the interpreter takes or gives at once on TCP. */
const CHUNK = 536;

/** Bytes of the two streams whose difference counts: opening and closing cancel out. */
const SHORT = 20 * 524;
const LONG = 420 * 524;

/** Chunks of the bare programs' streams. */
const CHUNKS = 1000;

/** A board's key, for the rows with one. */
const KEY = "2f".repeat(32);

/**
 * Under valgrind the interpreter is fifty times as slow as it is, and slower on a busy machine: so are both sides'
 * clocks, or acknowledgements that wait for a silence would come in the midst of the stream. The board's stands still.
 */
const SLOWER = 100;
const slow: Clock = {
  now: () => performance.now() / SLOWER,
  after(ms, run) {
    const timer = setTimeout(run, Math.min(2 ** 31 - 1, Math.max(0, ms) * SLOWER));
    return { cancel: () => clearTimeout(timer) };
  },
};

/** Silence that is measured for the cost of the idle loop, in ms. */
const SILENCE = 1000;

const SINK = 'function(s){s.on("data",function(d){n+=d.length})}';
const SOURCE = 'function(s){s.on("data",function(){s.write(t)});s.on("drain",function(){s.write(t)})}';

/**
 * @param code the firmware for the board "linux"
 * @param wants whether a row was asked for
 */
export async function streamFigures(
  espruino: string,
  code: string,
  wants: (name: string) => boolean,
): Promise<Figure[]> {
  const figures: Figure[] = [];
  const add = async (name: string, stream: Stream, bare: (espruino: string) => Promise<number>): Promise<void> => {
    const rows = [name, `${name}.encrypted`].filter(wants);
    const peer = rows.length > 0 ? await bare(espruino) : 0;
    for (const row of rows) figures.push(figure(row, await ours(espruino, code, stream, row !== name), UNIT, peer));
  };
  await add("board.receive", receive, bareReceive);
  await add("board.send", send, bareSend);
  return figures;
}

type Stream = (counted: Counted, board: Board, idle: Idle) => Promise<number>;

/** Instructions a byte of a stream through the firmware. @param keyed encrypted */
async function ours(espruino: string, code: string, stream: Stream, keyed: boolean): Promise<number> {
  const access = (port: number): object => ({
    links: { tcp: { port, insecure: !keyed } },
    ...(keyed ? { key: KEY } : {}),
  });
  const config = (port: number): Record<string, string> => ({
    "devsock.json": JSON.stringify({ board: "linux", name: "bench", ...access(port) }),
    // For the parts that are loaded when they are called.
    devsock: code,
  });
  // What looks at the time regularly never runs: nothing of a stream waits for it. The program's text lies in variables here, as on no board: they are
  // not counted.
  // Its console, which a board with a key locks, is what the bench speaks to.
  const script = `var setInterval=function(){};E.setPassword=E.lockConsole=function(){};process.memory=function(){return{usage:0,total:5000}};${code}`;
  const counted = await startCounted(espruino, () => script, config);
  try {
    const key = keyed ? Buffer.from(KEY, "hex") : undefined;
    const board = await connect(`tcp://127.0.0.1:${counted.port}`, { clock: slow, ...(key ? { key } : {}) });
    const work = await stream(counted, board, await silence(counted));
    await board.close();
    return work;
  } finally {
    await counted.stop();
  }
}

async function silence(counted: Counted): Promise<Idle> {
  await sleep(SILENCE / 2);
  await counted.cut();
  await sleep(SILENCE);
  return idleOf(await counted.cut());
}

async function receive(counted: Counted, board: Board, idle: Idle): Promise<number> {
  const run = async (bytes: number): Promise<number> => {
    const socket = await board.open(":discard");
    socket.resume().end(payload(bytes));
    await new Promise((resolve) => socket.once("close", resolve));
    return workOf(await counted.cut(), idle);
  };
  const short = await run(SHORT);
  return ((await run(LONG)) - short) / (LONG - SHORT);
}

/** From the middle of a stream without end. All that the board sends meanwhile are whole frames of that stream. */
async function send(counted: Counted, board: Board, idle: Idle): Promise<number> {
  const socket = await board.open(":chargen");
  const reader = read(socket);
  await reader.until(SHORT);
  await counted.cut();
  await reader.until(SHORT + LONG);
  const profile = await counted.cut();
  const chunks = profile.to("send").calls;
  socket.once("error", () => {}).destroy();
  // A frame is one chunk, or several, all full.
  const frames = chunks / Math.ceil(reader.longest() / CHUNK);
  return workOf(profile, idle) / (frames * reader.longest());
}

async function bareReceive(espruino: string): Promise<number> {
  const bare = await startCounted(espruino, (port) => `var n=0;require("net").createServer(${SINK}).listen(${port});`);
  try {
    const socket = await dial(bare.port);
    const idle = await silence(bare);
    socket.write(payload(CHUNKS * CHUNK));
    let work = 0;
    for (let chunks = 0; chunks < CHUNKS;) {
      await sleep(200);
      const profile = await bare.cut();
      chunks += profile.to("recvfrom").calls;
      work += workOf(profile, idle);
    }
    socket.destroy();
    return work / (CHUNKS * CHUNK);
  } finally {
    await bare.stop();
  }
}

async function bareSend(espruino: string): Promise<number> {
  const text = `var t=E.toString(new Uint8Array(${CHUNK}).fill(65));`;
  const bare = await startCounted(espruino, (port) => `${text}require("net").createServer(${SOURCE}).listen(${port});`);
  try {
    const socket = await dial(bare.port);
    const idle = await silence(bare);
    const reader = read(socket);
    socket.write("go");
    await reader.until(SHORT);
    await bare.cut();
    await reader.until(SHORT + CHUNKS * CHUNK);
    const profile = await bare.cut();
    socket.destroy();
    return workOf(profile, idle) / (profile.to("send").calls * CHUNK);
  } finally {
    await bare.stop();
  }
}

function payload(bytes: number): Buffer {
  return Buffer.alloc(bytes, "all bytes cost the same, as the frame's length comes first; ");
}

function dial(port: number): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, "127.0.0.1", () => resolve(socket));
    socket.once("error", reject);
  });
}

/** Counts what a stream gives. */
function read(stream: Readable): { until: (bytes: number) => Promise<void>; longest: () => number } {
  let got = 0;
  let longest = 0;
  let look = (): void => {};
  stream.on("data", (data: Buffer) => {
    got += data.length;
    longest = Math.max(longest, data.length);
    look();
  });
  return {
    until: (bytes) =>
      new Promise((resolve) => {
        look = () => got >= bytes && resolve();
      }),
    longest: () => longest,
  };
}
