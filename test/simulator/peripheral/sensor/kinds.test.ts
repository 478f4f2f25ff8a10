import assert from "node:assert/strict";
import { VirtualClock } from "../../../../simulator/clock.js";
import { makeChips, makePeripherals } from "../../../../simulator/peripheral/index.js";
import { Max30102 } from "../../../../simulator/peripheral/sensor/max30102.js";
import { Nonin } from "../../../../simulator/peripheral/sensor/nonin.js";

describe("sensors on the command line", () => {
  it("are made with their settings", async () => {
    const { spo2 } = makePeripherals({ spo2: "nonin,spo2=91,fault=alarm,errors=0.01,unplugged=1000+500/3000+1" }, {});
    assert.ok(spo2 instanceof Nonin);
    assert.deepEqual([spo2.spo2, spo2.faults.fault, spo2.faults.errors], [91, "alarm", 0.01]);
    const clock = new VirtualClock();
    spo2.faults.connect(clock, () => undefined);
    await clock.run(1200);
    assert.equal(spo2.faults.plugged, false);
    const chips = makeChips({ i2c0: ["max30102,pulse=50,fault=wrong"] }, { i2c0: { port: "I2C1" } });
    const [chip] = chips["i2c0"]!;
    assert.ok(chip instanceof Max30102);
    assert.deepEqual([chip.pulse, chip.faults.fault], [50, "wrong"]);
  });

  const wrong: [string, RegExp][] = [
    ["nonin,fault=wrong", /wrong is no value for nonin's fault; give one of none, silent, .*, alarm$/],
    ["nonin,errors=2", /2 is no value for nonin's errors; give a number from 0 to 1$/],
    [
      "cms50,unplugged=now",
      /now is no value for cms50's unplugged; give when it begins and for how long, in ms, such as 5000\+2000/,
    ],
    ["nonin,spo2=high", /high is no value for nonin's spo2; give a whole number, 0 or more$/],
    ["analyser,spo2=9", /analyser has no setting spo2/],
  ];
  for (const [text, error] of wrong)
    it(`refuse ${text}`, () => assert.throws(() => makePeripherals({ device: text }, {}), error));
});
