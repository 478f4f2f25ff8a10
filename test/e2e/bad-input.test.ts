import assert from "node:assert/strict";
import { encode, Hello, helloFrame, Kind, NOBODY, Step, tag, UNPROVED } from "../../protocols/index.js";
import type { Transport } from "../../host/index.js";
import { Random } from "../../simulator/random.js";
import { LINK } from "../../simulator/board.js";
import { everyByte, receipt } from "./payloads.js";
import { linkKinds, LINK_PORT, MOST_CREDIT, Rig, withFirmware } from "./rig.js";

const JOB = everyByte(3000);

function offer(epoch: number): Uint8Array {
  return helloFrame(Step.offer, new Uint8Array(Hello.epoch).fill(epoch), NOBODY, UNPROVED, "{}");
}

function noise(seed: number, size: number): Buffer {
  const random = new Random(seed);
  return Buffer.from(Array.from({ length: size }, () => random.next() >>> 24));
}

describe("end to end: bad input to a link", function () {
  this.timeout(20_000);
  withFirmware();

  async function printsNext(rig: Rig): Promise<void> {
    for (const kind of linkKinds) await rig.during((await rig.connect(kind)).printer("printer0").print(JOB));
    rig.assertPrinted(JOB, JOB, JOB);
  }

  const GARBAGE: [string, Buffer][] = [
    ["random bytes", noise(1, 3000)],
    ["what a web browser says", Buffer.from("GET / HTTP/1.1\r\nHost: board\r\n\r\n")],
    ["a frame that says it is 65535 bytes long", Buffer.concat([header(65_535), Buffer.alloc(3000)])],
    ["half a frame", offer(7).subarray(0, 15) as Buffer],
    ["a frame of no session", Buffer.from(encode(tag(Kind.data, 3, 1), 0, noise(2, 100), 12345))],
  ];

  for (const [name, bytes] of GARBAGE) {
    it(`TCP, ${name}: the connection is closed, the next job prints`, async () => {
      const rig = new Rig();
      const client = rig.dial(LINK_PORT).write(bytes);
      await rig.until(() => client.closed !== "no", 10_100);
      assert.equal(client.back.length, 0);
      await printsNext(rig);
      await rig.finish(name === "half a frame" ? { unfinished: 1 } : { discarded: { least: 1 } });
    });

    it(`UDP, ${name}: ignored, takes no place`, async () => {
      const rig = new Rig();
      for (let i = 0; i < 20; i++)
        for (let at = 0; at < bytes.length; at += 500) {
          rig.network.datagram().send(bytes.subarray(at, at + 500), LINK_PORT);
          await rig.run(2);
        }
      await printsNext(rig);
      await rig.finish({ discarded: 20 * bytes.length });
    });

    it(`serial, ${name}: skipped and counted`, async () => {
      const rig = new Rig();
      const line = rig.board.wires[LINK]!.peripheral;
      line.write(bytes);
      // The turns that took the last bytes, one behind the other, are over, and the one that looks whether there is an answer.
      await rig.run(bytes.length / 23 + 10);
      const start = rig.clock.now();
      const host = await rig.connect("serial");
      assert.ok(rig.clock.now() - start < 1000, "a host that comes then waits less than a second");
      await rig.during(host.close());
      await printsNext(rig);
      await rig.finish({ discarded: { least: bytes.length / 2 } });
    });
  }

  it("a host of another version is told both versions", async () => {
    for (const kind of linkKinds) {
      const rig = new Rig();
      const strange = rig.connect(kind, (transport) => speaking(9, transport));
      await rig.rejected(strange, "EPROTONOSUPPORT", /speaks version 3, the other 9; update the older one/);
      await rig.run(100);
      await printsNext(rig);
      await rig.finish({ foreign: 1, unfinished: kind === "tcp" ? 1 : 0 });
    }
  });

  for (const kind of linkKinds) {
    it(`${kind}: the same offer a second time, late, disturbs no job`, async () => {
      const rig = new Rig();
      let offer: Uint8Array | undefined;
      let again: (frame: Uint8Array) => void = () => {};
      const host = await rig.connect(kind, (transport) =>
        spied(transport, (frame, send) => {
          offer ??= Buffer.from(frame);
          again = send;
        }),
      );
      const work = rig.during(host.printer("printer0").print(JOB));
      await rig.untilPrinted(1000);
      for (let i = 0; i < 3; i++) again(offer!);
      await work;
      rig.assertPrinted(JOB);
      await rig.finish();
    });

    it(`${kind}: another host's offer alone ends nothing`, async () => {
      const rig = new Rig();
      let say: (frame: Uint8Array) => void = () => {};
      const host = await rig.connect(kind, (transport) => spied(transport, (_, send) => (say = send)));
      const work = rig.during(host.printer("printer0").print(JOB));
      await rig.untilPrinted(1000);
      say(offer(47));
      await work;
      rig.assertPrinted(JOB);
      await rig.finish();
    });
  }

  it("udp: a forged end without the session's mark ends nothing", async () => {
    const rig = new Rig();
    let forge: (frame: Uint8Array) => void = () => {};
    const host = await rig.connect("udp", (transport) => ({
      ...transport,
      open(events, signal) {
        forge = (frame) => events.data(frame);
        return transport.open(events, signal);
      },
    }));
    const work = rig.during(host.printer("printer0").print(JOB));
    await rig.untilPrinted(1000);
    forge(encode(tag(Kind.bye, 3, 0), 0, Buffer.from("EBUSY: not so"), 0));
    await work;
    rig.assertPrinted(JOB);
    await rig.finish();
  });

  it("serial: a host that was killed in the middle of a job and comes again takes over at once", async () => {
    const rig = new Rig();
    let alive = true;
    const killed = await rig.connect("serial", (transport) => mortal(transport, () => alive));
    const job = receipt();
    killed
      .printer("printer0")
      .print(job)
      .catch(() => {});
    await rig.untilPrinted(2000);
    alive = false;
    const start = rig.clock.now();
    const host = await rig.connect("serial");
    await rig.during(host.printer("printer0").print(JOB));
    assert.ok(rig.clock.now() - start < 1000, "within a second");
    const printed = rig.assertCut(job, JOB);
    assert.ok(printed >= 1900 && printed < 2000 + MOST_CREDIT, `${printed}`);
    await rig.finish({ cut: 1, discarded: { least: 0 } });
  });
});

/** The transport with each hello of the host made one of another version. */
function speaking(version: number, transport: Transport): Transport {
  return {
    ...transport,
    async open(events, signal) {
      const connection = await transport.open(events, signal);
      return {
        send(frame) {
          const payload = Buffer.from(frame.subarray(8, frame.length - 4));
          payload[0] = version;
          return connection.send(encode(tag(Kind.hello, 3, 0), 0, payload, 0));
        },
        close: () => connection.close(),
      };
    },
  };
}

/** Shows each frame that goes out, and how to send another. */
function spied(transport: Transport, show: (frame: Uint8Array, send: (frame: Uint8Array) => void) => void): Transport {
  return {
    ...transport,
    async open(events, signal) {
      const connection = await transport.open(events, signal);
      return {
        send(frame) {
          show(frame, (other) => void connection.send(other));
          return connection.send(frame);
        },
        close: () => connection.close(),
      };
    },
  };
}

/** A host that says and hears nothing any more once it is dead. */
function mortal(transport: Transport, alive: () => boolean): Transport {
  return {
    ...transport,
    async open(events, signal) {
      const connection = await transport.open(
        {
          data: (bytes) => alive() && events.data(bytes),
          drain: () => alive() && events.drain(),
          closed: (error) => alive() && events.closed(error),
        },
        signal,
      );
      return {
        send: (frame) => !alive() || connection.send(frame),
        async close() {
          if (alive()) await connection.close();
        },
      };
    },
  };
}

/** A header that passes its own check. */
function header(length: number): Buffer {
  const frame = Buffer.from(encode(tag(Kind.data, 0, 1), 0, Buffer.alloc(length & 65535), 0));
  return frame.subarray(0, 8);
}
