import assert from "node:assert/strict";
import { run, SLOW, type TestBoard } from "./board.js";

const COUNT = `
  var got = 0, pieces = [];
  Serial1.on("data", function (d) { got += d.length; pieces.push(d.length) });
  Serial1.setup(115200);`;

function bytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i);
}

/** Everything that reaches the far end, with the time of its last byte. */
function record(board: TestBoard): { data: number[]; last: number } {
  const seen = { data: [] as number[], last: 0 };
  board.wire.peripheral.onData((data) => {
    seen.data.push(...data);
    seen.last = board.clock.now();
  });
  return seen;
}

describe("simulated interpreter: serial ports", () => {
  it("receives at the speed of the line", async () => {
    const board = run(`${COUNT} setTimeout(function () { print(got) }, 50)`);
    board.wire.peripheral.write(bytes(2000));
    await board.clock.run(60);
    const expected = 50 / board.wire.byteTime;
    assert.ok(Math.abs(Number(board.lines[0]) - expected) < 12, `${board.lines[0]} of ${expected}`);
  });

  it("merges what came while it was busy into events of 63 bytes, but never into the first", async () => {
    const board = run(`${COUNT} setTimeout(function () { print(pieces.join()) }, 40)`);
    board.runtime.busy(20);
    board.wire.peripheral.write(bytes(150));
    await board.clock.run(60);
    assert.deepEqual(board.lines, ["1,63,63,23"]);
  });

  it("drops what a full queue cannot take, and says FIFO_FULL", async () => {
    const board = run(`${COUNT}
      E.on("errorFlag", function (flags) { print(flags.join()) });
      setTimeout(function () { print(got) }, 400)`);
    board.runtime.busy(200);
    board.wire.peripheral.write(bytes(2000));
    await board.clock.run(500);
    assert.deepEqual(board.lines.slice(0, 2), ["FIFO_FULL", "New interpreter error: FIFO_FULL"]);
    assert.equal(Number(board.lines[2]), 2000 - board.runtime.counters.dropped);
    assert.ok(board.runtime.counters.dropped > 900, `${board.runtime.counters.dropped} dropped`);
  });

  it("keeps 512 bytes while nobody listens, then says BUFFER_FULL", async () => {
    const board = run(`
      E.on("errorFlag", function (flags) { print(flags.join()) });
      Serial1.setup(115200);
      setTimeout(function () { print(Serial1.available()) }, 100);`);
    board.wire.peripheral.write(bytes(600));
    await board.clock.run(200);
    assert.deepEqual(board.lines, ["BUFFER_FULL", "New interpreter error: BUFFER_FULL", "512"]);
  });

  it("holds the interpreter in write while the transmit ring is full", async () => {
    const board = run(`
      Serial1.setup(115200);
      var from = getTime(); Serial1.write("x".repeat(1000)); print(Math.round((getTime() - from) * 1000));
      setTimeout(function () { print("after") }, 1)`);
    const seen = record(board);
    await board.clock.run(200);
    assert.equal(board.lines[0], String(Math.round((1000 - 256) * board.wire.byteTime)));
    assert.equal(seen.data.length, 1000);
    assert.ok(Math.abs(seen.last - 1000 * board.wire.byteTime) < 1);
  });

  it("makes a fast port wait for a slow one: the ring is theirs together", () => {
    const board = run(`
      Serial1.setup(115200); Serial2.setup(${SLOW});
      function write(port, data) { var from = getTime(); port.write(data); print(Math.round((getTime() - from) * 10000)) }
      write(Serial2, "x".repeat(256)); write(Serial1, "y"); write(Serial1, "y")`);
    assert.deepEqual(board.lines, ["0", "10", "0"], "tenths of a millisecond; a byte at 9600 Bd takes 10.4");
  });

  it("tells the peer XOFF before the queue is full, and XON when it is not any more", async () => {
    const board = run(COUNT.replace("115200", '115200, { flow: "xon" }'));
    const seen = record(board);
    board.runtime.busy(200);
    board.wire.peripheral.write(bytes(1000));
    await board.clock.run(150);
    assert.deepEqual(seen.data, [0x13]);
    assert.ok(seen.last > 60 && seen.last < 75, `XOFF at ${seen.last} ms`);
    await board.clock.run(150);
    assert.deepEqual(seen.data, [0x13, 0x11]);
  });

  it("loses what is on the cable when it is pulled, and works when it is back", async () => {
    const board = run(`${COUNT} setTimeout(function () { print(got) }, 300)`);
    board.wire.peripheral.write(bytes(100));
    await board.clock.run(4);
    board.wire.unplug();
    board.wire.peripheral.write(bytes(50));
    await board.clock.run(50);
    board.wire.plug();
    board.wire.peripheral.write(bytes(20));
    await board.clock.run(300);
    const { toBoard, lost } = board.wire.counters;
    assert.equal(Number(board.lines[0]), toBoard);
    assert.equal(toBoard + lost, 170);
    assert.ok(lost > 100, `${lost} lost`);
  });

  it("garbles each byte between two ends of different speed, until one follows the other", async () => {
    const board = run(
      'Serial1.setup(9600); Serial1.on("data", function (d) { print(d) }); setTimeout(function () { Serial1.write("b") }, 60)',
    );
    const heard: number[] = [];
    board.wire.peripheral.onData((data) => heard.push(...data));
    board.wire.peripheral.write(Buffer.from("a"));
    await board.clock.run(80);
    assert.match(board.lines[0]!, /9600 Bd.*115200/);
    assert.notEqual(board.lines[1], "a");
    assert.equal(heard.length, 1);
    assert.notEqual(heard[0], "b".charCodeAt(0));
    assert.equal(board.wire.peripheral.farBaud, 9600);
    board.wire.peripheral.setBaud(9600);
    board.wire.peripheral.write(Buffer.from("c"));
    await board.clock.run(50);
    assert.equal(board.lines[2], "c");
  });

  it("feeds a port that the console sits on to the console", async () => {
    const program = `${COUNT} setTimeout(function () { print("got", got) }, 50)`;
    const board = run(program, { limits: { console: "Serial1" } });
    const seen = record(board);
    board.wire.peripheral.write(bytes(10));
    await board.clock.run(100);
    assert.deepEqual(board.lines, ["got 0"]);
    assert.equal(Buffer.from(seen.data).toString(), "got 0\r\n", "what it prints goes out there");
    const free = run(`E.setConsole(null);${program}`, { limits: { console: "Serial1" } });
    free.wire.peripheral.write(bytes(10));
    await free.clock.run(100);
    assert.deepEqual(free.lines, ["got 10"]);
  });

  it("reports faults of the line that are put in", async () => {
    const board = run(`Serial1.setup(115200, { errors: true }); Serial1.on("framing", function () { print("framing") });
      E.on("errorFlag", function (flags) { print(flags.join()) })`);
    board.runtime.framingError("Serial1");
    board.runtime.raise("UART_OVERFLOW");
    await board.clock.run(10);
    assert.deepEqual(board.lines, ["framing", "UART_OVERFLOW", "New interpreter error: UART_OVERFLOW"]);
  });
});
