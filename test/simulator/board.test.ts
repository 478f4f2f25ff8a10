import assert from "node:assert/strict";
import { boards } from "../../boards/index.js";
import { startBoard, type BoardOptions, type SimulatedBoard } from "../../simulator/board.js";
import { VirtualClock } from "../../simulator/clock.js";
import { MemoryNetwork } from "../../simulator/network/memory.js";
import { limitsOf } from "../../simulator/runtime/limits.js";
import type { UartLine, UartPeripheral } from "../../simulator/uart.js";

/** Remembers what it was told, and is driven by the test. */
class Recorder implements UartPeripheral {
  line!: UartLine;
  readonly seen: string[] = [];

  connect(line: UartLine): void {
    this.line = line;
    line.onData((data) => void this.seen.push(Buffer.from(data).toString("latin1")));
    line.onLine((name, level) => void this.seen.push(`${name}=${level}`));
  }
}

const CONFIG = {
  board: "pico-wiznet",
  links: { serial: { uart: "Serial2", baud: 230_400 } },
  devices: {
    printer0: { driver: "any", uart: "Serial1", baud: 9600, pins: { cts: "A8", dtr: "A7" } },
  },
};

interface Bench {
  board: SimulatedBoard;
  clock: VirtualClock;
  device: Recorder;
  lines: string[];
}

function start(bundle: string, options: Partial<BoardOptions> = {}): Bench {
  const clock = new VirtualClock();
  const device = new Recorder();
  const lines: string[] = [];
  const spec = boards.find(({ id }) => id === CONFIG.board)!;
  const board = startBoard({
    ...{ bundle, clock, config: CONFIG, limits: limitsOf(spec), seed: 1 },
    network: new MemoryNetwork({ clock, seed: 1 }),
    peripherals: { printer0: device },
    log: (line) => void lines.push(line),
    ...options,
  });
  return { board, clock, device, lines };
}

const FIRMWARE = `
  var config = require("Storage").readJSON("devsock.json"), boots = require("Storage").read("boots") || "";
  require("Storage").write("boots", boots + "x");
  E.setConsole(null);
  print("boot", boots.length + 1, config.devices.printer0.uart, E.hwRand());
  setWatch(function (e) { print("cts", e.state) }, A8, { repeat: true });
  print("ready", digitalRead(A8));
  digitalWrite(A7, 0);
  Serial1.on("data", function (d) { print("data", d) });
  Serial1.setup(9600); Serial2.setup(230400);
  Serial2.on("data", function (d) { Serial2.write(d) });
  Serial1.write("hello");`;

describe("simulated board", () => {
  it("boots the firmware from Storage with its configuration, wired to its peripheral", async () => {
    const { board, clock, device, lines } = start(FIRMWARE);
    await clock.run(100);
    device.line.write(Buffer.from("answer"));
    device.line.set("cts", false);
    device.line.set("cts", true);
    await clock.run(100);
    assert.match(lines[0]!, /^boot 1 Serial1 -?\d+$/);
    assert.equal(lines[1], "ready 0", "a line that says ready is low at the pin");
    assert.deepEqual(lines.slice(2, 4), ["cts true", "cts false"]);
    assert.equal(
      lines
        .slice(4)
        .map((line) => line.slice(5))
        .join(""),
      "answer",
    );
    assert.deepEqual([device.seen[0], device.seen.slice(1).join("")], ["dtr=true", "hello"]);
    assert.equal(board.boots, 1);
  });

  it("passes the serial link at its speed", async () => {
    const { board, clock } = start(FIRMWARE);
    const host = board.wires.serial!.peripheral;
    const back: number[] = [];
    host.onData((data) => void back.push(...data));
    await clock.run(10);
    const from = clock.now();
    host.write(Uint8Array.from({ length: 460 }, (_, i) => i));
    await clock.runUntil(() => back.length === 460, 1000);
    assert.deepEqual(back.slice(250, 262), [250, 251, 252, 253, 254, 255, 0, 1, 2, 3, 4, 5]);
    assert.ok(Math.abs(clock.now() - from - 20) < 3, `${clock.now() - from} ms there and back`);
  });

  it("starts again after its power went, with its flash and with other random numbers", async () => {
    const { board, clock, device, lines } = start(FIRMWARE);
    await clock.run(10);
    board.powerOff();
    assert.throws(() => board.runtime, /powerOn/);
    device.line.write(Buffer.from("into the dark"));
    await clock.run(100);
    board.powerOn();
    await clock.run(100);
    assert.deepEqual(
      lines.filter((line) => line.startsWith("boot")).map((line) => line.slice(0, 6)),
      ["boot 1", "boot 2"],
    );
    const [first, second] = lines.filter((line) => line.startsWith("boot")).map((line) => line.split(" ")[3]);
    assert.notEqual(first, second);
    assert.ok(device.seen.includes("dtr=false"), "its lines fell");
    assert.ok(!lines.some((line) => line.startsWith("data")), "nothing was heard while it was off");
  });

  it("restarts when the firmware asks for it, or its watchdog starves", async () => {
    const reload = start("print('up'); setTimeout(load, 100)");
    await reload.clock.run(250);
    assert.deepEqual([reload.lines.join(), reload.board.boots], ["up,up,up", 3]);
    const starved = start("print('up'); E.enableWatchdog(1, false); setTimeout(function () { E.kickWatchdog() }, 500)");
    await starved.clock.run(2000);
    assert.equal(starved.lines.length, 2, "after 1.5 s");
    const idle = start(
      "E.enableWatchdog(1); print('up'); try { E.enableWatchdog(27, false) } catch (e) { print(e.message) }",
    );
    await idle.clock.run(25_000);
    assert.deepEqual(idle.lines, ["up", "Maximum watchdog timeout exceeded"]);
  });

  it("cuts its connections when its power goes", async () => {
    const clock = new VirtualClock();
    const network = new MemoryNetwork({ clock, seed: 1 });
    const program = "require('WIZnet').connect().setIP(); require('net').createServer(function () {}).listen(80)";
    const { board } = start(program, { clock, network });
    const client = network.dial(80);
    let reset = false;
    client.onClose((how) => (reset = how));
    await clock.run(10);
    board.powerOff();
    await clock.run(10);
    assert.equal(reset, true);
    assert.throws(() => network.dial(80), { code: "ECONNREFUSED" });
  });
});
