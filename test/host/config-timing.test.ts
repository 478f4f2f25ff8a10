import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { timingPage } from "../../scripts/timing.js";

describe("docs/timing.md", () => {
  it("says what the budget counts with", async () => {
    const page = readFileSync(new URL("../../docs/timing.md", import.meta.url), "utf8");
    assert.equal(page, await timingPage(), "docs/timing.md is out of date; run: npm run timing");
  });
});
