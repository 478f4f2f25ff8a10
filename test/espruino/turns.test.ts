import assert from "node:assert/strict";
import { everyByte, rasterPage, receipt } from "../e2e/payloads.js";
import { espruino, judgedBy } from "../support/judges.js";
import { LiveBoard } from "../support/live-board.js";
import type { RawClient } from "../support/raw-client.js";

/** Clients that may wait behind the one that prints. */
const BACKLOG = 4;
/** No more than the system keeps for a program that does not accept at once: the rest would not know for a while. */
const FLOOD = 10;
const FLOODS = 4;

judgedBy([espruino], "port 9100 on the real interpreter", function () {
  this.timeout(120_000);
  let board: LiveBoard;
  before(async () => {
    board = await LiveBoard.start({ runtime: "espruino", endpoint: { idle: 2, backlog: BACKLOG } });
  });
  after(() => board.stop());

  it("prints a second client after the first, who was slower to send", async () => {
    const [begin, end] = [everyByte().subarray(0, 30_000), everyByte().subarray(30_000)];
    const first = (await board.dial()).write(begin);
    await board.untilJobs(1);
    const second = (await board.dial()).write(receipt()).end();
    await board.untilJobs(2);
    assert.ok(second.open);
    first.write(end).end();
    await Promise.all([first.closed, second.closed]);
    await board.assertPrinted(everyByte(), receipt());
  });

  it("ends the turn of a client that falls silent, and the next one prints", async () => {
    const silent = (await board.dial()).write(receipt());
    await board.untilJobs(1);
    await (await board.dial()).print(everyByte(20_000));
    assert.equal(await silent.closed, "end");
    await board.assertPrinted(receipt(), everyByte(20_000));
  });

  it("ends the turn of a client that connects and says nothing", async () => {
    const mute = await board.dial();
    await board.untilJobs(1);
    await (await board.dial()).print(receipt());
    await mute.closed;
    await board.assertPrinted(receipt());
  });

  it("forgets a client that resets in the middle of its job: the next one prints, nothing is printed twice", async () => {
    const crashing = (await board.dial()).write(rasterPage());
    await board.untilPrinted(board.printer.log.end + 20_000);
    crashing.reset();
    await (await board.dial()).print(receipt());
    const [printed] = await board.assertPrinted({ cut: rasterPage() }, receipt());
    assert.ok(printed! > 19_000 && printed! < rasterPage().length, `${printed} bytes of the first job`);
  });

  it("passes over a client that reset while it waited, but for what had already come", async () => {
    const first = (await board.dial()).write(everyByte(5_000));
    await board.untilJobs(1);
    const waiting = await board.dial();
    await board.untilJobs(2);
    waiting.reset();
    first.write(everyByte(5_000)).end();
    await (await board.dial()).print(receipt());
    await board.assertPrinted(Buffer.concat([everyByte(5_000), everyByte(5_000)]), receipt());
  });

  it("is not held up by clients that leave as soon as they have come", async () => {
    for (let i = 0; i < 2 * BACKLOG; i++) (await board.dial()).reset();
    await (await board.dial()).print(receipt());
    await board.assertPrinted(receipt());
  });

  it("turns floods of connections away, keeps those that may wait, and prints what was under way", async () => {
    const first = (await board.dial()).write(everyByte(20_000));
    await board.untilJobs(1);
    const before = (await board.info()).counters["refused"]!;
    const waiting: RawClient[] = [];
    for (let i = 0; i < BACKLOG; i++) waiting.push(await board.dial());
    await board.untilJobs(1 + BACKLOG);
    for (let i = 0; i < FLOODS; i++) {
      const flood = await Promise.all(Array.from({ length: FLOOD }, () => board.dial()));
      await Promise.all(flood.map((client) => client.closed));
    }
    first.end();
    await Promise.all([first.closed, ...waiting.map((client) => client.end().closed)]);
    await (await board.dial()).print(receipt());
    await board.assertPrinted(everyByte(20_000), receipt());
    assert.equal((await board.info()).counters["refused"], before + FLOODS * FLOOD);
  });
});
