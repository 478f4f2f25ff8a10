import assert from "node:assert/strict";
import { boards } from "../../boards/index.js";
import { limitsOf } from "../../simulator/runtime/limits.js";
import { Flash } from "../../simulator/runtime/storage.js";
import { DONE, vectorFiles, vectors, verdict } from "../support/vectors.js";
import { run } from "./board.js";

/** Every bit is turned over on the real interpreter; here one in seven, so that all eight of a byte have their turn. */
const SHARE = { flips: 7, splits: 1, from: 0 };

describe("vectors in the simulated runtime", function () {
  this.timeout(60_000);

  it("hold at every split point and for bits turned over", async () => {
    const storage = new Flash(limitsOf(boards[0]!).storage);
    for (const [name, text] of Object.entries(await vectorFiles(SHARE)))
      storage.write(name, Buffer.from(text, "latin1"));
    const { clock, lines } = run("", { runtime: { storage } });
    await clock.runUntil(() => lines.includes(DONE), 60_000);
    assert.deepEqual(lines, [...vectors.map(verdict), DONE]);
  });
});
