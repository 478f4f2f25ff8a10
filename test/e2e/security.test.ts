import assert from "node:assert/strict";
import { Rig, withFirmware } from "./rig.js";

describe("end to end: strangers", function () {
  this.timeout(20_000);
  withFirmware();

  it("a board does not open a port that has neither a key nor insecure: true", async () => {
    const rig = new Rig({ links: ["serial"], config: { links: { tcp: { port: 9180 }, udp: { port: 9180 } } } });
    await rig.clock.run(1000);
    await assert.rejects(rig.connect("tcp"), { code: "ECONNREFUSED" });
    assert.match(rig.console.join("\n"), /port 9180 stays closed: there is no "key"/);
  });
});
