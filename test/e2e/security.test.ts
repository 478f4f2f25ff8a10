import assert from "node:assert/strict";
import { connect } from "../../host/index.js";
import type { Transport } from "../../host/index.js";
import { Initiator } from "../../protocols/index.js";
import { crowd, flipped, Guesser, Pest, recorded } from "../support/strangers.js";
import { everyByte, receipt } from "./payloads.js";
import { linkKinds, LINK_PORT, Rig, withFirmware } from "./rig.js";

const KEY = Uint8Array.from({ length: 32 }, (_, i) => 255 - i);
const OTHER = Uint8Array.from(KEY, (byte, i) => (i === 0 ? byte ^ 128 : byte));

const JOB = everyByte(24_000);

/** What strangers are counted as. */
const TROUBLE = ["forged", "slowed", "stale", "discarded", "refused", "unfinished"];

/** How long the job takes, from its opening to its report, while something else goes on, in ms. */
async function printed(
  rig: Rig,
  kind: "tcp" | "udp",
  meanwhile: () => void = () => undefined,
  wrap?: (line: Transport) => Transport,
): Promise<number> {
  const host = await rig.connect(kind, wrap);
  meanwhile();
  const start = rig.clock.now();
  const report = await rig.during(host.printer("printer0").print(JOB));
  assert.deepEqual([report.accepted, report.taken], [JOB.length, JOB.length]);
  return rig.clock.now() - start;
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
      await rig.finish({ forged: 1, unfinished: kind === "tcp" ? 2 : 0 });
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

  for (const kind of ["tcp", "udp"] as const)
    describe(`over ${kind} beside who prints over ${kind}: refused, counted, and he keeps 90 % of his rate`, () => {
      let alone: number;
      before(async () => (alone = await printed(new Rig({ key: KEY }), kind)));

      /**
       * @param counters at least one of each is counted
       * @param begin makes trouble, and gives what ends it
       * @param wrap what somebody on the way does to the frames of who prints
       */
      const keeps = (
        name: string,
        counters: string[],
        begin: (rig: Rig, sent: Uint8Array[]) => () => Promise<unknown>,
        wrap?: (line: Transport) => Transport,
      ): void => {
        it(name, async function () {
          const rig = new Rig({ key: KEY });
          const sent: Uint8Array[][] = [];
          const first = await rig.connect(kind, (line) => recorded(line, sent));
          await rig.during(first.info());
          await rig.during(first.close());
          await rig.run(1000);
          let end = (): Promise<unknown> => Promise.resolve();
          const took = await printed(rig, kind, () => (end = begin(rig, sent[0]!)), wrap);
          await rig.during(end());
          rig.assertPrinted(JOB);
          this.test!.title += `: ${((100 * alone) / took).toFixed(1)} %`;
          assert.ok(alone / took >= 0.9, `${alone} ms alone, ${took} ms`);
          await rig.run(4000);
          const host = await rig.connect("serial");
          const counted = await rig.during(host.counters());
          for (const counter of counters) assert.ok(counted[counter]! > 0, `${counter}: ${JSON.stringify(counted)}`);
          this.test!.title += `; ${counters.map((counter) => `${counter} ${counted[counter]}`).join(", ")}`;
          // The one that printed is still there.
          assert.equal(counted["sessions"], 2, JSON.stringify(counted));
          await rig.during(host.close());
          await rig.finish(Object.fromEntries(TROUBLE.map((counter) => [counter, { least: 0 }])));
        });
      };

      /** Four at once. @param what the frames of the n-th time, of those that were recorded */
      const pests =
        (what: (sent: Uint8Array[], n: number) => Uint8Array[]) =>
        (rig: Rig, sent: Uint8Array[]): (() => Promise<unknown>) => {
          const all = [1, 2, 3, 4].map(() => new Pest(rig.transport(kind), rig.clock, (n) => what(sent, n)));
          return () => Promise.all(all.map((pest) => pest.stop()));
        };
      /** Each frame of who prints comes again, changed. */
      const again =
        (change: (frame: Uint8Array) => Uint8Array) =>
        (line: Transport): Transport => ({
          ...line,
          async open(events, signal) {
            const connection = await line.open(events, signal);
            return {
              close: () => connection.close(),
              send: (frame) => {
                const copy = change(Uint8Array.from(frame));
                const more = connection.send(frame);
                connection.send(copy);
                return more;
              },
            };
          },
        });
      let bit = 0;
      const isUdp = kind === "udp";

      keeps("a wrong key", ["forged", "slowed"], (rig) => {
        let over = false;
        const trying = (async () => {
          while (!over) await connect(rig.transport(kind), { clock: rig.clock, key: OTHER }).catch(() => undefined);
        })();
        return () => ((over = true), trying);
      });

      keeps(
        "a handshake sent again",
        ["stale"],
        pests((sent, n) => [sent[n % 2]!]),
      );

      keeps(
        "frames sent again, of a session that is over and, over UDP, of this one",
        isUdp ? ["discarded", "duplicates"] : ["discarded"],
        pests((sent, n) => [sent[2 + (n % (sent.length - 2))]!]),
        isUdp ? again((frame) => frame) : undefined,
      );

      keeps(
        "a flipped bit, in handshakes and, over UDP, in each frame of this session",
        ["discarded"],
        pests((sent, n) => [flipped(sent[n % 2]!, 7919 * n)]),
        isUdp ? again((frame) => flipped(frame, (bit += 7919))) : undefined,
      );

      keeps(
        "handshakes cut short",
        isUdp ? ["discarded"] : ["refused", "unfinished"],
        pests((sent, n) => [sent[n % 2]!.subarray(0, 1 + ((n * 31) % (sent[0]!.length - 1)))]),
      );

      keeps("200 at once, of all sorts", isUdp ? ["discarded"] : ["refused", "discarded", "unfinished"], (rig) => {
        const all = crowd(rig.transport(kind), 200, 1);
        return async () => void (await all);
      });

      keeps("guessing", ["forged", "slowed"], (rig) => {
        const guessers = [1, 2, 3, 4].map((seed) => new Guesser(rig.transport(kind), rig.clock, seed));
        return async () => {
          await Promise.all(guessers.map((guesser) => guesser.stop()));
          assert.ok(guessers.every(({ admitted, guesses }) => admitted === 0 && guesses > 50));
        };
      });
    });
});
