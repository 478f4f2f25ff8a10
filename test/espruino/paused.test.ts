import assert from "node:assert/strict";
import { rasterPage } from "../e2e/payloads.js";
import { espruino, judgedBy } from "../support/judges.js";
import { LiveBoard } from "../support/live-board.js";
import { pause } from "../support/wait.js";

const MEGABYTE = 1024 * 1024;
/** Variables for what the board takes in before it holds the client: 1,000 B, two chunks, and the connection itself. */
const HELD = 400;

judgedBy([espruino], "a client that is held on the real interpreter", function () {
  this.timeout(180_000);
  let board: LiveBoard;
  before(async () => (board = await LiveBoard.start({ runtime: "espruino" })));
  after(() => board.stop());

  /** Variables in use, with a session open that asks. */
  const usage = async (): Promise<number> => {
    const { free, total } = (await board.info()).memory;
    return total - free;
  };

  it("neither takes memory nor loses a byte: a megabyte waits for paper", async () => {
    const idle = await usage();
    board.printer.setPaper("out");
    const job = rasterPage(MEGABYTE);
    const client = (await board.dial()).write(job).end();
    await board.untilJobs(1);
    for (let i = 0; i < 10; i++) {
      const used = await usage();
      assert.ok(used < idle + HELD, `${used} variables in use, ${idle} when idle`);
      await pause(200);
    }
    const waited = board.printer.log.end;
    assert.ok(waited < 10_000, `${waited} bytes came to a printer without paper`);
    board.printer.setPaper("ok");
    await client.closed;
    await board.assertPrinted(job);
    const after = await usage();
    assert.ok(after <= idle, `${after} variables in use, ${idle} before`);
  });
});
