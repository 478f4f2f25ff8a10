import assert from "node:assert/strict";
import { AstmReceiver } from "../../../../protocols/device/astm/index.js";
import { Analyser, type AnalyserOptions } from "../../../../simulator/peripheral/sensor/analyser.js";
import { SerialBench } from "./bench.js";

const BAUD = 9600;
const RECORDS = 6;

/** A receiver at the board's end of the cable, for so many seconds. */
async function receive(
  options: AnalyserOptions,
  seconds: number,
  willing: (second: number) => boolean = () => true,
): Promise<{ analyser: Analyser; texts: string[]; refused: string[] }> {
  const analyser = new Analyser(options);
  const bench = new SerialBench(analyser, BAUD);
  const texts: string[] = [];
  const refused: string[] = [];
  const { clock } = bench;
  const receiver = new AstmReceiver({
    send: (bytes) => bench.say(bytes),
    offer: ({ whole }) => {
      const taken = willing(clock.now() / 1000);
      if (taken && whole) texts.push(Buffer.from(whole).toString());
      receiver.decide(taken, clock.now());
    },
    refused: (cause) => void refused.push(cause),
    ended: () => undefined,
  });
  for (let ms = 0; ms < seconds * 1000; ms += 20) {
    const bytes = await bench.run(20);
    if (bytes.length > 0) receiver.push(Uint8Array.from(bytes), clock.now());
    receiver.expire(clock.now());
  }
  bench.close();
  return { analyser, texts, refused };
}

describe("simulated analyser", () => {
  it("sends its results, and forgets what is acknowledged", async () => {
    const { analyser, texts, refused } = await receive({ every: 5000, results: 3 }, 25);
    assert.equal(analyser.produced, 3 * RECORDS);
    assert.equal(analyser.acknowledged, analyser.produced);
    assert.equal(texts.length, analyser.produced);
    assert.deepEqual(refused, []);
    assert.match(texts[3]!, /^R\|1\|\^\^\^GLU\|4\.1\|mmol\/L\|\|N\|\|F\r$/);
    assert.ok(texts[4]!.length > 240);
  });

  it("sends again what came damaged: all of it arrives, and in order", async () => {
    const { analyser, texts, refused } = await receive({ every: 2000, results: 10, errors: 0.1, seed: 4 }, 60);
    assert.ok(refused.length > 2, `${refused.length} refused`);
    assert.equal(analyser.acknowledged, analyser.produced);
    assert.deepEqual(
      texts.filter((text) => text.startsWith("P")).map((text) => text.trim()),
      Array.from({ length: 10 }, (_, i) => `P|1|||${i + 1}`),
    );
  });

  it("keeps what nobody takes, and sends it later", async () => {
    const { analyser, texts } = await receive({ every: 1000, results: 1 }, 30, (second) => second > 12);
    assert.ok(analyser.failures >= 1);
    assert.equal(analyser.acknowledged, RECORDS);
    assert.equal(texts.length, RECORDS);
  });

  it("keeps its results while it is unplugged", async () => {
    const options = { every: 1000, results: 3, unplugged: [{ from: 1100, ms: 5000 }] };
    const { analyser, texts } = await receive(options, 30);
    assert.equal(analyser.acknowledged, 3 * RECORDS);
    // What was acknowledged before is not sent again, unless the answer was on the cable.
    assert.ok(texts.length >= 3 * RECORDS);
  });

  it("says nothing, or nonsense, and there is no result", async () => {
    for (const fault of ["silent", "babbling"] as const) {
      const { analyser, texts } = await receive({ every: 1000, fault }, 10);
      assert.deepEqual([texts, analyser.acknowledged], [[], 0]);
    }
  });
});
