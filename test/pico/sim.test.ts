import assert from "node:assert/strict";
import { build, endAll, run, start } from "../host/cli/run.js";
import { onPico, withFirmware } from "./rig.js";

/** Until it is up, however slow the machine is, ms. */
const PATIENCE = 100_000;

onPico("devsock sim --runtime pico", function () {
  this.timeout(2 * PATIENCE);
  withFirmware();
  before(build);
  afterEach(endAll);

  it("says where its link is, prints over it, and ends cleanly at SIGTERM", async () => {
    const sim = start(["sim", "--runtime", "pico", "--json"]);
    for (const end = Date.now() + PATIENCE; !sim.out().includes("\n");)
      await new Promise((resolve, reject) =>
        Date.now() > end || sim.child.exitCode !== null ? reject(new Error(sim.err())) : setTimeout(resolve, 100),
      );
    const { links } = JSON.parse(sim.out()) as { links: Record<string, string> };
    assert.deepEqual(Object.keys(links), ["serial"]);
    const { code, out, err } = await run(["print", links["serial"]!, "-"], "over USB\n");
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out, /^printer0 took \d+ bytes/);
    sim.child.kill("SIGTERM");
    assert.deepEqual([(await sim.ended).code, sim.err()], [0, ""]);
  });
});
