import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { everyByte, payloads, rasterPage, receipt } from "../e2e/payloads.js";
import { CupsServer } from "../support/cups.js";
import { cups, judgedBy, lpr, pathOf, socketBackend } from "../support/judges.js";
import { LiveBoard } from "../support/live-board.js";
import { Program } from "../support/program.js";

const QUEUE = "receipts";

judgedBy(cups, "a raw queue of CUPS on port 9100", function () {
  this.timeout(120_000);
  let server: CupsServer;
  let board: LiveBoard;
  before(async () => (server = await CupsServer.start()));
  after(() => server.stop());
  beforeEach(async () => {
    board = await LiveBoard.start();
    await server.addQueue(QUEUE, `socket://127.0.0.1:${board.rawPort}`);
  });
  afterEach(() => board.stop());

  it("prints three files in a row, byte for byte", async () => {
    for (const { bytes } of payloads) await server.submit(QUEUE, bytes);
    await server.untilIdle(QUEUE);
    await board.assertPrinted(...payloads.map(({ bytes }) => bytes));
  });

  it("prints the next job after one that was cancelled while it printed", async () => {
    await server.submit(QUEUE, rasterPage());
    await board.untilPrinted(20_000);
    await server.cancel(QUEUE);
    await server.submit(QUEUE, receipt());
    await server.untilIdle(QUEUE);
    await board.assertPrinted({ cut: rasterPage() }, receipt());
  });

  judgedBy([lpr], "through lpr", () => {
    it("prints a file, byte for byte", async () => {
      await server.submit(QUEUE, everyByte(20_000), lpr);
      await server.untilIdle(QUEUE);
      await board.assertPrinted(everyByte(20_000));
    });
  });
});

judgedBy([socketBackend], "the socket backend of CUPS alone", function () {
  this.timeout(60_000);
  let board: LiveBoard;
  let directory: string;
  before(() => (directory = mkdtempSync(join(tmpdir(), "devsock-backend-"))));
  after(() => rmSync(directory, { recursive: true, force: true }));
  beforeEach(async () => (board = await LiveBoard.start()));
  afterEach(() => board.stop());

  it("prints a file and hands on what the printer says meanwhile", async () => {
    // Asks for the maker's name first; the page after it takes long enough for the answer to come.
    const job = Buffer.concat([Buffer.from("\x1dIB", "latin1"), everyByte()]);
    const file = join(directory, "job.bin");
    writeFileSync(file, job);
    const env = { DEVICE_URI: `socket://127.0.0.1:${board.rawPort}/?waiteof=true` };
    const backend = await Program.run(pathOf(socketBackend), ["1", "root", "title", "1", "", file], {
      env,
      channels: true,
    });
    await board.assertPrinted(job);
    assert.ok(
      backend.backChannel.includes("_devsock\0"),
      `the back channel gave ${backend.backChannel.toString("hex")}`,
    );
  });
});
