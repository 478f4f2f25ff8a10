/** Boards without slots: what ends a start is written down, the next one says so, and a crash loop ends with links only. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { boards, bundleOf } from "../../boards/index.js";
import type { BoardSpec, Build } from "../../boards/index.js";
import type { BoardInfo } from "../../host/index.js";
import { Mark } from "../../protocols/service/boot-log.js";
import { Random } from "../../simulator/random.js";
import { Rig, withFirmware } from "./rig.js";
import type { RigOptions } from "./rig.js";

const SEED = Number(process.env["SEED"] ?? 1);
const KEY = new Uint8Array(32).fill(7);

/** The firmware's look has proved a start, and its watchdog counts. */
const PROVEN = 31_000;

const wiznet: RigOptions = {
  ...{ board: "pico-wiznet", links: ["tcp"], key: KEY, device: { uart: "Serial2" } },
  config: { network: {} },
};
const cable = { links: { serial: { uart: "Serial1", baud: 115_200 } }, devices: {}, endpoints: [] };

/** For each board that has such builds. */
const BOARDS: Record<string, RigOptions> = {
  "pico-wiznet": wiznet,
  "espruino-wifi": { board: "espruino-wifi", links: ["tcp"], key: KEY },
  mdbt42q: { board: "mdbt42q", links: ["tcp"], config: { network: {}, devices: {}, endpoints: [] } },
  microbit2: { board: "microbit2", links: ["serial"], config: cable },
};

const directory = fileURLToPath(new URL("../../dist/firmware/", import.meta.url));

/** A board with one of its builds, with no device that this has no driver for. */
function rigOf(board: BoardSpec, build: Build): Rig {
  const { config, ...options } = BOARDS[board.id]!;
  const read = (ending: string): string => readFileSync(`${directory}${bundleOf(board, build)}${ending}`, "latin1");
  const bare = build.features.includes("raw") ? {} : { devices: {}, endpoints: [] };
  return new Rig({
    ...options,
    firmware: { bundle: read(".js"), boot: read(".boot.js") },
    config: { ...config, ...bare },
  });
}

/** Of a printer's build: what stands before it in its boot file. */
function withBoot(text: string): NonNullable<RigOptions["firmware"]> {
  const read = (ending: string): string => readFileSync(`${directory}pico-wiznet-raw${ending}`, "latin1");
  return { bundle: read(".js"), boot: text + read(".boot.js") };
}

async function infoOf(rig: Rig): Promise<BoardInfo> {
  const host = await rig.connect("tcp");
  const info = await rig.during(host.info());
  await rig.during(host.close());
  return info;
}

/** Runs a line as the board's own, and waits for its next start. */
async function fell(rig: Rig, line: string): Promise<void> {
  const { boots } = rig.board;
  rig.board.runtime.run(line);
  await rig.until(() => rig.board.boots > boots);
  // DHCP, and what joins a network.
  await rig.run(2000);
}

const blow = (rig: Rig): Promise<void> => fell(rig, 'setTimeout(function(){throw new Error("blown")},10)');

describe("end to end: starts of boards without slots", function () {
  this.timeout(60_000);
  withFirmware();

  for (const [board, build] of boards.flatMap((board) => board.builds.map((build) => [board, build] as const))) {
    if (!build.features.includes("watchdog") || build.features.includes("slots")) continue;
    it(`${bundleOf(board, build)}: peers of a board that crashes are told, and it starts anew and says why`, async () => {
      const rig = rigOf(board, build);
      const link = BOARDS[board.id]!.links![0]!;
      await rig.run(PROVEN);
      const host = await rig.connect(link);
      const netlink = await rig.during(host.netlink());
      const ended = (async () => {
        for await (const record of netlink) void record;
      })().catch((error: Error) => error.message);
      const fallen = blow(rig);
      assert.match(String(await rig.during(ended)), /^ECONNRESET: the board starts anew: .*blown/);
      await fallen;
      await rig.during(host.close());
      const again = await rig.connect(link);
      const { start, starts, announced, crash } = await rig.during(again.info());
      await rig.during(again.close());
      assert.deepEqual([start, starts, announced], [Mark.started, 2, true]);
      assert.deepEqual([crash?.why, crash?.count], ["uncaught exception: Error: blown", 1]);
      assert.ok(crash!.uptime >= 31 && crash!.uptime < 40);
    });
  }

  it("a look that stands still is ended by the watchdog, and the next start says that nobody announced it", async () => {
    const rig = new Rig(wiznet);
    await rig.run(PROVEN);
    const { boots } = rig.board;
    await rig.run(100_000);
    assert.equal(rig.board.boots, boots, "it is kicked as long as the look goes on");
    rig.board.runtime.run("clearInterval()");
    await rig.run(25_000);
    assert.equal(rig.board.boots, boots);
    await rig.run(4000);
    assert.equal(rig.board.boots, boots + 1);
    const { starts, announced, crash } = await infoOf(rig);
    assert.deepEqual([starts, announced, crash], [2, false, undefined]);
  });

  it("so is one before the start has proved itself, when the board has its network", async () => {
    for (const options of [wiznet, BOARDS["microbit2"]!]) {
      const rig = new Rig(options);
      await rig.run(3000);
      const { boots } = rig.board;
      rig.board.runtime.run("clearInterval()");
      await rig.run(27_000);
      assert.equal(rig.board.boots, boots + 1);
    }
  });

  for (const [what, end, why] of [
    ["memory that is exhausted", 'E.emit("errorFlag",["MEMORY"])', "out of memory"],
    ["an exception", 'throw new Error("blown")', "uncaught exception: Error: blown"],
  ] as const)
    it(`the watchdog ends what goes down by ${what}, where there is no memory for a timer`, async () => {
      const rig = new Rig({
        ...wiznet,
        firmware: withBoot(
          "var own=setTimeout,none=0;setTimeout=function(){if(!none)return own.apply(null,arguments)};",
        ),
      });
      await rig.run(2000);
      const { boots } = rig.board;
      rig.board.runtime.run(`own(function(){none=1;${end}},10)`);
      await rig.run(20_000);
      assert.equal(rig.board.boots, boots);
      await rig.run(7000);
      assert.equal(rig.board.boots, boots + 1);
      assert.equal((await infoOf(rig)).crash?.why, why);
    });

  it("a power cut is an end that nobody announced; the reason before it stays", async () => {
    const rig = new Rig(wiznet);
    await rig.run(PROVEN);
    await blow(rig);
    rig.board.powerCycle();
    await rig.run(2000);
    const { starts, announced, crash } = await infoOf(rig);
    assert.deepEqual([starts, announced, crash?.count], [3, false, 1]);
  });

  it("memory that is exhausted is written down with its counter, and the board starts anew", async () => {
    const rig = new Rig(wiznet);
    await rig.run(PROVEN);
    await fell(rig, 'setTimeout(function(){E.emit("errorFlag",["LOW_MEMORY","MEMORY"])},10)');
    const { announced, crash } = await infoOf(rig);
    assert.deepEqual([announced, crash?.why, crash?.counters["MEMORY"]], [true, "out of memory", 1]);
  });

  it("a hash for which there is no memory is told as such, and not in the interpreter's words", async () => {
    // As the interpreter's, which gives nothing when it finds no memory.
    const boot =
      'var own=require,none=0;require=function(name){return name=="crypto"?{AES:own(name).AES,SHA256:function(data){return none?undefined:own(name).SHA256(data)}}:own(name)};';
    const rig = new Rig({ ...wiznet, firmware: withBoot(boot) });
    await rig.run(2000);
    const { boots } = rig.board;
    rig.board.runtime.run("none=1");
    await rig.during(rig.connect("tcp").catch(() => undefined));
    await rig.until(() => rig.board.boots > boots);
    await rig.run(2000);
    assert.match(String((await infoOf(rig)).crash?.why), /^uncaught exception: .*ENOMEM: too little memory for a hash/);
  });

  it("four crashes at the start lead to links only, and all is tried again after ten minutes", async () => {
    const rig = new Rig(wiznet);
    await rig.run(2000);
    for (let i = 0; i < 4; i++) {
      assert.equal((await infoOf(rig)).devices.length, 1, `start ${i}`);
      await blow(rig);
    }
    const { start, starts, devices } = await infoOf(rig);
    assert.deepEqual([start, starts, devices], [Mark.safe, 5, []]);
    const { boots } = rig.board;
    await rig.run(1000);
    const host = await rig.connect("tcp");
    const netlink = await rig.during(host.netlink());
    const told = (async () => {
      for await (const record of netlink) void record;
    })().catch((error: Error) => error.message);
    await rig.run(605_000);
    assert.match(String(await told), /^ECONNRESET: .*all of it is tried again/);
    await rig.during(host.close());
    assert.equal(rig.board.boots, boots + 1);
    const next = await infoOf(rig);
    assert.deepEqual([next.start, next.starts, next.devices.length], [Mark.started, 6, 1]);
    assert.deepEqual([next.announced, next.crash?.why], [true, "uncaught exception: Error: blown"]);
    for (let i = 0; i < 4; i++) await blow(rig);
    assert.equal((await infoOf(rig)).start, Mark.safe);
  });

  it("links alone that crash, too, start anew after 20 s and not at once: a host gets in meanwhile", async () => {
    const rig = new Rig(wiznet);
    await rig.run(2000);
    for (let i = 0; i < 4; i++) await blow(rig);
    const { boots } = rig.board;
    rig.board.runtime.run('setTimeout(function(){throw new Error("blown again")},10)');
    await rig.run(15_000);
    const { start, crash } = await infoOf(rig);
    assert.deepEqual(
      [rig.board.boots, start, crash?.why],
      [boots, Mark.safe, "uncaught exception: Error: blown again"],
    );
    await rig.run(7000);
    assert.equal(rig.board.boots, boots + 1);
    await rig.run(2000);
    assert.equal((await infoOf(rig)).start, Mark.safe);
  });

  it("secrets without the configuration that they are of keep no board from starting", async () => {
    const rig = new Rig(wiznet);
    await rig.run(2000);
    const { storage } = rig.board;
    const config = JSON.parse(Buffer.from(storage.read("devsock.json")!).toString()) as Record<string, unknown>;
    storage.write("devsock.json", Buffer.from(JSON.stringify({ ...config, network: undefined })));
    storage.write("devsock.key", Buffer.from('{"network":{"password":"of the lab"},"peers":{"desk":{"key":"00"}}}'));
    await rig.run(100);
    rig.board.powerCycle();
    await rig.run(2000);
    assert.equal((await infoOf(rig)).starts, 2);
  });

  it("crashes of starts that had proved themselves are no crash loop, and neither are power cuts", async () => {
    const rig = new Rig(wiznet);
    for (let i = 0; i < 3; i++) {
      await rig.run(PROVEN);
      await blow(rig);
      await blow(rig);
      rig.board.powerCycle();
    }
    await rig.run(2000);
    assert.equal((await infoOf(rig)).start, Mark.started);
  });

  it("200 starts are counted, in one file that is written anew three times: Storage is compacted for that once at the most", async () => {
    const rig = new Rig(wiznet);
    const { storage } = rig.board;
    await rig.run(2000);
    const { written } = storage;
    for (let i = 1; i < 200; i++) {
      rig.board.powerCycle();
      await rig.run(100);
    }
    await rig.run(2000);
    assert.equal((await infoOf(rig)).starts, 200);
    // A start's three bytes, and what the file begins with.
    assert.equal(storage.written - written, 199 * 3 + 3 * (32 + 4));
    assert.ok(storage.compactions <= 1);
  });

  it("counts more starts than a byte counts files, and begins anew after a power cut that left the file torn", async () => {
    const rig = new Rig(wiznet);
    const { storage } = rig.board;
    await rig.run(2000);
    const started = async (file: Buffer): Promise<number | undefined> => {
      storage.erase("starts");
      storage.write("starts", file);
      // Else the power goes while it is written.
      await rig.run(100);
      rig.board.powerCycle();
      await rig.run(2000);
      return (await infoOf(rig)).starts;
    };
    const full = (...first: number[]): Buffer => Buffer.concat([Buffer.from(first), Buffer.alloc(252)]);
    assert.equal(await started(full(255, 0, 0, 0)), 255 * 63 + 1);
    rig.board.powerCycle();
    await rig.run(2000);
    assert.equal((await infoOf(rig)).starts, 255 * 63 + 2);
    assert.equal(await started(full(0, 1, 0, 0)), 256 * 63 + 1);
    // Nothing, a part of the first word, and that with the first start's.
    const torn = [[], [5], [5, 0], [5, 0, 0, 0, 0]].map((bytes) =>
      Buffer.concat([Buffer.from(bytes), Buffer.alloc(256, 255)]),
    );
    const counts = [];
    for (const file of torn) counts.push(await started(file.subarray(0, 256)));
    assert.deepEqual(counts, [1, 1, 1, 4 * 63 + 1]);
  });

  it("where Storage is full the board starts, goes down and starts again, and counts nothing", async () => {
    const rig = new Rig(wiznet);
    const { storage } = rig.board;
    storage.write("ballast", new Uint8Array(storage.free - 32 - 32));
    rig.board.powerCycle();
    storage.erase("starts");
    storage.write("more", new Uint8Array(storage.free + storage.trash - 32 - 32));
    rig.board.powerCycle();
    await rig.run(PROVEN);
    await blow(rig);
    const { starts, announced, crash } = await infoOf(rig);
    assert.deepEqual([starts, announced, crash], [0, false, undefined]);
  });

  it("the same crash again and again leaves Storage the room that it has left", async () => {
    const rig = new Rig(wiznet);
    const { storage } = rig.board;
    await rig.run(2000);
    for (let i = 0; i < 60; i++) await blow(rig);
    assert.equal(storage.compactions, 0);
    const { crash, starts } = await infoOf(rig);
    assert.equal(starts, 61);
    assert.equal(crash?.why, "uncaught exception: Error: blown");
  });

  it(`power cuts within what a start writes cost no start (seed ${SEED})`, async () => {
    const random = new Random(SEED);
    const rig = new Rig(wiznet);
    const { storage } = rig.board;
    await rig.run(2000);
    for (let i = 0; i < 100; i++) {
      storage.spared = random.next() % 3;
      // Any bit of what is written gets there or does not.
      storage.cut = (data) => data.map((byte) => byte | (random.next() & 255));
      rig.board.powerCycle();
      await rig.run(100);
      if (random.next() % 2) rig.board.runtime.run('setTimeout(function(){throw new Error("blown")},10)');
      await rig.run(100);
      storage.cut = undefined;
      rig.board.powerCycle();
      await rig.run(100);
    }
    await rig.run(PROVEN);
    rig.board.powerCycle();
    await rig.run(2000);
    const { start, devices } = await infoOf(rig);
    assert.deepEqual([start, devices.length], [Mark.started, 1]);
  });
});
