/** What docs/limits.md says that a build takes of its board's variables. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { variables } from "../../boards/variables.js";
import { BoardMemory } from "../../bench/board-memory/index.js";
import { candidates } from "../../bench/board-memory/typical.js";
import { espruino32, judgedBy, pathOf } from "../support/judges.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** With slots, a key and a printer, and so few variables that each interpreter has as many. */
const BUILD = "esp32c3";

/** What comes between two measurements: at rest they agree, at work they sample another moment. */
const IDLE = 0.03;
const BUSY = 0.08;

judgedBy([espruino32], "variables on the real interpreter", function () {
  this.timeout(60_000);

  it(`are those that were written down of ${BUILD}`, async () => {
    const candidate = candidates().find(({ name }) => name === BUILD)!;
    const memory = new BoardMemory(ROOT, `${ROOT}dist/firmware`, pathOf(espruino32));
    const { idle, busy } = await memory.inStorage(candidate);
    const known = variables[BUILD]!.storage!;
    assert.ok(Math.abs(idle - known.idle) <= IDLE * known.idle, `${idle} idle, and ${known.idle} written down`);
    assert.ok(Math.abs(busy - known.busy) <= BUSY * known.busy, `${busy} busy, and ${known.busy} written down`);
  });
});
