import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, Tap } from "../../host/index.js";
import type { Packet } from "../../host/index.js";
import { faulty } from "../../host/transport/faulty.js";
import type { Faults } from "../../host/transport/faulty.js";
import { Door, hmacKey } from "../../protocols/index.js";
import type { LinkTraits } from "../../protocols/index.js";
import { VirtualClock } from "../../simulator/clock.js";
import { FakeBoard, SERIAL, TCP, UDP } from "../host/fake-board.js";
import { inTime } from "../host/time.js";
import { judgedBy, text2pcap, tshark } from "../support/judges.js";
import { resumed } from "../support/resumed.js";
import { Captures } from "../support/tshark.js";
import type { Fields } from "../support/tshark.js";
import { payloadOf } from "../vectors/make-link.js";
import type { LinkVector } from "../vectors/make-link.js";

const GOOD = "1";
const root = new URL("../../", import.meta.url);
const vectors = JSON.parse(readFileSync(new URL("test/vectors/link.json", root), "utf8")) as LinkVector[];

interface Options {
  faults?: Faults;
  key?: Uint8Array;
  decrypted?: boolean;
}

/** What a tap sees of a print job in virtual time. */
async function printed(traits: LinkTraits, job: Buffer, options: Options = {}): Promise<Packet[]> {
  const { faults = {}, key, decrypted } = options;
  const clock = new VirtualClock();
  const fake = new FakeBoard(clock);
  if (key)
    fake.door = new Door(
      () => Math.random() * 2 ** 32,
      hmacKey(key),
      () => null,
    );
  const tap = new Tap({ waiting: 1e6, decrypted });
  const board = await inTime(clock, connect(faulty(fake.line(traits).transport, faults, clock), { clock, tap, key }));
  await inTime(clock, board.printer("printer0").print(job));
  await inTime(clock, board.close());
  const packets = [];
  for await (const packet of tap) packets.push(packet);
  return packets;
}

function frames(packets: Packet[]): Packet[] {
  return packets.filter(({ kind }) => kind === "frame");
}

/** Whether each frame of a capture has the CRC of its session. */
function assertWhole(found: string[][], count: number): void {
  assert.deepEqual(found.flat(), Array<string>(count).fill(GOOD));
}

judgedBy([tshark, text2pcap], "tshark with our dissector", function () {
  this.timeout(60_000);
  const job = Buffer.from(Array.from({ length: 400 }, (_, i) => `line ${i}\n`).join(""));
  let dir: string;
  let captures: Captures;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), "devsock-"));
    captures = new Captures(dir);
  });

  after(() => rm(dir, { recursive: true }));

  it("reads each vector as it was made", async () => {
    const packets = vectors.map(({ frame }, i) => ({
      time: i,
      // Each has a mark of its own: frames of different sessions.
      address: `vector ${i}`,
      direction: "out" as const,
      kind: "frame" as const,
      bytes: Buffer.from(frame, "hex"),
    }));
    const names = ["length", "kind", "priority", "channel", "sequence", "check.status", "payload", "crc.mark"];
    const found = await captures.fields(
      await captures.write(packets),
      names.map((name) => `devsock.${name}`),
    );
    assert.equal(found.length, vectors.length);
    vectors.forEach((vector, i) => {
      const payload = payloadOf(vector.payload);
      const expected: Record<string, unknown> = {
        length: String(payload.length),
        kind: String(vector.kind),
        priority: String(vector.priority),
        channel: String(vector.channel),
        sequence: String(vector.sequence),
        "check.status": GOOD,
        payload: payload.length ? payload.toString("hex") : undefined,
        "crc.mark": `0x${vector.mark.toString(16).padStart(8, "0")}`,
      };
      for (const name of names)
        assert.equal(found[i]![`devsock.${name}`]?.[0], expected[name], `${name}, ${vector.title}`);
    });
  });

  it("reads back what the writer was given: times, directions, comments, losses, interfaces", async () => {
    const base = { address: "udp://127.0.0.1:9180", direction: "out" as const, kind: "event" as const };
    const event = { ...base, time: 1_700_000_000_000.123, bytes: Buffer.alloc(0), note: "open" };
    const noise = {
      ...base,
      time: 1_700_000_000_250.5,
      direction: "in" as const,
      kind: "noise" as const,
      note: "crc",
      dropped: 7,
    };
    const path = await captures.write([
      event,
      { ...noise, bytes: Buffer.from("abc") },
      { ...event, address: "serial:/dev/x" },
    ]);
    const names = [
      "time_epoch",
      "packet_flags_direction",
      "packet_flags_crc_error",
      "comment",
      "drop_count",
      "interface_name",
    ];
    const found = await captures.fields(path, [...names.map((name) => `frame.${name}`), "devsock.noise"]);
    assert.deepEqual(
      found.map((fields) => fields["frame.time_epoch"]![0]!.slice(0, 17)),
      ["1700000000.000123", "1700000000.250500", "1700000000.000123"],
    );
    const [first, second, third] = found;
    assert.deepEqual(first!["frame.comment"], ["open"]);
    assert.deepEqual(second!["frame.comment"], ["3 bytes that are no frame: crc"]);
    assert.deepEqual(second!["devsock.noise"], ["616263"]);
    assert.deepEqual(
      found.map((fields) => Number(fields["frame.packet_flags_direction"]![0])),
      [2, 1, 2],
    );
    assert.deepEqual(second!["frame.drop_count"], ["7"]);
    assert.equal(third!["frame.interface_name"]![0], "serial:/dev/x");
  });

  for (const [name, traits] of Object.entries({ TCP, serial: SERIAL }))
    it(`puts a socket's bytes together, with every CRC verified, over ${name}`, async () => {
      const packets = await printed(traits, job);
      const path = await captures.write(packets);
      const found = await captures.fields(path, [
        "devsock.crc.status",
        "devsock.stream",
        "devsock.socket.address",
        "devsock.line",
      ]);
      assertWhole(
        found.flatMap((fields) => fields["devsock.crc.status"] ?? []).map((status) => [status]),
        frames(packets).length,
      );
      const [sent, answered] = found.filter((fields) => fields["devsock.stream"]);
      assert.match(sent!["devsock.socket.address"]![0]!, /^printer0:job\/\w+\/3490-\w{8}$/);
      assert.equal(Buffer.from(sent!["devsock.stream"]![0]!, "hex").toString(), job.toString());
      assert.match(answered!["devsock.line"]!.at(-1)!, /"done":true|"taken"/);
    });

  it("shows damage, what was sent again and what came twice, and still the whole job", async () => {
    const faults: Faults = { drop: 0.05, corrupt: 0.1, double: 0.3, reorder: 0.1, split: 50, seed: 3 };
    const packets = await printed(SERIAL, job, { faults });
    const path = await captures.write(packets);
    const found = await captures.fields(path, [
      "devsock.noise",
      "devsock.stream",
      "devsock.original",
      "frame.packet_flags_direction",
      "_ws.expert.message",
    ]);
    const told = found.flatMap((fields) => fields["_ws.expert.message"] ?? []);
    for (const text of ["Sent again", "Came already", "Fills a gap", "The header's check is wrong"])
      assert.ok(told.includes(text), text);
    assert.ok(told.some((text) => /^The CRC is wrong/.test(text)));
    assert.ok(told.some((text) => /^Missing before this one: \d/.test(text)));
    const sent = found.filter(
      (fields) => fields["devsock.stream"] && fields["frame.packet_flags_direction"]![0] === "0x00000002",
    );
    assert.equal(sent.length, 1);
    assert.equal(Buffer.from(sent[0]!["devsock.stream"]![0]!, "hex").toString(), job.toString());
  });

  it("shows of a session with a key what is not encrypted, and all of it in a capture from above the encryption", async () => {
    const key = new Uint8Array(32).fill(7);
    const names = ["kind", "sequence", "counter", "encrypted", "mac", "hello.proof", "socket.address", "stream"];
    const shown = async (packets: Packet[]): Promise<Fields[]> =>
      captures.fields(
        await captures.write(frames(packets)),
        names.map((name) => `devsock.${name}`),
      );
    const wire = await printed(UDP, job, { key });
    const found = await shown(wire);
    assert.equal(found.length, frames(wire).length);
    const proofs = found.flatMap((fields) => fields["devsock.hello.proof"] ?? []);
    assert.equal(proofs.filter((proof) => /[^0]/.test(proof)).length, 2, "of the second offer, and of the answer");
    const counters = found
      .filter((fields, i) => fields["devsock.counter"] && frames(wire)[i]!.direction === "out")
      .map((fields) => Number(fields["devsock.counter"]![0]));
    assert.ok(counters.length > 2);
    assert.deepEqual(counters, [...counters.keys()]);
    const data = found.filter((fields) => fields["devsock.kind"]![0] === "2");
    assert.ok(data.every((fields) => fields["devsock.mac"]![0]!.length === 16 && fields["devsock.encrypted"]));
    assert.ok(!found.some((fields) => fields["devsock.socket.address"] ?? fields["devsock.stream"]));
    const decrypted = await shown(await printed(UDP, job, { key, decrypted: true }));
    const [sent] = decrypted.filter((fields) => fields["devsock.stream"]);
    assert.equal(Buffer.from(sent!["devsock.stream"]![0]!, "hex").toString(), job.toString());
  });

  it("follows a session to another link: what goes again there counts once", async () => {
    for (const seed of [1, 2, 3]) {
      const { packets, received } = resumed(job, seed);
      const found = await captures.fields(await captures.write(packets), [
        "devsock.stream",
        "devsock.socket",
        "_ws.expert.message",
      ]);
      // The first link saw its end as well.
      const sent = found.filter((fields) => fields["devsock.stream"]).at(-1);
      assert.ok(received.equals(job));
      assert.equal(Buffer.from(sent!["devsock.stream"]![0]!, "hex").toString(), job.toString(), `seed ${seed}`);
      assert.deepEqual(new Set(found.flatMap((fields) => fields["devsock.socket"] ?? [])), new Set(["1"]));
      assert.ok(!found.some((fields) => fields["_ws.expert.message"]?.includes("More than the credit allows")));
    }
  });

  it("finds frames in an ordinary capture of TCP, wherever its segments end, and on any port", async () => {
    const all = frames(await printed(TCP, job));
    for (const [port, size] of [
      [9180, 100],
      [40123, 1000],
    ] as const) {
      const segments: Packet[] = [];
      for (const packet of all) {
        const last = segments.at(-1);
        const room = last?.direction === packet.direction ? size - last.bytes.length : 0;
        if (last && room > 0) last.bytes = Buffer.concat([last.bytes, packet.bytes.subarray(0, room)]);
        for (let at = Math.max(room, 0); at < packet.bytes.length; at += size)
          segments.push({ ...packet, bytes: packet.bytes.subarray(at, at + size) });
      }
      const path = await captures.network("tcp", port, segments);
      const found = await captures.fields(path, ["devsock.crc.status", "devsock.stream"], "devsock");
      assertWhole(
        found.map((fields) => fields["devsock.crc.status"] ?? []),
        all.length,
      );
      assert.equal(found.filter((fields) => fields["devsock.stream"]).length, 2, "one stream each way");
    }
  });

  it("finds several frames in one datagram of UDP", async () => {
    const all = frames(await printed(UDP, job));
    const datagrams: Packet[] = [];
    for (const packet of all) {
      const last = datagrams.at(-1);
      if (last?.direction !== packet.direction || last.bytes.length + packet.bytes.length > 528)
        datagrams.push({ ...packet });
      else last.bytes = Buffer.concat([last.bytes, packet.bytes]);
    }
    assert.ok(datagrams.length < all.length);
    const path = await captures.network("udp", 40123, datagrams);
    const found = await captures.fields(path, ["devsock.crc.status"], "devsock");
    assertWhole(
      found.map((fields) => fields["devsock.crc.status"]!),
      all.length,
    );
  });
});
