import assert from "node:assert/strict";
import { discover } from "../../host/index.js";
import type { DiscoverOptions } from "../../host/index.js";
import { hmacKey, probe, Probe } from "../../protocols/index.js";
import { LINK_PORT, Rig, withFirmware } from "./rig.js";

const KEY = Buffer.alloc(32, 0x9f);
const OTHER = Buffer.alloc(32, 0x11);

type Found = Awaited<ReturnType<typeof boards>>[number];

/** What is found at the rig's board, with what passes counted. */
async function boards(rig: Rig, options: DiscoverOptions = {}) {
  const openSocket: DiscoverOptions["openSocket"] = async (heard) => {
    const socket = rig.network.datagram();
    socket.onMessage(({ data, address, port }) => heard(data, { address, port }));
    return { send: (frame, port) => socket.send(frame, port), close: () => socket.close() };
  };
  const all = [];
  const search = discover({ clock: rig.clock, addresses: ["127.0.0.1"], openSocket, ...options });
  for await (const board of search) all.push(board);
  return all;
}

describe("end to end: boards are found", function () {
  this.timeout(30_000);
  withFirmware();

  it("without a key: name, address, firmware, devices and how they are, once", async () => {
    const rig = new Rig({ config: { name: "frontdesk" } });
    await rig.run(3000);
    const host = await rig.connect("tcp");
    const [board, ...more] = await rig.during(boards(rig));
    assert.deepEqual(more, []);
    const { uptime, firmware, ...rest } = board!;
    assert.match(firmware!, /^\d/);
    assert.ok(uptime! >= 3 && uptime! < 10, String(uptime));
    assert.deepEqual(rest, {
      ...{ address: "tcp://127.0.0.1:9180", udp: "udp://127.0.0.1:9180", name: "frontdesk", board: "linux" },
      ...{ access: "open", protocol: 3, sessions: 1, more: 0 },
      devices: [{ name: "printer0", driver: "escpos", state: "ready" }],
    });
    await rig.during(host.close());
    await rig.finish();
  });

  it("with a key: who has it is told all, proved; others a name alone, and a session says nothing of it", async () => {
    const rig = new Rig({ key: KEY, config: { name: "ward" } });
    await rig.run(3000);
    const locked: Found = {
      ...{ address: "tcp://127.0.0.1:9180", udp: "udp://127.0.0.1:9180", name: "ward", board: "linux" },
      ...{ access: "locked", protocol: 3 },
    };
    assert.deepEqual(await rig.during(boards(rig)), [locked]);
    assert.deepEqual(await rig.during(boards(rig, { key: OTHER })), [locked]);
    for (const key of [KEY, [OTHER, KEY], [KEY, OTHER]]) {
      const [board, ...more] = await rig.during(boards(rig, { key }));
      assert.deepEqual(more, []);
      assert.equal(board!.access, "proved");
      assert.equal(board!.devices!.length, 1);
    }
    // Another board's key is no attack.
    await rig.finish({ forged: 0 });
  });

  it("of more devices than an answer holds the first ones, and how many more", async () => {
    const names = Array.from({ length: 12 }, (_, i) => `thermometer-${i}`);
    const devices = Object.fromEntries(
      names.map((name, i) => [name, { driver: "ds18b20", pins: { data: `D${i + 2}` } }]),
    );
    const rig = new Rig({ config: { name: "n".repeat(60), devices } });
    const [board] = await rig.during(boards(rig));
    const { devices: listed, more } = board!;
    assert.ok(listed!.length >= 3 && more! >= 3, JSON.stringify(board));
    assert.equal(listed!.length + more!, 12);
    rig.board.powerOff();
  });

  it("over a network that loses and doubles every fifth datagram, and damages every tenth", async () => {
    let found = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const rig = new Rig({
        seed,
        key: KEY,
        network: { faults: { loss: 0.2, duplicate: 0.2, corrupt: 0.1 }, latency: 5 },
      });
      found += (await rig.during(boards(rig, { key: KEY }))).length;
      rig.board.powerOff();
    }
    assert.ok(found >= 16, `${found} of 20 seeds`);
  });

  it("an answer is no longer than its probe, ten are given a second, and nothing is kept", async () => {
    const rig = new Rig({ key: KEY });
    await rig.run(3000);
    const before = rig.board.memory().usage;
    const socket = rig.network.datagram();
    let answers = 0;
    socket.onMessage(({ data }) => {
      answers++;
      assert.ok(data.length <= 412);
    });
    const { frame } = probe(Buffer.alloc(8, 7), hmacKey(KEY), Probe.long);
    for (let i = 0; i < 1000; i++) {
      socket.send(frame, LINK_PORT);
      await rig.run(2);
    }
    assert.ok(answers >= 15 && answers <= 21, `${answers} answers in 2 s`);
    // A short one that asks for more than fits.
    await rig.run(200);
    let short = 0;
    socket.onMessage(({ data }) => (short = data.length));
    socket.send(probe(Buffer.alloc(8, 7), hmacKey(KEY), Probe.short).frame, LINK_PORT);
    await rig.run(50);
    assert.ok(short > 100 && short <= Probe.short + 12, String(short));
    short = 0;
    await rig.run(200);
    socket.send(probe(Buffer.alloc(8, 7), hmacKey(KEY), 60).frame, LINK_PORT);
    await rig.run(50);
    assert.equal(short, 0);
    socket.close();
    assert.equal(rig.board.memory().usage, before);
    await rig.finish({ unanswered: { least: 900 } });
  });
});
