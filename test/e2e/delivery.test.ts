import assert from "node:assert/strict";
import { everyByte, payloads } from "./payloads.js";
import { linkKinds, Rig, withFirmware } from "./rig.js";

/** What the printer's line itself needs for so many bytes at 115200 Bd, in ms. */
const lineTime = (bytes: number): number => (bytes * 10_000) / 115_200;

/** A program that ends and another that starts. */
const RESTART = 50;

describe("end to end: bytes arrive as they were sent", function () {
  this.timeout(60_000);
  withFirmware();

  for (const kind of linkKinds)
    it(`over ${kind}`, async function () {
      const rig = new Rig();
      for (const { bytes } of payloads) {
        const start = rig.clock.now();
        const host = await rig.connect(kind);
        const report = await rig.during(host.printer("printer0").print(bytes));
        assert.deepEqual([report.accepted, report.taken], [bytes.length, bytes.length]);
        assert.equal(report.status.summary, "ready");
        if (bytes.length === 65_536) {
          const ratio = (rig.clock.now() - start) / lineTime(bytes.length);
          this.test!.title += `; 64 KB took ${ratio.toFixed(3)} of the time of the line, from connect to report`;
          assert.ok(ratio <= 1.05, `${ratio}`);
        }
        await rig.during(host.close());
        await rig.run(RESTART);
      }
      rig.assertPrinted(...payloads.map(({ bytes }) => bytes));
      await rig.finish();
    });

  it("over port 9100", async () => {
    const rig = new Rig();
    for (const { bytes } of payloads) {
      const client = rig.dial().write(bytes).end();
      await rig.until(() => client.closed !== "no");
      assert.equal(client.closed, "end");
    }
    await rig.untilIdle();
    rig.assertPrinted(...payloads.map(({ bytes }) => bytes));
    await rig.finish({ backlost: { least: 1 } });
  });

  it("over port 9100 the printer's answers come back while the client listens", async () => {
    const rig = new Rig();
    const job = everyByte(16_000);
    const client = rig.dial().write(job);
    await rig.untilPrinted(12 + job.length);
    await rig.run(100);
    const asked = rig.printer.log.polls.filter(({ at }) => at >= 12 && at < 12 + job.length);
    const answers = client.back.filter((byte) => (byte & 0x93) === 0x12);
    assert.ok(asked.length > 30);
    assert.equal(answers.length, asked.length);
    client.end();
    await rig.untilIdle();
    rig.assertPrinted(job);
    await rig.finish();
  });
});
