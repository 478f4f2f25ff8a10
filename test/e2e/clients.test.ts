import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import type { PrintProgress } from "../../host/index.js";
import { everyByte, rasterPage } from "./payloads.js";
import { linkKinds, LINK_PORT, MOST_CREDIT, Rig, withFirmware } from "./rig.js";

/** A job that can be told from others. */
function job(n: number, size = 3000): Buffer {
  return Buffer.concat([Buffer.from(`job ${n}\n`), everyByte(size)]);
}

describe("end to end: many clients of one printer", function () {
  this.timeout(20_000);
  withFirmware();

  it("jobs of three links and of port 9100 take turns in the order in which they came", async () => {
    const rig = new Rig();
    const ahead: (number | undefined)[][] = [];
    const works: Promise<unknown>[] = [];
    for (const [i, kind] of linkKinds.entries()) {
      const host = await rig.connect(kind);
      ahead.push([]);
      const onProgress = (progress: PrintProgress): void => void ahead[i]!.push(progress.ahead);
      works.push(host.printer("printer0").print(job(i), { onProgress }));
      await rig.run(20);
    }
    const client = rig.dial().write(job(3)).end();
    for (const work of works) await rig.during(work);
    await rig.until(() => client.closed === "end");
    await rig.untilIdle();
    rig.assertPrinted(job(0), job(1), job(2), job(3));
    assert.deepEqual([...new Set(ahead[2])], [2, 1, 0], "the host is told how many are before it");
    await rig.finish({ backlost: { least: 0 } });
  });

  it('with "busy": "refuse" a second client of port 9100 is turned away, and counted', async () => {
    const rig = new Rig({ endpoint: { busy: "refuse" } });
    const first = rig.dial().write(job(1));
    await rig.untilPrinted(1000);
    const second = rig.dial().write(job(2)).end();
    await rig.until(() => second.closed !== "no", 100);
    first.end();
    await rig.untilIdle();
    const third = rig.dial().write(job(3)).end();
    await rig.until(() => third.closed !== "no");
    await rig.untilIdle();
    rig.assertPrinted(job(1), job(3));
    await rig.finish({ refused: 1, backlost: { least: 0 } });
  });

  it("of eight clients of port 9100 one prints and four wait; the others are turned away, and counted", async () => {
    const rig = new Rig();
    const clients = [];
    for (let i = 0; i < 8; i++) {
      clients.push(rig.dial().write(job(i)).end());
      await rig.run(10);
    }
    assert.deepEqual(
      clients.map(({ closed }) => closed !== "no"),
      [false, false, false, false, false, true, true, true],
    );
    await rig.untilIdle();
    rig.assertPrinted(job(0), job(1), job(2), job(3), job(4));
    await rig.finish({ refused: 3, backlost: { least: 0 } });
  });

  it("the ninth job over links is refused with EAGAIN; the others print", async () => {
    const rig = new Rig();
    const jobs = Array.from({ length: 9 }, (_, i) => job(i, 500));
    const hosts = [await rig.connect("tcp"), await rig.connect("udp")];
    const works = jobs.slice(0, 8).map((bytes, i) => hosts[i & 1]!.printer("printer0").print(bytes));
    await rig.run(30);
    await rig.rejected(hosts[0]!.printer("printer0").print(jobs[8]!), "EAGAIN", /8 jobs waiting; try again later/);
    for (const work of works) await rig.during(work);
    const order = [0, 2, 4, 6, 1, 3, 5, 7];
    const printed = rig.printer.log.bytes;
    assert.ok(order.every((i) => printed.indexOf(jobs[i]!) > 0));
    await rig.finish();
  });

  it("a ninth socket of one session is refused with EMFILE", async () => {
    const rig = new Rig();
    const host = await rig.connect("tcp");
    const sockets = [];
    for (let i = 0; i < 8; i++) sockets.push(await rig.during(host.open(":discard")));
    await rig.rejected(host.open(":info"), "EMFILE", /all 8 sockets .* close one/);
    sockets[0]!.destroy();
    await rig.run(100);
    assert.equal((await rig.during(host.info())).name, "linux");
    await rig.finish();
  });

  it("a device or a service that is not there: the error names those that are", async () => {
    const rig = new Rig();
    const host = await rig.connect("udp");
    await rig.rejected(host.printer("printer7").print(job(1)), "ENODEV", /no printer7 on this board; it has printer0/);
    await rig.rejected(host.open("printer0:fax"), "EPROTONOSUPPORT", /it has job, raw and status/);
    await rig.rejected(host.open(":fax"), "EPROTONOSUPPORT", /it has info, clock, discard and chargen/);
    await rig.during(host.printer("printer0").print(job(2)));
    rig.assertPrinted(job(2));
    await rig.finish();
  });
});

describe("end to end: clients that say nothing, or vanish", function () {
  this.timeout(20_000);
  withFirmware();

  it("a client of the link port that says nothing loses its place after 3 s", async () => {
    const rig = new Rig();
    const silent = [rig.dial(LINK_PORT), rig.dial(LINK_PORT), rig.dial(LINK_PORT)];
    await rig.run(2900);
    assert.deepEqual(
      silent.map(({ closed }) => closed),
      ["no", "no", "no"],
    );
    await rig.run(300);
    assert.deepEqual(
      silent.map(({ closed }) => closed),
      ["end", "end", "end"],
    );
    const host = await rig.connect("tcp");
    await rig.during(host.printer("printer0").print(job(1)));
    rig.assertPrinted(job(1));
    await rig.finish({ unfinished: 3 });
  });

  it("a client of port 9100 that says nothing for `idle` seconds loses its turn; the next one prints", async () => {
    const rig = new Rig({ endpoint: { idle: 5 } });
    const silent = rig.dial();
    const half = rig.dial().write(job(1));
    const next = rig.dial().write(job(2)).end();
    await rig.run(4900);
    assert.equal(silent.closed, "no");
    await rig.run(300);
    assert.equal(silent.closed, "end");
    await rig.until(() => half.closed === "end");
    await rig.untilIdle();
    assert.equal(next.closed, "end");
    rig.assertPrinted(job(1), job(2));
    await rig.finish({ silent: 2, backlost: { least: 0 } });
  });

  it("bytes that come when a client of port 9100 has lost its turn, and is told the rest of what the printer said, are counted", async () => {
    const rig = new Rig({ endpoint: { idle: 5 }, network: { rate: 50, window: 16 }, links: ["serial"] });
    const client = rig.dial().write("job");
    await rig.run(500);
    for (let i = 0; i < 120; i++) {
      rig.printer.setCover(i % 2 === 0);
      await rig.run(4);
    }
    await rig.run(5000);
    client.write("late");
    await rig.until(() => client.closed === "end");
    rig.assertPrinted(Buffer.from("job"));
    const host = await rig.connect("serial");
    assert.equal((await rig.during(host.info())).counters["dropped"], 4);
    await rig.during(host.close());
    await rig.finish({ silent: 1, dropped: 4, backlost: { least: 0 } });
  });

  for (const kind of linkKinds)
    it(`${kind}: a job that is opened and sends nothing for 60 s loses its turn to one that waits, with ETIMEDOUT`, async () => {
      const rig = new Rig();
      const host = await rig.connect(kind);
      const silent = await rig.during(host.open("printer0:job"));
      let said = "";
      silent.on("data", (data: Buffer) => (said += data.toString()));
      await rig.run(100);
      const next = (await rig.connect(kind === "serial" ? "tcp" : kind)).printer("printer0").print(job(2));
      const start = rig.clock.now();
      await rig.during(next);
      assert.ok(rig.clock.now() - start < 62_000);
      assert.match(said, /"failed":"ETIMEDOUT: nothing of the job came for 60 s and others wait for printer0"/);
      rig.assertPrinted(job(2));
      await rig.finish({ silent: 1 });
    });

  it("a job over a link that pauses for minutes while nobody waits keeps its turn; within a picture it is cut off", async () => {
    const rig = new Rig();
    const host = await rig.connect("tcp");
    const slow = new PassThrough();
    const page = rasterPage();
    const work = host.printer("printer0").print(slow);
    slow.write(page.subarray(0, 12_000));
    await rig.run(300_000);
    slow.write(page.subarray(12_000, 13_000));
    await rig.run(10_000);
    const next = host.printer("printer0").print(job(2));
    await rig.rejected(work, "ETIMEDOUT", /others wait/);
    await rig.during(next);
    assert.equal(rig.assertCut(page, job(2)), 13_000);
    await rig.finish({ cut: 1, silent: 1 });
  });

  it("a client of port 9100 whose job is being printed is not silent, however long it takes", async () => {
    const rig = new Rig({ endpoint: { idle: 5 }, printer: { speed: 100 } });
    const client = rig.dial().write(job(1)).end();
    await rig.until(() => client.closed !== "no");
    await rig.untilIdle();
    rig.assertPrinted(job(1));
    await rig.finish({ backlost: { least: 0 } });
  });

  it("a client of port 9100 that resets in the middle: the next one prints, nothing twice", async () => {
    const rig = new Rig();
    const long = job(1, 20_000);
    const client = rig.dial().write(long);
    const next = rig.dial().write(job(2)).end();
    await rig.untilPrinted(5000);
    client.reset();
    await rig.until(() => next.closed === "end");
    await rig.untilIdle();
    const printed = rig.assertCut(long, job(2));
    assert.ok(printed >= 4900 && printed < 8000, `${printed}`);
    await rig.finish({ backlost: { least: 0 } });
  });

  it("a client of port 9100 that resets while it waits for its turn", async () => {
    const rig = new Rig();
    const first = rig.dial().write(job(1));
    await rig.run(50);
    const gone = rig.dial();
    const lost = rig.dial().write(job(2));
    const next = rig.dial().write(job(3)).end();
    await rig.run(50);
    gone.reset();
    lost.reset();
    first.end();
    await rig.until(() => next.closed === "end");
    await rig.untilIdle();
    // What had come with the connection is printed: whether a client has more to say shows when it is read again.
    const begun = rig.printed - 2 * job(1).length;
    assert.ok(begun <= 536, `${begun}`);
    rig.assertPrinted(job(1), job(2).subarray(0, begun), job(3));
    await rig.finish({ backlost: { least: 0 } });
  });

  for (const kind of linkKinds)
    it(`${kind}: a job that is given up in the middle: ECANCELED, the next one prints, nothing twice`, async () => {
      const rig = new Rig();
      const printer = (await rig.connect(kind)).printer("printer0");
      const long = job(1, 20_000);
      const stop = new AbortController();
      const work = printer.print(long, { signal: stop.signal });
      const next = printer.print(job(2));
      await rig.untilPrinted(5000);
      stop.abort();
      const error = await rig.rejected(work, "ECANCELED", /given up/);
      await rig.during(next);
      const printed = rig.assertCut(long, job(2));
      assert.ok(printed >= 4900 && printed < 5700, `${printed}`);
      assert.ok(error.reach!.taken <= printed);
      await rig.finish({ cut: 1 });
    });

  it("a host on TCP that is killed: its session waits 30 s for it, then the next job prints", async () => {
    const rig = new Rig();
    const dial = rig.network.dial.bind(rig.network);
    const kill: (() => void)[] = [];
    rig.network.dial = (port) => {
      const stream = dial(port);
      kill.push(() => stream.destroy());
      return stream;
    };
    const long = job(1, 20_000);
    const host = await rig.connect("tcp", undefined, { lifetime: 0 });
    host
      .printer("printer0")
      .print(long)
      .catch(() => {});
    await rig.untilPrinted(5000);
    kill[0]!();
    const start = rig.clock.now();
    const next = await rig.connect("tcp");
    await rig.during(next.printer("printer0").print(job(2)));
    assert.ok(rig.clock.now() - start < 32_000);
    const printed = rig.assertCut(long, job(2));
    assert.ok(printed >= 4900 && printed < 5000 + MOST_CREDIT + 256, `${printed}`);
    await rig.finish({ cut: 1, timeouts: 1 });
  });

  it("a host on UDP that is killed: its turn ends with its session, after 30 s of silence", async () => {
    const rig = new Rig();
    const bind = rig.network.datagram.bind(rig.network);
    const kill: (() => void)[] = [];
    rig.network.datagram = () => {
      const socket = bind();
      kill.push(() => {
        socket.close();
        socket.send = () => {};
      });
      return socket;
    };
    const long = job(1, 20_000);
    const host = await rig.connect("udp", undefined, { lifetime: 0 });
    host
      .printer("printer0")
      .print(long)
      .catch(() => {});
    await rig.untilPrinted(5000);
    kill[0]!();
    const start = rig.clock.now();
    const next = await rig.connect("udp");
    await rig.during(next.printer("printer0").print(job(2)));
    assert.ok(rig.clock.now() - start < 32_000);
    const printed = rig.assertCut(long, job(2));
    assert.ok(printed >= 4900 && printed < 5000 + MOST_CREDIT + 256, `${printed}`);
    await rig.finish({ cut: 1, timeouts: 1 });
  });

  for (const kind of linkKinds)
    it(`${kind}: a board that loses its power in the middle: the host is told, the next job prints`, async () => {
      const rig = new Rig();
      const host = await rig.connect(kind);
      const long = job(1, 20_000);
      const work = host.printer("printer0").print(long);
      await rig.untilPrinted(5000);
      const start = rig.clock.now();
      rig.board.powerCycle();
      const error = await rig.rejected(work, "ECONNRESET", /was restarted.*look at the paper/);
      assert.ok(rig.clock.now() - start < (kind === "tcp" ? 100 : 17_000));
      assert.ok(error.reach!.taken > 0 && error.reach!.taken <= 5000);
      const next = await rig.connect(kind);
      await rig.during(next.printer("printer0").print(job(2)));
      const printed = rig.assertCut(long, job(2));
      assert.ok(printed >= 4900 && printed < 5200, `${printed}`);
      await rig.finish({ discarded: { least: 0 } });
    });
});
