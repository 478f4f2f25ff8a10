import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { fileURLToPath } from "node:url";
import { connect } from "../../host/index.js";
import { startSimulator } from "../../simulator/index.js";
import { espruino } from "./both.js";

const bundleDir = fileURLToPath(new URL("../../dist/firmware", import.meta.url));

describe("the link on UDP, on the real interpreter", function () {
  this.timeout(20_000);

  it("lives on after empty datagrams, which make the interpreter close its socket", async function () {
    if (!espruino) this.skip();
    const options = { board: "linux", devices: { printer0: "escpos" }, ports: { udp: 0 }, bundleDir };
    const simulator = await startSimulator({ ...options, runtime: "espruino", espruino });
    try {
      const board = await connect(simulator.links.udp!);
      const stranger = createSocket("udp4");
      for (let i = 0; i < 3; i++) {
        const { port } = new URL(simulator.links.udp!);
        await new Promise((sent) => stranger.send(new Uint8Array(0), Number(port), "127.0.0.1", sent));
        assert.equal((await board.info()).board, "linux");
      }
      stranger.close();
      const report = await board.printer("printer0").print(Buffer.from("still here\n"), { timeout: 10_000 });
      assert.equal(report.taken, 11);
      await board.close();
    } finally {
      await simulator.stop();
    }
  });
});
