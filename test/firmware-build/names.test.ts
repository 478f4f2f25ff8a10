import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { build, formOf, MODULES } from "../../scripts/firmware/build.js";
import { sharedBy } from "../../scripts/firmware/compile.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const BOARD = "linux";

describe("names of members that the firmware and its modules share", function () {
  this.timeout(60_000);
  const shared = sharedBy(root);

  it("are as short as a script's own, and none of those", () => {
    assert.ok(shared.size > 10);
    assert.equal(new Set(shared.values()).size, shared.size);
    for (const short of shared.values()) assert.match(short, /^[a-z][0-9]$/);
  });

  it("are the same in each module", async () => {
    const built = async (name: string): Promise<string> => {
      const [module] = await build(root, [BOARD], MODULES[name], formOf(name));
      return module!.code;
    };
    const codes = [await built("sensors"), await built("mlx90614")];
    for (const code of codes) {
      assert.ok(code.includes(`.${shared.get("onstart")}`), code);
      for (const long of shared.keys()) assert.doesNotMatch(code, new RegExp(`\\.${long}\\b`));
    }
  });

  it("are refused to what somebody knows by its long name", async () => {
    const refused = build(root, [BOARD], "test/firmware-build/fixtures/shared.ts", "module");
    await assert.rejects(refused, /shared\.ts: ondata must be short in all scripts/);
  });
});
