/** Results of a laboratory analyser through the board to a program, in virtual time: none is forgotten before a program has it. */
import assert from "node:assert/strict";
import { receiveResults } from "../../host/index.js";
import { Analyser } from "../../simulator/peripheral/sensor/analyser.js";
import { Rig, withFirmware } from "./rig.js";

const DEVICE = { driver: "analyser", uart: "Serial3", baud: 9600, path: "/dev/null" };

describe("an analyser", function () {
  withFirmware();
  this.timeout(20_000);

  it("keeps a result until a program has taken it, over refusals and a program that is gone", async () => {
    const analyser = new Analyser({ every: 5000 });
    const rig = new Rig({ devices: { lab0: DEVICE }, peripherals: { lab0: analyser } });
    const taken: string[] = [];
    // Nobody is there: nothing is acknowledged.
    await rig.run(20_000);
    assert.equal(analyser.acknowledged, 0);
    const host = await rig.connect("tcp");
    let refusals = 2;
    const take = (text: Buffer): void => {
      if (refusals-- > 0) throw new Error("the database is away");
      taken.push(text.toString("latin1"));
    };
    const stream = await rig.during(host.open("lab0:raw"));
    const receiving = receiveResults(stream, take, { clock: rig.clock }).catch(() => undefined);
    await rig.rejected(host.open("lab0:raw"), "EBUSY", /another program takes the results/);
    await rig.run(60_000);
    stream.destroy();
    await rig.during(receiving);
    // Samples by their numbers, in order, each once; what the analyser has forgotten is here.
    const samples = taken.flatMap((text) => /^O\|1\|(\d+)/.exec(text)?.[1] ?? []);
    assert.ok(samples.length >= 10, `${samples.length} samples`);
    assert.deepEqual(
      samples,
      samples.map((_, i) => String(i + 1).padStart(6, "0")),
    );
    assert.equal(analyser.acknowledged, taken.length);
    await rig.finish();
  });
});
