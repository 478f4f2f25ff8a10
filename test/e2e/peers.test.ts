/** Two boards without a host, in virtual time: sockets of one to devices of the other. `SEED=7` repeats one run. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { boards } from "../../boards/index.js";
import { Stamp } from "../../protocols/service/clock.js";
import { decodeSamples } from "../../protocols/service/samples.js";
import type { NetlinkRecord } from "../../host/index.js";
import { Nonin } from "../../simulator/peripheral/sensor/nonin.js";
import { Random } from "../../simulator/random.js";
import { everyByte } from "./payloads.js";
import { LINK_PORT, RAW_PORT, Rig, withFirmware } from "./rig.js";
import type { RigOptions, Client } from "./rig.js";
import { DEVICES } from "./sensor-listener.js";

const WARD3 = "192.168.1.7";
const DESK = "192.168.1.8";
const KEY = Buffer.alloc(32, 7);
const WRONG = Buffer.alloc(32, 8);

const text = (path: string): string => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "latin1");

/** A board `desk` that dials, and one `ward3` that is dialled, in one network and one time. */
interface Pair {
  desk: Rig;
  ward3: Rig;
}

interface PairOptions {
  seed?: number;
  desk?: RigOptions;
  ward3?: RigOptions;
  /** What `desk` takes for the other one's key. */
  key?: Uint8Array | undefined;
}

function pair({ seed = 1, desk = {}, ward3 = {}, key = ward3.key }: PairOptions = {}): Pair {
  const other = new Rig({ seed, ...ward3, config: { name: "ward3", ...ward3.config } });
  const peers = {
    ward3: {
      address: `${WARD3}:${LINK_PORT}`,
      ...(key ? { key: Buffer.from(key).toString("hex") } : { insecure: true }),
    },
  };
  const config = { name: "desk", peers, ...desk.config };
  const one = new Rig({ seed: seed + 100, ...desk, clock: other.clock, config });
  one.network.route(WARD3, other.network);
  other.network.route(DESK, one.network);
  return { desk: one, ward3: other };
}

/** A port 9100 whose printer hangs on the other board. */
const PORT = { endpoints: [{ service: "raw", peer: "ward3", device: "printer0", port: RAW_PORT }] };

/** A program of `desk` with the module `sockets`, that says what it has to say in lines that begin with @. */
function program(source: string): RigOptions["program"] {
  const head = 'var sockets=require("sockets");function say(t){print("@"+t)}\n';
  const files = { sockets: text("dist/firmware/linux.sockets.js"), program: head + source };
  return { files, start: 'setTimeout(function(){require("program")},500);' };
}

const said = ({ console }: Rig): string[] =>
  console.filter((line) => line.startsWith("@")).map((line) => line.slice(1));

/** Prints a job of so many bytes at the other board, and says how its report ends. */
const PRINT = (bytes: number, from: string): string => `
var s = sockets.socket(sockets.AF_DEVICE, sockets.SOCK_STREAM), sent = 0, report = "";
function piece() {
  var t = "";
  for (var i = 0; i < 200 && sent < ${bytes}; i++) t += String.fromCharCode(sent++ & 255);
  return t;
}
function write(error) {
  if (error) return say("failed " + error.code);
  if (sent < ${bytes}) return sockets.send(s, piece(), 0, write);
  sockets.shutdown(s, sockets.SHUT_WR);
}
function read(error, data) {
  if (error) return say("failed " + error.code);
  if (data !== null) { report += data; return sockets.recv(s, 512, 0, read); }
  var last = JSON.parse(report.trim().split("\\n").pop());
  say("done " + last.done + " taken " + last.taken);
  sockets.close(s);
}
sockets.connect(s, "${from}", function (error) {
  if (error) return say("refused " + error.message);
  sockets.recv(s, 512, 0, read);
  write(null);
});`;

/** The bytes of PRINT. */
const counted = (bytes: number): Buffer => Buffer.from(Array.from({ length: bytes }, (_, i) => i & 255));

const RECORD = `
var s = sockets.socket(sockets.AF_DEVICE, sockets.SOCK_SEQPACKET);
function read(error, data) {
  if (error || data === null) return say("ended " + (error ? error.code : ""));
  say(btoa(data));
  sockets.recv(s, 1000, 0, read);
}
sockets.connect(s, "ward3#s0:samples", function (error) {
  if (error) return say("refused " + error.code);
  sockets.recv(s, 1000, 0, read);
});`;

async function listen(rig: Rig): Promise<NetlinkRecord[]> {
  const host = await rig.connect("tcp");
  const netlink = await rig.during(host.netlink());
  const records: NetlinkRecord[] = [];
  void (async () => {
    for await (const record of netlink) records.push(record);
  })().catch(() => undefined);
  return records;
}

const peerSays = (records: NetlinkRecord[]): string[] =>
  records.flatMap(({ peer }) => (peer ? [`${peer.up ? "up" : "down"} ${peer.why.split(":")[0]}`.trim()] : []));

describe("end to end: two boards without a host", function () {
  this.timeout(60_000);
  withFirmware();

  for (const key of [undefined, KEY])
    it(`a job on one board's port 9100 comes out of the other's printer${key ? ", with a key" : ""}`, async () => {
      const { desk, ward3 } = pair({ desk: { config: PORT }, ward3: { ...(key && { key }) } });
      const job = everyByte(20_000);
      // Its memory before anybody came.
      await ward3.during((await ward3.connect("udp")).close());
      const client = desk.dial().write(job);
      await desk.run(500);
      // Held at the printer's pace, and not in either board's memory.
      assert.ok(client.taken < 16_000, `${client.taken}`);
      client.end();
      await ward3.untilPrinted(job.length);
      await ward3.untilIdle();
      ward3.assertPrinted(job);
      await ward3.finish();
    });

  for (const board of ["espruino-wifi", "pico-wiznet", "nucleo-f411"])
    it(`${board} has a build with it, for a port whose printer hangs on another board`, async () => {
      // The AT command has one port for connections that come.
      const links = ["udp"] as const;
      const { crypto } = boards.find(({ id }) => id === board)!;
      const ward = crypto ? { key: KEY } : {};
      const { desk, ward3 } = pair({ desk: { board, links, config: { ...PORT, devices: {} } }, ward3: ward });
      await desk.run(5000);
      const job = everyByte(20_000);
      const client = desk.dial().write(job);
      client.end();
      await ward3.untilPrinted(job.length);
      await ward3.untilIdle();
      ward3.assertPrinted(job);
      assert.deepEqual(desk.console, []);
    });

  it("what the printer says comes back to the client, and the connection ends with the job", async () => {
    const { desk, ward3 } = pair({ desk: { config: PORT } });
    const client = desk.dial().write("\x10\x04\x01");
    await desk.until(() => client.back.length > 0);
    assert.equal(client.back.toString("hex"), "12");
    client.end();
    await desk.run(3000);
    assert.equal(client.closed, "end");
    await ward3.untilIdle();
    ward3.assertPrinted(Buffer.from("\x10\x04\x01", "latin1"));
  });

  it("a program prints at the other board, and reads the job's report", async () => {
    const { desk, ward3 } = pair({ desk: { program: program(PRINT(9000, "ward3#printer0")) }, ward3: { key: KEY } });
    await desk.until(() => said(desk).length > 0);
    assert.deepEqual(said(desk), ["done true taken 9000"]);
    ward3.assertPrinted(counted(9000));
  });

  it("a program records a sensor of the other board over cut connections: no unit is missing, none comes twice", async () => {
    const seed = Number(process.env["SEED"] ?? 1);
    const wards = { devices: { s0: DEVICES.nonin }, peripherals: { s0: new Nonin() }, key: KEY };
    const { desk } = pair({ seed, desk: { program: program(RECORD) }, ward3: wards });
    const random = new Random(seed);
    await desk.until(() => said(desk).length > 0);
    for (let cuts = 0; cuts < 10; cuts++) {
      await desk.run(500 + (random.next() % 3000));
      desk.network.cut();
    }
    await desk.run(5000);
    let next = 0;
    for (const line of said(desk)) {
      const message = decodeSamples(0, Buffer.from(line, "base64").subarray(Stamp.bytes))!;
      assert.equal(message.kind, "batch", `seed ${seed}: ${line}`);
      assert.equal(message.number, next, `seed ${seed}`);
      next += message.kind === "batch" ? message.data.length : NaN;
    }
    // 75 frames of five bytes a second.
    assert.ok(next > 14 * 375, `seed ${seed}: ${next} bytes`);
  });

  it("a job whose connection is cut again and again prints once, whole", async () => {
    for (let seed = 1; seed <= 6; seed++) {
      const { desk, ward3 } = pair({ seed, desk: { config: PORT }, ward3: seed % 2 ? { key: KEY } : {} });
      const random = new Random(seed);
      const job = everyByte(12_000);
      const client = desk.dial().write(job);
      for (let cuts = 0; cuts < 6; cuts++) {
        await desk.run(random.next() % 300);
        ward3.network.cut();
      }
      await ward3.untilPrinted(job.length);
      client.end();
      await desk.run(5000);
      ward3.assertPrinted(job);
      const host = await desk.connect("tcp");
      const { resumed } = await desk.during(host.counters());
      assert.ok(resumed! >= 2, `seed ${seed}: went on ${resumed} times`);
    }
  });

  it("a wrong key is told at once, and the next try waits", async () => {
    const { desk, ward3 } = pair({
      key: WRONG,
      ward3: { key: KEY },
      desk: { program: program(PRINT(100, "ward3#printer0")) },
    });
    const records = await listen(desk);
    const start = desk.clock.now();
    await desk.until(() => said(desk).length > 0);
    assert.match(said(desk)[0]!, /^refused that is not this board's key/);
    assert.ok(desk.clock.now() - start < 2000);
    assert.deepEqual(peerSays(records), ["down EACCES"]);
    await ward3.finish({ forged: 1, unfinished: 1 });
  });

  it("a peer that is away: who wants it waits for 10 s and is told, and it is found when it is back [SVC-52]", async () => {
    const { desk, ward3 } = pair({ desk: { config: PORT } });
    ward3.board.powerOff();
    const start = desk.clock.now();
    const first = desk.dial().write("lost");
    await desk.until(() => first.closed !== "no");
    const waited = desk.clock.now() - start;
    assert.ok(waited > 9000 && waited < 11_000, `${waited}`);
    const host = await desk.connect("tcp");
    const { peers, counters } = await desk.during(host.info());
    assert.equal(peers?.[0]?.state, "idle");
    assert.match(peers[0].why, /^ECONNREFUSED: ward3 at 192.168.1.7:9180 does not answer/);
    assert.equal(counters["unrelayed"], 1);
    assert.ok(counters["undialled"]! >= 3 && counters["undialled"]! <= 5, `${counters["undialled"]}`);
    ward3.board.powerOn();
    const job = everyByte(3000);
    // The pause after the tries that failed is kept: 16 s at the most by then.
    await desk.run(16_000);
    desk.dial().write(job).end();
    await ward3.untilPrinted(job.length);
    await ward3.untilIdle();
    ward3.assertPrinted(job);
  });

  it("a peer that starts anew in the midst of a job: its socket ends, and the next job goes to it", async () => {
    const { desk, ward3 } = pair({ desk: { config: PORT } });
    const records = await listen(desk);
    const client = desk.dial().write(everyByte(20_000));
    await ward3.untilPrinted(3000);
    ward3.board.powerCycle();
    await desk.until(() => client.closed !== "no");
    assert.equal(peerSays(records)[0], "up");
    assert.ok(peerSays(records).includes("down ECONNRESET"));
    const before = ward3.printer.log.end;
    const job = everyByte(2000);
    desk.dial().write(job).end();
    await ward3.untilPrinted(before + job.length);
    await ward3.run(3000);
    assert.ok(ward3.printer.log.bytes.includes(job));
  });

  it("a connection that stays away: sockets end after 30 s with what was lost", async () => {
    const { desk, ward3 } = pair({ desk: { program: program(PRINT(60_000, "ward3#printer0")) } });
    await ward3.untilPrinted(3000);
    const start = desk.clock.now();
    ward3.board.powerOff();
    await desk.until(() => said(desk).length > 0);
    const took = desk.clock.now() - start;
    assert.match(said(desk)[0]!, /^failed ETIMEDOUT/);
    assert.ok(took > 25_000 && took < 32_000, `${took}`);
  });

  it("two boards that dial each other: both jobs print, while hosts print at both", async () => {
    const back = {
      peers: { desk: { address: `${DESK}:${LINK_PORT}` } },
      endpoints: [{ service: "raw", peer: "desk", device: "printer0", port: RAW_PORT }],
    };
    const { desk, ward3 } = pair({ desk: { config: PORT }, ward3: { config: back } });
    const jobs = [everyByte(8000), everyByte(7000).reverse()];
    const clients: Client[] = [desk.dial().write(jobs[0]!), ward3.dial().write(jobs[1]!)];
    await desk.run(1000);
    const hosts = [await desk.connect("tcp"), await ward3.connect("tcp")];
    const own = hosts.map((host) => host.printer("printer0").print(Buffer.from("a host's own")));
    for (const client of clients) client.end();
    await desk.during(Promise.all(own));
    await ward3.untilPrinted(jobs[0]!.length);
    await desk.untilPrinted(jobs[1]!.length);
    ward3.assertPrinted(jobs[0]!, Buffer.from("a host's own"));
    desk.assertPrinted(jobs[1]!, Buffer.from("a host's own"));
  });

  it("a session that nobody needs is left, and a hundred jobs leave nothing behind", async () => {
    const { desk, ward3 } = pair({ desk: { config: PORT } });
    let usage: number | undefined;
    for (let i = 0; i < 100; i++) {
      desk.dial().write("x").end();
      await desk.run(15_000);
      usage ??= desk.board.memory().usage;
      assert.equal(desk.board.memory().usage, usage, `after ${i + 1} jobs`);
    }
    await ward3.untilIdle();
    assert.equal(ward3.printed, 100);
    await ward3.finish();
  });

  it("a board lets its peer open nothing over the session that it dialled", async () => {
    const { desk, ward3 } = pair({
      desk: { config: PORT },
      ward3: { program: program(PRINT(10, "host:printer0")) },
    });
    const client = desk.dial().write("x");
    await desk.run(1500);
    assert.match(said(ward3)[0]!, /^refused this board dials only/);
    client.end();
  });

  it("the text that opens a socket on a host and on a board opens one to another board", async () => {
    const files = { sockets: text("dist/firmware/linux.sockets.js"), same: text("examples/same-text.cjs") };
    const start = `setTimeout(function(){require("same")(require("sockets"),print,"ward3#printer0:status")},1500);`;
    const { desk } = pair({ desk: { program: { files, start } } });
    await desk.until(() => desk.console.length > 0);
    assert.deepEqual(desk.console, ["printer0: answers, 0 jobs"]);
  });

  it("an address of no peer is a device that is not there", async () => {
    const { desk } = pair({ desk: { program: program(PRINT(10, "ward9#printer0")) } });
    await desk.until(() => said(desk).length > 0);
    assert.match(said(desk)[0]!, /^refused there is no ward9#printer0 on this board/);
  });
});
