import assert from "node:assert/strict";
import type { Board, DevsockError, JobReport, PrintOptions } from "../../host/index.js";
import { Random } from "../../simulator/random.js";
import { mortal } from "../support/mortal.js";
import { everyByte, rasterPage } from "./payloads.js";
import { linkKinds, Rig, withFirmware } from "./rig.js";
import type { RigOptions } from "./rig.js";

const LINES = Buffer.from(Array.from({ length: 400 }, (_, i) => `line ${i}\n`).join(""));
const NEXT = Buffer.from("next\n");
const SLOW: RigOptions = { printer: { speed: 3000 } };

/** Two printers on one board, the second of which says nothing and is slow. */
const TWO = {
  devices: {
    printer0: { driver: "escpos", uart: "Serial1", baud: 115_200, flow: "xonxoff", path: "/dev/null" },
    printer1: { driver: "escpos", uart: "Serial3", baud: 9600, answers: false, path: "/dev/null" },
  },
};

class Records extends Rig {
  /** What came of a job: a report or an error. */
  outcome(host: Board, source: Buffer, options: PrintOptions, printer = "printer0"): Promise<JobReport | DevsockError> {
    return host
      .printer(printer)
      .print(source, options)
      .catch((error: DevsockError) => error);
  }

  async prints(host: Board, source: Buffer, options: PrintOptions): Promise<void> {
    const outcome = await this.during(this.outcome(host, source, options), 60_000);
    assert.ok("taken" in outcome && outcome.taken === source.length, JSON.stringify(outcome));
  }

  /** Begins a job and gives it up. */
  async stopped(host: Board, id: string, bytes: number): Promise<void> {
    const stop = new AbortController();
    const work = this.outcome(host, LINES, { job: id, signal: stop.signal });
    await this.untilPrinted(bytes);
    stop.abort();
    await this.during(work);
  }

  /** How far it came, as the board says. */
  async sent(host: Board, source: Buffer, id: string): Promise<{ least: number; most: number | null }> {
    const error = (await this.during(this.outcome(host, source, { job: id }))) as DevsockError;
    assert.ok(error.reach?.sent, String(error));
    return error.reach.sent;
  }

  assertQuiet(): void {
    assert.deepEqual(this.console, []);
    assert.equal(this.board.runtime.counters.exceptions, 0);
  }
}

describe("end to end: the records of jobs with an id", function () {
  this.timeout(60_000);
  withFirmware();

  it("no room in Storage: ENOSPC, jobs without an id print, and so do others when there is room again", async () => {
    const rig = new Records();
    const { storage } = rig.board;
    storage.write("fill", Buffer.from("x"), 0, storage.free - 300);
    const host = await rig.connect("tcp");
    for (const id of ["a", "b"])
      await rig.rejected(host.printer("printer0").print(NEXT, { job: id }), "ENOSPC", /without an id/, 60_000);
    await rig.prints(host, NEXT, { job: null });
    storage.erase("fill");
    await rig.rejected(host.printer("printer0").print(NEXT, { job: "a" }), "ENOSPC", /without an id/, 60_000);
    await rig.run(100);
    await rig.prints(host, NEXT, { job: "a" });
    rig.assertPrinted(NEXT, NEXT);
    await rig.finish();
  });

  it("what was erased makes room for the longest job's record as soon as nothing prints", async () => {
    const rig = new Records();
    const { storage } = rig.board;
    const host = await rig.connect("tcp");
    storage.write("trash", Buffer.from("x"), 0, 2000);
    storage.erase("trash");
    storage.write("fill", Buffer.from("x"), 0, storage.free - 1500 - 32);
    await rig.prints(host, NEXT, { job: "short" });
    await rig.run(100);
    // Of unknown length.
    const socket = await rig.during(host.open("printer0:job/long"));
    let said = "";
    socket.on("data", (data: Buffer) => (said += String(data)));
    socket.end(NEXT);
    await rig.run(5000);
    assert.match(said, /"done":true/);
    rig.assertQuiet();
  });

  it("a job that was given up and waits for its turn again keeps its record", async () => {
    const rig = new Records(SLOW);
    const host = await rig.connect("tcp");
    await rig.stopped(host, "aaa", 1500);
    await rig.run(5000);
    for (let i = 0; i < 15; i++) await rig.prints(host, NEXT, { job: `j${i}` });
    const { least } = await rig.sent(host, LINES, "aaa");
    const big = rig.outcome(host, everyByte(12_000), { job: null });
    await rig.run(300);
    const next = rig.outcome(host, NEXT, { job: "next" });
    await rig.run(300);
    await rig.prints(host, LINES, { job: "aaa", resumeAt: least });
    assert.equal(((await big) as JobReport).taken, 12_000);
    assert.equal(((await next) as JobReport).taken, NEXT.length);
    rig.assertQuiet();
  });

  it("one id on two printers at once: EEXIST, and only one of them prints", async () => {
    const rig = new Records({ config: TWO });
    const host = await rig.connect("tcp");
    const first = rig.outcome(host, NEXT, { job: null }, "printer1");
    const second = rig.outcome(host, LINES, { job: "order" }, "printer1");
    await rig.run(50);
    await rig.rejected(host.printer("printer0").print(LINES, { job: "order" }), "EEXIST", /is a job of printer1/);
    assert.equal(((await rig.during(first)) as JobReport).taken, NEXT.length);
    assert.equal(((await rig.during(second)) as JobReport).taken, LINES.length);
    assert.equal(rig.printed, 0);
    rig.assertQuiet();
  });

  it("a repeat right after it was given up waits until it is certain how far the job came", async () => {
    const rig = new Records(SLOW);
    const host = await rig.connect("tcp");
    await rig.stopped(host, "x", 1500);
    await rig.rejected(host.printer("printer0").print(LINES, { job: "x" }), "EAGAIN", /in two seconds/);
    await rig.run(2500);
    const { least, most } = await rig.sent(host, LINES, "x");
    assert.equal(least, most);
    await rig.prints(host, LINES, { job: "x", resumeAt: least });
    rig.assertPrinted(LINES.subarray(0, least), LINES.subarray(least));
    await rig.finish({ cut: 1 });
  });

  it("a job that rests more often than its record has room for prints, and no bound is wrong after a power cut", async () => {
    for (const cut of [false, true]) {
      const rig = new Records();
      const host = await rig.connect("tcp");
      const socket = await rig.during(host.open("printer0:job/slow/40-00000000"));
      let said = "";
      socket.on("data", (data: Buffer) => (said += String(data)));
      await rig.run(2000);
      for (let i = 0; i < 20; i++) {
        socket.write("ab");
        await rig.run(2500);
        if (cut && i === 14) break;
      }
      if (cut) {
        await rig.during(host.close());
        rig.board.powerCycle();
        const other = await rig.connect("udp");
        const asked = await rig.during(other.open("printer0:job/slow/40-00000000"));
        said = "";
        asked.on("data", (data: Buffer) => (said += String(data)));
        await rig.run(2000);
        const { least, most } = (JSON.parse(said.trim()) as { sent: { least: number; most: number } }).sent;
        assert.ok(least <= 30 && most === 40, said);
      } else {
        socket.end();
        await rig.run(5000);
        assert.match(said, /"done":true/);
      }
      rig.assertQuiet();
    }
  });

  it("a client that sends other than what it said: no done", async () => {
    const rig = new Records();
    const host = await rig.connect("tcp");
    const socket = await rig.during(host.open("printer0:job/short/40-00000000"));
    let said = "";
    socket.on("data", (data: Buffer) => (said += String(data)));
    await rig.run(1000);
    socket.end("12 bytes of\n");
    await rig.run(3000);
    assert.match(said, /"failed":"EBADMSG: 12 bytes came of a job that has 40/);
    assert.doesNotMatch(said, /"done"/);
    rig.assertQuiet();
  });

  it("a client that is gone while the printer has no paper: after 10 minutes the job is given up", async () => {
    const rig = new Records({ printer: { speed: 2000 } });
    const mortalHost = mortal(rig.transport("tcp"));
    const dying = await rig.connect("tcp", () => mortalHost.transport);
    const page = Buffer.alloc(20_000, "a line\n");
    void rig.outcome(dying, page, { job: "page" });
    await rig.untilPrinted(3000);
    rig.printer.setPaper("out");
    await rig.run(1000);
    mortalHost.kill();
    await rig.run(500_000);
    const host = await rig.connect("udp");
    assert.equal((await rig.during(host.printer("printer0").status())).jobs, 1);
    await rig.run(150_000);
    assert.equal((await rig.during(host.printer("printer0").status())).jobs, 0);
    rig.printer.setPaper("ok");
    await rig.run(5000);
    const { least, most } = await rig.sent(host, page, "page");
    assert.ok(least === most && least > 2900, `${least} to ${most}`);
    rig.assertQuiet();
  });

  it("that went on within a command asks again after a second power cut, wherever it seems to rest", async () => {
    const rig = new Records();
    const job = Buffer.concat([rasterPage(20_000), LINES]);
    let at: number | undefined;
    for (const where of [9000, 21_000]) {
      const mortalHost = mortal(rig.transport("tcp"));
      const dying = await rig.connect("tcp", () => mortalHost.transport);
      void rig.outcome(dying, job, { job: "page", resumeAt: at });
      await rig.untilPrinted(where);
      rig.printer.setPaper("out");
      await rig.run(3000);
      mortalHost.kill();
      rig.board.powerCycle();
      rig.printer.setPaper("ok");
      const host = await rig.connect("udp");
      await rig.run(2000);
      const { least } = await rig.sent(host, job, "page");
      if (at !== undefined) assert.ok(least > at);
      at = least;
      await rig.during(host.close());
    }
    rig.assertQuiet();
  });

  it("a power cut within any write to flash: the bounds hold", async () => {
    for (let seed = 1; seed <= 16; seed++) {
      const rig = new Records({ seed });
      const random = new Random(seed);
      const below = (n: number): number => (random.next() >>> 8) % n;
      const kind = linkKinds[seed % 3]!;
      const mortalHost = mortal(rig.transport(kind));
      const dying = await rig.connect(kind, () => mortalHost.transport);
      void rig.outcome(dying, LINES, { job: "a" });
      const { storage } = rig.board;
      const nth = seed <= 8 ? seed : 9 + below(40);
      let torn = false;
      // The bytes before the one in which power goes are there, and of its own bits only some.
      storage.cut = (data) => {
        torn = true;
        const at = below(data.length);
        return data.map((byte, i) => (i < at ? byte : i > at ? 0xff : byte | below(256)));
      };
      storage.spared = nth - 1;
      await rig.until(() => torn);
      mortalHost.kill();
      rig.board.powerCycle();
      const is = rig.printed;
      const host = await rig.connect("tcp");
      const outcome = await rig.during(rig.outcome(host, LINES, { job: "a" }));
      const at = "taken" in outcome ? { least: outcome.from, most: outcome.from } : outcome.reach!.sent!;
      assert.ok(at.least <= is && is <= at.most!, `seed ${seed}, write ${nth}: ${at.least} to ${at.most}, it is ${is}`);
    }
  });
});
