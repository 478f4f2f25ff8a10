import assert from "node:assert/strict";
import { espruino, freePort, onReal, onSimulated } from "./both.js";
import { programs } from "./programs.js";
import { presencePrograms } from "./presence.js";

describe("the simulated interpreter beside the real one", function () {
  this.timeout(30_000);
  before(function () {
    if (!espruino) this.skip();
  });

  it("has the same built-ins, and lacks the same", async () => {
    let compared = 0;
    for (const program of presencePrograms()) {
      const [real, simulated] = await Promise.all([onReal(program), onSimulated(program)]);
      assert.deepEqual(simulated, real);
      compared += real.length;
    }
    assert.ok(compared > 500, `${compared} names compared`);
  });

  for (const { title, program, ms } of programs)
    it(title, async () => {
      const text = program.replaceAll("PORT", String(await freePort()));
      const [real, simulated] = await Promise.all([onReal(text, ms), onSimulated(text, ms)]);
      assert.deepEqual(simulated, real);
      assert.notEqual(real.length, 0, "the program must print something");
    });
});
