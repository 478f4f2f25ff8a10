import assert from "node:assert/strict";
import type { DatagramFaults } from "../../simulator/network/memory-datagrams.js";
import { run } from "./board.js";

const ECHO = `
  var u = require("dgram").createSocket("udp4");
  u.on("message", function (m, from) { print(m.length, from.size, from.address); u.send(m, from.port, from.address) });
  u.on("close", function () { print("close") });
  u.bind(80);`;

describe("simulated interpreter: UDP", () => {
  it("cuts datagrams at 528 bytes and says nothing", async () => {
    const board = run(ECHO);
    const socket = board.network.datagram();
    const back: number[] = [];
    socket.onMessage(({ data }) => void back.push(data.length));
    for (const length of [1, 528, 529, 1400]) {
      socket.send(new Uint8Array(length), 80);
      await board.clock.run(5);
    }
    assert.deepEqual(back, [1, 528, 528, 528]);
    assert.equal(board.runtime.counters.cut, 1 + 872);
  });

  it("cuts earlier on a board with smaller chunks", async () => {
    const board = run(ECHO, { limits: { chunk: 268 } });
    board.network.datagram().send(new Uint8Array(500), 80);
    await board.clock.run(5);
    assert.deepEqual(board.lines, ["260 260 127.0.0.1"]);
  });

  it("may be closed by a datagram without a byte", async () => {
    const board = run(ECHO);
    const socket = board.network.datagram();
    for (let i = 0; i < 20; i++) socket.send(new Uint8Array(0), 80);
    await board.clock.run(50);
    assert.deepEqual(board.lines, ["close", "close"], "told twice, and nothing delivered");
  });

  it("loses what does not fit into the network's buffer while it is busy", async () => {
    const board = run(ECHO);
    board.runtime.busy(100);
    const socket = board.network.datagram();
    for (let i = 0; i < 12; i++) socket.send(Uint8Array.of(i), 80);
    await board.clock.run(200);
    assert.equal(board.lines.length, 8);
  });

  it("meets the faults of the network, the same ones from the same seed", async () => {
    const faults: DatagramFaults = { loss: 0.1, duplicate: 0.1, reorder: 0.1, corrupt: 0.1 };
    async function received(seed: number): Promise<string> {
      const board = run("print('ready')", { network: { seed, latency: 2, faults } });
      const to = board.network.datagram(5000);
      const from = board.network.datagram();
      const seen: string[] = [];
      to.onMessage(({ data }) => void seen.push(Buffer.from(data).toString("hex")));
      for (let i = 0; i < 200; i++) {
        from.send(Uint8Array.of(i, i), 5000);
        await board.clock.run(3);
      }
      await board.clock.run(50);
      for (const name of ["lost", "duplicated", "reordered", "corrupted"] as const)
        assert.ok(from.counters[name] > 5, `${name}: ${from.counters[name]}`);
      assert.equal(seen.length, 200 - from.counters.lost + from.counters.duplicated);
      return seen.join();
    }
    assert.equal(await received(7), await received(7));
    assert.notEqual(await received(7), await received(8));
  });
});
