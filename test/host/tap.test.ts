import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, packetLine, Tap } from "../../host/index.js";
import type { Packet } from "../../host/index.js";
import * as bsd from "../../host/sockets.js";
import { faulty } from "../../host/transport/faulty.js";
import { Door, hmacKey } from "../../protocols/index.js";
import { VirtualClock } from "../../simulator/clock.js";
import { FakeBoard, SERIAL, TCP, UDP } from "./fake-board.js";
import { inTime } from "./time.js";

async function all(tap: Tap): Promise<Packet[]> {
  const packets = [];
  for await (const packet of tap) packets.push(packet);
  return packets;
}

describe("a tap on a link", () => {
  let clock: VirtualClock;
  let fake: FakeBoard;
  beforeEach(() => {
    clock = new VirtualClock();
    fake = new FakeBoard(clock);
  });

  for (const [name, traits] of Object.entries({ TCP, UDP, serial: SERIAL }))
    it(`has each frame of both directions with its time, from the first offer to the end, over ${name}`, async () => {
      const tap = new Tap();
      const board = await inTime(clock, connect(fake.line(traits).transport, { clock, tap }));
      await inTime(clock, board.printer("printer0").print(Buffer.from("Hello\n")));
      await inTime(clock, board.close());
      const packets = await all(tap);
      const text = packets.map(packetLine);
      assert.match(text[0]!, /^open memory:fake$/);
      assert.match(text[1]!, /^> hello offer/);
      assert.match(text[2]!, /^< hello answer/);
      assert.equal(text.filter((line) => /^> data 1 #\d+ 6 bytes$/.test(line)).length, 1);
      assert.match(text.at(-2)!, /^> bye/);
      assert.equal(text.at(-1), "close");
      assert.deepEqual([tap.counters.noise, tap.counters.dropped], [0, 0]);
      assert.ok(packets.every(({ time }, i) => i === 0 || time >= packets[i - 1]!.time));
      assert.equal(packets.at(-1)!.time, clock.now());
    });

  for (const [name, traits] of Object.entries({ TCP, UDP, serial: SERIAL }))
    it(`has the frames of a session with a key as they are on the wire, or with what they hold, over ${name}`, async () => {
      const key = new Uint8Array(32).fill(5);
      fake.door = new Door(
        () => Math.random() * 2 ** 32,
        hmacKey(key),
        () => null,
      );
      const tap = new Tap();
      const board = await inTime(clock, connect(fake.line(traits).transport, { clock, tap, key }));
      const decrypted = board.tap({ decrypted: true });
      await inTime(clock, board.printer("printer0").print(Buffer.from("Hello\n")));
      await inTime(clock, board.close());
      const wire = await all(tap);
      const plain = await all(decrypted);
      assert.deepEqual([tap.counters.noise, decrypted.counters.noise], [0, 0]);
      assert.ok(wire.every(({ bytes }) => !Buffer.from(bytes).includes("printer0:job")));
      const text = plain.map(packetLine);
      assert.match(text[0]!, /^> control \d+ #\d+ open printer0:job/);
      assert.ok(text.some((line) => /^> data 1 #\d+ 6 bytes$/.test(line)));
      assert.match(text.at(-2)!, /^> bye ECONNRESET/);
      const sealed = wire.filter(({ kind, bytes }) => kind === "frame" && bytes[4]! >> 5 !== 0);
      // The acknowledgement that ends the handshake went before the second tap was there.
      assert.equal(sealed.length, plain.filter(({ kind }) => kind === "frame").length + 1);
      assert.ok(sealed.every(({ bytes }) => bytes.length === 16 + Buffer.from(bytes).readUInt16BE(2)));
    });

  it("may come later: the session's frames are known all the same", async () => {
    const board = await inTime(clock, connect(fake.line(UDP).transport, { clock }));
    await inTime(clock, board.info());
    await clock.run(1000);
    const [tap, other] = [board.tap(), board.tap()];
    await inTime(clock, board.info());
    await inTime(clock, board.close());
    const packets = await all(tap);
    assert.match(packetLine(packets[0]!), /^> control \d+ #\d+ open :info/);
    assert.ok(packets.length > 6);
    assert.equal(tap.counters.noise, 0);
    assert.deepEqual(await all(other), packets);
  });

  it("shows bytes that are no frame as they are, with the reason", async () => {
    const tap = new Tap();
    const faults = faulty(fake.line(SERIAL).transport, { corrupt: 0.3, drop: 0.1, split: 7, seed: 5 }, clock);
    const board = await inTime(clock, connect(faults, { clock, tap }));
    await inTime(clock, board.printer("printer0").print(Buffer.alloc(5000, "0123456789")));
    await inTime(clock, board.close());
    const packets = await all(tap);
    const noise = packets.filter(({ kind }) => kind === "noise");
    assert.ok(noise.length > 3);
    assert.equal(
      noise.reduce((sum, { bytes }) => sum + bytes.length, 0),
      tap.counters.noise,
    );
    assert.ok(noise.every(({ note, direction }) => direction === "in" && /^(noise|header|crc|timeout)$/.test(note!)));
    const heard = packets.filter(({ kind, direction }) => kind === "frame" && direction === "in");
    assert.ok(heard.some(({ bytes }) => bytes.length > 20));
  });

  it("never slows the link: a reader that reads nothing loses packets, and is told how many", async () => {
    const tap = new Tap({ waiting: 10 });
    const board = await inTime(clock, connect(fake.line().transport, { clock, tap }));
    await inTime(clock, board.printer("printer0").print(Buffer.alloc(20_000)));
    const { frames, dropped } = tap.counters;
    assert.equal(tap.readableLength, 10);
    assert.equal(dropped, frames + 1 - 10);
    const kept: Packet[] = [];
    const ended = once(tap, "end");
    tap.on("data", (packet: Packet) => kept.push(packet));
    await clock.run(1);
    await inTime(clock, board.info());
    await inTime(clock, board.close());
    await ended;
    assert.equal(kept.length, tap.counters.frames + 2 - dropped);
    assert.equal(
      kept.reduce((sum, packet) => sum + (packet.dropped ?? 0), 0),
      dropped,
    );
    assert.equal(kept[10]!.dropped, dropped);
  });

  it("says why there is no link, and ends", async () => {
    const tap = new Tap();
    const line = fake.line();
    line.onaccept = () => {
      throw Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
    };
    await assert.rejects(inTime(clock, connect(line.transport, { clock, tap })), { code: "ECONNREFUSED" });
    assert.match((await all(tap)).map(packetLine).join("\n"), /^no connection: ECONNREFUSED: nothing listens/);
  });

  it("ends alone when it is destroyed, and at once on a link that is over", async () => {
    const board = await inTime(clock, connect(fake.line().transport, { clock }));
    const tap = board.tap();
    tap.destroy();
    await inTime(clock, board.info());
    assert.equal(tap.counters.frames, 0);
    await inTime(clock, board.close());
    assert.deepEqual(await all(board.tap()), []);
  });

  it("is a socket of AF_PACKET, too", async () => {
    const board = await inTime(clock, connect(fake.line().transport, { clock }));
    const tap = bsd.socket(bsd.AF_PACKET, bsd.SOCK_RAW);
    await bsd.setsockopt(tap, bsd.SOL_SOCKET, bsd.SO_RCVBUF, 2);
    await bsd.setsockopt(tap, bsd.SOL_SOCKET, bsd.SO_TIMESTAMP, true);
    await assert.rejects(bsd.connect(tap, { board }), { code: "EOPNOTSUPP" });
    await bsd.bind(tap, { board });
    await assert.rejects(bsd.recv(tap, 100, bsd.MSG_DONTWAIT), { code: "EAGAIN" });
    const waited = bsd.recvfrom(tap, 8, bsd.MSG_PEEK);
    await inTime(clock, board.info());
    const { data, address } = (await waited)!;
    assert.equal(data.toString("hex").slice(0, 4), "d59a");
    assert.deepEqual(address, { board: "memory:fake", direction: "out", kind: "frame" });
    const message = (await bsd.recvmsg(tap, 8))!;
    assert.deepEqual(message.data, data);
    assert.equal(message.flags, bsd.MSG_TRUNC);
    assert.ok(message.control.timestamp!.time <= clock.now());
    const { frames, dropped } = (await bsd.getsockopt(tap, bsd.SOL_PACKET, bsd.PACKET_STATISTICS)) as Tap["counters"];
    // One was looked at, two wait.
    assert.equal(dropped, frames - 3);
    await assert.rejects(bsd.send(tap, "no"), { code: "EOPNOTSUPP" });
    await inTime(clock, board.close());
    for (let left = 2; left > 0; left--) assert.ok(await bsd.recv(tap, 1000));
    assert.equal(await bsd.recv(tap, 1000), null);
    await bsd.close(tap);
  });
});
