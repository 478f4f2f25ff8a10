import assert from "node:assert/strict";
import { defaultThresholds } from "../../../../simulator/peripheral/escpos/index.js";
import { Bench } from "./bench.js";

const JOB = "All work and no play makes Jack a dull boy.\n".repeat(200);

describe("simulated printer: flow control", () => {
  for (const buffer of [4096, 45])
    for (const flow of ["xonxoff", "rtscts", "dtrdsr"] as const)
      it(`${buffer} B, ${flow}: busy and ready at the thresholds, nothing lost`, async () => {
        const bench = new Bench({ buffer, flow, speed: 2000 });
        const { busyAt, readyAt } = defaultThresholds(buffer);
        bench.send(JOB);
        await bench.finish();
        assert.deepEqual([...bench.free.busy], [busyAt]);
        assert.deepEqual([...bench.free.ready], [readyAt]);
        assert.equal(bench.printer.buffer.peak, buffer - busyAt);
        assert.equal(bench.printer.lost, 0);
        assert.equal(bench.printer.log.bytes.toString("latin1"), JOB);
      });

  it("sends XOFF and XON exactly once a turn, XON first of all", async () => {
    const bench = new Bench({ buffer: 45, speed: 1000 });
    bench.send("x".repeat(200));
    await bench.finish();
    const flow = bench.said.map(({ bytes }) => bytes[0]);
    assert.equal(flow[0], 0x11);
    for (let i = 1; i < flow.length; i++) assert.equal(flow[i], i % 2 ? 0x13 : 0x11, `${i}`);
    assert.ok(flow.length > 10);
  });

  it("gives a slow listener the reserve, and loses what comes after it", async () => {
    const within = new Bench({ buffer: 45, speed: 500, slack: 16 });
    within.send(JOB.slice(0, 2000));
    await within.finish();
    assert.equal(within.printer.lost, 0);
    const beyond = new Bench({ buffer: 45, speed: 500, slack: 18 });
    beyond.send(JOB.slice(0, 2000));
    await beyond.finish();
    assert.ok(beyond.printer.lost > 0);
  });

  it("loses all that has no room when nobody listens, and counts it", async () => {
    const bench = new Bench({ buffer: 4096, speed: 1000, slack: Infinity });
    bench.send("y".repeat(20_000));
    await bench.clock.run((20_000 * 10_000) / 115200);
    const worked = Math.floor(bench.clock.now());
    const { lost, buffer } = bench.printer;
    assert.ok(Math.abs(20_000 - 4096 - worked - lost) <= 2, `${lost} lost`);
    assert.equal(buffer.peak, 4096);
    await bench.finish();
    bench.send("\n");
    await bench.finish();
    assert.equal(bench.printer.paper.text().replace(/\n/g, "").length, 20_000 - lost, "and they are not on the paper");
  });

  it("with flow none says nothing of a full buffer", async () => {
    const bench = new Bench({ buffer: 45, flow: "none", speed: 500 });
    bench.send("z".repeat(100));
    await bench.finish();
    assert.deepEqual(bench.said, []);
    assert.deepEqual(bench.levels, { cts: true, dsr: true });
    assert.ok(bench.printer.lost > 0);
  });

  it("the line is the bottleneck of a printer without a speed", async () => {
    const bench = new Bench();
    bench.send(JOB);
    await bench.finish();
    assert.ok(Math.abs(bench.clock.now() - (JOB.length * 10_000) / 115200) < 1);
    assert.ok(bench.printer.buffer.peak <= 1);
  });

  it("rows of dots take their time", async () => {
    const bench = new Bench({ rowTime: 0.5 });
    bench.send([0x1d, 0x76, 0x30, 0, 1, 0, 0xe8, 3], Buffer.alloc(1000, 0xff));
    await bench.finish();
    assert.ok(bench.clock.now() >= 1000 * 0.5, `${bench.clock.now()} ms`);
  });

  it("says XOFF for a full buffer even when it is offline already, and XON only when neither holds", async () => {
    const bench = new Bench({ buffer: 45, speed: 1000, slack: Infinity });
    const flow = (): (number | undefined)[] => bench.said.splice(0).map(({ bytes }) => bytes[0]);
    assert.deepEqual(flow(), [0x11]);
    bench.printer.setCover(true);
    assert.deepEqual(flow(), [0x13]);
    bench.sendNow([...Buffer.alloc(40, "x")]);
    assert.deepEqual(flow(), [0x13]);
    bench.printer.setCover(false);
    assert.deepEqual(flow(), []);
    await bench.finish();
    assert.deepEqual(flow(), [0x11]);
    bench.sendNow([...Buffer.alloc(40, "x")]);
    bench.printer.setCover(true);
    assert.deepEqual(flow(), [0x13]);
  });

  it("switched on with its cover open it says nothing before the cover is closed, or its buffer is full", () => {
    const bench = new Bench({ buffer: 45 });
    bench.printer.setPower(false);
    bench.printer.setCover(true);
    bench.said.length = 0;
    bench.printer.setPower(true);
    assert.equal(bench.said.length, 0);
    bench.sendNow([...Buffer.alloc(29, "x")]);
    assert.deepEqual(bench.said[0]!.bytes, [0x13]);
    bench.printer.setCover(false);
    assert.deepEqual(bench.said[1]!.bytes, [0x11]);
  });

  it("offline is busy as the factory sets it, and not with the other setting", async () => {
    const factory = new Bench();
    factory.printer.setCover(true);
    factory.printer.setCover(false);
    assert.deepEqual(
      factory.said.map(({ bytes }) => bytes),
      [[0x11], [0x13], [0x11]],
    );
    const other = new Bench({ busyOn: "full" });
    other.replies();
    other.printer.setCover(true);
    assert.equal(other.printer.busy, false);
    assert.deepEqual(other.replies(), [0x38, 0, 0, 0], "it reports by itself instead");
  });

  it("on a line of another speed it understands nothing and says nothing", async () => {
    const bench = new Bench({ baud: 38400 });
    bench.said.length = 0;
    bench.send([0x10, 0x04, 1], "text\n");
    await bench.finish();
    assert.equal(bench.printer.garbled, 8);
    assert.equal(bench.printer.paper.height, 0);
    assert.deepEqual(bench.said, []);
  });
});
