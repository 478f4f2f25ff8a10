import assert from "node:assert/strict";
import { everyByte } from "../e2e/payloads.js";
import { espruino, judgedBy } from "../support/judges.js";
import { linkKinds, LiveBoard } from "../support/live-board.js";

const JOB = everyByte(9_000);
/** Rounds of four jobs, one over each link and one over port 9100. The first round makes what stays. */
const ROUNDS = 6;
/** Variables that come and go; a single closure takes more. */
const JITTER = 4;

judgedBy([espruino], "memory on the real interpreter", function () {
  this.timeout(120_000);
  let board: LiveBoard;
  before(async () => (board = await LiveBoard.start({ runtime: "espruino" })));
  after(() => board.stop());

  it(`is the same after ${4 * ROUNDS} jobs as after the first four`, async () => {
    let first = 0;
    for (let round = 0; round < ROUNDS; round++) {
      for (const kind of linkKinds) {
        const host = await board.connect(kind);
        await host.printer("printer0").print(JOB);
        await host.close();
      }
      await (await board.dial()).print(JOB);
      await board.assertPrinted(JOB, JOB, JOB, JOB);
      first ||= await board.idleUsage();
    }
    const last = await board.idleUsage();
    assert.ok(last <= first + JITTER, `${last} variables in use, ${first} after the first round`);
  });
});
