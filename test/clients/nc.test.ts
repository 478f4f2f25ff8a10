import assert from "node:assert/strict";
import { everyByte, rasterPage, receipt } from "../e2e/payloads.js";
import { judgedBy, nc, pathOf } from "../support/judges.js";
import { LiveBoard } from "../support/live-board.js";
import { Program } from "../support/program.js";
import { until } from "../support/wait.js";

/** Asks the printer for its maker's name, and its answer. */
const QUERY = Buffer.from("\x1dIB", "latin1");
const ANSWER = "_devsock\0";

judgedBy([nc], "nc on port 9100", function () {
  this.timeout(60_000);
  let board: LiveBoard;
  afterEach(() => board.stop());

  /** `-N`: netcat says that its input has ended. */
  const start = (args: string[], input?: Buffer): Program =>
    Program.start(pathOf(nc), [...args, "127.0.0.1", String(board.rawPort)], { ...(input && { input }) });

  it("with -N prints file after file, byte for byte", async () => {
    board = await LiveBoard.start();
    const jobs = [receipt(), everyByte(), rasterPage()];
    for (const job of jobs) await start(["-N"], job).success();
    await board.assertPrinted(...jobs);
  });

  it("without -N loses its turn once it is silent, and has printed all", async () => {
    board = await LiveBoard.start({ endpoint: { idle: 1 } });
    const quiet = start([], receipt());
    await until(
      () => board.printer.log.end > 0,
      () => "nothing was printed",
      10_000,
    );
    const next = start(["-N"], everyByte(20_000));
    await quiet.success();
    await next.success();
    await board.assertPrinted(receipt(), everyByte(20_000));
    assert.equal((await board.info()).counters["silent"], 1);
  });

  it("reads what the printer says while the job is open, and what is sent after that is printed too", async () => {
    board = await LiveBoard.start();
    const client = start(["-N"]).write(QUERY);
    await until(
      () => client.output.includes(ANSWER),
      () => `netcat read ${client.output.toString("hex")}`,
      10_000,
    );
    client.write(receipt()).end();
    await client.success();
    await board.assertPrinted(Buffer.concat([QUERY, receipt()]));
  });

  it("started twice prints one job after the other, whichever comes first", async () => {
    board = await LiveBoard.start();
    const first = start(["-N"]).write(everyByte());
    await board.untilPrinted(1000);
    const second = start(["-N"], receipt());
    await board.untilJobs(2);
    first.end();
    await Promise.all([first.success(), second.success()]);
    await board.assertPrinted(everyByte(), receipt());
  });

  it("killed in the middle of a job leaves the printer to the next, and nothing is printed twice", async () => {
    board = await LiveBoard.start();
    const killed = start(["-N"]).write(rasterPage());
    await board.untilPrinted(20_000);
    killed.kill();
    await killed.exited;
    await start(["-N"], receipt()).success();
    const [printed] = await board.assertPrinted({ cut: rasterPage() }, receipt());
    assert.ok(printed! >= 20_000 - 100, `${printed} bytes of the first job`);
  });
});
