import assert from "node:assert/strict";
import { LOG_BYTES, logEntry, LOGS, Mark, WHOLE } from "../../protocols/service/boot-log.js";
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
    // The printer has answered by then.
    await rig.pass(1000);
    const info = await rig.during(host.info());
    assert.deepEqual([info.board, info.memory.total, info.devices[0]!.status.summary], ["pico", 12000, "ready"]);
    const report = await rig.during(host.printer("printer0").print(job));
    assert.deepEqual([report.accepted, report.taken, report.gaps], [job.length, job.length, []]);
    assertPrinted(printer.log.bytes, [job]);
    await rig.during(host.close());
  });

  it("starts what is on trial, proves itself, and is started anew 8 s after its look stood still", async () => {
    const log = Buffer.alloc(LOG_BYTES, 0xff);
    log.set(logEntry(Mark.staged, 0));
    log.set([0, 0], WHOLE);
    const program = { files: { [LOGS[0]!]: log.toString("latin1") }, start: "setTimeout(clearInterval,4000)" };
    const rig = firmwareOn({ program });
    const host = await rig.connect();
    assert.equal((await rig.during(host.info())).start, Mark.staged);
    await rig.during(host.close());
    await rig.pass(5000);
    assert.equal(rig.machine.boots, 1);
    await rig.pass(8000);
    assert.equal(rig.machine.boots, 2);
    const again = await rig.connect();
    const { start, announced, crash } = await rig.during(again.info());
    assert.deepEqual([start, announced, crash], [Mark.started, false, undefined]);
    await rig.during(again.close());
  });

  it("tells a job that more came from its printer than the FIFO keeps until the interpreter looks", async () => {
    const { rig, printer } = withPrinter();
    const host = await rig.connect();
    const job = Buffer.alloc(3000, "all that it says is lost\n");
    const printing = host.printer("printer0").print(job);
    await rig.pass(300);
    assert.equal(rig.machine.uarts[0]!.overruns, 0);
    const { peripheral } = rig.board.wires["printer0"]!;
    peripheral.write(Buffer.alloc(400, 0x55));
    await rig.pass(200);
    // The first byte that finds room again bears the overrun's flag, and the interpreter drops it: let it be none of an answer.
    peripheral.write(Buffer.alloc(1, 0x55));
    const report = await rig.during(printing);
    assert.ok(rig.machine.uarts[0]!.overruns > 0);
    assert.deepEqual([...new Set(report.gaps.map(({ cause }) => cause))], ["UART_OVERFLOW"]);
    assertPrinted(printer.log.bytes, [job]);
    await rig.during(host.close());
  });
});
