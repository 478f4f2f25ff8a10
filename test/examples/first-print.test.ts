import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PNG } from "pngjs";
import { sampleReceipt } from "../../examples/receipts/receipt.js";
import { withFirmware } from "../e2e/rig.js";
import { Program } from "../support/program.js";

describe("the first example, run from its source", function () {
  this.timeout(60_000);
  let dir: string;
  withFirmware();

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), "devsock-"));
  });

  after(() => rm(dir, { recursive: true }));

  it("prints over each link, takes a picture, shows an ECG, and leaves all of it in out/", async () => {
    const example = fileURLToPath(new URL("../../examples/first-print.ts", import.meta.url));
    const run = await Program.run(process.execPath, [createRequire(import.meta.url).resolve("tsx/cli"), example], {
      cwd: dir,
    });
    const shown = run.output.toString();
    assert.match(shown, /C O R N E R {3}C A F E/);
    assert.match(shown, /^tcp .*\n.*6505 bytes in [\d.]+ s, printer ready/m);
    assert.doesNotMatch(shown, /DIFFERS/);
    assert.ok((await readFile(join(dir, "out/receipt.bin"))).equals(sampleReceipt()));
    assert.match(shown, /^ecg0 {2}AD8232 ECG {2}20.*\nECG {2}.* mV to .*\n[\u2800-\u28ff░]{100}\n/m);
    assert.match(shown, /^5117 bytes in [\d.]+ s; out\/camera\.jpg$/m);
    const image = await readFile(new URL("../images/320x240-1.jpg", import.meta.url));
    assert.ok((await readFile(join(dir, "out/camera.jpg"))).equals(image));
    const ecg = PNG.sync.read(await readFile(join(dir, "out/ecg.png")));
    assert.equal(ecg.width, 1000, "ten seconds at 25 mm/s, 4 pixels a mm");
    const paper = PNG.sync.read(await readFile(join(dir, "out/receipt-udp.png")));
    assert.ok(paper.width >= 576, "80 mm paper has 576 dots a line");
  });
});
