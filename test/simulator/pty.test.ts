import assert from "node:assert/strict";
import { SerialPort } from "serialport";
import { realClock } from "../../simulator/clock.js";
import { boardOnPty, hostOnPty, openPty, type Pty } from "../../simulator/pty.js";
import { UartWire } from "../../simulator/wire.js";

/** Every value, and runs of those that terminals like to translate. */
const DATA = Buffer.concat([
  Buffer.from(Array.from({ length: 256 }, (_, i) => i)),
  Buffer.from("\r\n\n\r\x03\x04\x11\x13\x1a\x1c\x7f\xff\xff\0\0".repeat(20), "latin1"),
]);

function openPort(path: string): Promise<SerialPort> {
  return new Promise((resolve, reject) => {
    const port = new SerialPort({ path, baudRate: 230_400 }, (error) => (error ? reject(error) : resolve(port)));
  });
}

function closePort(port: SerialPort): Promise<void> {
  return new Promise((resolve) => port.close(() => resolve()));
}

/** Collects until so much is there. */
function collect(on: (listener: (data: Uint8Array) => void) => unknown, length: number): Promise<Buffer> {
  return new Promise((resolve) => {
    let seen = Buffer.alloc(0);
    on((data) => {
      seen = Buffer.concat([seen, data]);
      if (seen.length >= length) resolve(seen);
    });
  });
}

describe("terminals", function () {
  let pty: Pty;
  beforeEach(async function () {
    if (process.platform === "win32") this.skip();
    pty = await openPty();
  });
  afterEach(() => pty?.close());

  it("carry every byte unchanged, both ways, for one client after another", async () => {
    for (let client = 0; client < 2; client++) {
      const port = await openPort(pty.path);
      const here = collect((listener) => pty.onData(listener), DATA.length);
      const there = collect((listener) => port.on("data", listener), DATA.length);
      port.write(DATA);
      pty.write(DATA);
      assert.deepEqual(await here, DATA);
      assert.deepEqual(await there, DATA);
      await closePort(port);
    }
  });

  it("lose what nobody reads, as a wire does, and count it", () => {
    for (let i = 0; i < 40; i++) pty.write(new Uint8Array(1000));
    assert.ok(pty.lost > 5_000, `${pty.lost} lost`);
  });

  it("join a host's program and a board's at the speed of the line", async () => {
    const wire = new UartWire(115_200, realClock);
    const other = await openPty();
    const stop = boardOnPty(wire, other, realClock);
    hostOnPty(wire, pty);
    const [host, board] = [await openPort(pty.path), await openPort(other.path)];
    const data = Buffer.concat([DATA, DATA, DATA]);
    for (const [from, to] of [[host, board] as const, [board, host] as const]) {
      const start = performance.now();
      const arrived = collect((listener) => to.on("data", listener), data.length);
      from.write(data);
      assert.deepEqual(await arrived, data);
      const ratio = (performance.now() - start) / (data.length * wire.byteTime);
      assert.ok(ratio > 0.95 && ratio < 2, `took ${ratio.toFixed(2)} of the line's time`);
    }
    assert.deepEqual(wire.counters, { toBoard: data.length, toPeripheral: data.length, lost: 0 });
    await Promise.all([closePort(host), closePort(board)]);
    stop();
    other.close();
  });
});
