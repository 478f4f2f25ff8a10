import assert from "node:assert/strict";
import { EscposPrinter } from "../../simulator/peripheral/escpos/index.js";
import { assertPrinted } from "../support/printed.js";
import { firmwareOn, onPico, withFirmware } from "./rig.js";
import type { PicoRig } from "./rig.js";

const BAUD = 57_600;
const DEVICES = { printer0: { driver: "escpos", uart: "Serial1", baud: BAUD, flow: "xonxoff" } };

function withPrinter(): { rig: PicoRig; printer: EscposPrinter } {
  const printer = new EscposPrinter({ flow: "xonxoff", baud: BAUD });
  const rig = firmwareOn({ config: { board: "pico", devices: DEVICES }, peripherals: { printer0: printer } });
  return { rig, printer };
}

onPico("the firmware on the emulated Pico", function () {
  this.timeout(240_000);
  withFirmware();

  it("tells what it is over USB, and prints a job whole", async () => {
    const job = Buffer.from(Array.from({ length: 40 }, (_, i) => `line ${i} of the receipt\n`).join(""));
    const { rig, printer } = withPrinter();
    const host = await rig.connect();
    const info = await rig.during(host.info());
    assert.deepEqual([info.board, info.memory.total, info.devices[0]!.status.summary], ["pico", 12000, "ready"]);
    const report = await rig.during(host.printer("printer0").print(job));
    assert.deepEqual([report.accepted, report.taken, report.gaps], [job.length, job.length, []]);
    assertPrinted(printer.log.bytes, [job]);
    await rig.during(host.close());
  });
});
