import assert from "node:assert/strict";
import type { NetlinkRecord } from "../../host/index.js";
import { everyByte } from "../e2e/payloads.js";
import { espruino, judgedBy } from "../support/judges.js";
import { linkKinds, LiveBoard } from "../support/live-board.js";
import { pause } from "../support/wait.js";

judgedBy([espruino], "the real interpreter's clock", function () {
  this.timeout(60_000);
  let board: LiveBoard;
  before(async () => (board = await LiveBoard.start({ runtime: "espruino" })));
  after(() => board.stop());

  // Its clock is this machine's, so that the truth is known: when it started shows on every link.
  const starts: { kind: string; least: number; most: number }[] = [];
  for (const kind of linkKinds)
    it(`is known over ${kind}, while a page prints too, and nothing of it stays`, async function () {
      const first = await board.connect(kind);
      await first.printer("printer0").print(everyByte(3000));
      await first.close();
      const before = await board.idleUsage();
      const host = await board.connect(kind);
      const clock = await host.clock();
      const job = host.printer("printer0").print(everyByte(40_000));
      for (let i = 0; i < 20; i++) {
        await pause(100);
        const { utc, uncertainty } = clock.toUtc(0);
        starts.push({ kind, least: utc - uncertainty, most: utc + uncertainty });
      }
      await job;
      const { uncertainty, drift, driftUncertainty, counters } = clock;
      this.test!.title += `: ± ${uncertainty.toFixed(2)} ms`;
      // What it is depends on the machine; whether it holds is checked below.
      assert.ok(uncertainty < 500, `${uncertainty} ms`);
      assert.ok(Math.abs(drift) <= driftUncertainty, `${drift} and ${driftUncertainty}`);
      assert.deepEqual([counters.restarts, counters.contradictions], [0, 0]);
      clock.dispose();
      await host.close();
      const after = await board.idleUsage();
      assert.ok(after <= before + 20, `${after - before} variables more`);
    });

  it("says the same on every link: all bounds of the moment it started have one in common", () => {
    const least = Math.max(...starts.map((start) => start.least));
    const most = Math.min(...starts.map((start) => start.most));
    assert.ok(least <= most, `${least - most} ms apart`);
    assert.ok(starts.length === 60 && most < Date.now() && most > Date.now() - 60_000);
  });

  it("is that of netlink's records, too", async () => {
    const host = await board.connect("udp");
    const clock = await host.clock();
    const netlink = await host.netlink();
    const asked = Date.now();
    netlink.ask();
    netlink.end();
    const records: NetlinkRecord[] = [];
    for await (const record of netlink) records.push(record);
    const { utc, uncertainty } = clock.toUtc(1000 * records.at(-1)!.at!);
    assert.ok(utc + uncertainty > asked && utc - uncertainty < Date.now() + 1, `${utc - asked} ms after it was asked`);
    clock.dispose();
    await host.close();
  });
});
