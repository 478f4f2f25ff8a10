import assert from "node:assert/strict";
import type { Eeprom } from "../../simulator/peripheral/memory/eeprom.js";
import { withFirmware } from "../e2e/rig.js";
import { LiveBoard } from "../support/live-board.js";
import { espruino } from "./both.js";

const EEPROM = 0x50;

/** A driver that has the bus for two transactions and a pause, and asks again some time after it gave it back. */
const DRIVER = `
var bus = $buses.i2c0;
function turn() {
  bus.take(function () {
    bus.transfer(0x50, "\\x40D", 0);
    setTimeout(function () {
      if (bus.transfer(0x50, "\\x40", 1) != "D") print("parted: " + bus.failure);
      bus.release();
      setTimeout(turn, 30);
    }, 20);
  });
}
turn();
`;

describe("buses on the real interpreter", function () {
  this.timeout(60_000);
  withFirmware();
  before("needs ESPRUINO to name the interpreter", function () {
    if (!espruino) this.skip();
  });

  it("an EEPROM and a flash answer beside a driver, and failures have their names", async () => {
    const live = await LiveBoard.start({
      runtime: "espruino",
      config: { buses: { i2c0: { port: "I2C1", bitrate: 400_000 }, spi0: { port: "SPI2", mode: 3 } } },
      buses: { i2c0: ["24c02"], spi0: ["w25q80"] },
      program: { files: { driver: DRIVER }, start: `require("driver");` },
    });
    try {
      const host = await live.connect("tcp");
      const i2c = host.bus("i2c0");
      const spi = host.bus("spi0");
      for (let i = 0; i < 8; i++) {
        const written = Buffer.of(8 * i, ...Buffer.from("\xff\0page" + i, "latin1"));
        await whenReady(() => i2c.transfer({ address: EEPROM, write: written }));
        const read = await whenReady(() => i2c.transfer({ address: EEPROM, write: written.subarray(0, 1), read: 7 }));
        assert.deepEqual(read, written.subarray(1));
        assert.deepEqual([...(await spi.transfer({ write: Buffer.of(0x9f) }))], [0xff]);
        assert.deepEqual([...(await spi.transfer({ write: Buffer.of(0x9f), read: 3 }))], [0xef, 0x40, 0x14]);
      }
      assert.equal((await whenReady(() => i2c.transfer({ address: EEPROM, write: "\0", read: 254 }))).length, 254);
      await assert.rejects(i2c.transfer({ address: 0x51, read: 1 }), { code: "ENXIO" });
      const [chip] = live.simulator.chips["i2c0"] as [Eeprom];
      chip.stuck = true;
      await assert.rejects(i2c.transfer({ address: EEPROM, write: "\0", read: 1 }), { code: "ETIMEDOUT" });
      chip.stuck = false;
      assert.equal((await whenReady(() => i2c.transfer({ address: EEPROM, read: 1 }))).length, 1);
      assert.deepEqual(
        live.console.filter((line) => line.includes("parted: ") && !/ENXIO|ETIMEDOUT/.test(line)),
        [],
      );
    } finally {
      await live.stop();
    }
  });
});

/** While it writes, the chip acknowledges nothing: data sheets say to ask until it does. */
async function whenReady<T>(run: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++)
    try {
      return await run();
    } catch (error) {
      if ((error as { code?: string }).code !== "ENXIO" || tries > 50) throw error;
    }
}
