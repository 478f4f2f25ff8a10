/**
 * `board.storage.BUILD` and `board.ram.BUILD`: the variables that a board's own program takes in the interpreter's 32-bit build, with its code in Storage, as it is
 * flashed, and with the same code in RAM, as if it had been typed at the console. `idle` is at rest with the build's typical devices and all that it listens on; `busy`
 * the most while they work: a printer prints for a host while another one's job waits and, where the build has it, a stream comes in; sensors are recorded; a camera
 * gives images. From Storage it has no more variables than the board, and refuses what that one would. What stands in for a board's hardware and its network is
 * measured by itself, and taken off; a network module of the board's interpreter is not in it.
 */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Measured, Variables } from "../../boards/measured.js";
import { connect } from "../../host/index.js";
import type { Board } from "../../host/index.js";
import { build as buildFirmware } from "../../scripts/firmware/build.js";
import type { Firmware } from "../../scripts/firmware/build.js";
import { estimatedOf, moduleBytesOf } from "../../scripts/limits.js";
import type { Simulator } from "../../simulator/index.js";
import { memoryOf, read } from "../driver-memory.js";
import { startTypical } from "./start.js";
import type { Code, Empty } from "./start.js";
import { CAMERA, configOf, driversOf, KEY, PRINTER } from "./typical.js";
import type { Candidate } from "./typical.js";

/** ms until a board rests, and that its devices work. */
const REST_MS = 1500;
const WORK_MS = 5000;

/** Bytes of a job, which takes as long, and of one that waits for its turn. */
const JOB = Buffer.alloc(65536, "all bytes weigh the same\n");
const WAITING = JOB.subarray(0, 2048);

/** Of a board's hardware and network, with the ballast, in variables. */
interface StandIns {
  taken: number;
  /** For a program, and what the interpreter has at its start. */
  left: number;
  /** Of the interpreter. */
  total: number;
  blocksize: number;
}

/** Of each board, all of its builds. */
const built = new Map<string, Promise<Firmware[]>>();

export class BoardMemory {
  /** By configuration and ballast. */
  private readonly standIns = new Map<string, Promise<StandIns>>();

  /** @param root the repository @param bundleDir of the firmware */
  constructor(
    private readonly root: string,
    private readonly bundleDir: string,
    private readonly espruino: string,
  ) {}

  /** With no more variables than the board has. @throws Error where it has no room for it, or a device does nothing */
  async inStorage(candidate: Candidate): Promise<NonNullable<Measured["storage"]>> {
    const { left, blocksize } = await this.standInsOf(candidate);
    const ballast = Math.max(0, left - candidate.board.variables) * blocksize;
    const found = await this.worked(candidate, "storage", ballast);
    const alone = { ...candidate, devices: {} };
    const bare = await memoryOf(await startTypical(alone, "storage", this.options()));
    return { bare: bare.usage - (await this.standInsOf(alone)).taken, ...found };
  }

  /** @throws Error where the interpreter has no room for it, or a device does nothing */
  async inRam(candidate: Candidate): Promise<Variables> {
    return this.worked(candidate, "ram", 0, await this.firmwareOf(candidate));
  }

  /** Variables of the interpreter. */
  async total(candidate: Candidate): Promise<number> {
    return (await this.standInsOf(candidate)).total;
  }

  private async worked(candidate: Candidate, code: Code, ballast: number, firmware?: Firmware): Promise<Variables> {
    const { taken, blocksize } = await this.standInsOf(candidate, ballast);
    const said: string[] = [];
    const log = (line: string): void => void said.push(line);
    const simulator = await startTypical(candidate, code, { ...this.options(), firmware, ballast, log });
    const { idle, busy } = await worked(candidate, simulator);
    const lost = said.find((line) => /memory/i.test(line));
    if (lost !== undefined) throw new Error(lost);
    const image = readFileSync(`${this.bundleDir}/${candidate.name}.js`, "latin1");
    const drivers = driversOf(candidate);
    return {
      ...{ idle: idle - taken, busy: busy - taken, drivers, variableBytes: blocksize },
      ...{ bytes: image.length, estimated: estimatedOf(image) },
      moduleBytes: moduleBytesOf(candidate.board.id, drivers),
    };
  }

  private options(): { espruino: string; bundleDir: string } {
    const { espruino, bundleDir } = this;
    return { espruino, bundleDir };
  }

  /** To be read: `dist` has images only. */
  private async firmwareOf({ board, name }: Candidate): Promise<Firmware> {
    const all = built.get(board.id) ?? buildFirmware(this.root, [board.id]);
    built.set(board.id, all);
    return (await all).find((firmware) => firmware.name === name)!;
  }

  private standInsOf(candidate: Candidate, ballast = 0): Promise<StandIns> {
    const run = async (what: Empty, ballast: number): Promise<Awaited<ReturnType<typeof memoryOf>>> =>
      memoryOf(await startTypical(candidate, what, { ...this.options(), ballast }));
    const key = JSON.stringify([{ ...configOf(candidate), board: "" }, candidate.board.network.module, ballast]);
    const known =
      this.standIns.get(key) ??
      (async (): Promise<StandIns> => {
        const { usage, free, total, blocksize } = await run("hardware", ballast);
        const nothing = (await run("nothing", 0)).usage;
        return { taken: usage - nothing, left: free + nothing, total, blocksize };
      })();
    this.standIns.set(key, known);
    return known;
  }
}

/** Then it ends. */
async function worked(candidate: Candidate, simulator: Simulator): Promise<{ idle: number; busy: number }> {
  const hosts: Board[] = [];
  try {
    await sleep(REST_MS);
    const { usage: idle } = await simulator.memory();
    const address = simulator.links.tcp ?? simulator.links.serial!;
    const options = candidate.board.crypto ? { key: Buffer.from(KEY, "hex") } : {};
    const join = async (): Promise<Board> => {
      const host = await connect(address, options);
      hosts.push(host);
      return host;
    };
    const first = await join();
    const second = candidate.board.sessions > 1 && simulator.links.tcp ? await join() : first;
    await sleep(REST_MS);
    const signal = AbortSignal.timeout(WORK_MS);
    let working = true;
    let busy = idle;
    const watch = async (): Promise<void> => {
      while (working) busy = Math.max(busy, (await simulator.memory()).usage);
    };
    const work = workOf(candidate, first, second, signal).finally(() => (working = false));
    await Promise.all([work, watch()]);
    return { idle, busy };
  } finally {
    await Promise.allSettled(hosts.map((host) => host.close()));
    await simulator.stop();
  }
}

/** All of the build's devices at once. @throws Error where one of them does nothing */
async function workOf(candidate: Candidate, first: Board, second: Board, signal: AbortSignal): Promise<void> {
  const devices = Object.keys(candidate.devices);
  const units = await Promise.all(
    devices.map((name) =>
      name === PRINTER ? printed(candidate, first, second, signal) : read(first, name, signal, name === CAMERA),
    ),
  );
  const idler = devices.find((_, at) => units[at] === 0);
  if (idler !== undefined) throw new Error(`${idler} does nothing`);
}

/** @returns bytes of the job that the printer had */
async function printed({ build }: Candidate, first: Board, second: Board, signal: AbortSignal): Promise<number> {
  let bytes = 0;
  const print = first
    .printer(PRINTER)
    .print(JOB, { signal, onProgress: ({ taken }) => (bytes = taken) })
    .catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  const beside = async (): Promise<void> => {
    // The job has its turn by then.
    await sleep(REST_MS);
    const waits = await second.open(`${PRINTER}:job`);
    waits
      .on("error", () => {})
      .resume()
      .write(WAITING);
    if (!build.features.includes("chargen")) return;
    const sink = await second.open(":discard");
    const fill = (): void => {
      while (!signal.aborted && sink.write(WAITING));
    };
    sink.on("error", () => {}).on("drain", fill);
    fill();
  };
  await Promise.all([print, beside()]);
  return bytes;
}
