/** Cameras of `devsock sim` in real time: timers that come late do not slow their lines down. */
import assert from "node:assert/strict";
import { connect } from "../../../host/index.js";
import { build, endAll, start } from "./run.js";

const LINE = 115_200 / 10;
const IMAGES = 3;

describe("a simulated camera on a UART, in real time", function () {
  this.timeout(60_000);
  before(build);
  after(endAll);

  for (const kind of ["vc0706", "ov528"])
    it(`${kind} sends at the speed of its line`, async () => {
      const sim = start(["sim", "--json", "--tcp", "0", "--device", `camera0=${kind}`]);
      await sim.until(() => sim.out().includes("\n"));
      const { links } = JSON.parse(sim.out()) as { links: { tcp: string } };
      const board = await connect(links.tcp);
      const camera = board.camera();
      const rates: number[] = [];
      for (let i = 0; i < IMAGES; i++) {
        let begun: { at: number; bytes: number } | undefined;
        const onProgress = (bytes: number): void => void (begun ??= { at: performance.now(), bytes });
        const { data } = await camera.snapshot({ size: "320x240", onProgress });
        rates.push((1000 * (data.length - begun!.bytes)) / (performance.now() - begun!.at));
      }
      await board.close();
      sim.child.kill();
      await sim.ended;
      // A busy machine may spoil one of them; with commands that are lost none reaches 30 %.
      const share = Math.max(...rates) / LINE;
      assert.ok(share > 0.5, `${(100 * share).toFixed(1)} % of the line`);
    });
});
