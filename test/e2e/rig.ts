/**
 * The whole way in virtual time: the host library, a link in memory, the built firmware in the simulated runtime, a
 * UART and a printer. Everything is repeatable: the board's and the network's chance comes from `seed`, the host's from
 * the test's name.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { boards } from "../../boards/index.js";
import { connect, DevsockError } from "../../host/index.js";
import type { LinkOptions, Board, Transport } from "../../host/index.js";
import { memorySerial, memoryTcp, memoryUdp } from "../../host/transport/memory-ends.js";
import { BOOT, LINK, startBoard } from "../../simulator/board.js";
import type { SimulatedBoard } from "../../simulator/board.js";
import type { Chip } from "../../simulator/bus.js";
import { VirtualClock } from "../../simulator/clock.js";
import type { Clock } from "../../simulator/clock.js";
import type { BoardConfig, DeviceConfig, EndpointConfig } from "../../simulator/config.js";
import { MemoryNetwork } from "../../simulator/network/memory.js";
import type { MemoryNetworkOptions } from "../../simulator/network/memory.js";
import type { MemoryStream } from "../../simulator/network/memory-stream.js";
import { EscposPrinter } from "../../simulator/peripheral/escpos/index.js";
import type { EscposOptions } from "../../simulator/peripheral/escpos/index.js";
import { chipsWith } from "../../simulator/peripheral/index.js";
import type { Peripheral } from "../../simulator/peripheral/index.js";
import type { Costs } from "../../simulator/runtime/loop.js";
import { limitsOf, speedOf } from "../../simulator/runtime/limits.js";
import { readBundle, readModules } from "../../simulator/simulation.js";
import type { Program } from "../../simulator/simulation.js";
import { inTime } from "../host/time.js";
import { withChance } from "../support/chance.js";

export type LinkKind = "tcp" | "udp" | "serial";
export const linkKinds: readonly LinkKind[] = ["tcp", "udp", "serial"];

export const LINK_PORT = 9180;
export const RAW_PORT = 9100;
const LINK_BAUD = 230_400;

/** Most bytes of a job over a link that the board holds: eight of the longest frames. */
export const MOST_CREDIT = 8 * 524;

/** What the board asks the printer before and after a job: DLE EOT 1, 2 and 4, and GS a. */
export const QUESTION = Buffer.from("\x10\x04\x01\x10\x04\x02\x10\x04\x04\x1da\x0f", "latin1");

/** What the board sends after a question to end what a job left open: NULs and ESC @. */
const FILL = /^\0{16,}\x1b@/;

/** The longest that the board keeps anything of a host that vanished, and a little more, in ms. */
const FORGOTTEN = 35_000;

export interface RigOptions {
  board?: string;
  printer?: EscposOptions;
  device?: Partial<DeviceConfig> & Record<string, unknown>;
  endpoint?: Partial<EndpointConfig>;
  network?: Partial<MemoryNetworkOptions>;
  /** The board's key, which hosts have, too. Without one its network links are insecure. */
  key?: Uint8Array;
  /** Devices beside printer0, and what hangs there. */
  devices?: Record<string, DeviceConfig>;
  peripherals?: Record<string, Peripheral>;
  /** The board's configuration beside its links, devices and endpoints. */
  config?: Record<string, unknown>;
  /** What hangs on the buses of `config`. */
  chips?: Record<string, Chip[]>;
  /** A program beside the firmware. */
  program?: Program;
  /** What the interpreter's work takes, in ms. */
  costs?: Costs;
  /** Another board, whose speed and queues the interpreter has: for programs that do not fit its Storage. */
  like?: string;
  /** In place of the board's program. */
  firmware?: { bundle: string; boot: string } | undefined;
  /** Links that the board has. All three by default. */
  links?: readonly LinkKind[];
  seed?: number;
  /** Of another rig: both boards live in one time. */
  clock?: VirtualClock;
  /** How much the board's clock gains on the host's: 0.01 is 1 %. */
  drift?: number;
}

const root = fileURLToPath(new URL("../..", import.meta.url));
let built = false;

/** For a suite: the firmware is what its sources are now, and the host's chance is repeatable. */
export function withFirmware(): void {
  withChance();
  before(function () {
    this.timeout(400_000);
    const build = ["--import", "tsx", "scripts/build-firmware.ts", "--if-changed"];
    if (!built) execFileSync(process.execPath, build, { cwd: root });
    built = true;
  });
}

export class Rig {
  readonly clock: VirtualClock;
  /** The board's own, for all that it times. */
  readonly boardClock: Clock;
  readonly network: MemoryNetwork;
  readonly printer: EscposPrinter;
  readonly board: SimulatedBoard;
  /** What the board printed on its console. */
  readonly console: string[] = [];
  private readonly links: readonly LinkKind[];
  private readonly sessions: number;
  private readonly key: Uint8Array | undefined;
  /** The interpreter's memory before anybody came, in variables. */
  private usage: number | undefined;
  private readonly hosts: Board[] = [];

  constructor(options: RigOptions = {}) {
    const { clock = new VirtualClock() } = options;
    this.clock = clock;
    const { seed = 1, links = linkKinds, key, drift = 0 } = options;
    this.boardClock = drift ? drifting(clock, 1 + drift) : clock;
    this.links = links;
    this.key = key;
    const spec = boards.find(({ id }) => id === (options.board ?? "linux"))!;
    const like = boards.find(({ id }) => id === options.like);
    const path = spec.paths ? { path: "/dev/null" } : {};
    const device = { driver: "escpos", uart: "Serial1", baud: 115_200, flow: "xonxoff", ...path, ...options.device };
    const port = key ? { port: LINK_PORT } : { port: LINK_PORT, insecure: true };
    const config: BoardConfig = {
      board: spec.id,
      // Without the name of a network it would be one itself.
      ...(spec.network.module === "Wifi" && { network: { ssid: "lab", password: "of the lab" } }),
      ...(key && { key: Buffer.from(key).toString("hex") }),
      links: {
        ...(links.includes("tcp") && { tcp: port }),
        ...(links.includes("udp") && { udp: port }),
        ...(links.includes("serial") && { serial: { uart: "Serial2", baud: LINK_BAUD, ...path } }),
      },
      devices: { printer0: device, ...options.devices },
      endpoints: [{ service: "raw", device: "printer0", port: RAW_PORT, ...options.endpoint }],
      ...options.config,
    };
    this.sessions = spec.sessions;
    this.network = new MemoryNetwork({ clock, seed, ...options.network });
    this.printer = new EscposPrinter({ flow: device.flow as "xonxoff", ...options.printer });
    this.board = startBoard({
      ...(options.firmware ?? readBundle(`${root}/dist/firmware`, spec, config, options.program !== undefined)),
      ...{
        config,
        clock: this.boardClock,
        seed,
        network: this.network,
        limits: { ...limitsOf(spec), ...(like && speedOf(like)) },
      },
      ...(options.costs && { costs: options.costs }),
      chips: chipsWith(options.chips ?? {}, config.devices ?? {}, options.peripherals ?? {}),
      files: { ...readModules(`${root}/dist/firmware`, config), ...options.program?.files },
      ...(options.program && { boot: BOOT + options.program.start }),
      peripherals: { printer0: this.printer, ...options.peripherals },
      log: (line) => void this.console.push(line),
    });
  }

  /** A transport to the board's link. */
  transport(kind: LinkKind): Transport {
    if (kind === "tcp") return memoryTcp("tcp://board", () => this.network.dial(LINK_PORT));
    if (kind === "udp") return memoryUdp("udp://board", LINK_PORT, () => this.network.datagram());
    return memorySerial("serial:/dev/ttyB", this.board.wires[LINK]!.peripheral);
  }

  /** A host's connection to the board, over a link as it is or as `wrap` makes it. */
  async connect(
    kind: LinkKind,
    wrap: (transport: Transport) => Transport = (as) => as,
    options: LinkOptions = {},
  ): Promise<Board> {
    this.usage ??= this.board.memory().usage;
    const host = await this.during(
      connect(wrap(this.transport(kind)), { clock: this.clock, key: this.key, ...options }),
    );
    this.hosts.push(host);
    return host;
  }

  /** Any program that writes to port 9100. */
  dial(port = RAW_PORT): Client {
    this.usage ??= this.board.memory().usage;
    return new Client(this.network.dial(port));
  }

  /** Waits for a promise in virtual time. */
  during<T>(work: Promise<T>, limit = 600_000): Promise<T> {
    return inTime(this.clock, work, limit);
  }

  /** Waits for a promise that has to be rejected, with this code and these words. */
  async rejected(work: Promise<unknown>, code: string, words: RegExp, limit?: number): Promise<DevsockError> {
    const failed = work.then(
      () => assert.fail(`not rejected with ${code}`),
      (reason: unknown) => reason,
    );
    const error = await this.during(failed, limit);
    assert.ok(error instanceof DevsockError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, words);
    return error;
  }

  /** Takes the board's network away: its access point, or its cable. */
  unplug(): void {
    this.board.runtime.uplink!.lose();
  }

  /** @param byItself the module joins again before the firmware asks for it */
  plug(byItself = false): void {
    this.board.runtime.uplink!.restore(byItself);
  }

  /** Lets virtual time pass. */
  run(ms: number): Promise<void> {
    return this.clock.run(ms);
  }

  /** Waits for a condition in virtual time. */
  until(done: () => boolean, limit = 120_000): Promise<void> {
    return this.clock.runUntil(done, limit);
  }

  /** Until so many bytes have come to the printer, questions included. */
  untilPrinted(bytes: number, limit?: number): Promise<void> {
    return this.until(() => this.printer.log.end >= bytes, limit);
  }

  /** Until the board has worked off all jobs. */
  async untilIdle(): Promise<void> {
    const host = await this.connect("tcp");
    while ((await this.jobs(host)) > 0) await this.run(100);
    await this.during(host.close());
  }

  /** The printer has received exactly these jobs, in this order, and questions nowhere but between them. */
  assertPrinted(...jobs: Uint8Array[]): void {
    this.assertRest(0, jobs);
  }

  /**
   * The same for a job that was cut short, and jobs after it.
   * @returns how many of its bytes were printed
   */
  assertCut(job: Uint8Array, ...next: Uint8Array[]): number {
    const { bytes } = this.printer.log;
    const from = this.afterQuestions(0);
    const other = job.findIndex((byte, i) => byte !== bytes[from + i]);
    // The first bytes of the question, and the NULs before it, may be those of the job.
    let to = from + (other < 0 ? job.length : other);
    while (to > from && !this.isBetween(to)) to--;
    const printed = Math.max(0, to - from);
    assert.ok(Buffer.from(job.subarray(0, printed)).equals(bytes.subarray(from, from + printed)));
    this.assertRest(from + printed, next);
    return printed;
  }

  /** Bytes of jobs that the printer has received. */
  get printed(): number {
    let at = this.printer.log.end;
    const { bytes } = this.printer.log;
    for (let i = bytes.indexOf(QUESTION); i >= 0; i = bytes.indexOf(QUESTION, i + 1)) at -= QUESTION.length;
    return at - halfQuestion(bytes);
  }

  private afterQuestions(at: number): number {
    const { bytes } = this.printer.log;
    for (at += this.fillAt(at); bytes.subarray(at, at + QUESTION.length).equals(QUESTION); at += this.fillAt(at))
      at += QUESTION.length;
    return at;
  }

  /** What the board says between jobs begins at `at`. */
  private isBetween(at: number): boolean {
    at += this.fillAt(at);
    return this.printer.log.bytes.subarray(at, at + QUESTION.length).equals(QUESTION);
  }

  /** Bytes at `at` that end what a job left open. */
  private fillAt(at: number): number {
    if (this.printer.log.bytes[at] !== 0) return 0;
    return FILL.exec(this.printer.log.bytes.subarray(at).toString("latin1"))?.[0].length ?? 0;
  }

  private assertRest(at: number, jobs: Uint8Array[]): void {
    const { bytes } = this.printer.log;
    jobs.forEach((job, i) => {
      at = this.afterQuestions(at);
      const printed = bytes.subarray(at, at + job.length);
      if (!printed.equals(job)) assert.fail(`job ${i + 1} of ${jobs.length}: ${difference(printed, job)}`);
      at += job.length;
    });
    at = this.afterQuestions(at);
    assert.equal(bytes.length - at, 0, `${bytes.length - at} bytes came to the printer after the last job`);
  }

  /**
   * The end of a test: nothing is open or held on the board, and nothing went wrong unseen.
   * @param expected counters of the board that are not zero, each with its value or a least value
   */
  async finish(expected: Record<string, number | { least: number }> = {}): Promise<void> {
    for (const host of this.hosts) await this.during(host.close());
    await this.run(FORGOTTEN);
    if (this.links.length) await this.checkInfo(expected);
    assert.deepEqual(this.console, [], "the board's console");
    assert.equal(this.board.runtime.counters.exceptions, 0);
    assert.equal(this.printer.lost, 0, "bytes that the printer lost");
    assert.equal(this.board.memory().usage, this.usage, "sockets, timers and bytes on the board");
    this.board.powerOff();
  }

  /** What the board says of itself, while every place for a session is taken: none was lost. */
  private async checkInfo(expected: Record<string, number | { least: number }>): Promise<void> {
    const kinds = this.links.flatMap((kind) => Array<LinkKind>(kind === "serial" ? 1 : this.sessions).fill(kind));
    const hosts: Board[] = [];
    for (const kind of kinds) hosts.push(await this.connect(kind));
    const { devices, counters } = await this.during(hosts[0]!.info());
    for (const host of hosts) await this.during(host.close());
    await this.run(1000);
    for (const device of devices) if (device.kind === "printer") assert.equal(device.status.jobs, 0, "jobs");
    for (const name of new Set([...Object.keys(counters), ...Object.keys(expected)])) {
      const count = counters[name] ?? 0;
      // Many handshakes at once over UDP are asked for again.
      const wanted = expected[name] ?? (name === "unanswered" ? { least: 0 } : 0);
      if (typeof wanted === "number") assert.equal(count, wanted, name);
      else assert.ok(count >= wanted.least, `${name}: ${count}`);
    }
  }

  private async jobs(host: Board): Promise<number> {
    return (await this.during(host.printer("printer0").status())).jobs;
  }
}

/** A clock that runs so many times as fast. */
function drifting(clock: VirtualClock, rate: number): Clock {
  return {
    now: () => clock.now() * rate,
    after: (ms, run) => clock.after(ms / rate, run),
    within: (ms, run) => clock.within(ms / rate, run),
  };
}

function difference(printed: Buffer, job: Uint8Array): string {
  const at = job.findIndex((byte, i) => byte !== printed[i]);
  const show = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(at, at + 16)).toString("hex");
  return `byte ${at} of ${job.length} is wrong: printed ${show(printed) || "nothing"}, sent ${show(job)}`;
}

/** A client of port 9100 that knows nothing of devsock. */
export class Client {
  /** Its bytes that the board has taken from the network. */
  get taken(): number {
    const { outstanding } = this.stream.peer as unknown as { outstanding: number };
    return this.written - this.stream.pending - outstanding;
  }

  /** What came back. */
  back = Buffer.alloc(0);
  /** Whether the board has closed the connection: in order, or by a reset. */
  closed: "no" | "end" | "reset" = "no";
  private written = 0;

  constructor(private readonly stream: MemoryStream) {
    stream.onData((data) => (this.back = Buffer.concat([this.back, data])));
    stream.onClose((reset) => (this.closed = reset ? "reset" : "end"));
  }

  write(bytes: Uint8Array | string): this {
    const data = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
    this.written += data.length;
    this.stream.write(data);
    return this;
  }

  /** The job is complete. */
  end(): this {
    this.stream.end();
    return this;
  }

  /** The client crashes. */
  reset(): void {
    this.stream.destroy();
  }
}

/** Bytes at the end of these that begin a question: its first word at the least. */
function halfQuestion(bytes: Buffer): number {
  for (let n = QUESTION.length - 1; n >= 3; n--) if (bytes.subarray(-n).equals(QUESTION.subarray(0, n))) return n;
  return 0;
}
