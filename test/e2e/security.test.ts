import assert from "node:assert/strict";
import type { Transport } from "../../host/index.js";
import { Initiator } from "../../protocols/index.js";
import { crowd, Guesser } from "../support/strangers.js";
import { everyByte, receipt } from "./payloads.js";
import { linkKinds, LINK_PORT, Rig, withFirmware } from "./rig.js";

const KEY = Uint8Array.from({ length: 32 }, (_, i) => 255 - i);
const OTHER = Uint8Array.from(KEY, (byte, i) => (i === 0 ? byte ^ 128 : byte));

const JOB = everyByte(24_000);

/** How long the job takes from its first byte to the report while something else goes on, in ms. */
async function printed(rig: Rig, kind: "tcp" | "udp", meanwhile: () => void = () => undefined): Promise<number> {
  const host = await rig.connect(kind);
  meanwhile();
  const start = rig.clock.now();
  const report = await rig.during(host.printer("printer0").print(JOB));
  assert.deepEqual([report.accepted, report.taken], [JOB.length, JOB.length]);
  return rig.clock.now() - start;
}

/** What the host sent, each time a connection is opened a list of its own. */
function recorded(line: Transport, to: Uint8Array[][]): Transport {
  const open: Transport["open"] = async (events, signal) => {
    const connection = await line.open(events, signal);
    const sent: Uint8Array[] = [];
    to.push(sent);
    return {
      close: () => connection.close(),
      send: (frame) => (sent.push(Uint8Array.from(frame)), connection.send(frame)),
    };
  };
  return { address: line.address, traits: line.traits, open };
}

describe("end to end: strangers", function () {
  this.timeout(30_000);
  withFirmware();

  it("a board does not open a port that has neither a key nor insecure: true", async () => {
    const rig = new Rig({ links: ["serial"], config: { links: { tcp: { port: 9180 }, udp: { port: 9180 } } } });
    await rig.run(1000);
    await rig.rejected(rig.connect("tcp"), "ECONNREFUSED", /nothing listens/);
    assert.match(rig.console.join("\n"), /port 9180 stays closed: there is no "key"/);
  });

  it("a board whose key is mistyped lets nobody in, on no link", async () => {
    const rig = new Rig({ key: KEY, config: { key: `${"0".repeat(63)}x` } });
    for (const kind of linkKinds) {
      await rig.rejected(rig.connect(kind), "EACCES", /not this board's key/);
      await rig.rejected(rig.connect(kind, undefined, { key: undefined }), "EACCES", /has a key/);
    }
    assert.match(rig.console.join("\n"), /the key is not 64 hexadecimal digits/);
  });

  for (const kind of linkKinds)
    it(`${kind}: who has the key prints, another key or none is refused and counted`, async () => {
      const rig = new Rig({ key: KEY });
      await rig.rejected(rig.connect(kind, undefined, { key: OTHER }), "EACCES", /not this board's key/);
      await rig.rejected(rig.connect(kind, undefined, { key: undefined }), "EACCES", /this board has a key/);
      await rig.run(1000);
      const host = await rig.connect(kind, undefined, { key: Buffer.from(KEY).toString("hex") });
      await rig.during(host.printer("printer0").print(receipt()));
      rig.assertPrinted(receipt());
      await rig.finish({ forged: 1 });
    });

  for (const kind of linkKinds)
    it(`${kind}: a host with a key does not speak to a board that asks for none`, async () => {
      const rig = new Rig();
      await rig.rejected(rig.connect(kind, undefined, { key: KEY }), "EACCES", /the board asks for no key/);
      await rig.finish({ timeouts: kind === "udp" ? 1 : 0 });
    });

  it("a serial cable may be trusted: no key is asked for on it, and on the network it is", async () => {
    const serial = { uart: "Serial2", baud: 230_400, path: "/dev/null", trusted: true };
    const rig = new Rig({ key: KEY, config: { links: { tcp: { port: LINK_PORT }, serial } } });
    const host = await rig.connect("serial", undefined, { key: undefined });
    await rig.during(host.printer("printer0").print(receipt()));
    await rig.rejected(rig.connect("tcp", undefined, { key: undefined }), "EACCES", /this board has a key/);
    rig.assertPrinted(receipt());
  });

  it("UDP that loses, doubles, reorders and damages 5 % each, with a key", async () => {
    const faults = { loss: 0.05, duplicate: 0.05, reorder: 0.05, corrupt: 0.05 };
    const rig = new Rig({ key: KEY, network: { latency: 2, faults } });
    const host = await rig.connect("udp");
    await rig.during(host.printer("printer0").print(JOB));
    rig.assertPrinted(JOB);
    Object.assign(rig.network.faults, { loss: 0, duplicate: 0, reorder: 0, corrupt: 0 });
    await rig.finish({ discarded: { least: 1 }, forged: { least: 0 } });
  });

  for (const kind of ["tcp", "udp"] as const)
    it(`${kind}: a job that was recorded is printed once, whoever sends it again, before and after a restart`, async () => {
      const rig = new Rig({ key: KEY });
      const sent: Uint8Array[][] = [];
      const host = await rig.connect(kind, (line) => recorded(line, sent));
      await rig.during(host.printer("printer0").print(receipt()));
      await rig.during(host.close());
      for (const restart of [false, true]) {
        if (restart) rig.board.powerCycle();
        await rig.run(1000);
        const again = await rig.transport(kind).open({ data: () => {}, drain: () => {}, closed: () => {} });
        for (const frame of sent[0]!) {
          again.send(frame);
          await rig.run(20);
        }
        await rig.run(5000);
        await again.close();
        assert.equal(rig.printed, receipt().length);
      }
    });

  it("a handshake that is cut short holds a connection for 3 s, and no session", async () => {
    const rig = new Rig({ key: KEY });
    const host = await rig.connect("tcp");
    await rig.during(host.info());
    await rig.during(host.close());
    await rig.run(1000);
    const before = rig.board.memory().usage;
    const { hello } = new Initiator({}, () => 1);
    for (let n = 0; n < hello.length; n += 9) {
      const stream = rig.network.dial(LINK_PORT);
      let closed = false;
      stream.onClose(() => (closed = true));
      stream.write(hello.subarray(0, n));
      await rig.run(2900);
      assert.ok(!closed, `${n} bytes`);
      await rig.run(300);
      assert.ok(closed, `${n} bytes`);
    }
    assert.equal(rig.board.memory().usage, before);
    await rig.finish({ unfinished: Math.ceil(hello.length / 9) });
  });

  it("200 connections at once, of all sorts, do not hold up who prints", async function () {
    const alone = await printed(new Rig({ key: KEY }), "tcp");
    const rig = new Rig({ key: KEY });
    const took = await printed(rig, "tcp", () => void crowd(rig.transport("tcp"), 200, 1));
    rig.assertPrinted(JOB);
    this.test!.title += `: ${((100 * alone) / took).toFixed(1)} % of the rate`;
    assert.ok(alone / took >= 0.9, `${alone} ms alone, ${took} ms`);
    await rig.finish({ refused: { least: 100 }, discarded: { least: 1 }, unfinished: { least: 1 } });
  });

  for (const kind of ["tcp", "udp"] as const)
    it(`guessing over ${kind} at full speed does not hold up who prints, and is counted`, async function () {
      const alone = await printed(new Rig({ key: KEY }), "tcp");
      const rig = new Rig({ key: KEY });
      const guessers: Guesser[] = [];
      const took = await printed(rig, "tcp", () => {
        for (let i = 0; i < 4; i++) guessers.push(new Guesser(rig.transport(kind), rig.clock, i + 1));
      });
      await rig.during(Promise.all(guessers.map((guesser) => guesser.stop())));
      rig.assertPrinted(JOB);
      const guesses = guessers.reduce((sum, guesser) => sum + guesser.guesses, 0);
      this.test!.title += `: ${Math.round((1000 * guesses) / took)} guesses a second, ${((100 * alone) / took).toFixed(1)} % of the rate`;
      assert.ok(alone / took >= 0.9, `${alone} ms alone, ${took} ms`);
      assert.equal(
        guessers.reduce((sum, guesser) => sum + guesser.admitted, 0),
        0,
      );
      await rig.run(2000);
      await rig.finish({ forged: { least: 2 }, slowed: { least: 1 }, refused: { least: 0 } });
    });
});
