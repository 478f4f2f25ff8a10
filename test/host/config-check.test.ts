/** The command that checks a configuration before it is flashed. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Budget } from "../../host/index.js";
import { assertMistakes, build, endAll, run } from "./cli/run.js";

const CONFIG = {
  board: "espruino-wifi",
  devices: { temp0: { driver: "ds18b20", pins: { data: "A0" } } },
};

describe("devsock check", function () {
  this.timeout(20_000);
  let dir: string;
  let file: string;

  before(async () => {
    build();
    dir = await mkdtemp(join(tmpdir(), "devsock-"));
    file = join(dir, "devsock.json");
  });
  after(() => rm(dir, { recursive: true }));
  afterEach(endAll);

  it("says what a configuration takes of its board, in words and as JSON", async () => {
    await writeFile(file, JSON.stringify(CONFIG));
    const words = await run(["check", file]);
    assert.equal(words.code, 0, words.err);
    assert.match(
      words.out,
      /is right\ntime: \d+ % of espruino-wifi, 70 % is the most \(temp0 \d+ %, firmware \d+ %\)\nqueue: /,
    );
    const { load } = JSON.parse((await run(["check", file, "--json"])).out) as { load: Budget };
    assert.deepEqual(
      load.shares.map(({ name }) => name),
      ["temp0", "firmware"],
    );
  });

  it("ends with the code of a mistake where it is not right, or not there", async () => {
    await writeFile(
      file,
      JSON.stringify({ ...CONFIG, devices: { temp0: { driver: "ds18b20", pins: { data: "Z0" } } } }),
    );
    await assertMistakes([
      [["check", file], 2, /devices\.temp0\.pins\.data: espruino-wifi has no pin Z0/],
      [["check", join(dir, "nothing.json")], 66, /ENOENT/],
    ]);
  });
});
