import assert from "node:assert/strict";
import { realClock, VirtualClock } from "../../simulator/clock.js";

describe("virtual time", () => {
  it("runs events in the order of their time, then of their making", async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.after(2, () => void seen.push("b"));
    clock.after(1, () => void seen.push("a"));
    clock.within(2, () => void seen.push("c"));
    clock.after(2, () => void seen.push("gone")).cancel();
    await clock.run(1.5);
    assert.deepEqual([seen.join(""), clock.now()], ["a", 1.5]);
    await clock.run(5);
    assert.deepEqual([seen.join(""), clock.now()], ["abc", 6.5]);
  });

  it("lets promises settle between two events", async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.after(1, () => void Promise.resolve().then(() => seen.push("promise")));
    clock.after(2, () => void seen.push("event"));
    await clock.run(3);
    assert.deepEqual(seen, ["promise", "event"]);
  });

  it("stops when a condition holds, and fails when it never does", async () => {
    const clock = new VirtualClock();
    let done = false;
    clock.after(7, () => (done = true));
    await clock.runUntil(() => done, 100);
    assert.equal(clock.now(), 7);
    await assert.rejects(
      clock.runUntil(() => false, 50),
      /still waiting after 50 ms/,
    );
    assert.equal(clock.now(), 57);
  });
});

describe("the machine's clock", () => {
  it("is not early", async () => {
    for (const ms of [0, 0.1, 1.4, 2.7]) {
      const from = realClock.now();
      await new Promise<void>((resolve) => realClock.after(ms, resolve));
      assert.ok(realClock.now() - from >= ms - 0.25, `${realClock.now() - from} of ${ms} ms`);
    }
  });
});
