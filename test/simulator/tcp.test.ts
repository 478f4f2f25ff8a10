import assert from "node:assert/strict";
import { run } from "./board.js";

const SINK = `
  var got = 0, most = 0;
  require("net").createServer(function (c) {
    c.on("data", function (d) { got += d.length; most = Math.max(most, d.length) });
    c.on("end", function () { print("end", got, most) });
    c.on("close", function (error) { print("close", error) });
    c.on("error", function (e) { print("error", e.code) });
  }).listen(80);`;

describe("simulated interpreter: TCP", () => {
  it("receives a chunk a turn, all of it, then the end", async () => {
    const board = run(SINK);
    const client = board.network.dial(80);
    client.write(new Uint8Array(5000));
    client.end();
    await board.clock.run(50);
    assert.deepEqual(board.lines, ["end 5000 536", "close false"]);
  });

  it("shows a reset as end and close, without an error", async () => {
    const board = run(SINK);
    const client = board.network.dial(80);
    client.write(new Uint8Array(10));
    await board.clock.run(5);
    client.destroy();
    await board.clock.run(5);
    assert.deepEqual(board.lines, ["end 10 10", "close false"]);
  });

  it("queues what is written without limit, and tells when all is sent", async () => {
    const board = run(`
      require("net").createServer(function (c) {
        c.on("drain", function () { print("drain") });
        for (var i = 0; i < 100; i++) print(c.write("x".repeat(1000)));
      }).listen(80)`);
    const client = board.network.dial(80);
    client.pause();
    await board.clock.run(100);
    assert.equal(new Set(board.lines).size, 1, "nothing but false so far");
    assert.ok(board.runtime.memory().usage > 6000, "it is all in the interpreter's memory");
    let got = 0;
    client.onData((data) => (got += data.length));
    client.pause(false);
    await board.clock.run(200);
    assert.equal(got, 100_000);
    assert.equal(board.lines.at(-1), "drain");
  });

  it("closes both directions at the client's end, and what it had to send is lost with an error", async () => {
    const board = run(SINK.replace('c.on("data"', 'c.write("x".repeat(50000)); c.on("data"'));
    const client = board.network.dial(80);
    client.pause();
    await board.clock.run(20);
    client.end();
    await board.clock.run(50);
    assert.deepEqual(board.lines, ["error -8", "end 0 0", "close true"]);
  });

  it("holds a sender when nobody reads", async () => {
    const board = run("var s; require('net').createServer(function (c) { c.sckt = 0 }).listen(80)");
    const client = board.network.dial(80);
    client.write(new Uint8Array(100_000));
    await board.clock.run(100);
    assert.ok(client.pending > 80_000 && client.pending < 90_000, `${client.pending} bytes wait at the sender`);
  });

  it("turns clients away that it has no sockets for", async () => {
    const board = run(SINK, { limits: { clients: 1 } });
    const first = board.network.dial(80);
    const second = board.network.dial(80);
    let reset: boolean | undefined;
    second.onClose((how) => (reset = how));
    await board.clock.run(10);
    assert.equal(reset, true);
    first.end();
    await board.clock.run(10);
    const third = board.network.dial(80);
    third.write(Uint8Array.of(1));
    third.end();
    await board.clock.run(10);
    assert.deepEqual(board.lines.slice(-2), ["end 1 1", "close false"]);
  });

  it("refuses at once, in the program, what nobody listens to", () => {
    const board = run(`
      try { require("net").connect({ host: "127.0.0.1", port: 9 }) } catch (e) { print(e.message) }
      try { require("net").connect({ host: "elsewhere", port: 9 }) } catch (e) { print(e.message) }`);
    assert.deepEqual(board.lines, ["Unable to create socket", "Unable to locate host"]);
  });

  it("has no network before its module brought one up", async () => {
    const board = run("require('net').createServer(print).listen(80)", { limits: { network: "WIZnet" } });
    assert.match(board.lines[0]!, /Not connected to the internet/);
    board.runtime.run("require('WIZnet').connect().setIP(); require('net').createServer(print).listen(80)");
    board.network.dial(80);
    await board.clock.run(5);
    const wifi = run(
      "require('Wifi').connect('net', {}, function (e) { print(e); require('net').createServer(print).listen(80) })",
      {
        limits: { network: "Wifi" },
      },
    );
    await wifi.clock.run(1000);
    assert.deepEqual(wifi.lines, ["null"]);
    wifi.network.dial(80);
  });
});
