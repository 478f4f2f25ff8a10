/** The firmware on the real interpreter: its Linux build as a child process, with its flash in a fresh directory. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { MemoryReport } from "./runtime/globals.js";

export interface EspruinoOptions {
  /** Path of the interpreter. */
  binary: string;
  /** Files for Storage, one character a byte. */
  files: Record<string, string>;
  /** What it prints, a line at a time. */
  log?: (line: string) => void;
}

export interface EspruinoProcess {
  readonly pid: number;
  /** Runs a line of JavaScript in its console and gives what the line returns, by way of JSON. */
  evaluate(expression: string): Promise<unknown>;
  memory(): Promise<MemoryReport>;
  /** Fulfilled when it is gone. */
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

const INSTALL_MS = 10_000;
const ANSWER_MS = 5_000;
const READY_MS = 10_000;
const POLL_MS = 20;
/** Bytes written to Storage at once: a small interpreter has no room for more. */
const CHUNK = 512;

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** Puts the files into Storage and starts what `.bootcde` says. */
export async function startEspruino(options: EspruinoOptions): Promise<EspruinoProcess> {
  const directory = mkdtempSync(join(tmpdir(), "devsock-espruino-"));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  try {
    for (const [name, text] of Object.entries(options.files)) await install(options.binary, directory, name, text);
  } catch (error) {
    remove();
    throw error;
  }
  const child = launch(options.binary, [], directory);
  const answers = new Answers(child, options.log);
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve())).then(remove);
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  return {
    pid: child.pid!,
    evaluate: (expression) => answers.ask(expression),
    memory: () => answers.ask("process.memory()") as Promise<MemoryReport>,
    exited,
    stop: async () => {
      process.removeListener("exit", kill);
      kill();
      await exited;
    },
  };
}

/** Standard input stays open: at its end the interpreter's console would never rest. */
function launch(binary: string, args: string[], cwd: string): ChildProcess {
  const child = spawn(binary, args, { cwd, stdio: ["pipe", "pipe", "pipe"] });
  child.stdin!.on("error", () => {});
  return child;
}

/** A process of its own copies one file into Storage, piece by piece, and tells its checksum. */
async function install(binary: string, directory: string, name: string, text: string): Promise<void> {
  const data = Buffer.from(text, "latin1");
  writeFileSync(join(directory, "file.bin"), data);
  writeFileSync(
    join(directory, "install.js"),
    `var f=E.openFile("file.bin","r"),s=require("Storage"),d,n=0;` +
      `while((d=f.read(${CHUNK}))!==undefined){s.write(${JSON.stringify(name)},d,n,${data.length});n+=d.length;}` +
      `print("\\nSTORED "+E.CRC32(s.read(${JSON.stringify(name)})));`,
  );
  const child = launch(binary, ["install.js"], directory);
  let output = "";
  const stored = new Promise<string>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(failure("ETIMEDOUT", `${binary} did not store ${name}: ${output}`)),
      INSTALL_MS,
    );
    child.stdout!.on("data", (data: Buffer) => {
      output += data.toString("latin1");
      const match = /STORED (\d+)\r?\n/.exec(output);
      if (!match) return;
      clearTimeout(timer);
      resolve(match[1]!);
    });
    child.once("error", (cause) => {
      clearTimeout(timer);
      reject(
        Object.assign(failure("ENOENT", `cannot run ${binary}: set ESPRUINO to the interpreter's path`), { cause }),
      );
    });
  });
  try {
    const sum = await stored;
    if (Number(sum) !== crc32(data)) throw failure("EIO", `${name} is damaged in the interpreter's Storage`);
  } finally {
    child.kill("SIGKILL");
  }
}

/** Questions put to the console, and the lines between the answers. */
class Answers {
  private readonly waiting = new Map<number, (text: string) => void>();
  private asked = 0;
  private partial = "";

  constructor(
    private readonly child: ChildProcess,
    private readonly log: ((line: string) => void) | undefined,
  ) {
    child.stdout!.on("data", (data: Buffer) => this.receive(data.toString("latin1")));
    child.stderr!.on("data", (data: Buffer) => this.receive(data.toString("latin1")));
  }

  async ask(expression: string): Promise<unknown> {
    const id = ++this.asked;
    const answer = new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(id);
        reject(failure("ETIMEDOUT", "the interpreter does not answer: it is busy, or its console was moved"));
      }, ANSWER_MS);
      this.waiting.set(id, (text) => {
        clearTimeout(timer);
        resolve(text);
      });
    });
    // the first character keeps the console from echoing
    this.child.stdin!.write(`\x10print("<"+"${id}>"+JSON.stringify(${expression}))\n`);
    return JSON.parse(await answer) as unknown;
  }

  private receive(text: string): void {
    const lines = (this.partial + text).split("\n");
    this.partial = lines.pop()!;
    for (const raw of lines) {
      // eslint-disable-next-line no-control-regex -- the console's own cursor movements
      const line = raw.replace(/\x1b\[[\d;]*[A-Z]|[\r\b]|^>+/g, "");
      const match = /<(\d+)>(.*)$/.exec(line);
      const resolve = match && this.waiting.get(Number(match[1]));
      if (resolve) {
        this.waiting.delete(Number(match[1]));
        resolve(match[2]!);
      } else if (line.trim()) this.log?.(line);
    }
  }
}

/**
 * Waits until ports are open, without touching them: a connection would count as a client.
 * @throws Error ETIMEDOUT
 */
export async function untilOpen(ports: { tcp: number[]; udp: number[] }): Promise<void> {
  const end = Date.now() + READY_MS;
  for (;;) {
    const [tcp, udp] = await Promise.all([openPorts("tcp", "0A"), openPorts("udp", "07")]);
    const missing = [...ports.tcp.filter((port) => !tcp.has(port)), ...ports.udp.filter((port) => !udp.has(port))];
    if (missing.length === 0) return;
    if (Date.now() > end)
      throw failure(
        "ETIMEDOUT",
        `the firmware did not open port ${missing.join(", ")}: see what the interpreter printed`,
      );
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Local ports in a state, from the kernel's own table. */
async function openPorts(kind: "tcp" | "udp", state: string): Promise<Set<number>> {
  const table = await readFile(`/proc/net/${kind}`, "latin1");
  const ports = new Set<number>();
  for (const line of table.split("\n").slice(1)) {
    const [, local, , status] = line.trim().split(/\s+/);
    if (status === state) ports.add(parseInt(local!.split(":")[1]!, 16));
  }
  return ports;
}
