import assert from "node:assert/strict";
import { buildFigures, listedFigures } from "../../scripts/limits.js";

/** The page may lag behind a change of the firmware by so much: bytes, and variables. */
const BYTES = 1024;
const VARIABLES = 40;

describe("docs/limits.md", () => {
  it("has the builds of each board, with their sizes and variables", () => {
    const built = buildFigures();
    const listed = listedFigures();
    const name = ({ board, build, storage, variables }: (typeof built)[0]): string =>
      `${board} ${build} ${storage} ${variables}`;
    assert.deepEqual(listed.map(name), built.map(name), "run: npm run limits");
    for (const [i, { build, bytes, estimated }] of built.entries()) {
      const row = listed[i]!;
      assert.ok(Math.abs(row.bytes - bytes) <= BYTES, `${build}: ${bytes} B, not ${row.bytes}; run: npm run limits`);
      assert.ok(
        Math.abs(row.estimated - estimated) <= VARIABLES,
        `${build}: ${estimated} variables, not ${row.estimated}; run: npm run limits`,
      );
    }
  });
});
