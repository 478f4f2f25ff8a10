import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { build } from "../../scripts/firmware/build.js";
import { measure } from "../../scripts/firmware/measure.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const espruino = process.env["ESPRUINO"];

describe("the bundle on the real interpreter", function () {
  this.timeout(60_000);
  before("needs ESPRUINO to name the interpreter", function () {
    if (!espruino) this.skip();
  });

  it("loads from Storage into about as many variables as its functions need", async () => {
    const [linux] = await build(root, ["linux"]);
    const used = await measure(espruino!, linux!.image);
    assert.ok(used > 100, `${used} variables: did it load?`);
    assert.ok(
      Math.abs(used - linux!.cost.estimated) < 0.1 * linux!.cost.estimated,
      `${used} variables, ${linux!.cost.estimated} estimated`,
    );
  });
});
