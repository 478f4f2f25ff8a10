import assert from "node:assert/strict";
import { buildFigures, listedRows, moduleBytesOf, rowOf } from "../../scripts/limits.js";

/** The page may lag behind a change of the firmware by so many bytes. */
const BYTES = 1024;
/** What was measured may be of a program that had other bytes, by this share, or another start, by so many variables. */
const SHARE = 0.05;
const VARIABLES = 40;

const WRITE = "run: npm run limits";
const MEASURE = "run: npm run bench -- --only board.storage. --write, the same with board.ram., and npm run limits";

describe("docs/limits.md", () => {
  const built = buildFigures();
  const builds = built.filter(({ build }) => build !== "");

  it("has a row for each build of each board, as it was measured", () => {
    const listed = listedRows();
    assert.deepEqual(
      listed.map((row) => row.slice(0, 2)),
      built.map((figures) => rowOf(figures).slice(0, 2)),
      WRITE,
    );
    for (const [i, figures] of built.entries()) {
      const bytes = Number(listed[i]![2]!.replace(",", ""));
      assert.ok(
        Math.abs(bytes - figures.bytes) <= BYTES,
        `${figures.build}: ${figures.bytes} B, not ${bytes}; ${WRITE}`,
      );
      assert.deepEqual(listed[i], rowOf({ ...figures, bytes }), WRITE);
    }
  });

  for (const { board, build, bytes, storage, estimated, variables, measured } of builds)
    it(`has figures of ${build}: it fits its Storage, and its variables while it works, and is still the program that was measured`, () => {
      assert.ok(bytes < storage, `${bytes} B of ${storage}`);
      const { storage: flash, ram } = measured;
      assert.ok(flash && ram, `not measured; ${MEASURE}`);
      assert.ok(flash.busy < variables, `${flash.busy} of ${variables} variables`);
      for (const { idle, busy } of [flash, ram]) assert.ok(busy > idle, `${idle} idle, ${busy} busy`);
      assert.ok(ram.idle > flash.idle, "code in RAM takes variables");
      for (const then of [flash, ram]) {
        assert.ok(
          Math.abs(bytes - then.bytes) <= SHARE * bytes,
          `${bytes} B, and ${then.bytes} when measured; ${MEASURE}`,
        );
        const modules = moduleBytesOf(board, then.drivers);
        assert.ok(
          Math.abs(modules - then.moduleBytes) <= SHARE * modules,
          `modules of ${modules} B, and ${then.moduleBytes} when measured; ${MEASURE}`,
        );
        assert.ok(
          Math.abs(estimated - then.estimated) <= VARIABLES,
          `${estimated} variables at the start, and ${then.estimated} when measured; ${MEASURE}`,
        );
      }
    });
});
