import assert from "node:assert/strict";
import type { DevsockError, Transport } from "../../host/index.js";
import { everyByte, receipt } from "./payloads.js";
import { linkKinds, LINK_PORT, MOST_CREDIT, Rig, withFirmware } from "./rig.js";

const MEGABYTE = 1 << 20;

/** Most bytes of a client of port 9100 that the board may hold: its mark and one chunk. */
const RAW_HELD = 1000 + 536;

/** Headers and CRC of a credit's frames, the handshake, the opening and what is asked again. */
const AROUND = 500;

describe("end to end: what the board holds is bounded", function () {
  this.timeout(20_000);
  withFirmware();

  it("a client of port 9100 that pushes 1 MB while there is no paper is held back by TCP", async () => {
    const rig = new Rig();
    rig.printer.setPaper("out");
    const client = rig.dial().write(Buffer.alloc(MEGABYTE, "x"));
    let most = 0;
    for (let i = 0; i < 600; i++) {
      await rig.run(100);
      most = Math.max(most, client.taken - rig.printed);
    }
    assert.ok(most > 500 && most <= RAW_HELD, `${most}`);
    const usage = rig.board.memory().usage;
    await rig.run(60_000);
    assert.equal(rig.board.memory().usage, usage);
    client.reset();
    rig.printer.setPaper("ok");
    await rig.untilIdle();
    assert.ok(rig.printed <= RAW_HELD + 536, `${rig.printed}`);
    const next = rig.dial().write(receipt()).end();
    await rig.until(() => next.closed !== "no");
    await rig.untilIdle();
    rig.assertPrinted(Buffer.alloc(rig.printed - receipt().length, "x"), receipt());
    await rig.finish({ backlost: { least: 0 } });
  });

  for (const kind of linkKinds)
    it(`a host on ${kind} that asks for 50 sockets at once has eight, and is told of all others`, async () => {
      const rig = new Rig();
      const host = await rig.connect(kind);
      const asked = Array.from({ length: 50 }, () => host.open("printer0:raw"));
      const answers = await rig.during(Promise.allSettled(asked));
      const codes = answers.map((answer) => (answer.status === "rejected" ? (answer.reason as DevsockError).code : ""));
      assert.equal(codes.filter((code) => code === "").length, 8);
      assert.equal(codes.filter((code) => code === "EMFILE").length, 42);
      await rig.finish();
    });

  it("clients that wait for their turn with 1 MB each are not read", async () => {
    const rig = new Rig();
    rig.printer.setPaper("out");
    const clients = [];
    for (let i = 0; i < 5; i++) clients.push(rig.dial().write(Buffer.alloc(MEGABYTE, "x")));
    await rig.run(60_000);
    for (const client of clients.slice(1)) assert.ok(client.taken <= 536, `${client.taken}`);
    for (const client of clients) client.reset();
    rig.printer.setPaper("ok");
    await rig.untilIdle();
    // Each begins with what came with its connection, and ends when it is read again.
    assert.ok(rig.printed <= RAW_HELD + 536 + 4 * 536, `${rig.printed}`);
    await rig.finish({ backlost: { least: 0 } });
  });

  for (const kind of linkKinds)
    it(`a host on ${kind} that prints 1 MB while there is no paper has no credit after ${MOST_CREDIT} B at the most`, async () => {
      const rig = new Rig();
      rig.printer.setPaper("out");
      let sent = 0;
      const host = await rig.connect(kind, (transport) => counted(transport, (bytes) => (sent += bytes)));
      const stop = new AbortController();
      const work = host.printer("printer0").print(Buffer.alloc(MEGABYTE, "x"), { signal: stop.signal });
      const failed = rig.rejected(work, "ECANCELED", /given up/);
      await rig.run(4000);
      const held = sent - rig.printed;
      assert.ok(held >= 1024 && held <= MOST_CREDIT + AROUND, `${held}`);
      await rig.run(120_000);
      stop.abort();
      const error = await failed;
      assert.ok(error.reach!.accepted <= MOST_CREDIT + 128, `${error.reach!.accepted}`);
      rig.printer.setPaper("ok");
      await rig.during(host.printer("printer0").print(receipt()));
      rig.assertCut(Buffer.alloc(MEGABYTE, "x"), receipt());
      // What a serial link has credit for may be in the printer's buffer whole.
      await rig.finish({ cut: kind === "serial" ? { least: 0 } : 1 });
    });

  it("a host that goes beyond its credit loses the socket with EPROTO; another prints", async () => {
    const rig = new Rig();
    rig.printer.setPaper("out");
    const host = await rig.connect("tcp");
    const socket = await rig.during(host.open("printer0:job"));
    (socket as unknown as { socket: { extend(limit: number): void } }).socket.extend(1e9);
    socket.write(Buffer.alloc(5000, "x"));
    const lost = new Promise<never>((_, reject) => socket.once("error", reject));
    await rig.rejected(lost, "EPROTO", /more than its credit/);
    rig.printer.setPaper("ok");
    await rig.during(host.printer("printer0").print(receipt()));
    rig.assertCut(Buffer.alloc(5000, "x"), receipt());
    await rig.finish();
  });

  it("a flood of connections to the link port: the sessions that stand go on, the others are closed and counted", async () => {
    const rig = new Rig();
    const host = await rig.connect("tcp");
    const job = everyByte(10_000);
    const work = rig.during(host.printer("printer0").print(job));
    const flood = [];
    for (let i = 0; i < 60; i++) {
      flood.push(rig.dial(LINK_PORT));
      await rig.run(5);
    }
    await rig.run(100);
    assert.equal(flood.filter(({ closed }) => closed === "no").length, 4, "places for strangers");
    await work;
    rig.assertPrinted(job);
    await rig.finish({ refused: 56, unfinished: 4 });
  });

  it("a flood of connections to port 9100: those that found a place print", async () => {
    const rig = new Rig();
    const clients = [];
    for (let i = 0; i < 60; i++) {
      clients.push(rig.dial().write(receipt()).end());
      await rig.run(2);
    }
    await rig.untilIdle();
    const served = Math.round(rig.printed / receipt().length);
    assert.ok(served >= 5 && clients.every(({ closed }) => closed !== "no"));
    rig.assertPrinted(...Array<Buffer>(served).fill(receipt()));
    await rig.finish({ refused: 60 - served, backlost: { least: 0 } });
  });

  for (const kind of ["tcp", "udp"] as const)
    it(`${kind}: a host for which there is no place is told so at once`, async () => {
      const rig = new Rig();
      for (let i = 0; i < 3; i++) await rig.connect(kind);
      const start = rig.clock.now();
      await rig.rejected(rig.connect(kind), "EBUSY", /all 3 sessions .* try again later/);
      assert.ok(rig.clock.now() - start < 1000);
      await rig.finish({ refused: 1, unfinished: kind === "tcp" ? 1 : 0 });
    });
});

/** Counts the bytes that go out. */
function counted(transport: Transport, count: (bytes: number) => void): Transport {
  return {
    ...transport,
    async open(events, signal) {
      const connection = await transport.open(events, signal);
      return {
        send(frame) {
          count(frame.length);
          return connection.send(frame);
        },
        close: () => connection.close(),
      };
    },
  };
}
