import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, endAll, run, start } from "../host/cli/run.js";
import type { Ended } from "../host/cli/run.js";
import { LiveBoard } from "../support/live-board.js";
import { pause } from "../support/wait.js";

/** Text in which each place can be told. */
const TEXT = Buffer.from(Array.from({ length: 500 }, (_, i) => `line ${i} of 500\n`).join(""));

interface Line {
  job?: string;
  from: number;
  taken: number;
  gaps: { cause: string }[];
  error?: { code: string; message: string; job: string; sent: { least: number; most: number } };
}

describe("end to end: devsock print, killed and repeated", function () {
  this.timeout(60_000);
  let board: LiveBoard;
  let dir: string;
  let file: string;

  before(async () => {
    build();
    dir = await mkdtemp(join(tmpdir(), "devsock-"));
    await writeFile((file = join(dir, "job")), TEXT);
  });
  after(() => rm(dir, { recursive: true }));
  beforeEach(async () => (board = await LiveBoard.start({ device: { baud: 115_200 } })));
  afterEach(async () => {
    endAll();
    await board.stop();
  });

  const command = (...options: string[]): string[] => ["print", board.simulator.links.tcp!, file, ...options];

  /** SIGKILL in the middle of the job. */
  async function killed(...options: string[]): Promise<void> {
    const process = start(command(...options));
    await board.untilPrinted(2000);
    process.child.kill("SIGKILL");
    await process.ended;
  }

  const json = ({ out }: Ended): Line => JSON.parse(out) as Line;

  it("--job: the repeat goes on where the paper ends, one more prints nothing", async () => {
    await killed("--job", "order-1");
    const again = await run(command("--job", "order-1", "--json"));
    assert.equal(again.code, 0, again.out);
    const { job, from, taken } = json(again);
    assert.deepEqual([job, taken], ["order-1", TEXT.length]);
    assert.ok(from > 1900 && from < TEXT.length, `${from}`);
    const { code, out } = await run(command("--job", "order-1"));
    assert.equal(code, 0);
    assert.match(out, new RegExp(`^printer0 took ${TEXT.length} bytes of job order-1 before, nothing was printed`));
    await board.assertPrinted(TEXT);
  });

  it("--no-job: the board remembers nothing, the repeat prints all of it again", async () => {
    await killed("--no-job");
    // The session of the dead would be kept for half a minute.
    await board.simulator.powerCycle();
    const again = await run(command("--no-job", "--json"));
    const { job, from } = json(again);
    assert.deepEqual([again.code, job, from], [0, undefined, 0]);
    const [cut] = await board.assertPrinted({ cut: TEXT }, TEXT);
    assert.ok(cut! > 1900 && cut! < TEXT.length, `${cut}`);
  });

  it("--resume-at: after a power cut of the board the repeat says how far the paper got, and goes on where it is told", async () => {
    await killed("--job", "order-2");
    await board.simulator.powerCycle();
    await pause(100);
    const { bytes } = board.printer.log;
    const begin = bytes.indexOf(TEXT.subarray(0, 20));
    const printed = TEXT.findIndex((byte, i) => byte !== bytes[begin + i]);
    const asked = await run(command("--job", "order-2", "--json"));
    assert.equal(asked.code, 1);
    const { code, message, job, sent } = json(asked).error!;
    assert.deepEqual([code, job], ["EINTR", "order-2"]);
    assert.match(message, /look at the paper.*\(--job order-2 --resume-at BYTE\)$/);
    assert.ok(sent.least <= printed && printed <= sent.most, `${sent.least} to ${sent.most}, and it is ${printed}`);
    const outside = await run(command("--job", "order-2", "--resume-at", `${sent.most + 1}`));
    assert.deepEqual([outside.code, outside.out], [1, ""]);
    assert.match(outside.err, /^devsock: EINTR/);
    const last = await run(command("--job", "order-2", "--resume-at", `${printed}`, "--json"));
    const { from, taken, gaps } = json(last);
    assert.deepEqual([last.code, from, taken, gaps[0]?.cause], [0, printed, TEXT.length, "JOB_RESUMED"]);
    await board.assertPrinted(TEXT.subarray(0, printed), TEXT.subarray(printed));
  });
});
