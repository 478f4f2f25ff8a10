import assert from "node:assert/strict";
import { connect, systemClock, transportFor } from "../../host/index.js";
import type { Transport } from "../../host/index.js";
import { Hello, helloPayload, Initiator, isHello, slice } from "../../protocols/index.js";
import { everyByte, receipt } from "../e2e/payloads.js";
import { espruino, judgedBy } from "../support/judges.js";
import { linkKinds, LiveBoard } from "../support/live-board.js";
import { crowd, Guesser } from "../support/strangers.js";
import { pause } from "../support/wait.js";

const KEY = Uint8Array.from({ length: 32 }, (_, i) => 255 - i);
const OTHER = Uint8Array.from(KEY, (byte, i) => (i === 0 ? byte ^ 128 : byte));
const JOB = everyByte(24_000);

/** The challenge that a board answers an offer with, as hex. */
async function challenge(transport: Transport): Promise<string> {
  const { hello } = new Initiator({}, () => 1);
  let answered = (_: Uint8Array): void => {};
  const answer = new Promise<Uint8Array>((resolve) => (answered = resolve));
  const connection = await transport.open({ data: (bytes) => answered(bytes), drain: () => {}, closed: () => {} });
  connection.send(hello);
  const frame = await answer;
  await connection.close();
  assert.equal(isHello(frame), 1);
  return Buffer.from(slice(helloPayload(frame), 2, Hello.peer)).toString("hex");
}

judgedBy([espruino], "keys and strangers on the real interpreter", function () {
  this.timeout(120_000);
  let board: LiveBoard;
  before(async () => {
    board = await LiveBoard.start({
      ...{ runtime: "espruino", key: KEY },
      // The line's own time, which a busy machine does not change.
      device: { baud: 115_200 },
      // Said where memory is scattered; the frame is worked out in pieces then.
      expected: /^ERROR: Not enough memory for result$/,
    });
  });
  after(() => board.stop());

  const link = (kind: "tcp" | "udp"): Transport => transportFor(board.simulator.links[kind]!);

  /** How long a job takes over TCP, in ms, while something else goes on. */
  async function printed(meanwhile: () => void = () => {}): Promise<number> {
    const host = await board.connect("tcp");
    meanwhile();
    const start = performance.now();
    await host.printer("printer0").print(JOB);
    const took = performance.now() - start;
    await host.close();
    return took;
  }

  for (const kind of linkKinds)
    it(`${kind}: who has the key prints, another key or none is refused`, async () => {
      const address = board.simulator.links[kind]!;
      await assert.rejects(connect(address, { key: OTHER }), { code: "EACCES" });
      await assert.rejects(connect(address), { code: "EACCES" });
      await pause(1000);
      const host = await board.connect(kind);
      await host.printer("printer0").print(receipt());
      await host.close();
      await board.assertPrinted(receipt());
    });

  it("guessing and 200 connections at once leave who prints 90 % of his rate", async function () {
    const alone = await printed();
    const rates: string[] = [];
    for (const kind of ["tcp", "udp"] as const) {
      const guessers: Guesser[] = [];
      const took = await printed(() => {
        for (const seed of [1, 2, 3, 4]) guessers.push(new Guesser(link(kind), systemClock, seed));
      });
      await Promise.all(guessers.map((guesser) => guesser.stop()));
      assert.ok(guessers.every(({ admitted }) => admitted === 0));
      const second = Math.round(guessers.reduce((sum, { guesses }) => sum + guesses, 0) / (took / 1000));
      rates.push(`${((100 * alone) / took).toFixed(0)} % at ${second} guesses a second over ${kind}`);
      assert.ok(alone / took >= 0.9, rates.join());
    }
    const took = await printed(() => void crowd(link("tcp"), 200, 1));
    rates.push(`${((100 * alone) / took).toFixed(0)} % with 200 connections`);
    assert.ok(alone / took >= 0.9, rates.join());
    await board.assertPrinted(JOB, JOB, JOB, JOB);
    this.test!.title += `: ${rates.join(", ")}`;
    const { counters } = await board.info();
    assert.ok(counters["forged"]! >= 5 && counters["slowed"]! >= 5, JSON.stringify(counters));
  });

  it("asks something else each time, and after a restart, too", async () => {
    const seen = new Set<string>();
    for (let i = 0; i < 3; i++) {
      seen.add(await challenge(link("udp")));
      await (await board.connect("udp")).close();
      seen.add(await challenge(link("tcp")));
      await board.simulator.powerCycle();
    }
    assert.equal(seen.size, 6, [...seen].join());
  });
});
