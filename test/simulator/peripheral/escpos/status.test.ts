import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ReplyReader } from "../../../../protocols/device/escpos/index.js";
import { Bench, hex } from "./bench.js";

const POLL = [0x10, 0x04, 0x01];
/** A picture of 8 by `rows` dots whose bytes repeat 10 04 01. */
function raster(rows: number): Uint8Array {
  const data = Array.from({ length: rows }, (_, i) => POLL[i % 3]!);
  return Uint8Array.of(0x1d, 0x76, 0x30, 0, 1, 0, rows & 255, rows >> 8, ...data);
}

describe("simulated printer: real-time status", () => {
  it("answers at once, before what waits in the buffer, offline and full as well", async () => {
    const bench = new Bench({ buffer: 45, speed: 100 });
    bench.send("0123456789".repeat(20));
    await bench.clock.run(100);
    bench.printer.setPaper("out");
    bench.replies();
    for (let n = 1; n <= 4; n++) bench.sendNow([0x10, 0x04, n]);
    assert.deepEqual(bench.replies(), [0x1a, 0x32, 0x12, 0x7e]);
  });

  it("does not know other numbers", async () => {
    const bench = new Bench();
    bench.replies();
    for (const n of [0, 5, 7, 0xff]) bench.sendNow([0x10, 0x04, n, 0]);
    assert.deepEqual(bench.replies(), []);
  });

  it("answers within raster data too, and the bytes stay in the picture", async () => {
    const bench = new Bench();
    bench.replies();
    bench.send(raster(9));
    await bench.finish();
    assert.deepEqual(bench.replies(), [0x12, 0x12, 0x12]);
    assert.deepEqual(
      bench.printer.log.polls.map(({ at, n, within }) => ({ at, n, within })),
      [8, 11, 14].map((at) => ({ at, n: 1, within: true })),
    );
    const [first, second, third] = ["...#....", ".....#..", ".......#"];
    const picture = bench.printer.paper.bitmap().crop(0, 0, 8, 9).toString();
    assert.equal(picture, `${first}\n${second}\n${third}\n`.repeat(3));
  });

  it("between the bytes of another command it is answered, and taken for a parameter", async () => {
    const bench = new Bench();
    bench.replies();
    bench.send([0x1b, 0x33], POLL, [40], "line\n", "line\n");
    await bench.finish();
    assert.deepEqual(bench.replies(), [0x12], "answered");
    assert.equal(bench.printer.log.polls[0]!.within, true);
    assert.equal(bench.printer.paper.height, 2 * 24, "10 hex, not 40, became the line spacing");
    assert.match(bench.printer.paper.text(), /^\(line\nline\n$/, "and what was left over was printed");
  });

  it("between two commands it leaves no trace on the paper", async () => {
    const bench = new Bench();
    bench.send("ab", POLL, "c", [0x1b, 0x45, 1], POLL, "d\n");
    await bench.finish();
    assert.equal(bench.printer.paper.text(), "abcd\n");
    assert.deepEqual(
      bench.printer.log.polls.map(({ within }) => within),
      [false, false],
    );
  });

  it("fills the buffer like all data; where there is no room it is answered, and costs the job nothing", async () => {
    const bench = new Bench({ buffer: 45, speed: 1000 });
    bench.send("0123456789".repeat(10), "\n");
    await bench.clock.run(5);
    bench.printer.setPaper("out");
    bench.replies();
    const before = bench.printer.buffer.length;
    for (let i = 0; i < 20; i++) bench.sendNow(POLL);
    assert.equal(bench.replies().length, 20);
    assert.ok(bench.printer.buffer.length > before);
    assert.ok(bench.printer.buffer.free < 3, "full to the last whole request");
    assert.equal(bench.printer.lost, 0);
    bench.printer.setPaper("ok");
    await bench.finish();
    assert.equal(bench.printer.paper.text().replace(/\n/g, ""), "0123456789".repeat(10));
  });

  it("GS r and GS I answer in the order of the data", async () => {
    const bench = new Bench({ speed: 1000 });
    bench.replies();
    bench.printer.setPaper("low");
    bench.printer.setDrawer(true);
    bench.send("slow text", hex("1d7201 1d7232 1d4901 1d4942"));
    await bench.clock.run(5);
    assert.deepEqual(bench.replies(), []);
    await bench.finish();
    const replies = bench.replies();
    assert.deepEqual(replies.slice(0, 3), [0x03, 0x01, 0x20]);
    assert.equal(Buffer.from(replies.slice(3)).toString(), "_devsock\0");
  });
});

describe("simulated printer: automatic status", () => {
  it("reports when it is switched on, at each change, and not twice", async () => {
    const bench = new Bench();
    bench.send(hex("1d610f"));
    await bench.finish();
    const { printer } = bench;
    const steps: [string, () => void, number[]][] = [
      ["enabled", () => {}, [0x10, 0, 0, 0]],
      ["paper low", () => printer.setPaper("low"), [0x10, 0, 0x03, 0]],
      ["still low", () => printer.setPaper("low"), []],
      ["paper out", () => printer.setPaper("out"), [0x18, 0, 0x0f, 0]],
      ["cover open", () => printer.setCover(true), [0x38, 0, 0x0f, 0]],
      ["refilled", () => printer.setPaper("ok"), [0x38, 0, 0, 0]],
      ["cover closed", () => printer.setCover(false), [0x10, 0, 0, 0]],
      ["button pressed", () => printer.setFeedButton(true), [0x58, 0, 0, 0]],
      ["button let go", () => printer.setFeedButton(false), [0x10, 0, 0, 0]],
      ["drawer", () => printer.setDrawer(true), [0x14, 0, 0, 0]],
      ["cutter jammed", () => printer.fault("cutter"), [0x1c, 0x08, 0, 0]],
      ["unrecoverable", () => printer.fault("unrecoverable"), [0x1c, 0x20, 0, 0]],
      ["hot head", () => printer.fault("recoverable"), [0x1c, 0x40, 0, 0]],
      ["cooled down", () => printer.fault("none"), [0x14, 0, 0, 0]],
    ];
    for (const [name, step, bytes] of steps) {
      step();
      assert.deepEqual(bench.replies(), bytes, name);
    }
  });

  it("reports only what the mask watches, and nothing with none", async () => {
    const bench = new Bench();
    bench.send(hex("1d6108"));
    await bench.finish();
    bench.replies();
    bench.printer.setDrawer(true);
    bench.printer.setCover(true);
    assert.deepEqual(bench.replies(), []);
    bench.printer.setPaper("low");
    assert.deepEqual(bench.replies(), [0x3c, 0, 0x03, 0], "the whole status of that moment");
    bench.printer.setCover(false);
    bench.send(hex("1d6100"));
    await bench.finish();
    bench.printer.setPaper("ok");
    assert.deepEqual(bench.replies(), []);
  });

  it("ESC @ turns it off", async () => {
    const bench = new Bench();
    bench.send(hex("1d610f 1b40"));
    await bench.finish();
    bench.replies();
    bench.printer.setPaper("low");
    assert.deepEqual(bench.replies(), []);
  });

  it("is what the host's decoder reads", async () => {
    const bench = new Bench();
    bench.send(hex("1d610f"));
    await bench.finish();
    bench.said.length = 0;
    bench.printer.setPaper("out");
    const replies = new ReplyReader().push(Uint8Array.from(bench.said.flatMap(({ bytes }) => bytes)));
    const status = { online: false, cover: "closed", paper: "out", feeding: false, drawer: "low" };
    assert.deepEqual(replies, [
      { kind: "flow", ready: false },
      { kind: "autoStatus", status },
    ]);
  });
});

describe("simulated printer: mishaps", () => {
  const LINES = Array.from({ length: 300 }, (_, i) => `line ${i}\n`).join("");

  it("paper out in the middle of a job: stops, tells, and prints on without a loss after a refill", async () => {
    const bench = new Bench({ speed: 4000, buffer: 45 });
    bench.send(hex("1d610f"), LINES);
    await bench.clock.run(200);
    bench.printer.setPaper("out");
    const height = bench.printer.paper.height;
    await bench.clock.run(5000);
    assert.equal(bench.printer.paper.height, height);
    assert.ok(bench.printer.busy);
    bench.printer.setCover(true);
    bench.printer.setPaper("ok");
    bench.printer.setCover(false);
    await bench.finish();
    assert.equal(bench.printer.paper.text(), LINES);
    assert.equal(bench.printer.lost, 0);
  });

  it("power lost in the middle: buffer and half a picture are gone, silent and low; then like new", async () => {
    const bench = new Bench({ speed: 5000, flow: "rtscts" });
    bench.send("before\n", hex("1b4501"), raster(3000));
    await bench.clock.run(100);
    bench.replies();
    bench.printer.setPower(false);
    assert.deepEqual(bench.levels, { cts: false, dsr: false });
    bench.sendNow(POLL);
    bench.sendNow([...Buffer.from("into the void\n")]);
    assert.deepEqual(bench.replies(), []);
    assert.equal(bench.printer.missed, 17);
    bench.printer.setPower(true);
    assert.deepEqual(bench.levels, { cts: true, dsr: true });
    const other = new Bench();
    other.send("before\n", "after\n");
    await other.finish();
    bench.sendNow([...Buffer.from("after\n")]);
    await bench.clock.run(100);
    assert.equal(bench.printer.paper.text(), "before\nafter\n");
    assert.equal(bench.printer.paper.bitmap().toString(), other.printer.paper.bitmap().toString(), "not bold any more");
  });

  it("a cover opened while it prints is an error until it is closed", async () => {
    const bench = new Bench({ speed: 1000 });
    bench.send(LINES);
    await bench.clock.run(500);
    bench.replies();
    bench.printer.setCover(true);
    bench.sendNow([0x10, 0x04, 0x03]);
    assert.deepEqual(bench.replies(), [0x52]);
    bench.printer.setCover(false);
    bench.sendNow([0x10, 0x04, 0x03]);
    assert.deepEqual(bench.replies(), [0x12]);
    await bench.finish();
  });

  it("a jammed cutter waits for DLE ENQ: 1 prints on, 2 throws away what waits", async () => {
    for (const [n, text] of [
      [1, "first\nsecond\n"],
      [2, "first\n"],
    ] as const) {
      const bench = new Bench({ speed: 1000 });
      bench.send("first\n");
      await bench.finish();
      bench.printer.fault("cutter");
      bench.sendNow([...Buffer.from("second\n")]);
      bench.sendNow([0x10, 0x05, n]);
      assert.ok(bench.printer.online);
      await bench.finish();
      assert.equal(bench.printer.paper.text(), text);
    }
  });

  it("DLE DC4 8 empties the buffers in the middle of a picture, and says so", async () => {
    const bench = new Bench({ speed: 1000 });
    bench.send(raster(3000));
    await bench.clock.run(300);
    bench.replies();
    bench.sendNow([...hex("10140801031401060208")]);
    assert.deepEqual(bench.replies(), [0x37, 0x25, 0x00]);
    assert.equal(bench.printer.buffer.length, 0);
    assert.ok(bench.printer.idle);
  });

  it("gives each piece of paper to whoever waits for it", async () => {
    const pieces: string[] = [];
    const bench = new Bench({ onPaper: (piece) => pieces.push(piece.text()) });
    bench.send("one\n", hex("1d5600"), "two\n", hex("1d564200"), "three\n");
    await bench.finish();
    const dashes = "- ".repeat(24).trimEnd() + "\n";
    assert.deepEqual(pieces, [`one\n${dashes}`, `two\n\n\n\n${dashes}`]);
  });
});

describe("simulated printer: log", () => {
  it("holds every byte in order, whatever it means, in memory and in a file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "devsock-"));
    try {
      const file = join(folder, "printer.bin");
      const bench = new Bench({ log: file });
      const job = Buffer.alloc(16384, Buffer.from("1004 011d610f 1b40 00c0ff 1310 0402 11".replace(/\s/g, ""), "hex"));
      bench.send(hex("1d610f"), POLL, job, POLL);
      await bench.clock.runUntil(() => bench.unsent === 0, 60_000);
      await bench.clock.run(1);
      bench.printer.close();
      const { bytes, polls } = bench.printer.log;
      assert.equal(bytes.indexOf(job), 6);
      assert.equal(bytes.length, job.length + 9);
      assert.ok(readFileSync(file).equals(bytes));
      assert.deepEqual({ ...polls[0], time: 0 }, { at: 3, n: 1, within: false, time: 0 });
      assert.ok(Math.abs(bench.printer.log.timeAt(6 + 11520) - 1000) < 2);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
