import assert from "node:assert/strict";
import { receipt } from "../e2e/payloads.js";
import { espruino, judgedBy } from "../support/judges.js";
import { linkKinds, LiveBoard } from "../support/live-board.js";

/** What boards have; the 64-bit build takes whatever the machine has. */
const VARIABLES = 5000;
/** Jobs that each host opens. */
const JOBS = 2;

judgedBy([espruino], `hosts that would take more than ${VARIABLES} variables on the real interpreter`, function () {
  this.timeout(120_000);
  let board: LiveBoard;
  before(async function () {
    board = await LiveBoard.start({ runtime: "espruino" });
    if ((await board.simulator.memory()).total !== VARIABLES) this.skip();
  });
  // Says so itself if the interpreter ever ran out of memory.
  after(() => board.stop());

  it("are refused with ENOBUFS, and those that are there go on", async () => {
    board.printer.setPaper("out");
    const refused: string[] = [];
    const note = (error: unknown): void => void refused.push((error as { code: string }).code);
    let opened = 0;
    for (const kind of [...linkKinds, "tcp", "udp", "tcp", "udp"] as const) {
      const host = await board.connect(kind).catch(note);
      for (let i = 0; host && i < JOBS; i++) {
        const socket = await host.open("printer0:job").catch(note);
        if (!socket) continue;
        opened++;
        socket.on("error", note).resume().end(receipt());
      }
    }
    assert.ok(opened > JOBS * linkKinds.length, `${opened} jobs were taken`);
    assert.ok(refused.length > 0 && refused.every((code) => code === "ENOBUFS"), refused.join());
    board.printer.setPaper("ok");
    // Until then there is no memory for a host that asks.
    await board.untilPrinted(opened * receipt().length);
    await board.assertPrinted(...Array.from({ length: opened }, () => receipt()));
  });
});
