import assert from "node:assert/strict";
import type { PrinterStatus } from "../../host/index.js";
import { everyByte } from "./payloads.js";
import { linkKinds, Rig, withFirmware } from "./rig.js";

/** Text that a printer works off at once: what is printed can be read on the paper. */
function text(name: string, lines = 200): Buffer {
  return Buffer.from(Array.from({ length: lines }, (_, i) => `${name} ${i}\n`).join(""), "latin1");
}

describe("end to end: what happens to a printer", function () {
  this.timeout(20_000);
  withFirmware();
  const NEXT = text("next", 20);

  describe("switched off", () => {
    for (const kind of linkKinds)
      it(`before a job over ${kind}: EHOSTDOWN says so, nothing was sent, and the next job prints`, async () => {
        const rig = new Rig();
        rig.printer.setPower(false);
        const printer = (await rig.connect(kind)).printer("printer0");
        const start = rig.clock.now();
        const error = await rig.rejected(printer.print(text("job")), "EHOSTDOWN", /does not answer; is it on/);
        assert.deepEqual(error.reach!.taken, 0);
        assert.ok(rig.clock.now() - start < 5000, "tells within 5 s");
        assert.equal((await rig.during(printer.status())).summary, "does not answer");
        rig.printer.setPower(true);
        await rig.during(printer.print(NEXT));
        rig.assertPrinted(NEXT);
        await rig.finish();
      });

    it("before a job on port 9100: the client waits, and it is printed when the printer is on", async () => {
      const rig = new Rig();
      rig.printer.setPower(false);
      const job = everyByte(8000);
      const client = rig.dial().write(job).end();
      await rig.run(60_000);
      assert.equal(client.closed, "no");
      rig.printer.setPower(true);
      await rig.until(() => client.closed !== "no");
      await rig.untilIdle();
      rig.assertPrinted(job);
      await rig.finish();
    });

    for (const kind of linkKinds)
      it(`during a job over ${kind}: EIO says how far it came; it is not printed again`, async () => {
        const rig = new Rig();
        const printer = (await rig.connect(kind)).printer("printer0");
        const job = text("job", 1000);
        const work = printer.print(job);
        await rig.untilPrinted(3000);
        rig.printer.setPower(false);
        const error = await rig.rejected(work, "EIO", /stopped answering; \d+ bytes .* look at the paper/);
        assert.equal(error.reach!.taken, job.length, "all of it had left for the line");
        rig.printer.setPower(true);
        await rig.run(5000);
        await rig.during(printer.print(NEXT));
        const { bytes } = rig.printer.log;
        assert.equal(bytes.indexOf(job.subarray(0, 100)), bytes.lastIndexOf(job.subarray(0, 100)), "begun once");
        assert.ok(rig.printer.paper.text().endsWith(NEXT.toString()));
        await rig.finish();
      });
  });

  describe("out of paper in the middle of a job", () => {
    for (const [how, begin, summary] of [
      ["automatic status is on", "", "out of paper"],
      ["the job has turned automatic status off", "\x1b@", "busy"],
    ] as const)
      it(`${how}: the host is told "${summary}", and after a refill all of it is on the paper`, async () => {
        const rig = new Rig({ printer: { speed: 4000 } });
        const printer = (await rig.connect("tcp")).printer("printer0");
        const job = Buffer.concat([Buffer.from(begin, "latin1"), text("line", 500)]);
        const seen: (PrinterStatus | undefined)[] = [];
        const work = rig.during(printer.print(job, { onProgress: ({ status }) => seen.push(status) }));
        await rig.untilPrinted(2000);
        rig.printer.setPaper("out");
        await rig.run(60_000);
        assert.equal(seen.at(-1)!.summary, summary);
        const before = rig.printer.log.end;
        await rig.run(10_000);
        assert.equal(rig.printer.log.end, before, "the board waits");
        rig.printer.setPaper("ok");
        const report = await work;
        assert.equal(report.status.summary, "ready");
        rig.assertPrinted(job);
        await rig.until(() => rig.printer.idle);
        assert.ok(rig.printer.paper.text() === job.subarray(begin.length).toString(), "on the paper");
        await rig.finish();
      });

    it("on port 9100: the client is held back and loses nothing", async () => {
      const rig = new Rig();
      const job = everyByte(30_000);
      const client = rig.dial().write(job).end();
      await rig.untilPrinted(4000);
      rig.printer.setPaper("out");
      await rig.run(120_000);
      assert.equal(client.closed, "no", "no silence of its own: its turn goes on");
      rig.printer.setPaper("ok");
      await rig.untilIdle();
      rig.assertPrinted(job);
      await rig.finish({ backlost: { least: 1 } });
    });
  });
});
