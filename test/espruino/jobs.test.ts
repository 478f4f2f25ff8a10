import assert from "node:assert/strict";
import { connect, DevsockError, transportFor } from "../../host/index.js";
import type { JobReport } from "../../host/index.js";
import { Random } from "../../simulator/random.js";
import { espruino, judgedBy } from "../support/judges.js";
import { LiveBoard, linkKinds } from "../support/live-board.js";
import type { LinkKind } from "../support/live-board.js";
import { mortal } from "../support/mortal.js";
import { pause } from "../support/wait.js";

/** So much is under way in the terminals and the wire when the interpreter is killed: until it has arrived. */
const SETTLED_MS = 300;
const SEED = Number(process.env["SEED"] ?? 1);

/** Text in which each place can be told. */
function text(name: string, lines: number): Buffer {
  return Buffer.from(Array.from({ length: lines }, (_, i) => `${name} ${i} of ${lines}\n`).join(""));
}

judgedBy([espruino], "a job with an id on the real interpreter", function () {
  this.timeout(180_000);
  let board: LiveBoard;
  beforeEach(async () => (board = await LiveBoard.start({ runtime: "espruino", device: { baud: 115_200 } })));
  afterEach(() => board.stop());

  /** Begins a job from a host that can be killed. */
  async function start(kind: LinkKind, job: Buffer, id: string): Promise<() => void> {
    const host = mortal(transportFor(board.simulator.links[kind]!));
    const dying = await connect(host.transport);
    dying
      .printer("printer0")
      .print(job, { job: id })
      .catch(() => undefined);
    return () => host.kill();
  }

  async function print(job: Buffer, id: string): Promise<JobReport> {
    const host = await connect(board.simulator.links.tcp!);
    try {
      return await host.printer("printer0").print(job, { job: id });
    } finally {
      await host.close();
    }
  }

  for (const kind of linkKinds)
    it(`goes on when its client was killed, over ${kind}; a repeat of what is done prints nothing`, async () => {
      const job = text(kind, 600);
      const kill = await start(kind, job, kind);
      await board.untilPrinted(2000);
      kill();
      const report = await print(job, kind);
      assert.ok(report.from >= 1900 && report.taken === job.length, `${report.from}`);
      assert.equal((await print(job, kind)).from, job.length);
      // The session of the dead is kept for half a minute: others have to be gone before there is room for one more.
      await pause(2000);
      await board.assertPrinted(job);
    });

  it("after power cuts the bounds hold, what is exact goes on, and what is done is not printed again", async () => {
    const random = new Random(SEED);
    const done = text("done", 20);
    await print(done, "done");
    let before = done.length;
    for (let i = 0; i < 4; i++) {
      const job = text(`job ${i}`, 300);
      const kill = await start("tcp", job, `job${i}`);
      await pause(50 + (random.next() % 300));
      kill();
      await board.simulator.powerCycle();
      await pause(SETTLED_MS);
      const bytes = board.printer.log.bytes;
      const at = bytes.indexOf(job.subarray(0, 20));
      let is = 0;
      while (at >= 0 && is < job.length && bytes[at + is] === job[is]) is++;
      const outcome = await print(job, `job${i}`).catch((error: DevsockError) => error);
      if (outcome instanceof DevsockError) {
        const { least, most } = outcome.reach!.sent!;
        assert.ok(least <= is && is <= most!, `seed ${SEED}, cut ${i}: ${least} to ${most}, and it is ${is}`);
        assert.ok(most! - least < 400, `${least} to ${most}`);
      } else assert.equal(outcome.from, is);
      assert.equal((await print(done, "done")).from, before);
      before = done.length;
    }
    const { bytes } = board.printer.log;
    assert.equal(bytes.indexOf(done), bytes.lastIndexOf(done), "printed once");
  });
});
