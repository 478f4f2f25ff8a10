import assert from "node:assert/strict";
import type { NetlinkRecord } from "../../host/index.js";
import { everyByte } from "../e2e/payloads.js";
import { espruino, judgedBy } from "../support/judges.js";
import { LiveBoard } from "../support/live-board.js";
import { until } from "../support/wait.js";

judgedBy([espruino], "what happens on the board, told by the real interpreter", function () {
  this.timeout(120_000);
  let board: LiveBoard;
  before(async () => (board = await LiveBoard.start({ runtime: "espruino" })));
  // Says so itself if the interpreter reported a fault.
  after(() => board.stop());

  it("configuration, devices, counters, and sessions that come and go, with nothing left in memory", async () => {
    // What the first job leaves behind, such as the printer's answers, is there to stay.
    const first = await board.connect("serial");
    await first.printer("printer0").print(everyByte(5000));
    // So are the parts of the firmware that the first one needs.
    const news = await first.netlink();
    news.end();
    for await (const record of news) assert.ok(record);
    await first.close();
    const before = await board.idleUsage();
    const host = await board.connect("serial");
    const netlink = await host.netlink();
    const heard: NetlinkRecord[] = [];
    const reading = (async () => {
      for await (const record of netlink) heard.push(record);
    })();
    const other = await board.connect("tcp");
    await other.printer("printer0").print(everyByte(5000));
    await other.close();
    const ends = (): boolean => heard.some(({ link }) => link?.kind === "tcp" && !link.up);
    await until(ends, () => `heard ${JSON.stringify(heard)}`, 20_000);
    netlink.ask();
    netlink.end();
    await reading;
    assert.equal(heard[0]!.config!["board"], "linux");
    assert.deepEqual(heard.flatMap(({ device }) => device ?? []).at(-1), { name: "printer0", answers: true });
    const counted = heard.flatMap(({ counters }) => (counters ? [counters["received"]!] : []));
    assert.ok(counted[1]! >= counted[0]! + 10, counted.join());
    await host.close();
    const after = await board.idleUsage();
    assert.ok(after <= before + 30, `${after - before} variables more`);
  });
});
