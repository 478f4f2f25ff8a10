import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator, type SimulatorOptions } from "../../simulator/index.js";
import type { EscposPrinter } from "../../simulator/peripheral/escpos/index.js";
import { until } from "../support/wait.js";
import { espruino } from "./both.js";
import { putFirmware } from "../support/other-firmware.js";

/** What comes on the raw port goes to the printer no faster than its line; what the printer says comes back. */
const FIRMWARE = `
  var config = require("Storage").readJSON("devsock.json"), device = config.devices.printer0;
  var uart = global[device.uart], queue = "", client;
  uart.on("data", function (d) { if (client) client.write(d) });
  uart.setup(device.baud, { path: device.path });
  require("net").createServer(function (c) {
    client = c;
    c.on("data", function (d) { queue += d });
    c.on("close", function () { client = undefined });
  }).listen(config.endpoints[0].port);
  setInterval(function () { uart.write(queue.substr(0, 100)); queue = queue.substr(100) }, 10);`;

/** More than a terminal keeps. */
const LARGE = 30_000;

/** Sends as much as it can, as soon as a client comes. */
const HASTY_FIRMWARE = `
  var config = require("Storage").readJSON("devsock.json"), device = config.devices.printer0;
  var uart = global[device.uart];
  uart.setup(device.baud, { path: device.path });
  require("net").createServer(function () {
    for (var i = 0; i < ${LARGE / 250}; i++) uart.write("x".repeat(250));
  }).listen(config.endpoints[0].port);`;

describe("startSimulator on the real interpreter", function () {
  this.timeout(20_000);
  const bundleDir = mkdtempSync(join(tmpdir(), "devsock-espruino-test-"));
  let options: SimulatorOptions;
  let simulator: Simulator | undefined;
  beforeEach(() => putFirmware(bundleDir, { "linux.js": FIRMWARE }));
  before(function () {
    if (!espruino) this.skip();
    putFirmware(bundleDir, { "linux.boot.js": 'require("devsock")' });
    // Without XON and XOFF the printer says nothing by itself.
    const devices = { printer0: "escpos,flow=rtscts" };
    options = { board: "linux", devices, runtime: "espruino", espruino, bundleDir };
  });
  after(() => rmSync(bundleDir, { recursive: true }));
  afterEach(async () => {
    await simulator?.stop();
    simulator = undefined;
  });

  it("joins its UART to a peripheral at the line's speed, every byte both ways", async () => {
    simulator = await startSimulator({ ...options, ports: { raw: { printer0: 0 } } });
    const printer = simulator.peripherals.printer0 as EscposPrinter;
    const client = net.connect(Number(new URL(simulator.endpoints.printer0!.raw!).port), "127.0.0.1");
    const job = Buffer.concat([Buffer.alloc(3000, "text\n"), Buffer.from("\x10\x04\x01", "latin1")]);
    const start = performance.now();
    client.write(job);
    const [answer] = await new Promise<Buffer>((resolve) => client.once("data", resolve));
    const took = performance.now() - start;
    assert.deepEqual(printer.log.bytes, job);
    assert.equal(answer! & 0x93, 0x12, "DLE EOT is answered");
    assert.ok(took >= job.length * 0.0868 - 1, `${took} ms are less than the line needs`);
    client.destroy();
  });

  it("loses nothing that it sends while nobody reads", async () => {
    putFirmware(bundleDir, { "linux.js": HASTY_FIRMWARE });
    simulator = await startSimulator({ ...options, ports: { raw: { printer0: 0 } } });
    const { log } = simulator.peripherals.printer0 as EscposPrinter;
    const client = net.connect(Number(new URL(simulator.endpoints.printer0!.raw!).port), "127.0.0.1");
    const came = (): string => `${log.end} bytes came`;
    await until(() => log.end > 0, came, 5_000);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
    await until(() => log.end === LARGE, came, 15_000);
    client.destroy();
  });

  it("tells of its memory, and starts again after a power cycle", async () => {
    simulator = await startSimulator({ ...options, ports: { raw: { printer0: 0 } } });
    const before = await simulator.memory();
    assert.ok(before.usage > 100 && before.usage < 800, `${before.usage} variables`);
    await simulator.powerCycle();
    assert.ok(Math.abs((await simulator.memory()).usage - before.usage) < 20);
  });

  it("says so when the firmware does not open its ports, and leaves no process behind", async () => {
    putFirmware(bundleDir, { "linux.js": 'throw new Error("broken")' });
    const lines: string[] = [];
    const broken = startSimulator({
      ...options,
      ports: { raw: { printer0: 0 } },
      log: (line) => void lines.push(line),
    });
    await assert.rejects(broken, { code: "ETIMEDOUT", message: /did not open port \d+/ });
    assert.ok(lines.includes("Uncaught Error: broken"), lines.join("\n"));
  });

  it("refuses a path where no interpreter is", async () => {
    const wrong = startSimulator({ ...options, espruino: "/nowhere/espruino", ports: { raw: { printer0: 0 } } });
    await assert.rejects(wrong, { code: "ENOENT", message: /set ESPRUINO/ });
  });
});
