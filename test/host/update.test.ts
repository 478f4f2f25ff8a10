/** `update` of a small board on the simulator, which has room for one firmware. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { connect, parseKey, update } from "../../host/index.js";
import { LOG_BYTES, logEntry, LOGS, Mark, WHOLE } from "../../protocols/service/boot-log.js";
import { startSimulator } from "../../simulator/index.js";
import { freePort } from "../espruino/both.js";

const FIRMWARE = fileURLToPath(new URL("../../dist/firmware", import.meta.url));
const KEY = "2f".repeat(32);

/** As `devsock flash` leaves it. */
function flashedLog(): string {
  const log = Buffer.alloc(LOG_BYTES, 0xff);
  log.set(logEntry(Mark.good, 0));
  log.fill(0, WHOLE);
  return log.toString("latin1");
}

describe("update of a board with room for one firmware", function () {
  this.timeout(60_000);

  it("without a configuration leaves it as it is, and with a smaller one keeps the build that runs", async () => {
    const port = await freePort();
    const simulator = await startSimulator({
      ...{ board: "espruino-wifi", bundleDir: FIRMWARE, ports: { tcp: port }, key: KEY },
      ...{ devices: { printer0: "escpos", ecg0: "ad8232" } },
      program: { files: { [LOGS[0]!]: flashedLog() }, start: "" },
    });
    try {
      const address = simulator.links.tcp!;
      const options = { key: parseKey(KEY), firmware: FIRMWARE };
      const same = await update(address, options);
      assert.deepEqual([same.written, same.slots], [0, { firmware: 0, config: 0 }]);
      const ecg0 = { driver: "ad8232", pins: { out: "A0", loPlus: "A1", loMinus: "B10" } };
      const links = { tcp: { port } };
      const config = {
        board: "espruino-wifi",
        key: KEY,
        name: "bed7",
        network: { ssid: "lab" },
        links,
        devices: { ecg0 },
      };
      const { firmware, slots } = await update(address, { ...options, config });
      assert.deepEqual([firmware, slots], [same.firmware, { firmware: 0, config: 1 }]);
      const board = await connect(address, { key: options.key });
      const { name, devices } = await board.info();
      await board.close();
      assert.deepEqual([name, devices.map((device) => device.name)], ["bed7", ["ecg0"]]);
    } finally {
      await simulator.stop();
    }
  });
});
