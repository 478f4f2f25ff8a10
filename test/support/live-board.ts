/** The whole way in real time: links on loopback, the built firmware on either interpreter, a UART and a printer. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { connect } from "../../host/index.js";
import type { Board, BoardInfo } from "../../host/index.js";
import { startSimulator } from "../../simulator/index.js";
import type { Simulator, SimulatorOptions } from "../../simulator/index.js";
import type { EscposPrinter } from "../../simulator/peripheral/escpos/index.js";
import { espruino, pathOf } from "./judges.js";
import { assertPrinted, type Cut } from "./printed.js";
import { RawClient } from "./raw-client.js";
import { pause, until } from "./wait.js";

export type Runtime = "simulated" | "espruino";
export type LinkKind = "tcp" | "udp" | "serial";
export const linkKinds: readonly LinkKind[] = ["tcp", "udp", "serial"];

export interface LiveOptions {
  /** Which interpreter runs the firmware: ours by default. */
  runtime?: Runtime;
  /** The printer's settings, as `--device` takes them. */
  printer?: string;
  /** Settings of printer0 and of its raw endpoint, as in a board's configuration. */
  device?: Record<string, unknown>;
  endpoint?: Record<string, unknown>;
  /** The board's key, which hosts have, too. Without one its network links are insecure. */
  key?: Uint8Array;
  /** The board's configuration beside its links, devices and endpoints. */
  config?: Record<string, unknown>;
  /** What hangs on the buses of `config`. */
  buses?: Record<string, string[]>;
  /** A program beside the firmware. */
  program?: SimulatorOptions["program"];
  /** What the interpreter prints of what the test does on purpose. */
  expected?: RegExp;
}

/** The fastest that the board's UARTs go: bytes of real time are seconds of testing. */
const BAUD = 1_000_000;
/** However slow the machine is. */
const PATIENCE_MS = 120_000;
/** What an interpreter prints when the firmware, or the interpreter, is at fault. */
const FAULT = /Uncaught|ASSERT|Interrupted|Out of Memory|MEMORY|ERROR|WARNING|HINT/;

const root = fileURLToPath(new URL("../..", import.meta.url));
let built = false;

/** Where the firmware lies, as its sources are now. */
function firmware(): string {
  if (!built) {
    const args = ["--import", "tsx", "scripts/build-firmware.ts", "--if-changed"];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
    assert.equal(status, 0, stderr);
  }
  built = true;
  return `${root}/dist/firmware`;
}

export class LiveBoard {
  private readonly hosts: Board[] = [];
  /** How much of what came to the printer has been looked at. */
  private seen = 0;

  private constructor(
    readonly simulator: Simulator,
    /** What the board printed on its console. */
    readonly console: readonly string[],
    private readonly expected: RegExp | undefined,
    private readonly key: Uint8Array | undefined,
  ) {}

  static async start(options: LiveOptions = {}): Promise<LiveBoard> {
    const { runtime = "simulated", printer = "escpos" } = options;
    const port = { baud: BAUD, path: "/dev/null" };
    const { key } = options;
    const open = { port: 9180, ...(!key && { insecure: true }) };
    const device = { driver: "escpos", uart: "Serial1", flow: "xonxoff", ...port, ...options.device };
    const console: string[] = [];
    const simulator = await startSimulator({
      board: "linux",
      bundleDir: firmware(),
      config: {
        board: "linux",
        ...(key && { key: Buffer.from(key).toString("hex") }),
        links: { tcp: open, udp: open, serial: { uart: "Serial2", ...port } },
        devices: { printer0: device },
        endpoints: [{ service: "raw", device: "printer0", port: 9100, ...options.endpoint }],
        ...options.config,
      },
      devices: { printer0: printer },
      ...(options.buses && { buses: options.buses }),
      seed: 1,
      program: options.program,
      log: (line) => void console.push(line),
      ...(runtime === "espruino" && { runtime, espruino: pathOf(espruino) }),
    });
    return new LiveBoard(simulator, console, options.expected, key);
  }

  get printer(): EscposPrinter {
    return this.simulator.peripherals["printer0"] as EscposPrinter;
  }

  /** Number of port 9100 on loopback. */
  get rawPort(): number {
    return Number(new URL(this.simulator.endpoints["printer0"]!.raw!).port);
  }

  async connect(kind: LinkKind): Promise<Board> {
    const host = await connect(this.simulator.links[kind]!, { key: this.key });
    this.hosts.push(host);
    return host;
  }

  /** A client of port 9100. */
  dial(): Promise<RawClient> {
    return RawClient.connect(this.rawPort);
  }

  /** Asks the board over UDP, where a link closes as soon as it is told to. */
  async info(): Promise<BoardInfo> {
    const host = await connect(this.simulator.links.udp!, { key: this.key });
    const info = await host.info();
    await host.close();
    return info;
  }

  /** Variables in use once what the last job or session left under way is done, and its overlays are dropped: the least of two seconds. */
  async idleUsage(): Promise<number> {
    const usages: number[] = [];
    for (let i = 0; i < 10; i++) {
      await pause(200);
      usages.push((await this.simulator.memory()).usage);
    }
    return Math.min(...usages);
  }

  /** Until so many bytes have come to the printer, questions included. */
  async untilPrinted(bytes: number): Promise<void> {
    const { log } = this.printer;
    const what = (): string => `${log.end} of ${bytes} bytes came to the printer; console: ${this.faults().join("; ")}`;
    await until(() => log.end >= bytes, what, PATIENCE_MS);
  }

  /** Until so many jobs wait or print. */
  async untilJobs(count: number): Promise<void> {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const device = (await this.info()).devices[0]!;
      assert.ok(device.kind === "printer");
      const { jobs } = device.status;
      if (jobs === count) return;
      assert.ok(Date.now() < end, `the board has ${jobs} jobs, not ${count}`);
      await pause(50);
    }
  }

  /** Once all jobs are over: these were printed since it was last asked, whole and in this order. @returns bytes of each */
  async assertPrinted(...jobs: (Uint8Array | Cut)[]): Promise<number[]> {
    await this.untilJobs(0);
    const received = this.printer.log.bytes.subarray(this.seen);
    this.seen = this.printer.log.end;
    return assertPrinted(received, jobs);
  }

  /** The end of a test: nothing went wrong unseen. */
  async stop(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.close()));
    await this.simulator.stop();
    assert.deepEqual(this.faults(), [], "the board's console");
    assert.equal(this.printer.lost, 0, "bytes that found the printer's buffer full");
  }

  private faults(): string[] {
    return this.console.filter((line) => FAULT.test(line) && !this.expected?.test(line));
  }
}
