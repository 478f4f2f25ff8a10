import assert from "node:assert/strict";
import type { Board, PrinterStatus } from "../../host/index.js";
import { everyByte, rasterPage } from "./payloads.js";
import { linkKinds, Rig, withFirmware } from "./rig.js";

/** Text that a printer works off at once: what is printed can be read on the paper. */
function text(name: string, lines = 200): Buffer {
  return Buffer.from(Array.from({ length: lines }, (_, i) => `${name} ${i}\n`).join(""), "latin1");
}

describe("end to end: what happens to a printer", function () {
  this.timeout(20_000);
  withFirmware();
  const NEXT = text("next", 20);

  describe("switched off", () => {
    for (const kind of linkKinds)
      it(`before a job over ${kind}: EHOSTDOWN says so, nothing was sent, and the next job prints`, async () => {
        const rig = new Rig();
        rig.printer.setPower(false);
        const printer = (await rig.connect(kind)).printer("printer0");
        const start = rig.clock.now();
        const error = await rig.rejected(printer.print(text("job")), "EHOSTDOWN", /does not answer; is it on/);
        assert.deepEqual(error.reach!.taken, 0);
        assert.ok(rig.clock.now() - start < 5000, "tells within 5 s");
        assert.equal((await rig.during(printer.status())).summary, "does not answer");
        rig.printer.setPower(true);
        await rig.during(printer.print(NEXT));
        rig.assertPrinted(NEXT);
        await rig.finish();
      });

    it("before a job on port 9100: the client waits, and it is printed when the printer is on", async () => {
      const rig = new Rig();
      rig.printer.setPower(false);
      const job = everyByte(8000);
      const client = rig.dial().write(job).end();
      await rig.run(60_000);
      assert.equal(client.closed, "no");
      rig.printer.setPower(true);
      await rig.until(() => client.closed !== "no");
      await rig.untilIdle();
      rig.assertPrinted(job);
      await rig.finish();
    });

    it("a job behind a client of port 9100 that waits for the printer is told EHOSTDOWN as well", async () => {
      const rig = new Rig();
      rig.printer.setPower(false);
      const client = rig.dial().write(NEXT).end();
      await rig.run(5000);
      const printer = (await rig.connect("tcp")).printer("printer0");
      await rig.rejected(printer.print(text("job")), "EHOSTDOWN", /does not answer/, 10_000);
      rig.printer.setPower(true);
      await rig.until(() => client.closed !== "no");
      await rig.untilIdle();
      rig.assertPrinted(NEXT);
      await rig.finish({ backlost: { least: 0 } });
    });

    for (const kind of linkKinds)
      it(`during a job over ${kind}: EIO says how far it came; it is not printed again`, async () => {
        const rig = new Rig();
        const printer = (await rig.connect(kind)).printer("printer0");
        const job = text("job", 1000);
        const work = printer.print(job);
        await rig.untilPrinted(3000);
        rig.printer.setPower(false);
        const error = await rig.rejected(work, "EIO", /stopped answering; \d+ bytes .* look at the paper/);
        assert.equal(error.reach!.taken, job.length, "all of it had left for the line");
        rig.printer.setPower(true);
        await rig.run(5000);
        await rig.during(printer.print(NEXT));
        const { bytes } = rig.printer.log;
        assert.equal(bytes.indexOf(job.subarray(0, 100)), bytes.lastIndexOf(job.subarray(0, 100)), "begun once");
        assert.ok(rig.printer.paper.text().endsWith(NEXT.toString()));
        await rig.finish();
      });
  });

  it("switched off and on in the middle of a job: the report says that something is missing", async () => {
    const rig = new Rig();
    const printer = (await rig.connect("tcp")).printer("printer0");
    const job = text("job", 1000);
    const work = rig.during(printer.print(job));
    await rig.untilPrinted(3000);
    rig.printer.setPower(false);
    await rig.run(100);
    rig.printer.setPower(true);
    const { gaps } = await work;
    assert.ok(rig.printer.missed > 1000);
    assert.deepEqual(gaps, [{ cause: "PRINTER_RESTARTED", bytes: null }]);
    assert.deepEqual((await rig.during(printer.print(NEXT))).gaps, []);
    await rig.finish();
  });

  describe("a job cut off within a command: the printer gets the rest of it as white, and the next job is on the paper", () => {
    const BOLD = Buffer.from("\x1b@\x1bE\x01", "latin1");

    async function printsNext(rig: Rig, host?: Board): Promise<void> {
      const printer = (host ?? (await rig.connect("tcp"))).printer("printer0");
      assert.deepEqual((await rig.during(printer.print(NEXT))).gaps, []);
      await rig.until(() => rig.printer.idle);
      assert.ok(rig.printer.paper.text().endsWith(NEXT.toString()), "on the paper");
    }

    for (const kind of linkKinds)
      it(`${kind}: a picture that is given up`, async () => {
        const rig = new Rig();
        const printer = (await rig.connect(kind)).printer("printer0");
        const stop = new AbortController();
        const work = printer.print(rasterPage(), { signal: stop.signal });
        await rig.untilPrinted(12_000);
        stop.abort();
        await rig.rejected(work, "ECANCELED", /given up/);
        await printsNext(rig);
        rig.assertCut(rasterPage(), NEXT);
        await rig.finish({ cut: 1 });
      });

    for (const how of ["reset", "end"] as const)
      it(`port 9100: a picture whose client is gone by ${how}, with the next job waiting`, async () => {
        const rig = new Rig();
        const client = rig.dial().write(rasterPage().subarray(0, 14_000));
        const work = printsNext(rig);
        await rig.untilPrinted(12_000);
        client[how]();
        await rig.during(work);
        const printed = rig.assertCut(rasterPage(), NEXT);
        assert.ok(printed > 12_000 && printed <= 14_000, `${printed}`);
        await rig.finish({ cut: 1 });
      });

    it("port 9100: a client that says nothing more within a picture", async () => {
      const rig = new Rig({ endpoint: { idle: 5 } });
      const client = rig.dial().write(rasterPage().subarray(0, 14_000));
      await rig.until(() => client.closed === "end");
      await printsNext(rig);
      assert.equal(rig.assertCut(rasterPage(), NEXT), 14_000);
      await rig.finish({ cut: 1, silent: 1 });
    });

    it("with nobody waiting it is done at once, and the paper lies as after any job", async () => {
      const rig = new Rig();
      rig.dial().write(rasterPage().subarray(0, 14_000)).end();
      await rig.untilPrinted(14_000);
      await rig.run(3000);
      assert.ok(rig.printer.idle);
      await printsNext(rig);
      await rig.finish({ cut: 1 });
    });

    it("to a printer that never answers", async () => {
      const rig = new Rig({ device: { answers: false } });
      rig.dial().write(rasterPage().subarray(0, 14_000)).end();
      await rig.untilPrinted(14_000);
      await rig.run(3000);
      assert.ok(rig.printer.idle);
      await rig.finish({ cut: 1 });
    });

    it("larger than anybody prints: nothing is made up for, and the next job's report says JOB_CUT", async () => {
      const rig = new Rig();
      const printer = (await rig.connect("tcp")).printer("printer0");
      const stop = new AbortController();
      const huge = Buffer.concat([Buffer.from("1d7630004800ffff", "hex"), Buffer.alloc(20_000, 1)]);
      const work = printer.print(huge, { signal: stop.signal });
      await rig.untilPrinted(12_000);
      stop.abort();
      await rig.rejected(work, "ECANCELED", /given up/);
      assert.deepEqual((await rig.during(printer.print(NEXT))).gaps, [{ cause: "JOB_CUT", bytes: null }]);
      await rig.finish({ cut: 1 });
    });

    const CUT: [string, string][] = [
      ["GS v 0", "1d763000020010002a"],
      ["GS ( L", "1d284c0f003070300101310400010000112233"],
      ["GS 8 L", "1d384c0f0000003070300101310400010000112233"],
      ["GS *", "1d2a0202ff"],
      ["GS k, form A", "1d6b043132"],
      ["GS k, form B", "1d6b490a7b4231"],
      ["ESC *", "1b2a21200055"],
    ];
    for (const [name, command] of CUT)
      it(`${name}, after each of its bytes, given up over a link and cut off on port 9100`, async () => {
        const rig = new Rig();
        const bytes = Buffer.from(command, "hex");
        const host = await rig.connect("tcp");
        for (let n = 1; n <= bytes.length; n++) {
          const job = Buffer.concat([BOLD, bytes.subarray(0, n)]);
          rig.dial().write(job).end();
          await rig.run(200);
          await printsNext(rig, host);
          const socket = await rig.during(host.open("printer0:job"));
          const { end } = rig.printer.log;
          socket.write(job);
          await rig.untilPrinted(end + job.length);
          socket.destroy();
          await printsNext(rig, host);
        }
        await rig.finish({ cut: { least: bytes.length } });
      });
  });

  describe("out of paper in the middle of a job", () => {
    for (const [how, begin, summary] of [
      ["automatic status is on", "", "out of paper"],
      ["the job has turned automatic status off", "\x1b@", "busy"],
    ] as const)
      it(`${how}: the host is told "${summary}", and after a refill all of it is on the paper`, async () => {
        const rig = new Rig({ printer: { speed: 4000 } });
        const printer = (await rig.connect("tcp")).printer("printer0");
        const job = Buffer.concat([Buffer.from(begin, "latin1"), text("line", 500)]);
        const seen: (PrinterStatus | undefined)[] = [];
        const work = rig.during(printer.print(job, { onProgress: ({ status }) => seen.push(status) }));
        await rig.untilPrinted(2000);
        rig.printer.setPaper("out");
        await rig.run(60_000);
        assert.equal(seen.at(-1)!.summary, summary);
        const before = rig.printer.log.end;
        await rig.run(10_000);
        assert.equal(rig.printer.log.end, before, "the board waits");
        rig.printer.setPaper("ok");
        const report = await work;
        assert.equal(report.status.summary, "ready");
        rig.assertPrinted(job);
        await rig.until(() => rig.printer.idle);
        assert.ok(rig.printer.paper.text() === job.subarray(begin.length).toString(), "on the paper");
        await rig.finish();
      });

    it("out before the job: the host is told at once, and it prints after a refill", async () => {
      const rig = new Rig();
      rig.printer.setPaper("out");
      const seen: (string | undefined)[] = [];
      const printer = (await rig.connect("udp")).printer("printer0");
      const work = rig.during(printer.print(NEXT, { onProgress: ({ status }) => seen.push(status?.summary) }));
      await rig.run(100);
      assert.equal(seen.at(-1), "out of paper");
      await rig.run(20_000);
      rig.printer.setPaper("ok");
      await work;
      rig.assertPrinted(NEXT);
      await rig.finish();
    });

    for (const buffer of [45, 4096])
      it(`for hours, with a buffer of ${buffer} B: questions do not fill it, the next job is on the paper`, async () => {
        const rig = new Rig({ printer: { buffer }, device: { buffer } });
        rig.printer.setPaper("out");
        await rig.run(2 * 3_600_000);
        assert.ok(rig.printer.buffer.peak <= buffer / 2, `${rig.printer.buffer.peak}`);
        rig.printer.setPaper("ok");
        await rig.during((await rig.connect("tcp")).printer("printer0").print(NEXT));
        await rig.until(() => rig.printer.idle);
        assert.equal(rig.printer.paper.text(), NEXT.toString());
        await rig.finish();
      });

    it("on port 9100: the client is held back and loses nothing", async () => {
      const rig = new Rig();
      const job = everyByte(30_000);
      const client = rig.dial().write(job).end();
      await rig.untilPrinted(4000);
      rig.printer.setPaper("out");
      await rig.run(120_000);
      assert.equal(client.closed, "no", "no silence of its own: its turn goes on");
      rig.printer.setPaper("ok");
      await rig.untilIdle();
      rig.assertPrinted(job);
      await rig.finish();
    });

    it("on port 9100: a client that is held back is told by automatic status", async () => {
      const rig = new Rig();
      const client = rig.dial().write(text("line", 2000));
      await rig.untilPrinted(3000);
      assert.deepEqual([...client.back], [], "the answer to the board's own question is not the client's");
      rig.printer.setPaper("out");
      await rig.run(1000);
      assert.deepEqual([...client.back.subarray(-4)], [0x18, 0, 0x0f, 0]);
      for (let i = 0; i < 40; i++) {
        rig.printer.setCover(i % 2 === 0);
        await rig.run(200);
      }
      assert.ok(client.taken - rig.printed <= 2000 + 536, "and what it sends meanwhile is bounded");
      rig.printer.setPaper("ok");
      client.end();
      await rig.untilIdle();
      rig.assertPrinted(text("line", 2000));
      assert.deepEqual([...client.back.subarray(-4)], [0x10, 0, 0, 0], "the last word is the last state");
      await rig.finish({ backlost: { least: 0 } });
    });
  });
  it("its cover opened and closed in the middle of a job: the host is told, nothing is lost", async () => {
    const rig = new Rig({ printer: { speed: 4000 } });
    const printer = (await rig.connect("udp")).printer("printer0");
    const job = text("line", 500);
    const seen: (string | undefined)[] = [];
    const work = rig.during(printer.print(job, { onProgress: ({ status }) => seen.push(status?.summary) }));
    await rig.untilPrinted(2000);
    rig.printer.setCover(true);
    await rig.run(5000);
    assert.equal(seen.at(-1), "cover open");
    assert.equal((await rig.during(printer.status())).cover, "open");
    rig.printer.setCover(false);
    await work;
    assert.equal((await rig.during(printer.status())).summary, "ready");
    rig.assertPrinted(job);
    await rig.finish();
  });

  describe("switched off while it holds the line", () => {
    const SLOW = { speed: 4000 };
    const PINS = { flow: "rtscts", pins: { cts: "D8" } };

    for (const [how, device, buffer] of [
      ["XON/XOFF", {}, 4096],
      ["XON/XOFF and a buffer of 45 bytes", { buffer: 45 }, 45],
      ["a busy line", PINS, 4096],
    ] as const)
      it(`${how}: after 180 s it is asked, and within 185 s the job has failed; when it is on again the next one prints`, async () => {
        const rig = new Rig({ printer: { ...SLOW, buffer }, device });
        const printer = (await rig.connect("tcp")).printer("printer0");
        const work = printer.print(text("job", 2000));
        await rig.untilPrinted(6000);
        rig.printer.setPaper("out");
        await rig.run(1000);
        rig.printer.setPower(false);
        const start = rig.clock.now();
        const waiting = rig.rejected(printer.print(text("waiting")), "EHOSTDOWN", /does not answer/);
        await rig.rejected(work, "EIO", /stopped answering; \d+ bytes .* look at the paper/);
        assert.ok(rig.clock.now() - start < 185_000, `${rig.clock.now() - start}`);
        await waiting;
        assert.equal((await rig.during(printer.status())).summary, "does not answer");
        rig.printer.setPaper("ok");
        rig.printer.setPower(true);
        await rig.during(printer.print(NEXT));
        await rig.until(() => rig.printer.idle);
        assert.ok(rig.printer.paper.text().endsWith(NEXT.toString()));
        await rig.finish({ cut: { least: 0 } });
      });

    it("within a picture it is asked after 5 minutes, because the question costs some dots", async () => {
      const rig = new Rig({ printer: SLOW });
      const printer = (await rig.connect("tcp")).printer("printer0");
      const work = printer.print(rasterPage());
      await rig.untilPrinted(14_000);
      rig.printer.setPaper("out");
      await rig.run(1000);
      rig.printer.setPower(false);
      const start = rig.clock.now();
      await rig.rejected(work, "EIO", /stopped answering/);
      assert.ok(rig.clock.now() - start > 200_000 && rig.clock.now() - start < 310_000, `${rig.clock.now() - start}`);
      rig.printer.setPaper("ok");
      rig.printer.setPower(true);
      await rig.during(printer.print(NEXT));
      await rig.until(() => rig.printer.idle);
      assert.ok(rig.printer.paper.text().endsWith(NEXT.toString()));
      await rig.finish({ cut: { least: 0 } });
    });

    it("and on again before it was asked: the report says that something is missing", async () => {
      const rig = new Rig({ printer: SLOW });
      const printer = (await rig.connect("tcp")).printer("printer0");
      const work = rig.during(printer.print(text("job", 1000)));
      await rig.untilPrinted(3000);
      rig.printer.setPaper("out");
      await rig.run(5000);
      rig.printer.setPower(false);
      await rig.run(5000);
      rig.printer.setPaper("ok");
      rig.printer.setPower(true);
      assert.deepEqual((await work).gaps, [{ cause: "PRINTER_RESTARTED", bytes: null }]);
      await rig.finish();
    });

    it("while nothing prints: it does not answer", async () => {
      const rig = new Rig();
      rig.printer.setPaper("out");
      await rig.run(5000);
      rig.printer.setPower(false);
      await rig.run(180_000);
      const printer = (await rig.connect("tcp")).printer("printer0");
      assert.equal((await rig.during(printer.status())).summary, "does not answer");
      await rig.finish();
    });
  });

  describe("holds the line for ten minutes, out of paper, and is on all the time", () => {
    it("text: all of it is on the paper", async () => {
      const rig = new Rig({ printer: { speed: 4000 } });
      const printer = (await rig.connect("tcp")).printer("printer0");
      const job = text("line", 1000);
      const work = rig.during(printer.print(job), 700_000);
      await rig.untilPrinted(3000);
      rig.printer.setPaper("out");
      await rig.run(600_000);
      rig.printer.setPaper("ok");
      assert.deepEqual((await work).gaps, []);
      await rig.until(() => rig.printer.idle);
      assert.equal(rig.printer.paper.text(), job.toString());
      await rig.finish();
    });

    it("a picture: three of its bytes are a question, the report says so, and all else is as it was", async () => {
      const rig = new Rig({ printer: { speed: 4000 } });
      const printer = (await rig.connect("tcp")).printer("printer0");
      const work = rig.during(printer.print(rasterPage()), 1_000_000);
      await rig.untilPrinted(14_000);
      rig.printer.setPaper("out");
      await rig.run(600_000);
      rig.printer.setPaper("ok");
      assert.deepEqual((await work).gaps, [{ cause: "ASKED_WITHIN", bytes: 3 }]);
      const { bytes, polls } = rig.printer.log;
      const asked = polls.find(({ at, n, within }) => at > 14_000 && n === 1 && within)!.at;
      const page = rasterPage();
      const from = bytes.indexOf(page.subarray(0, 1000));
      bytes.copy(page, asked - from, asked, asked + 3);
      assert.ok(bytes.indexOf(page) === from);
      await rig.during(printer.print(NEXT));
      await rig.until(() => rig.printer.idle);
      assert.ok(rig.printer.paper.text().endsWith(NEXT.toString()));
      await rig.finish();
    });
  });

  it("XON from a printer that was out of paper when the board started: nothing is said to be missing", async () => {
    const rig = new Rig({ device: { baud: 1200 } });
    rig.printer.setPaper("out");
    await rig.run(1000);
    rig.board.powerCycle();
    await rig.run(1000);
    const printer = (await rig.connect("tcp")).printer("printer0");
    const job = text("line", 200);
    const work = rig.during(printer.print(job));
    await rig.run(5000);
    rig.printer.setPaper("ok");
    assert.deepEqual((await work).gaps, []);
    await rig.until(() => rig.printer.idle);
    assert.ok(rig.printer.paper.text() === job.toString(), "on the paper");
    await rig.finish();
  });

  describe("its cable", () => {
    it("pulled while the printer holds the line, and plugged again: what may be missing is reported", async () => {
      const rig = new Rig({ printer: { speed: 4000 } });
      const cable = rig.board.wires["printer0"]!;
      const printer = (await rig.connect("tcp")).printer("printer0");
      const work = rig.during(printer.print(text("job", 1000)));
      await rig.untilPrinted(3000);
      rig.printer.setPaper("out");
      await rig.run(1000);
      cable.unplug();
      rig.printer.setPaper("ok");
      await rig.run(1000);
      cable.plug();
      const start = rig.clock.now();
      assert.deepEqual((await work).gaps, [{ cause: "XON_LOST", bytes: null }]);
      assert.ok(rig.clock.now() - start < 185_000);
      await rig.finish();
    });

    it("pulled at the end of a job, and plugged again while the board asks: the report says that it was silent", async () => {
      const rig = new Rig();
      const cable = rig.board.wires["printer0"]!;
      const printer = (await rig.connect("tcp")).printer("printer0");
      const job = text("job", 1000);
      const work = rig.during(printer.print(job));
      await rig.untilPrinted(job.length - 1000);
      cable.unplug();
      await rig.run(500);
      cable.plug();
      assert.deepEqual((await work).gaps, [{ cause: "PRINTER_SILENT", bytes: null }]);
      assert.deepEqual((await rig.during(printer.print(NEXT))).gaps, []);
      await rig.finish();
    });

    it("pulled before a job: EHOSTDOWN; plugged in again, the next job prints", async () => {
      const rig = new Rig();
      const cable = rig.board.wires["printer0"]!;
      cable.unplug();
      const printer = (await rig.connect("tcp")).printer("printer0");
      await rig.rejected(printer.print(text("job")), "EHOSTDOWN", /are both data wires connected, is its baud right/);
      cable.plug();
      await rig.during(printer.print(NEXT));
      rig.assertPrinted(NEXT);
      await rig.finish();
    });

    it("pulled in the middle of a job: EIO says how many bytes were sent; the next job prints", async () => {
      const rig = new Rig();
      const cable = rig.board.wires["printer0"]!;
      const printer = (await rig.connect("tcp")).printer("printer0");
      const job = text("job", 1000);
      const work = printer.print(job);
      await rig.untilPrinted(3000);
      cable.unplug();
      const error = await rig.rejected(work, "EIO", /stopped answering/);
      assert.equal(error.reach!.taken, job.length);
      cable.plug();
      await rig.run(3000);
      await rig.during(printer.print(NEXT));
      const printed = rig.assertCut(job, NEXT);
      assert.ok(printed >= 2900 && printed < 3200, `${printed}`);
      await rig.finish();
    });
  });

  describe("holds the line", () => {
    const SMALL = { buffer: 45, speed: 800 };
    const SLOW = { buffer: 4096, speed: 20_000, rowTime: 2 };

    for (const kind of linkKinds)
      it(`a buffer of 45 bytes and XON/XOFF, over ${kind}: no byte is lost`, async () => {
        const rig = new Rig({ printer: SMALL, device: { buffer: 45 } });
        const job = everyByte(16_000);
        await rig.during((await rig.connect(kind)).printer("printer0").print(job));
        rig.assertPrinted(job);
        await rig.finish();
      });

    it("a buffer of 45 bytes and XON/XOFF, over port 9100: no byte is lost", async () => {
      const rig = new Rig({ printer: SMALL, device: { buffer: 45 } });
      const job = everyByte(16_000);
      const client = rig.dial().write(job).end();
      await rig.until(() => client.closed !== "no");
      await rig.untilIdle();
      rig.assertPrinted(job);
      await rig.finish({ backlost: { least: 0 } });
    });

    for (const flow of ["xonxoff", "rtscts"])
      it(`a buffer of 4 KB and a slow mechanism, ${flow}: no byte is lost, all of it is on the paper`, async () => {
        const pins = flow === "rtscts" ? { pins: { cts: "D8" } } : {};
        const rig = new Rig({ printer: SLOW, device: { flow, ...pins } });
        const job = text("line", 500);
        await rig.during((await rig.connect("tcp")).printer("printer0").print(job));
        rig.assertPrinted(job);
        assert.ok(rig.printer.buffer.peak >= 4096 - 256, "the line was held");
        await rig.until(() => rig.printer.idle);
        assert.ok(rig.printer.paper.text() === job.toString(), "on the paper");
        await rig.finish();
      });

    it("on an Espruino WiFi the printer's busy line on pin A8 holds port 9100", async () => {
      const device = { flow: "rtscts", pins: { cts: "A8" } };
      const rig = new Rig({ board: "espruino-wifi", links: [], printer: SLOW, device });
      await rig.run(5000);
      const job = text("line", 500);
      const client = rig.dial().write(job).end();
      await rig.until(() => client.closed !== "no");
      await rig.until(() => rig.printer.idle);
      await rig.run(20_000);
      rig.assertPrinted(job);
      assert.ok(rig.printer.buffer.peak >= 4096 - 256, "the line was held");
      assert.ok(rig.printer.paper.text() === job.toString(), "on the paper");
      await rig.finish();
    });
  });
});
