import assert from "node:assert/strict";
import { run } from "./board.js";

describe("simulated interpreter: pins", () => {
  it("calls a watch with level, time and the last time, and only for its edge", async () => {
    const board = run(`
      var start = getTime();
      setWatch(function (e) { print(e.state, e.pin, e.lastTime === undefined, Math.round((e.time - start) * 1000)) }, D3,
        { repeat: true, edge: "rising" })`);
    for (const [at, level] of [5, 8, 12].map((ms, index) => [ms, index % 2 === 0] as const))
      board.clock.after(at, () => board.runtime.pins.drive("D3", level));
    await board.clock.run(30);
    assert.deepEqual(board.lines, ["true D3 true 5", "true D3 false 12"]);
  });

  it("stamps an edge when it happens, not when the interpreter has time", async () => {
    const board = run(
      `var start = getTime();
      setWatch(function (e) { print(Math.round((e.time - start) * 1000), getTime() - start > 0.04) }, D3)`,
    );
    board.runtime.busy(50);
    board.clock.after(5, () => board.runtime.pins.drive("D3", true));
    await board.clock.run(100);
    assert.deepEqual(board.lines, ["5 true"]);
  });

  it("loses edges in a full queue, six bytes each", async () => {
    const board = run(
      "var n = 0; setWatch(function () { n++ }, D3, { repeat: true }); setTimeout(function () { print(n) }, 900)",
    );
    board.runtime.busy(500);
    for (let i = 0; i < 300; i++) board.runtime.pins.drive("D3", i % 2 === 0);
    await board.clock.run(1000);
    assert.equal(board.lines.at(-1), "170");
    assert.equal(board.runtime.counters.dropped, 130);
  });

  it("samples a second pin with the edge", async () => {
    const board = run("setWatch(function (e) { print(e.data) }, D3, { repeat: true, data: D4 })");
    board.runtime.pins.drive("D4", true);
    board.runtime.pins.drive("D3", true);
    board.runtime.pins.drive("D4", false);
    await board.clock.run(5);
    assert.deepEqual(board.lines, ["true"]);
  });

  it("cannot watch two pins of one number on an STM32", () => {
    const limits = { sharedInterrupts: true, pins: ["A0", "B0", "B1"] };
    const board = run("setWatch(print, A0); setWatch(print, B1); setWatch(print, B0)", { limits });
    assert.match(board.lines[0] ?? "", /Unable to set watch/);
  });

  it("reads and writes", () => {
    const board = run(`
      pinMode(D5, "output"); digitalWrite(D5, 1); print(D5.read(), digitalRead("D5"), D5.toggle(), getPinMode(D5));
      try { digitalRead("Z9") } catch (e) { print(e.message) }`);
    assert.deepEqual(board.lines, ["1 1 false output", "Invalid pin"]);
    const levels: boolean[] = [];
    board.runtime.pins.follow("D5", (level) => void levels.push(level));
    board.runtime.run("digitalWrite(D5, 1)");
    assert.deepEqual(levels, [false, true]);
  });
});
