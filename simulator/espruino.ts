/** The firmware on the real interpreter: its Linux build as a child process, with its flash in a fresh directory. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { openPty, type Pty } from "./pty.js";
import { BOOT_FILE } from "./runtime/index.js";
import type { MemoryReport } from "./runtime/globals.js";

export interface EspruinoOptions {
  /** Path of the interpreter. */
  binary: string;
  /** Files for Storage, one character a byte. */
  files: Record<string, string>;
  /** The boot file. */
  boot: string;
  /** A UART that the program leaves alone. */
  spareUart: string;
  /** What it prints, a line at a time. */
  log?: (line: string) => void;
}

export interface EspruinoProcess {
  readonly pid: number;
  /** Without what the asking itself takes. */
  memory(): Promise<MemoryReport>;
  /** Fulfilled when it is gone. */
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

const INSTALL_MS = 10_000;
/** The thread reads 32 bytes of a UART at a time, 45 times in 50 ms. */
const DRIP_MS = 50;
const ZEROS = new Uint8Array(45 * 32);
const ANSWER_MS = 5_000;
const READY_MS = 6_000;
const POLL_MS = 20;
/** Bytes written to Storage at once: a small interpreter has no room for more. */
const CHUNK = 512;

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** Puts the files into Storage and starts the boot file. */
export async function startEspruino(options: EspruinoOptions): Promise<EspruinoProcess> {
  const { binary, boot, spareUart, log = () => {} } = options;
  const directory = mkdtempSync(join(tmpdir(), "devsock-espruino-"));
  const probe = await Probe.open();
  const clean = (): void => {
    probe.close();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const files = { ...options.files, [BOOT_FILE]: probe.bootText(spareUart) + boot };
    for (const [name, text] of Object.entries(files)) await install(binary, directory, name, text);
  } catch (error) {
    clean();
    throw error;
  }
  const child = launch(binary, [], directory);
  follow(child, log);
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve())).then(clean);
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  return {
    pid: child.pid!,
    memory: () => probe.ask(),
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
  child.stdin.on("error", () => {});
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

/** What a process prints, a line at a time, without the console's own cursor movements. */
function follow(child: ChildProcess, log: (line: string) => void): void {
  let partial = "";
  const receive = (data: Buffer): void => {
    const lines = (partial + data.toString("latin1")).split("\n");
    partial = lines.pop()!;
    for (const raw of lines) {
      const line = raw.replace(/\x1b\[[\d;]*[A-Z]|[\r\b]/g, "").replace(/^>+/, "");
      if (line.trim()) log(line);
    }
  };
  child.stdout!.on("data", receive);
  child.stderr!.on("data", receive);
}

/**
 * A way to ask for the interpreter's memory: a question mark on a spare UART is answered with process.memory(). Its
 * console would do as well, but a line typed into it meets a race between the interpreter's two threads and may end it.
 *
 * The same UART has a drip of zeros: the thread that moves bytes sleeps for 50 ms when it finds none and for 1 ms
 * otherwise, so that without the drip all UARTs together send no more than one transmit ring, 255 bytes, every 50 ms.
 */
class Probe {
  private waiting: ((report: ProbeReport) => void) | undefined;
  private answer = "";
  private readonly drip: NodeJS.Timeout;

  private constructor(private readonly pty: Pty) {
    pty.onData((data) => this.receive(data.toString("latin1")));
    this.drip = setInterval(() => this.pty.write(ZEROS), DRIP_MS);
  }

  static async open(): Promise<Probe> {
    return new Probe(await openPty());
  }

  /** Goes before the boot file's text; `own` is what the probe itself takes. */
  bootText(uart: string): string {
    return (
      `(function(s,u){u=process.memory().usage;s.on("data",function(d){if(d.indexOf("?")<0)return;` +
      `var m=process.memory();m.own=s.own;s.write(JSON.stringify(m)+"\\n")});` +
      `s.setup(115200,{path:${JSON.stringify(this.pty.path)}});s.own=process.memory().usage-u})(${uart});`
    );
  }

  async ask(): Promise<MemoryReport> {
    const report = await new Promise<ProbeReport>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(failure("ETIMEDOUT", "the interpreter does not answer: it is busy, or has ended; see its log")),
        ANSWER_MS,
      );
      this.waiting = (answer) => {
        clearTimeout(timer);
        resolve(answer);
      };
      this.pty.write(Buffer.from("?"));
    });
    const { own, ...memory } = report;
    return { ...memory, usage: memory.usage - own, free: memory.free + own };
  }

  close(): void {
    clearInterval(this.drip);
    this.pty.close();
  }

  private receive(text: string): void {
    this.answer += text;
    const end = this.answer.indexOf("\n");
    if (end < 0) return;
    const line = this.answer.slice(0, end);
    this.answer = this.answer.slice(end + 1);
    this.waiting?.(JSON.parse(line) as ProbeReport);
    this.waiting = undefined;
  }
}

interface ProbeReport extends MemoryReport {
  own: number;
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
