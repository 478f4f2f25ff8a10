import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, tryOut } from "../../host/index.js";
import { build, endAll, start } from "./cli/run.js";

describe("trying a new board out", function () {
  this.timeout(60_000);
  let dir: string;
  before(() => {
    build();
    dir = mkdtempSync(join(tmpdir(), "devsock-"));
  });
  after(() => {
    endAll();
    rmSync(dir, { recursive: true });
  });

  /** What comes of it on a simulated board with these devices. */
  async function tried(...devices: string[]): Promise<string> {
    const sim = start(["sim", "--tcp", "0", "--json", ...devices.flatMap((device) => ["--device", device])]);
    await sim.until(() => sim.out().includes("ready"));
    const { links } = JSON.parse(sim.out()) as { links: { tcp: string } };
    const board = await connect(links.tcp);
    try {
      return await tryOut(board, await board.info(), join(dir, "desk.jpg"));
    } finally {
      await board.close();
      sim.child.kill("SIGTERM");
    }
  }

  it("prints a page before anything else", async () => {
    assert.equal(await tried("temp0=ds18b20", "printer0=escpos"), "printer0 has printed a test page");
    assert.ok(!existsSync(join(dir, "desk.jpg")));
  });

  it("takes a picture, whole and with its size", async () => {
    const words = await tried("camera0=vc0706");
    assert.match(words, /desk\.jpg is a picture from camera0, \d+x\d+$/);
    assert.deepEqual([...readFileSync(join(dir, "desk.jpg")).subarray(-2)], [0xff, 0xd9]);
  });

  it("says of a sensor that gives no reading what it says instead", async () => {
    assert.match(
      await tried("ox0=nonin,fault=silent"),
      /^ox0 gave no reading within 20 s.*; check its wires and its power; devsock watch/,
    );
  });

  it("tells a reading, by the sensor's channels", async () => {
    assert.match(await tried("temp0=ds18b20"), /^temp0 measures: temperature \d+(\.\d+)?$/);
  });
});
