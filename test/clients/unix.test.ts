import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publish } from "../../host/index.js";
import type { JobRecord, NetlinkRecord, PrinterStatus } from "../../protocols/service/index.js";
import type { Publication } from "../../host/index.js";
import { everyByte, receipt } from "../e2e/payloads.js";
import { judgedBy, nc, pathOf, socat } from "../support/judges.js";
import { LiveBoard } from "../support/live-board.js";
import { Program } from "../support/program.js";
import { until } from "../support/wait.js";

/** The lines of a service. */
function lines<T>(output: Buffer): T[] {
  return output
    .toString()
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);
}

judgedBy([nc, socat], "socket files of a board's devices", function () {
  this.timeout(60_000);
  let board: LiveBoard;
  let publication: Publication;
  let dir: string;
  let news: string[];
  const file = (name: string): string => join(dir, "linux", name);
  const withNc = (name: string, input: Buffer): Program => Program.start(pathOf(nc), ["-NU", file(name)], { input });

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), "devsock-test-"));
    news = [];
    board = await LiveBoard.start();
    publication = await publish(board.simulator.links.tcp!, { dir, onnews: (what) => news.push(what) });
  });
  afterEach(async () => {
    await publication.close();
    await board.stop();
    rmSync(dir, { recursive: true });
  });

  it("nc prints, and reads the job's report", async () => {
    const job = withNc("printer0", everyByte(20_000));
    await job.success();
    const records = lines<JobRecord>(job.output);
    assert.equal(records.at(-1)!.done, true);
    assert.equal(records.at(-1)!.taken, 20_000);
    await board.assertPrinted(everyByte(20_000));
  });

  it("socat prints though it closes without reading the report", async () => {
    writeFileSync(join(dir, "page"), everyByte(20_000));
    await Program.run(pathOf(socat), ["-u", `FILE:${join(dir, "page")}`, `UNIX-CONNECT:${file("printer0")}`]);
    await board.untilPrinted(20_000);
    await board.assertPrinted(everyByte(20_000));
    assert.deepEqual(news, []);
  });

  it("several clients at once print one after the other, more of them than the link has sockets", async () => {
    const jobs = Array.from({ length: 9 }, (_, i) => withNc("printer0", Buffer.from(`receipt ${i}\n`.repeat(50))));
    await Promise.all(jobs.map((job) => job.success()));
    for (const job of jobs) assert.equal(lines<JobRecord>(job.output).at(-1)!.done, true);
    await board.untilJobs(0);
  });

  it("the raw file carries the printer's own words back", async () => {
    const client = Program.start(pathOf(nc), ["-NU", file("printer0.raw")]).write(Buffer.from("\x1dIB", "latin1"));
    const answer = (): string => client.output.toString("latin1");
    await until(
      () => answer().includes("_devsock\0"),
      () => `netcat read ${answer()}`,
      10_000,
    );
    client.end();
    await client.success();
  });

  it("tells the printer's state, the board's, and what happens on it", async () => {
    const state = withNc("printer0.status", Buffer.of());
    const info = withNc("board.info", Buffer.of());
    const happens = withNc("board.netlink", Buffer.of());
    await Promise.all([state, info, happens].map((program) => program.success()));
    assert.equal(lines<PrinterStatus>(state.output)[0]!.jobs, 0);
    assert.equal(lines<{ board: string }>(info.output)[0]!.board, "linux");
    const records = lines<NetlinkRecord>(happens.output);
    assert.ok(records.some(({ counters }) => counters !== undefined));
  });

  it("a job that fails says why, and the client's input is not waited for", async () => {
    board.printer.setPower(false);
    const job = Program.start(pathOf(nc), ["-NU", file("printer0")]).write(receipt());
    await job.exited;
    assert.match(lines<JobRecord>(job.output).at(-1)!.failed!, /^EHOSTDOWN: printer0 does not answer; is it on,/);
  });

  it("the board's power fails: clients are told, and the files serve again when it is back", async () => {
    await board.simulator.powerCycle();
    await until(
      () => news.length > 0,
      () => "the loss was not told",
      20_000,
    );
    assert.match(news[0]!, /the link is lost, .* looking for the board/);
    await until(
      () => news.length > 1,
      () => "the board did not come back",
      20_000,
    );
    const job = withNc("printer0", receipt());
    await job.success();
    assert.equal(lines<JobRecord>(job.output).at(-1)!.done, true);
  });

  it("is for its user only, and leaves nothing behind", async () => {
    assert.equal(statSync(join(dir, "linux")).mode & 0o777, 0o700);
    assert.deepEqual(readdirSync(join(dir, "linux")).sort(), [
      "board.info",
      "board.netlink",
      "printer0",
      "printer0.job",
      "printer0.raw",
      "printer0.status",
    ]);
    await publication.close();
    assert.ok(!existsSync(join(dir, "linux")));
  });

  it("replaces what a program left behind, and nothing else", async () => {
    const again = (): Promise<Publication> => publish(board.simulator.links.tcp!, { dir });
    await assert.rejects(again(), /EADDRINUSE: another program serves .*board.info; end it/);
    await publication.close();
    await leaveBehind(file("printer0"));
    writeFileSync(file("printer0.raw"), "mine");
    await assert.rejects(again(), /EEXIST: .*printer0.raw is there already and no socket/);
    rmSync(file("printer0.raw"));
    publication = await again();
    await withNc("printer0", receipt()).success();
    await board.assertPrinted(receipt());
  });

  it("says so when the path is too long for a socket", async () => {
    const long = join(dir, "d".repeat(90));
    await assert.rejects(publish(board.simulator.links.tcp!, { dir: long }), /ENAMETOOLONG: .* choose a shorter --dir/);
  });
});

/** A socket file without a program behind it, as after a crash. */
async function leaveBehind(path: string): Promise<void> {
  const script = `const { mkdirSync } = require("fs"), p = process.argv[1];
    mkdirSync(require("path").dirname(p), { recursive: true });
    require("net").createServer().listen(p, () => process.kill(process.pid, "SIGKILL"));`;
  await Program.start(process.execPath, ["-e", script, path]).exited;
  assert.ok(statSync(path).isSocket());
}
