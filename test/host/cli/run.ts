/** Runs the command as a user does. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../../host/index.js";
import { FakeBoard, FakeSession, TCP } from "../fake-board.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));

let built = false;

/** The command as its sources are now. Call it before the first run. */
export function build(): void {
  if (built) return;
  built = true;
  execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-b", "host"], { cwd: root });
}

export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

export interface Running {
  child: ChildProcessWithoutNullStreams;
  out: () => string;
  err: () => string;
  ended: Promise<Ended>;
  /** Waits until something has been written. */
  until: (done: () => boolean) => Promise<void>;
}

export const COMMAND = [process.execPath, `${root}/bin/devsock.js`];

const children = new Set<ChildProcessWithoutNullStreams>();

/** Ends what a failed test left running. */
export function endAll(): void {
  for (const child of children) child.kill("SIGKILL");
}

/** Where a command runs, and for whom. */
export interface Whereabouts {
  uid?: number | undefined;
  cwd?: string;
  /** The user's directory. */
  home?: string;
}

export function start(args: string[], input?: string | Buffer, { uid, cwd, home }: Whereabouts = {}): Running {
  const child = spawn(COMMAND[0]!, [...COMMAND.slice(1), ...args], {
    ...(uid !== undefined && { uid, gid: uid }),
    ...(cwd !== undefined && { cwd }),
    ...(home !== undefined && { env: { ...process.env, HOME: home } }),
  });
  children.add(child);
  child.on("close", () => children.delete(child));
  let out = "";
  let err = "";
  child.stdout.on("data", (data: Buffer) => (out += data.toString()));
  child.stderr.on("data", (data: Buffer) => (err += data.toString()));
  child.stdin.on("error", () => undefined).end(input);
  const ended = new Promise<Ended>((resolve) => child.on("close", (code) => resolve({ code, out, err })));
  const until = async (done: () => boolean): Promise<void> => {
    for (const end = Date.now() + 8000; !done(); await new Promise((resolve) => setTimeout(resolve, 10)))
      if (Date.now() > end || child.exitCode !== null) throw new Error(`it did not come to that: ${out} ${err}`);
  };
  return { child, out: () => out, err: () => err, ended, until };
}

export function run(args: string[], input?: string | Buffer, uid?: number): Promise<Ended> {
  return start(args, input, { uid }).ended;
}

/** A fake board on a TCP port of this machine. */
export async function serve(): Promise<{ board: FakeBoard; address: string; sockets: Set<Socket>; close: () => void }> {
  const board = new FakeBoard(systemClock);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const session = new FakeSession(
      board,
      TCP,
      (frame) => socket.write(frame),
      () => socket.end(),
    );
    board.sessions.push(session);
    socket.on("data", (data) => session.receive(data));
    socket.on("drain", () => session.drained());
    socket.on("error", () => undefined);
    socket.on("close", () => {
      sockets.delete(socket);
      session.die();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { board, address: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets, close };
}

/** Arguments, the exit code they lead to, and what is said on stderr. */
export type Mistake = [args: string[], code: number, words: RegExp];

/** Each mistake ends with its code and words, and nothing on stdout. */
export async function assertMistakes(mistakes: Mistake[]): Promise<void> {
  for (let at = 0; at < mistakes.length; at += 3)
    await Promise.all(
      mistakes.slice(at, at + 3).map(async ([args, code, words]) => {
        const ended = await run(args);
        assert.equal(ended.code, code, `${args.join(" ")}: ${ended.err}`);
        assert.match(ended.err, words);
        assert.equal(ended.out, "");
      }),
    );
}
