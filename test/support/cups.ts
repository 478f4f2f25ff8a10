/** A CUPS server of our own: its configuration, spool and logs in a directory that goes with it. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cupsd, lp, lpadmin, pathOf, type Judge } from "./judges.js";
import { Program } from "./program.js";
import { pause } from "./wait.js";

const START_MS = 20_000;
/** Until a job is over: a slow machine prints a large page on the real interpreter. */
const JOB_MS = 120_000;
const POLL_MS = 50;

export class CupsServer {
  private jobs = 0;

  private constructor(
    private readonly directory: string,
    private readonly server: Program,
    /** `127.0.0.1:port` */
    readonly address: string,
  ) {}

  static async start(): Promise<CupsServer> {
    const directory = mkdtempSync(join(tmpdir(), "devsock-cups-"));
    // Filters and backends run as another user and have to get in.
    chmodSync(directory, 0o755);
    const address = `127.0.0.1:${await freePort()}`;
    const [configuration, files] = writeConfiguration(directory, address);
    const server = Program.start(pathOf(cupsd), ["-f", "-c", configuration, "-s", files]);
    const cups = new CupsServer(directory, server, address);
    try {
      await cups.untilReady();
    } catch (error) {
      await cups.stop();
      throw error;
    }
    return cups;
  }

  /** A queue that passes bytes on as they are. A printer that is gone ends a job, not the queue. */
  async addQueue(name: string, uri: string): Promise<void> {
    const policy = ["-o", "printer-error-policy=abort-job"];
    await this.run(lpadmin, ["-p", name, "-E", "-v", uri, "-m", "raw", ...policy]);
  }

  /** Hands bytes to a queue by `lp` or `lpr`: they are in the spool then. */
  async submit(queue: string, bytes: Uint8Array, by: Judge = lp): Promise<void> {
    const file = join(this.directory, `job-${++this.jobs}.bin`);
    writeFileSync(file, bytes);
    const args = by === lp ? ["-d", queue, "-o", "raw", file] : ["-P", queue, "-l", file];
    await this.run(by, args);
  }

  /** Until a queue has no jobs. */
  async untilIdle(queue: string): Promise<void> {
    const end = Date.now() + JOB_MS;
    while ((await this.lpstat("-o", queue)) !== "") {
      if (Date.now() > end) throw new Error(`the queue ${queue} still has jobs: ${this.log()}`);
      await pause(POLL_MS);
    }
  }

  /** Gives up the jobs of a queue, the one that prints too. */
  async cancel(queue: string): Promise<void> {
    await this.run({ ...lpadmin, name: "cancel", path: join(pathOf(lp), "../cancel") }, ["-a", queue]);
  }

  async stop(): Promise<void> {
    this.server.kill("SIGTERM");
    const timer = setTimeout(() => this.server.kill(), START_MS);
    await this.server.exited;
    clearTimeout(timer);
    rmSync(this.directory, { recursive: true, force: true });
  }

  private async lpstat(...args: string[]): Promise<string> {
    const lpstat = { ...lp, name: "lpstat", path: join(pathOf(lp), "../lpstat") };
    return (await this.run(lpstat, args)).output.toString();
  }

  private run(judge: Judge, args: string[]): Promise<Program> {
    return Program.run(pathOf(judge), args, { env: { CUPS_SERVER: this.address } });
  }

  private async untilReady(): Promise<void> {
    const end = Date.now() + START_MS;
    for (;;) {
      const answer = await this.lpstat("-r").catch(() => "");
      if (answer.includes("is running")) return;
      if (Date.now() > end) throw new Error(`cupsd does not start: ${this.server.complaints}${this.log()}`);
      await pause(POLL_MS);
    }
  }

  private log(): string {
    try {
      return readFileSync(join(this.directory, "error_log"), "utf8").slice(-2000);
    } catch {
      return "no log";
    }
  }
}

/** @returns paths of cupsd.conf and cups-files.conf */
function writeConfiguration(directory: string, address: string): [string, string] {
  for (const name of ["spool", "cache", "state", "root", "tmp"]) mkdirSync(join(directory, name));
  const configuration = [
    `Listen ${address}`,
    "LogLevel warn",
    "Browsing No",
    "WebInterface No",
    "<Location />",
    "  Order allow,deny",
    "  Allow 127.0.0.1",
    "</Location>",
    "<Policy default>",
    "  <Limit All>",
    "    Order allow,deny",
    "    Allow 127.0.0.1",
    "  </Limit>",
    "</Policy>",
  ];
  const files = [
    `ServerRoot ${directory}/root`,
    `RequestRoot ${directory}/spool`,
    `CacheDir ${directory}/cache`,
    `StateDir ${directory}/state`,
    `TempDir ${directory}/tmp`,
    `ErrorLog ${directory}/error_log`,
    `AccessLog ${directory}/access_log`,
    `PageLog ${directory}/page_log`,
    "SystemGroup root",
  ];
  const paths: [string, string] = [join(directory, "cupsd.conf"), join(directory, "cups-files.conf")];
  writeFileSync(paths[0], configuration.join("\n") + "\n");
  writeFileSync(paths[1], files.join("\n") + "\n");
  return paths;
}

/** CUPS takes no port 0. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
