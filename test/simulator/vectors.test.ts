import assert from "node:assert/strict";
import { boards } from "../../boards/index.js";
import { limitsOf } from "../../simulator/runtime/limits.js";
import { Flash } from "../../simulator/runtime/storage.js";
import { BOOT_FILE } from "../../simulator/runtime/index.js";
import { cryptoVectors, DONE, SCATTERED, vectorFiles, vectors, verdict } from "../support/vectors.js";
import { run } from "./board.js";

/** Every bit is turned over on the real interpreter; here one in seven, so that all eight of a byte have their turn. */
const SHARE = { flips: 7, splits: 1, from: 0 };

describe("vectors in the simulated runtime", function () {
  this.timeout(60_000);

  async function verdicts(files: Record<string, string>): Promise<string[]> {
    const storage = new Flash(limitsOf(boards[0]!).storage);
    for (const [name, text] of Object.entries(files)) storage.write(name, Buffer.from(text, "latin1"));
    const { clock, lines } = run("", { runtime: { storage } });
    await clock.runUntil(() => lines.includes(DONE), 60_000);
    return lines;
  }

  it("hold at every split point and for bits turned over", async () => {
    assert.deepEqual(await verdicts(await vectorFiles(SHARE)), [...vectors.map(verdict), DONE]);
  });

  it("hold when there is no memory in one piece for what is encrypted", async () => {
    const files = await vectorFiles(SHARE, cryptoVectors);
    files[BOOT_FILE] = SCATTERED + files[BOOT_FILE]!;
    assert.deepEqual(await verdicts(files), [...cryptoVectors.map(verdict), DONE]);
  });
});
