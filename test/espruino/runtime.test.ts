import assert from "node:assert/strict";
import { espruino, freePort, onReal, onSimulated } from "./both.js";
import { programs } from "./programs.js";
import { presenceProgram } from "./presence.js";

describe("the simulated interpreter beside the real one", function () {
  before(function () {
    if (!espruino) this.skip();
  });

  it("has the same built-ins, and lacks the same", async () => {
    const program = presenceProgram();
    const [real, simulated] = await Promise.all([onReal(program, 1500), onSimulated(program, 1500)]);
    assert.deepEqual(simulated, real);
    assert.ok(real.length > 500, `${real.length} names compared`);
  });

  for (const { title, program, ms } of programs)
    it(title, async () => {
      const text = program.replaceAll("PORT", String(await freePort()));
      const [real, simulated] = await Promise.all([onReal(text, ms), onSimulated(text, ms)]);
      assert.deepEqual(simulated, real);
      assert.notEqual(real.length, 0, "the program must print something");
    });
});
