import assert from "node:assert/strict";
import { DEV_BAUD, DEV_DTR, DEV_FLOW, DEV_PARITY, SOCK_RAW, SOCK_SEQPACKET } from "../../host/index.js";
import type { RawSocket } from "../../host/index.js";
import { decodeAnswer, encodeTransaction } from "../../protocols/index.js";
import type { TransactionAnswer } from "../../protocols/index.js";
import { receipt } from "./payloads.js";
import { linkKinds, Rig, withFirmware } from "./rig.js";

/** DLE EOT 1: one byte comes back. */
const ASK = Buffer.from("\x10\x04\x01", "latin1");

async function transact(socket: RawSocket, write: Uint8Array, read: number, ms: number): Promise<TransactionAnswer> {
  return decodeAnswer((await socket.transact(encodeTransaction(write, read, ms)))!);
}

describe("end to end: transactions on a UART", function () {
  this.timeout(20_000);
  withFirmware();

  for (const kind of linkKinds)
    it(`${kind}: write these bytes, read until so many came or the time is over`, async () => {
      const rig = new Rig();
      const host = await rig.connect(kind);
      const socket = await rig.during(host.connect("printer0", { type: SOCK_RAW }));
      const whole = await rig.during(transact(socket, ASK, 1, 1000));
      assert.equal(whole.failure, "");
      assert.ok(whole.whole);
      assert.deepEqual(
        [...whole.data].map((byte) => byte & 0x93),
        [0x12],
      );
      const start = rig.clock.now();
      const late = await rig.during(transact(socket, Buffer.alloc(0), 5, 300));
      assert.deepEqual({ ...late, data: late.data.length }, { data: 0, whole: false, failure: "" });
      assert.ok(rig.clock.now() - start >= 300);
      const wrong = await rig.during(transact(socket, ASK, 300, 1));
      assert.match(wrong.failure, /^EINVAL/);
      socket.close();
      await rig.finish();
    });

  it("what a device answers beyond 255 bytes, or when a transaction is over, is lost and counted", async () => {
    const rig = new Rig();
    const host = await rig.connect("tcp");
    const socket = await rig.during(host.connect("printer0", { type: SOCK_RAW }));
    // GS a: four bytes come back.
    const write = Buffer.from("\x1da\x0f".repeat(100), "latin1");
    const { data, whole } = await rig.during(transact(socket, write, 255, 5000));
    assert.deepEqual([data.length, whole], [255, true]);
    const { backlost } = await rig.during(host.counters());
    assert.equal(backlost, 4 * 100 - 255);
    socket.close();
    await rig.finish({ backlost });
  });

  it("a transaction is EBUSY while a job has its turn, and a job waits for a transaction", async () => {
    const rig = new Rig();
    const host = await rig.connect("tcp");
    const socket = await rig.during(host.connect("printer0", { type: SOCK_RAW }));
    const long = transact(socket, ASK, 50, 2000);
    await rig.clock.run(500);
    const job = host.printer("printer0").print(receipt());
    await rig.clock.run(500);
    const asked = rig.printer.log.bytes.length;
    assert.ok(asked < 100, "nothing of the job is printed yet");
    assert.equal((await rig.during(long)).data.length, 1);
    await rig.clock.run(200);
    assert.match((await rig.during(transact(socket, ASK, 1, 100))).failure, /^EBUSY: printer0 has a job/);
    assert.equal((await rig.during(job)).taken, receipt().length);
    assert.ok((await rig.during(transact(socket, ASK, 1, 100))).whole);
    socket.close();
    await rig.finish();
  });

  it("a transaction with a printer that is off fails with EHOSTDOWN", async () => {
    const rig = new Rig();
    rig.printer.setPower(false);
    const host = await rig.connect("tcp");
    const socket = await rig.during(host.connect("printer0", { type: SOCK_RAW }));
    assert.match((await rig.during(transact(socket, ASK, 1, 100))).failure, /^EHOSTDOWN/);
    socket.close();
    await rig.finish();
  });

  it("a client that leaves within a transaction leaves nothing behind", async () => {
    const rig = new Rig();
    const host = await rig.connect("tcp");
    const socket = await rig.during(host.connect("printer0", { type: SOCK_RAW }));
    const lost = transact(socket, ASK, 200, 60_000).catch(() => undefined);
    await rig.clock.run(1000);
    socket.destroy();
    await rig.during(lost);
    assert.equal((await rig.during(host.printer("printer0").print(receipt()))).taken, receipt().length);
    // What it had begun to say may have been half a command.
    await rig.finish({ cut: 1 });
  });
});

describe("end to end: options of a device", function () {
  this.timeout(20_000);
  withFirmware();

  it("are read and set, and those that the board has not are ENOPROTOOPT", async () => {
    const rig = new Rig();
    const host = await rig.connect("tcp");
    const socket = await rig.during(host.open("printer0:raw"));
    assert.equal(await rig.during(socket.getOption(DEV_BAUD)), 115_200);
    assert.equal(await rig.during(socket.getOption(DEV_PARITY)), "none");
    assert.equal(await rig.during(socket.getOption(DEV_FLOW)), "xonxoff");
    await rig.during(socket.setOption(DEV_BAUD, "9600"));
    assert.equal(await rig.during(socket.getOption(DEV_BAUD)), 9600);
    assert.match(rig.console.splice(0).join(), /Serial1 is set to 9600 Bd/);
    await rig.during(socket.setOption(DEV_BAUD, "115200"));
    await rig.rejected(socket.setOption(DEV_BAUD, "fast"), "EINVAL", /bits a second/);
    await rig.rejected(socket.setOption(DEV_DTR, "1"), "ENOPROTOOPT", /has baud, parity/);
    socket.destroy();
    await rig.finish();
  });
});

describe("end to end: records", function () {
  this.timeout(20_000);
  withFirmware();

  it("discard takes them, far more than its memory holds", async () => {
    const rig = new Rig();
    const host = await rig.connect("tcp");
    const socket = await rig.during(host.connect(":discard", { type: SOCK_SEQPACKET }));
    await rig.during(Promise.all([100_000, 0, 1, 50_000].map((size) => socket.send(Buffer.alloc(size)))));
    socket.close();
    await rig.clock.run(2000);
    await rig.finish();
  });
});
