/** The firmware on the real interpreter: its Linux build as a child process, with its flash in a directory of its own. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { TransmitCredit } from "./espruino-credit.js";
import { grown, Probe, stayAwake } from "./espruino-probe.js";
import { BOOT_FILE } from "./runtime/index.js";
import type { MemoryReport } from "./runtime/globals.js";
import { failure } from "./simulation.js";

export interface EspruinoOptions {
  /** Path of the interpreter. */
  binary: string;
  /** Files for Storage, one character a byte. */
  files: Record<string, string>;
  /** The boot file. */
  boot: string;
  /** Variables that it has at least. */
  variables?: number;
  /** Two UARTs that the program leaves alone. */
  spareUarts: readonly [string, string];
  /** UARTs of the program with somebody at the other end, who tells by `read` what came. */
  uarts?: readonly string[];
  /** The directory of an earlier process, with its flash: then nothing but the boot file is written. */
  directory?: string | undefined;
  /** What it prints, a line at a time. */
  log?: (line: string) => void;
}

export interface EspruinoProcess {
  readonly pid: number;
  /** Used is what the program uses; what the asking itself takes is neither in that nor free. */
  memory(): Promise<MemoryReport>;
  /** So many bytes more were read of the terminals of `uarts`: it may send as many. */
  read(bytes: number): void;
  /** Where its flash is. */
  readonly directory: string;
  /** Fulfilled when it is gone. */
  readonly exited: Promise<void>;
  /** Ends it from one moment to the next. @param keep its flash is wanted again */
  stop(keep?: boolean): Promise<void>;
}

const INSTALL_MS = 10_000;
/** Bytes written to Storage at once: a small interpreter has no room for more. */
const CHUNK = 512;

/** Puts the files into Storage and starts the boot file. */
export async function startEspruino(options: EspruinoOptions): Promise<EspruinoProcess> {
  const { binary, boot, variables = 0, spareUarts, uarts = [], log = () => {} } = options;
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), "devsock-espruino-"));
  let kept = false;
  const probe = await Probe.open();
  const credit = await TransmitCredit.open(uarts);
  const clean = (): void => {
    probe.close();
    credit.close();
    if (!kept) rmSync(directory, { recursive: true, force: true });
  };
  try {
    const aids = credit.bootText() + stayAwake(spareUarts[1]);
    const files = {
      ...(options.directory ? {} : options.files),
      [BOOT_FILE]: grown(variables) + probe.bootText(spareUarts[0], aids) + boot,
    };
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
    ...{ pid: child.pid!, directory },
    memory: () => probe.ask(),
    read: (bytes) => credit.give(bytes),
    exited,
    stop: async (keep = false) => {
      kept = keep;
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
export async function install(binary: string, directory: string, name: string, text: string): Promise<void> {
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
