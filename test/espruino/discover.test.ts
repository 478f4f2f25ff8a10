import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { connect, discover } from "../../host/index.js";
import type { FoundBoard } from "../../host/index.js";
import { startSimulator } from "../../simulator/index.js";
import { espruino } from "./both.js";

const bundleDir = fileURLToPath(new URL("../../dist/firmware", import.meta.url));
const KEY = "8f3c1d2e4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

describe("discovery, on the real interpreter", function () {
  this.timeout(30_000);
  before("needs ESPRUINO to name the interpreter", function () {
    if (!espruino) this.skip();
  });

  it("by broadcast, with the board's key, another one and none; twice in use, as memory stays the same", async () => {
    const options = { board: "linux", devices: { printer0: "escpos" }, ports: { tcp: 0, udp: 0 }, key: KEY, bundleDir };
    const simulator = await startSimulator({ ...options, runtime: "espruino", espruino: espruino! });
    try {
      const port = Number(new URL(simulator.links.udp!).port);
      const look = async (key?: string): Promise<FoundBoard[]> => {
        const found: FoundBoard[] = [];
        for await (const board of discover({ port, key, addresses: ["127.255.255.255"], timeout: 700 }))
          found.push(board);
        return found;
      };
      const [proved] = await look(KEY);
      assert.equal(proved?.access, "proved");
      assert.deepEqual(proved.devices?.map(({ name, driver }) => [name, driver]), [["printer0", "escpos"]]); // prettier-ignore
      for (const key of [undefined, "11".repeat(32)]) {
        const [{ access, devices } = {} as FoundBoard] = await look(key);
        assert.deepEqual([access, devices], ["locked", undefined]);
      }
      const host = await connect(simulator.links.udp!, { key: KEY });
      const { usage } = await simulator.memory();
      for (let i = 0; i < 5; i++) assert.equal((await look(KEY))[0]!.sessions, 1);
      const now = (await simulator.memory()).usage;
      assert.ok(now <= usage + 4, `${now} variables after 5 more, ${usage} before`);
      await host.close();
    } finally {
      await simulator.stop();
    }
  });
});
