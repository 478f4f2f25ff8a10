import assert from "node:assert/strict";
import { boards } from "../../boards/index.js";
import { bootState, LOG_BYTES, logEntry, LOGS, Mark, WHOLE } from "../../protocols/service/boot-log.js";
import { Random } from "../../simulator/random.js";
import { Rig, withFirmware } from "./rig.js";
import type { RigOptions } from "./rig.js";

const SEED = Number(process.env["SEED"] ?? 1);
/** Slots: the firmware's, and twice the configuration's. */
const A = 0;
const B = 1;

/** A board whose boot file found a log with these entries. */
const withLog = (...entries: Uint8Array[]): Promise<Rig> => rigWithLog({}, ...entries);

async function rigWithLog(options: RigOptions, ...entries: Uint8Array[]): Promise<Rig> {
  const rig = new Rig(options);
  const { storage } = rig.board;
  await rig.run(1000);
  storage.write(LOGS[0]!, Buffer.concat(entries), 0, LOG_BYTES);
  storage.write(LOGS[0]!, Buffer.from([0, 0]), WHOLE);
  rig.board.powerCycle();
  // What the boot file writes takes its time.
  await rig.run(100);
  return rig;
}

/** The interpreter gives up an interval in whose midst somebody says Ctrl-C, or its memory ends: that of the look alone. */
function withoutLook(rig: Rig): void {
  const { timers } = rig.board.runtime as unknown as { timers: { entries: Map<number, { interval?: number }> } };
  const looks = [...timers.entries].filter(([, { interval }]) => interval === 50);
  assert.equal(looks.length, 1);
  for (const [id] of looks) timers.entries.delete(id);
}

/** A second firmware in the slot b. */
function firmware(rig: Rig, text?: string): void {
  rig.board.storage.write("devsock.b", text === undefined ? rig.board.storage.read("devsock")! : Buffer.from(text));
}

async function startOf(rig: Rig): Promise<{ mark: number | undefined; crash: string | undefined; devices: number }> {
  const host = await rig.connect("tcp");
  const { start, crash, devices } = await rig.during(host.info());
  await rig.during(host.close());
  return { mark: start, crash: crash?.why, devices: devices.length };
}

function append(rig: Rig, mark: Mark, slots: number): void {
  const { storage } = rig.board;
  const name = LOGS.find((each) => bootState(storage.read(each)))!;
  storage.write(name, logEntry(mark, slots), bootState(storage.read(name))!.end);
}

/** Something throws where nobody catches it. */
async function blow(rig: Rig, thrown = 'new Error("blown")'): Promise<void> {
  const { boots } = rig.board;
  rig.board.runtime.run(`setTimeout(function(){throw ${thrown}},10)`);
  await rig.until(() => rig.board.boots > boots);
}

const running = (rig: Rig): number => {
  const { storage } = rig.board;
  return bootState(LOGS.map((name) => storage.read(name)).find((log) => bootState(log)))!.last;
};

describe("end to end: slots", function () {
  this.timeout(30_000);
  withFirmware();

  for (const wait of [0, 130, 260, 390])
    it(`what was staged is on trial until a host says hello, however shortly${wait ? `, ${wait} ms later` : ""}; then it stays`, async () => {
      const rig = await withLog(logEntry(Mark.good, A));
      firmware(rig);
      append(rig, Mark.staged, B);
      rig.board.powerCycle();
      await rig.run(1000 + wait);
      assert.equal((await startOf(rig)).mark, Mark.staged);
      await rig.run(300_000);
      rig.board.powerCycle();
      assert.equal((await startOf(rig)).mark, Mark.started);
      assert.equal(running(rig), B);
    });

  for (const { id, builds, network, watchdog } of boards) {
    if (!builds[0]?.features.includes("slots") || watchdog === 0) continue;
    it(`${id}: a trial starts and stays, with a watchdog that bites when the look stands still`, async () => {
      const link = network.sockets > 0 ? "tcp" : "serial";
      const rig = await rigWithLog(
        { board: id, links: [link], config: { devices: {}, endpoints: [] } },
        logEntry(Mark.staged, A),
      );
      const starts = [];
      for (const wait of [2000, 100_000]) {
        await rig.run(wait);
        const host = await rig.connect(link);
        starts.push((await rig.during(host.info())).start);
        await rig.during(host.close());
        await rig.run(200);
        const { boots } = rig.board;
        withoutLook(rig);
        await rig.run(watchdog * 1000 - 600);
        assert.equal(rig.board.boots, boots, rig.console.join());
        await rig.run(1200);
        assert.equal(rig.board.boots, boots + 1);
      }
      assert.deepEqual(starts, [Mark.staged, Mark.started]);
    });
  }

  it("what says nothing is given up after three minutes, and at the next start at the latest", async () => {
    for (const early of [true, false]) {
      const rig = await withLog(logEntry(Mark.good, A));
      firmware(rig, "var dead=1;");
      append(rig, Mark.staged, B);
      rig.board.powerCycle();
      if (early) rig.board.powerCycle();
      else await rig.run(181_000);
      assert.equal((await startOf(rig)).mark, Mark.back);
      assert.equal(running(rig), A);
    }
  });

  it("an exception that nobody catches is written down, peers are told, and the board starts anew", async () => {
    const rig = await withLog(logEntry(Mark.good, A));
    const host = await rig.connect("tcp");
    const socket = await rig.during(host.open("printer0:raw"));
    const ended = new Promise<Error>((resolve) => socket.once("error", resolve));
    await blow(rig);
    assert.match((await rig.during(ended)).message, /^ECONNRESET: .*blown/);
    await rig.during(host.close());
    assert.equal((await startOf(rig)).crash, "uncaught exception: Error: blown");
    await blow(rig, "null");
    assert.equal((await startOf(rig)).crash, "uncaught exception: null");
  });

  it("memory that is exhausted is written down with its counter, peers are told, and the board starts anew", async () => {
    const rig = await withLog(logEntry(Mark.good, A));
    const host = await rig.connect("tcp");
    const socket = await rig.during(host.open("printer0:raw"));
    const ended = new Promise<Error>((resolve) => socket.once("error", resolve));
    const { boots } = rig.board;
    rig.board.runtime.run('setTimeout(function(){E.emit("errorFlag",["LOW_MEMORY","MEMORY"])},10)');
    await rig.until(() => rig.board.boots > boots);
    assert.match((await rig.during(ended)).message, /^ECONNRESET: .*out of memory/);
    await rig.during(host.close());
    const again = await rig.connect("tcp");
    const { crash } = await rig.during(again.info());
    await rig.during(again.close());
    assert.deepEqual([crash?.why, crash?.count, crash?.counters["MEMORY"]], ["out of memory", 1, 1]);
  });

  it("a crash loop ends at what was good before, then with links only, and all is tried again later", async () => {
    const rig = await withLog(logEntry(Mark.good, B), logEntry(Mark.good, A));
    firmware(rig);
    for (let i = 0; i < 4; i++) await blow(rig);
    await rig.run(100);
    assert.equal(running(rig), B);
    for (let i = 0; i < 4; i++) await blow(rig);
    const safe = await startOf(rig);
    assert.deepEqual([safe.mark, safe.devices], [Mark.safe, 0]);
    rig.board.powerCycle();
    assert.equal((await startOf(rig)).devices, 1);
  });

  it("with links only and without a host all is tried again after ten minutes", async () => {
    const rig = await withLog(logEntry(Mark.good, A));
    for (let i = 0; i < 4; i++) await blow(rig);
    const { boots } = rig.board;
    await rig.run(601_000);
    assert.equal(rig.board.boots, boots + 1);
    assert.equal((await startOf(rig)).devices, 1);
  });

  it("a board that is switched on and off 150 times starts each time, and its log stays short", async () => {
    const rig = await withLog(logEntry(Mark.good, A));
    for (let i = 0; i < 150; i++) {
      rig.board.powerCycle();
      await rig.run(31_000);
    }
    assert.equal((await startOf(rig)).devices, 1);
    assert.equal(rig.board.storage.names().filter((name) => LOGS.includes(name)).length, 1);
  });

  it(`power cuts within what the boot file writes never cost a start (seed ${SEED})`, async () => {
    const random = new Random(SEED);
    const rig = await withLog(logEntry(Mark.good, A));
    const { storage } = rig.board;
    firmware(rig);
    for (let i = 0; i < 60; i++) {
      if (i % 7 === 0) append(rig, Mark.staged, i % 2 ? A : B);
      storage.spared = random.next() % 4;
      // Any bit of what is written gets there or does not.
      storage.cut = (data) => data.map((byte) => byte | (random.next() & 255));
      rig.board.powerCycle();
      await rig.run(random.next() % 40_000);
      storage.cut = undefined;
      rig.board.powerCycle();
      assert.ok(bootState(LOGS.map((name) => storage.read(name)).find((log) => bootState(log))), `start ${i}`);
    }
    assert.equal((await startOf(rig)).devices, 1);
  });
});
