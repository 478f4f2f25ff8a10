/** Pulse and saturation of a simulated MAX30102, through the whole way, in virtual time. */
import assert from "node:assert/strict";
import { withOximetry } from "../../host/index.js";
import type { ComputedOximetry } from "../../host/index.js";
import { Max30102 } from "../../simulator/peripheral/sensor/max30102.js";
import type { Max30102Options } from "../../simulator/peripheral/sensor/max30102.js";
import { withFirmware } from "./rig.js";
import { rigWith } from "./sensor-listener.js";

/** What is computed in so many ms, and how many readings and gaps came beside it. @param befall something after 12 s */
async function compute(options: Max30102Options, ms: number, befall?: (stall: (ms: number) => void) => void) {
  const rig = rigWith("max30102", new Max30102(options));
  const sensor = (await rig.connect("tcp")).sensor("s0");
  const { rate } = await rig.during(sensor.describe());
  const abort = new AbortController();
  const computed: ComputedOximetry[] = [];
  let [readings, gaps] = [0, 0];
  const reading = (async () => {
    for await (const item of withOximetry(sensor.samples({ signal: abort.signal }), rate))
      if (item.kind === "computed") computed.push(item);
      else if (item.kind === "gap") gaps++;
      else readings++;
  })().catch(() => undefined);
  await rig.run(Math.min(ms, 12_000));
  befall?.((stall) => rig.board.runtime.busy(stall));
  await rig.run(ms - Math.min(ms, 12_000));
  abort.abort();
  await rig.during(reading);
  rig.board.powerOff();
  return { computed, readings, gaps };
}

describe("pulse and saturation of a MAX30102", function () {
  withFirmware();
  this.timeout(20_000);

  for (const { pulse, spo2 } of [
    { pulse: 54, spo2: 98 },
    { pulse: 81, spo2: 91 },
    { pulse: 132, spo2: 86 },
  ])
    it(`are computed each second of the readings of 8 s, with these as they are: ${pulse} /min, ${spo2} %`, async () => {
      const { computed, readings, gaps } = await compute({ pulse, spo2 }, 12_100);
      assert.deepEqual([Math.floor(readings / 100), gaps, computed.length], [12, 0, 12]);
      const short = computed.filter(({ why }) => why === "window too short");
      assert.equal(short.length, 5);
      for (const one of computed.slice(short.length)) {
        assert.equal(one.why, "");
        assert.ok(Math.abs(one.pulse! - pulse) < 1.5, `${one.pulse} /min`);
        assert.ok(Math.abs(one.spo2! - spo2) < 1, `${one.spo2} %`);
      }
      const times = computed.map(({ utc }) => utc);
      for (const [i, utc] of times.entries())
        if (i > 0) assert.ok(Math.abs(utc - times[i - 1]! - 1000) < 30, `${utc - times[i - 1]!} ms`);
    });

  it("are none without a finger, with the cause", async () => {
    const { computed } = await compute({ fault: "nofinger" }, 8100);
    const { pulse, spo2, why } = computed.at(-1)!;
    assert.deepEqual([pulse, spo2, why], [null, null, "no finger"]);
  });

  it("are none for as long as a gap is in the 8 s, and come again behind it", async () => {
    const { computed, gaps } = await compute({ pulse: 72, spo2: 95 }, 24_000, (stall) => stall(600));
    assert.ok(gaps > 0);
    const whys = computed.map(({ why }) => why);
    assert.deepEqual([...new Set(whys)], ["window too short", "", "gap in the window"]);
    const missing = whys.filter((why) => why === "gap in the window").length;
    assert.ok(missing >= 7 && missing <= 9, `${missing} s`);
    assert.ok(Math.abs(computed.at(-1)!.pulse! - 72) < 1.5);
  });
});
