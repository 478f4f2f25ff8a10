import assert from "node:assert/strict";
import { DevsockError } from "../../host/index.js";
import type { Board, JobReport, PrintOptions } from "../../host/index.js";
import { Random } from "../../simulator/random.js";
import { mortal } from "../support/mortal.js";
import { everyByte, rasterPage } from "./payloads.js";
import { linkKinds, Rig, withFirmware } from "./rig.js";
import type { LinkKind, RigOptions } from "./rig.js";

const JOB = everyByte(12_000);
const NEXT = Buffer.from("next\n");
/** What the board asks before and after a job. */
const QUESTION = Buffer.from("\x10\x04\x01\x10\x04\x02\x10\x04\x04\x1da\x0f", "latin1");

/** A board, hosts that die, and what their jobs came to. */
class Jobs extends Rig {
  /** Prints from a host that can be killed. */
  async start(kind: LinkKind, source: Buffer, options: PrintOptions): Promise<Started> {
    const host = mortal(this.transport(kind));
    const board = await this.connect(kind, () => host.transport);
    const started: Started = { ...host, board, over: false };
    const work = board.printer("printer0").print(source, options);
    started.work = work.finally(() => (started.over = true));
    started.work.catch(() => undefined);
    return started;
  }

  /** Prints from a new host, and waits for the report. */
  async print(source: Buffer, options: PrintOptions, kind: LinkKind = "tcp"): Promise<JobReport> {
    const host = await this.connect(kind);
    return this.during(host.printer("printer0").print(source, options)).finally(() => this.during(host.close()));
  }

  async refused(source: Buffer, options: PrintOptions, code: string, words: RegExp): Promise<DevsockError> {
    const host = await this.connect("tcp");
    const error = await this.rejected(host.printer("printer0").print(source, options), code, words);
    await this.during(host.close());
    return error;
  }

  /** Bytes of a job that the paper has, from its begin on; the board's questions are left out. */
  reached(job: Buffer): number {
    let bytes: Buffer = this.printer.log.bytes;
    while (bytes.indexOf(QUESTION) === 0) bytes = bytes.subarray(QUESTION.length);
    const at = job.findIndex((byte, i) => byte !== bytes[i]);
    return at < 0 ? job.length : at;
  }
}

interface Started {
  kill(): void;
  vanish(): void;
  board: Board;
  over: boolean;
  work?: Promise<JobReport>;
}

describe("end to end: a job with an id is printed exactly once", function () {
  this.timeout(60_000);
  withFirmware();

  it("done: a repeat is given the report again, and nothing is printed, also after a power cut", async () => {
    const rig = new Jobs();
    const first = await rig.print(JOB, { job: "receipt-1" });
    assert.deepEqual([first.job, first.from, first.taken, first.accepted], ["receipt-1", 0, JOB.length, JOB.length]);
    for (const cut of [false, true]) {
      if (cut) rig.board.powerCycle();
      const again = await rig.print(JOB, { job: "receipt-1" });
      assert.deepEqual([again.from, again.taken], [JOB.length, JOB.length]);
    }
    rig.assertPrinted(JOB);
  });

  it("an id is given by itself, said in the report, and another one each time", async () => {
    const rig = new Jobs();
    const [one, two] = [await rig.print(NEXT, {}), await rig.print(NEXT, {})];
    assert.match(one.job!, /^[a-z0-9]{10}$/);
    assert.notEqual(one.job, two.job);
    rig.assertPrinted(NEXT, NEXT);
    await rig.finish();
  });

  it("other bytes under the same id: EEXIST, and nothing is printed", async () => {
    const rig = new Jobs();
    await rig.print(JOB, { job: "a" });
    await rig.refused(NEXT, { job: "a" }, "EEXIST", /other bytes; give this one another id/);
    rig.assertPrinted(JOB);
    await rig.finish();
  });

  for (const kind of linkKinds)
    for (const how of ["kill", "vanish"] as const)
      it(`${kind}: a host is gone by ${how}; another one goes on while its session is still kept, and after it`, async () => {
        for (const wait of [10, 35_000]) {
          const rig = new Jobs();
          const first = await rig.start(kind, JOB, { job: "a" });
          await rig.untilPrinted(4000);
          first[how]();
          await rig.run(wait);
          const report = await rig.print(JOB, { job: "a" }, kind === "serial" ? "tcp" : kind);
          assert.ok(report.from >= 4000 - 100 && report.from < JOB.length, `${report.from}`);
          assert.equal(report.taken, JOB.length);
          rig.assertPrinted(JOB);
          await rig.finish({ timeouts: { least: 0 } });
        }
      });

  it("a client that is still there: the repeat takes over, and the first one is told", async () => {
    const rig = new Jobs();
    const first = await rig.start("udp", JOB, { job: "a" });
    await rig.untilPrinted(4000);
    const report = await rig.print(JOB, { job: "a" });
    assert.equal(report.taken, JOB.length);
    await rig.rejected(first.work!, "ECONNRESET", /a goes on over another connection/);
    rig.assertPrinted(JOB);
    await rig.finish();
  });

  it("taken over again and again the board holds no more than a socket's credit", async () => {
    const rig = new Jobs({ printer: { speed: 2000 } });
    const hosts = [await rig.start("tcp", JOB, { job: "a" })];
    await rig.untilPrinted(2000);
    rig.printer.setPaper("out");
    for (let i = 0; i < 12; i++) {
      await rig.run(500);
      hosts.push(await rig.start(i % 2 ? "tcp" : "udp", JOB, { job: "a" }));
      await rig.during(hosts.at(-2)!.board.close());
    }
    await rig.run(1000);
    rig.printer.setPaper("ok");
    const report = await rig.during(hosts.at(-1)!.work!);
    assert.ok(report.from < 2000 + 4096 + 4 * 524 + 200, `${report.from}`);
    rig.assertPrinted(JOB);
    await rig.finish();
  });

  it("a job that waits for its turn is taken over, too", async () => {
    const rig = new Jobs();
    const first = await rig.start("tcp", JOB, { job: "first" });
    await rig.untilPrinted(1000);
    const waiting = await rig.start("tcp", NEXT, { job: "next" });
    await rig.run(100);
    const again = await rig.start("udp", NEXT, { job: "next" });
    await rig.rejected(waiting.work!, "ECONNRESET", /next goes on/);
    await rig.during(first.work!);
    await rig.during(again.work!);
    rig.assertPrinted(JOB, NEXT);
    await rig.finish();
  });

  it("within a picture: the repeat goes on with its next dot", async () => {
    const rig = new Jobs();
    const page = rasterPage(20_000);
    const first = await rig.start("tcp", page, { job: "page" });
    await rig.untilPrinted(9000);
    first.kill();
    await rig.run(40_000);
    await rig.print(page, { job: "page" });
    rig.assertPrinted(page);
    await rig.finish({ timeouts: 1 });
  });

  it("whose client never comes back: it makes way for another job, and says how far it came", async () => {
    const rig = new Jobs();
    const page = rasterPage(20_000);
    const first = await rig.start("tcp", page, { job: "page" });
    await rig.untilPrinted(9000);
    first.kill();
    await rig.run(90_000);
    await rig.print(NEXT, { job: "next" });
    const cut = rig.assertCut(page, NEXT);
    const error = await rig.refused(page, { job: "page" }, "ECANCELED", /was given up after exactly \d+ bytes/);
    assert.deepEqual(error.reach!.sent, { least: cut, most: cut });
    await rig.finish({ cut: 1, timeouts: 1 });
  });

  it("given up by its client: it says how far it came, and goes on where the client wants", async () => {
    const rig = new Jobs();
    const text = Buffer.from(Array.from({ length: 400 }, (_, i) => `line ${i}\n`).join(""));
    const stop = new AbortController();
    const first = await rig.start("tcp", text, { job: "text", signal: stop.signal });
    await rig.untilPrinted(1500);
    stop.abort();
    await rig.rejected(first.work!, "ECANCELED", /given up/);
    await rig.run(3000);
    const error = await rig.refused(text, { job: "text" }, "ECANCELED", /after exactly \d+ bytes; look at the paper/);
    const { least, most } = error.reach!.sent!;
    assert.equal(least, most);
    await rig.refused(text, { job: "text", resumeAt: least + 1 }, "ECANCELED", /after exactly/);
    const report = await rig.print(text, { job: "text", resumeAt: least });
    assert.equal(report.from, least);
    assert.deepEqual(report.gaps, [{ cause: "JOB_RESUMED", bytes: null }]);
    rig.assertPrinted(text.subarray(0, least), text.subarray(least));
    await rig.finish({ cut: 1 });
  });

  it("that takes longer than its timeout is given up where its error says so: nothing more is printed", async () => {
    const rig = new Jobs({ printer: { speed: 1000 } });
    const host = await rig.connect("tcp");
    const printer = host.printer("printer0");
    const error = await rig.rejected(printer.print(JOB, { timeout: 3000 }), "ETIMEDOUT", /and was given up/);
    await rig.run(2000);
    const { printed } = rig;
    await rig.run(30_000);
    assert.equal(rig.printed, printed);
    await rig.rejected(printer.print(JOB, { job: error.reach!.job }), "ECANCELED", /was given up after exactly/);
    await rig.during(host.close());
  });

  it("of the jobs that are over as many are remembered as the board has room for", async () => {
    const rig = new Jobs();
    for (let i = 0; i < 17; i++) await rig.print(Buffer.from(`${i}\n`), { job: `job${i}` });
    assert.equal(rig.board.storage.names().filter((name) => name.startsWith("job.")).length, 16);
    assert.equal((await rig.print(Buffer.from("1\n"), { job: "job1" })).from, 2);
    await rig.refused(NEXT, { job: "job0", resumeAt: 1 }, "ENOENT", /does not remember a job job0/);
    await rig.finish();
  });
});

/** Power cuts at random moments of one job, each time on a board that has just begun. */
describe("end to end: after a power cut of the board it is known how far the paper got", function () {
  this.timeout(120_000);
  withFirmware();
  const TEXT = Buffer.from(Array.from({ length: 500 }, (_, i) => `a line of text, number ${i}\n`).join(""));

  async function cut(seed: number, options: RigOptions): Promise<{ least: number; most: number; is: number }> {
    const rig = new Jobs({ seed, ...options });
    const random = new Random(seed);
    const first = await rig.start(linkKinds[seed % 3]!, TEXT, { job: "a" });
    await rig.run((random.next() % 130_000) / 100);
    first.kill();
    rig.board.powerCycle();
    const is = rig.reached(TEXT);
    const host = await rig.connect("tcp");
    const report = await rig.during(
      host
        .printer("printer0")
        .print(TEXT, { job: "a" })
        .catch((error: DevsockError) => error),
    );
    await rig.during(host.close());
    if (!(report instanceof DevsockError)) {
      assert.equal(report.taken, TEXT.length);
      rig.assertPrinted(...(is && is < TEXT.length ? [TEXT.subarray(0, is), TEXT.subarray(is)] : [TEXT]));
      return { least: report.from, most: report.from, is };
    }
    const { sent } = report.reach!;
    assert.equal(report.code, "EINTR", report.message);
    assert.equal(rig.reached(TEXT), is, "nothing is printed by itself");
    return { least: sent!.least, most: sent!.most!, is };
  }

  for (const [name, options, widest] of [
    ["linux", {}, 64 + 258 + 20],
    ["a printer with a buffer of 45 bytes", { device: { buffer: 45 }, printer: { buffer: 45 } }, 64 + 258 + 20],
  ] as const)
    it(`${name}: the bounds hold`, async () => {
      const first = Number(process.env["SEED"] ?? 1);
      const widths: number[] = [];
      for (let seed = first; seed < first + Number(process.env["CUTS"] ?? 12); seed++) {
        const { least, most, is } = await cut(seed, options);
        assert.ok(least <= is && is <= most, `seed ${seed}: ${least} to ${most}, and it is ${is}`);
        assert.ok(most - least <= widest, `seed ${seed}: ${least} to ${most}`);
        widths.push(most - least);
      }
    });
});
