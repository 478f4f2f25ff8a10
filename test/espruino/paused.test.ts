import assert from "node:assert/strict";
import { rasterPage, receipt } from "../e2e/payloads.js";
import { espruino, judgedBy } from "../support/judges.js";
import { LiveBoard } from "../support/live-board.js";

/** Five times the RAM of a board with 5,000 variables. */
const SIZE = 320 * 1024;
/** Variables for what the board takes in before it holds the client: 1,000 B, two chunks, and the connection itself. */
const HELD = 400;
/** Variables that come and go; a single closure takes more. */
const JITTER = 4;

judgedBy([espruino], "a client that is held on the real interpreter", function () {
  this.timeout(180_000);
  let board: LiveBoard;
  before(async () => (board = await LiveBoard.start({ runtime: "espruino" })));
  after(() => board.stop());

  it("neither takes memory nor loses a byte: a page of 320 KB waits for paper", async () => {
    // The first job makes what stays.
    await (await board.dial()).print(receipt());
    await board.assertPrinted(receipt());
    const idle = await board.idleUsage();
    board.printer.setPaper("out");
    const job = rasterPage(SIZE);
    const client = (await board.dial()).write(job).end();
    await board.untilJobs(1);
    for (let second = 0; second < 2; second++) {
      const used = await board.idleUsage();
      assert.ok(used < idle + HELD, `${used} variables in use, ${idle} when idle`);
    }
    const waited = board.printer.log.end;
    assert.ok(waited < 10_000, `${waited} bytes came to a printer without paper`);
    board.printer.setPaper("ok");
    await client.closed;
    await board.assertPrinted(job);
    const after = await board.idleUsage();
    assert.ok(after <= idle + JITTER, `${after} variables in use, ${idle} before`);
  });
});
