import { payloads } from "../e2e/payloads.js";
import { CupsServer } from "../support/cups.js";
import { cups, espruino, judgedBy, nc, pathOf } from "../support/judges.js";
import { linkKinds, LiveBoard } from "../support/live-board.js";
import { Program } from "../support/program.js";

const jobs = payloads.map(({ bytes }) => bytes);

judgedBy(
  [espruino],
  `on the real interpreter ${payloads.map(({ name }) => name).join(", ")} arrive byte for byte`,
  function () {
    this.timeout(300_000);
    let board: LiveBoard;
    before(async () => (board = await LiveBoard.start({ runtime: "espruino" })));
    after(() => board.stop());

    for (const kind of linkKinds)
      it(`over ${kind}`, async () => {
        const host = await board.connect(kind);
        for (const job of jobs) await host.printer("printer0").print(job);
        await board.assertPrinted(...jobs);
      });

    judgedBy([nc], "by nc", () => {
      it("on port 9100", async () => {
        for (const input of jobs) await Program.run(pathOf(nc), ["-N", "127.0.0.1", String(board.rawPort)], { input });
        await board.assertPrinted(...jobs);
      });
    });

    judgedBy(cups, "by CUPS", () => {
      let server: CupsServer;
      before(async () => (server = await CupsServer.start()));
      after(() => server.stop());

      it("on port 9100", async () => {
        await server.addQueue("receipts", `socket://127.0.0.1:${board.rawPort}`);
        for (const job of jobs) await server.submit("receipts", job);
        await server.untilIdle("receipts");
        await board.assertPrinted(...jobs);
      });
    });
  },
);
