import assert from "node:assert/strict";
import { connect, transportFor } from "../../host/index.js";
import { espruino, judgedBy } from "../support/judges.js";
import { LiveBoard, linkKinds } from "../support/live-board.js";
import { severed } from "../support/severed.js";
import { pause } from "../support/wait.js";

const JOB = Buffer.from(Array.from({ length: 30_000 }, (_, i) => 32 + ((i * 7) % 90)));

for (const secured of [false, true])
  judgedBy([espruino], `a session on the real interpreter${secured ? ", with a key" : ""}`, function () {
    this.timeout(120_000);
    let board: LiveBoard;
    const key = secured ? Buffer.alloc(32, 0x5a) : undefined;
    // Said where memory is scattered; the frame is worked out in pieces then.
    const sealed = { key: key!, expected: /^ERROR: Not enough memory for result$/ };
    before(async () => (board = await LiveBoard.start({ runtime: "espruino", ...(key && sealed) })));
    after(() => board.stop());

    for (const kind of linkKinds)
      it(`outlives its link, over ${kind}: a job that is cut three times prints once, whole`, async () => {
        const link = severed(transportFor(board.simulator.links[kind]!));
        const host = await connect(link.transport, { key });
        const work = host.printer("printer0").print(JOB);
        for (let i = 0; i < 3; i++) {
          await pause(120);
          link.cut();
        }
        assert.equal((await work).taken, JOB.length);
        await host.close();
        await board.assertPrinted(JOB);
        assert.ok(link.opened() > 2, `${link.opened()} connections`);
      });
  });
