/** What `devsock check` says of a configuration's memory, against what each build took on the real interpreter. */
import assert from "node:assert/strict";
import { candidates, configOf } from "../../bench/board-memory/typical.js";
import { variables } from "../../boards/variables.js";
import { idleVariables, MODEM, variablesOf } from "../../host/config/memory.js";
import type { Config } from "../../host/index.js";

/** At rest the estimate is as near as this. */
const NEAR = 0.03;
/** It counts with one host. Measured was with two, where the board lets in as many. */
const SECOND_HOST = 264;

describe("the memory of a configuration", () => {
  for (const candidate of candidates()) {
    const { board, build, name } = candidate;
    if (board.mhz === 0) continue;
    it(`is what ${name} takes of the real interpreter's`, () => {
      const config = configOf(candidate) as Config;
      const { idle, busy } = variables[name]!.storage!;
      // A modem's modules were not there when it was measured.
      const modem = board.network.baud === undefined ? 0 : MODEM;
      const estimated = idleVariables(config, board, build) - modem;
      assert.ok(Math.abs(estimated - idle) <= NEAR * idle, `${estimated} at rest, measured ${idle}`);
      const needed = variablesOf(config, board, build);
      assert.ok(needed <= board.variables, `${needed} of ${board.variables}`);
      const hosts = board.sessions > 1 ? SECOND_HOST : 0;
      assert.ok(needed - modem + hosts >= busy, `${needed - modem} with a host, measured ${busy} with all`);
    });
  }
});
