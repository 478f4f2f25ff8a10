import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { appendFile, chmod, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { connect, DevsockError } from "../../host/index.js";
import type { Board, PrintProgress } from "../../host/index.js";
import { faulty } from "../../host/transport/faulty.js";
import { VirtualClock } from "../../simulator/clock.js";
import { FakeBoard, READY, SERIAL, TCP, UDP } from "./fake-board.js";
import { inTime } from "./time.js";

describe("printing", () => {
  let clock: VirtualClock;
  let fake: FakeBoard;
  let board: Board;

  beforeEach(async () => {
    clock = new VirtualClock();
    fake = new FakeBoard(clock);
    board = await inTime(clock, connect(fake.line(TCP, { delay: 1 }).transport, { clock }));
  });

  afterEach(async () => {
    await inTime(clock, board.close());
    assert.equal(fake.sessions[0]!.sockets.count, 0, "a socket was left open");
  });

  const rejected = async (work: Promise<unknown>, code: string, words: RegExp): Promise<DevsockError> => {
    let seen: DevsockError | undefined;
    const check = (error: DevsockError): true => {
      assert.ok(error instanceof DevsockError, String(error));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, words);
      seen = error;
      return true;
    };
    await inTime(clock, assert.rejects(work, check));
    return seen!;
  };

  it("resolves with what the board accepted, what the printer took, and its state", async () => {
    const job = randomBytes(20_000);
    const report = await inTime(clock, board.printer("printer0").print(job));
    assert.deepEqual(fake.jobs, [job]);
    assert.equal(report.accepted, 20_000);
    assert.equal(report.taken, 20_000);
    assert.equal(report.status.paper, "ok");
    assert.equal(report.status.summary, "ready");
    assert.ok(report.durationMs >= 20_000 / 11.5 && report.durationMs < 1.05 * (20_000 / 11.5), `${report.durationMs}`);
  });

  it("prints files and streams, and says how it goes", async () => {
    const dir = await mkdtemp(join(tmpdir(), "devsock-"));
    try {
      const file = join(dir, "page.bin");
      const bytes = randomBytes(150_000);
      await writeFile(file, bytes);
      const progress: PrintProgress[] = [];
      fake.ahead = 2;
      await inTime(clock, board.printer("printer0").print(file, { onProgress: (p) => progress.push(p) }));
      assert.ok(fake.jobs[0]!.equals(bytes));
      assert.equal(progress[0]!.ahead, 2);
      assert.ok(progress.every((p, i) => i === 0 || p.taken >= progress[i - 1]!.taken));
      assert.ok(progress.every((p) => p.taken <= p.accepted && p.accepted <= 150_000 && p.total === 150_000));
      assert.ok(progress.some((p) => p.accepted > p.taken && p.accepted < 150_000));
      const pieces = Readable.from([Buffer.from("two "), Buffer.alloc(0), Buffer.from("pieces")]);
      await inTime(clock, board.printer("printer0").print(pieces));
      assert.equal(fake.jobs[1]!.toString(), "two pieces");
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it("gives an id by itself only where remembering jobs cannot cost the board its firmware", async () => {
    for (const [kind, address] of [
      ["linux", /^printer0:job\/\w{10}\/4-/],
      ["pico-wiznet", /^printer0:job$/],
      ["espruino-wifi", /^printer0:job$/],
      ["another", /^printer0:job$/],
    ] as const) {
      const clock = new VirtualClock();
      const fake = new FakeBoard(clock);
      fake.kind = kind;
      const board = await inTime(clock, connect(fake.line(TCP, { delay: 1 }).transport, { clock }));
      const printer = board.printer("printer0");
      const { job } = await inTime(clock, printer.print(Buffer.from("text")));
      assert.match(fake.opened[0]!, address);
      assert.equal(job !== undefined, kind === "linux");
      assert.equal((await inTime(clock, printer.print(Buffer.from("text"), { job: "asked" }))).job, "asked");
      const from = { resumeAt: 1 };
      if (kind !== "linux")
        await inTime(
          clock,
          assert.rejects(printer.print(Buffer.from("text"), from), /EINVAL: .*give the id that it had/),
        );
      await inTime(clock, board.close());
    }
  });

  it("passes on that something the printer said was lost", async () => {
    fake.gap = { cause: "FIFO_FULL", bytes: null };
    const report = await inTime(clock, board.printer("printer0").print(Buffer.from("x")));
    assert.deepEqual(report.gaps, [{ cause: "FIFO_FULL", bytes: null }]);
  });

  it("opens nothing on the board for a source that cannot be read", async () => {
    const dir = await mkdtemp(join(tmpdir(), "devsock-"));
    try {
      const empty = join(dir, "empty");
      const secret = join(dir, "secret");
      await writeFile(empty, "");
      await writeFile(secret, "x");
      await chmod(secret, 0);
      const printer = board.printer("printer0");
      await rejected(printer.print(join(dir, "none")), "ENOENT", /none; check the path/);
      await rejected(printer.print(dir), "EISDIR", /is a directory; name a file/);
      await rejected(printer.print(empty), "EINVAL", /empty, there is nothing to print/);
      await rejected(printer.print(Buffer.alloc(0)), "EINVAL", /empty/);
      await rejected(printer.print(Readable.from([])), "EINVAL", /empty/);
      if (process.getuid?.() !== 0) await rejected(printer.print(secret), "EACCES", /may not be read/);
      assert.deepEqual(fake.opened, []);
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it("names the devices there are when the one asked for is not among them", async () => {
    const error = await rejected(board.printer("printer9").print(Buffer.from("x")), "ENODEV", /it has printer0/);
    assert.equal(error.origin, "peer");
    await rejected(board.printer("camera").status(), "ENODEV", /it has printer0/);
  });

  it("rejects with the board's words when the printer fails, and says how far it came", async () => {
    fake.failAfter = 5000;
    const error = await rejected(board.printer("printer0").print(randomBytes(200_000)), "EIO", /look at the paper/);
    assert.equal(error.origin, "device");
    assert.ok(error.reach!.taken >= 5000 && error.reach!.taken < 6000);
    assert.ok(error.reach!.accepted >= error.reach!.taken);
    fake.failAfter = Infinity;
    await inTime(clock, board.printer("printer0").print(Buffer.from("next")));
    assert.equal(fake.jobs[1]!.toString(), "next");
  });

  it("takes the job back when it is given up, and the next one prints", async () => {
    const controller = new AbortController();
    const work = board.printer("printer0").print(randomBytes(100_000), { signal: controller.signal });
    work.catch(() => undefined);
    await clock.run(1000);
    controller.abort();
    const error = await rejected(work, "ECANCELED", /bytes had gone to the printer.*nothing is printed again/);
    assert.ok(error.reach!.taken > 8000 && error.reach!.taken < 13_000, `${error.reach!.taken}`);
    await clock.run(100);
    assert.match(fake.ends[0]!, /^ECANCELED/);
    assert.ok(fake.jobs[0]!.length < 13_000);
    await inTime(clock, board.printer("printer0").print(Buffer.from("next")));
    assert.equal(fake.jobs[1]!.toString(), "next");
  });

  it("gives a job up before it began", async () => {
    const signal = AbortSignal.abort();
    await rejected(board.printer("printer0").print(Buffer.from("x"), { signal }), "ECANCELED", /given up/);
    assert.deepEqual(fake.jobs, []);
  });

  for (const [keep, told] of [
    [false, /^ECANCELED/],
    [true, /^EINTR/],
  ] as const)
    it(`given up while its socket is opening: the board ${keep ? "keeps it for a repeat" : "is told"}`, async () => {
      const controller = new AbortController();
      const options = { signal: controller.signal, job: "a", keep };
      const work = board.printer("printer0").print(Buffer.from("x"), options);
      work.catch(() => undefined);
      for (let i = 0; i < 20; i++) await Promise.resolve();
      assert.deepEqual(fake.opened, [], "not before the board has heard of it");
      controller.abort();
      const words = keep ? /was left to a repeat/ : /was given up/;
      await rejected(work, "ECANCELED", words);
      await clock.run(100);
      assert.equal(fake.opened.length, 1);
      assert.match(fake.ends[0]!, told);
    });

  it("an onProgress that throws ends the job as an abort does, and its error is the cause", async () => {
    const bug = new TypeError("no such bar");
    const onProgress = ({ taken }: PrintProgress): void => {
      if (taken > 2000) throw bug;
    };
    const work = board.printer("printer0").print(randomBytes(100_000), { onProgress });
    const error = await rejected(work, "ECANCELED", /was given up: onProgress threw TypeError: no such bar/);
    assert.equal(error.cause, bug);
    await clock.run(100);
    assert.match(fake.ends[0]!, /^ECANCELED: .*no such bar/);
    assert.ok(fake.jobs[0]!.length < 20_000);
  });

  it("gives up a job that takes longer than its timeout", async () => {
    fake.rate = 0;
    await rejected(
      board.printer("printer0").print(Buffer.from("x"), { timeout: 3000 }),
      "ETIMEDOUT",
      /longer than 3 s and was given up.*a repeat as job \w+ is told at which byte/,
    );
    assert.ok(clock.now() < 3100);
    await clock.run(100);
    assert.match(fake.ends[0]!, /^ECANCELED: .*longer than 3 s/);
  });

  it("leaves a job that takes longer than its timeout to a repeat when it shall be kept", async () => {
    fake.rate = 0;
    const work = board.printer("printer0").print(Buffer.from("x"), { timeout: 3000, job: "a", keep: true });
    await rejected(work, "ETIMEDOUT", /was left to a repeat.*print it as job a and it goes on/);
    await clock.run(100);
    assert.match(fake.ends[0]!, /^EINTR/);
  });

  it("gives up a job whose source goes silent, without waiting for it", async () => {
    const source = new PassThrough();
    source.write("first");
    const controller = new AbortController();
    const work = board.printer("printer0").print(source, { signal: controller.signal });
    work.catch(() => undefined);
    await clock.run(500);
    controller.abort();
    await rejected(work, "ECANCELED", /given up/);
    assert.ok(source.destroyed);
    await clock.run(100);
  });

  it("resets the job when its source fails", async () => {
    const source = new Readable({ read() {} });
    source.push("first");
    const work = board.printer("printer0").print(source);
    work.catch(() => undefined);
    await clock.run(100);
    source.destroy(Object.assign(new Error("the disk is gone"), { code: "EIO" }));
    await rejected(work, "EIO", /the disk is gone.*nothing is printed again/);
    await clock.run(100);
    assert.match(fake.ends[0]!, /^ECANCELED: .*the disk is gone/);
  });

  for (const [how, change] of [
    ["grows", (file: string) => appendFile(file, "more")],
    ["is cut off", (file: string) => truncate(file, 190_000)],
    ["gets other bytes", (file: string) => writeFile(file, "other".repeat(40_000))],
  ] as const)
    it(`gives up a file that ${how} while it is printed: the board was told of other bytes`, async () => {
      const dir = await mkdtemp(join(tmpdir(), "devsock-"));
      try {
        const file = join(dir, "spool");
        await writeFile(file, "line\n".repeat(40_000));
        let changed: Promise<void> | undefined;
        const work = board.printer("printer0").print(file, {
          ...{ job: "spool", keep: true },
          onProgress: ({ taken }) => void (taken > 2000 && (changed ??= change(file))),
        });
        await rejected(work, "ESTALE", /spool was changed while it was printed; print it under another id/);
        await clock.run(100);
        assert.match(fake.ends[0]!, /^ECANCELED: .*spool was changed/);
        assert.ok(fake.jobs[0]!.length < 200_000, `${fake.jobs[0]!.length}`);
      } finally {
        await rm(dir, { recursive: true });
      }
    });

  it("says how far it came when the link dies, and repeats nothing", async () => {
    const work = board.printer("printer0").print(randomBytes(100_000));
    work.catch(() => undefined);
    await clock.run(2000);
    fake.sessions[0]!.die();
    const error = await rejected(work, "ECONNRESET", /of 100000 bytes had gone to the printer/);
    assert.equal(error.origin, "link");
    assert.ok(error.reach!.taken > 19_000 && error.reach!.accepted >= error.reach!.taken);
    assert.equal(fake.jobs.length, 1);
  });

  it("rejects a job when the board object is closed meanwhile", async () => {
    const work = board.printer("printer0").print(randomBytes(100_000));
    work.catch(() => undefined);
    await clock.run(500);
    await inTime(clock, board.close());
    await rejected(work, "ECONNRESET", /link was closed.*nothing is printed again/);
  });

  it("does not take nonsense for a report", async () => {
    fake.serve = (sockets, socket) => {
      sockets.accept(socket);
      socket.send(Buffer.from("hello\n"));
      socket.end();
    };
    await rejected(board.printer("printer0").print(Buffer.from("x")), "EPROTO", /no JSON/);
    await rejected(board.printer("printer0").status(), "EPROTO", /no JSON/);
    fake.serve = (sockets, socket) => {
      sockets.accept(socket);
      socket.ondata = (_frame, from, to) => socket.consume(to - from);
      socket.end();
    };
    await rejected(board.printer("printer0").print(Buffer.from("x")), "EPROTO", /without its result/);
    fake.serve = (sockets, socket) => {
      sockets.accept(socket);
      for (let i = 0; i < 40; i++) socket.send(Buffer.alloc(500, 65));
    };
    await rejected(board.info(), "EPROTO", /more than 16384 bytes/);
    for (const record of ["[]", "7", "{}", '{"name":"x","devices":3}']) {
      fake.serve = (sockets, socket) => {
        sockets.accept(socket);
        socket.send(Buffer.from(record + "\n"));
        socket.end();
      };
      await rejected(board.info(), "EPROTO", /a record whose \w+ is wrong.*update/);
      await rejected(board.printer("printer0").status(), "EPROTO", /a record whose \w+ is wrong.*update/);
    }
    await clock.run(100);
  });

  it("tells the board's devices and a printer's state", async () => {
    fake.status = { ...READY, asb: [0x38, 0, 0x0f, 0], busy: true };
    const status = await inTime(clock, board.printer("printer0").status());
    assert.deepEqual(
      { online: status.online, cover: status.cover, paper: status.paper, summary: status.summary },
      { online: false, cover: "open", paper: "out", summary: "cover open" },
    );
    const info = await inTime(clock, board.info());
    assert.equal(info.name, "fake");
    assert.equal(info.devices[0]!.status.summary, "cover open");
    assert.deepEqual(
      (await inTime(clock, board.devices())).map((device) => device.name),
      ["printer0"],
    );
    assert.equal(board.terms.firmware, "1.2.3");
  });
});

describe("printing over a bad link", () => {
  for (const [name, traits] of Object.entries({ UDP, SERIAL }))
    it(`prints every byte once over ${name} that drops, doubles and corrupts`, async () => {
      for (let seed = 1; seed <= 4; seed++) {
        const clock = new VirtualClock();
        const fake = new FakeBoard(clock);
        const faults = { drop: 0.05, double: 0.05, corrupt: 0.05, reorder: traits.datagram ? 0.1 : 0, seed };
        const transport = faulty(fake.line(traits, { delay: 2 }).transport, faults, clock);
        const board = await inTime(clock, connect(transport, { clock }));
        const job = randomBytes(30_000);
        const report = await inTime(clock, board.printer("printer0").print(job));
        assert.ok(fake.jobs[0]!.equals(job), `seed ${seed}`);
        assert.equal(report.taken, 30_000);
        const { dropped, doubled, corrupted } = transport.counters;
        assert.ok(dropped > 0 && doubled > 0 && corrupted > 0, `seed ${seed}: nothing was hurt`);
        await inTime(clock, board.close());
      }
    });
});
