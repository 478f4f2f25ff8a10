import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { wiringPages } from "../../scripts/wiring.js";

describe("docs/wiring/", () => {
  it("is what the boards' files say", async () => {
    const directory = new URL("../../docs/wiring/", import.meta.url);
    const pages = await wiringPages();
    assert.deepEqual(readdirSync(directory).sort(), [...pages.keys()].sort(), "run: npm run wiring");
    for (const [name, text] of pages)
      assert.equal(
        readFileSync(new URL(name, directory), "utf8"),
        text,
        `docs/wiring/${name} is out of date; run: npm run wiring`,
      );
  });
});
