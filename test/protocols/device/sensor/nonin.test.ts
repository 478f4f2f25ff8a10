import assert from "node:assert/strict";
import { nonin } from "../../../../protocols/device/sensor/nonin.js";
import { noninPacket, checkCountedGaps, told, type NoninFrame, type Piece, type Told } from "./oximeters.js";

const packets = (...packets: number[][][]): number[] => packets.flat(2);

/** All whole frames give a reading, or are told as damage. */
function decode(...pieces: Piece[]): Told {
  return told(nonin.decoder(75), pieces);
}

/** Distinct values of a column with how often each came, in their order. */
function runs(values: unknown[]): [unknown, number][] {
  const found: [unknown, number][] = [];
  for (const value of values) {
    const last = found.at(-1);
    if (last && last[0] === value) last[1]++;
    else found.push([value, 1]);
  }
  return found;
}

const PLETH = 1;
const SPO2 = 2;
const PULSE = 3;
const column = ({ readings }: Told, index: number): unknown[] => readings.map((reading) => reading[index]);

describe("Nonin table", () => {
  it("decodes the frame of the device's specification", () => {
    const frame = [0x01, 0x81, 0x01, 0x00, 0x83];
    const next = [0x01, 0x80, 0x02, 0x48, 0xcb];
    assert.deepEqual(decode([...frame, ...next]).readings, [
      [4, 1, null, null],
      [9, 2, null, null],
    ]);
  });

  it("has the plethysmogram of each frame, and saturation and pulse of the last whole packet", () => {
    const all = decode(packets(noninPacket(97, 300), noninPacket(98, 60), noninPacket(99, 61)));
    assert.deepEqual(
      column(all, PLETH),
      [1, 2, 3].flatMap(() => Array.from({ length: 25 }, (_, i) => i + 1)),
    );
    assert.deepEqual(runs(column(all, PULSE)), [
      [null, 25],
      [300, 25],
      [60, 25],
    ]);
    assert.deepEqual(runs(column(all, SPO2)), [
      [null, 25],
      [97, 25],
      [98, 25],
    ]);
    assert.deepEqual(runs(all.whys), [
      ["waiting for a packet", 25],
      ["", 50],
    ]);
    assert.deepEqual([all.damaged, all.events], [[], []]);
  });

  it("gives the same however the bytes are cut into batches", () => {
    const bytes = packets(noninPacket(97, 72), noninPacket(96, 511), noninPacket(95, 70));
    const whole = decode(bytes);
    for (const size of [1, 2, 3, 4, 7, 24]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.slice(i * size, (i + 1) * size),
      );
      assert.deepEqual(decode(...pieces), whole, `in pieces of ${size}`);
    }
  });

  it("has no number for zero, which nobody alive has", () => {
    const all = decode(packets(noninPacket(0, 72), noninPacket(0, 0), noninPacket(97, 72)));
    assert.deepEqual(runs(column(all, SPO2)), [[null, 75]]);
    assert.deepEqual(runs(column(all, PULSE)), [
      [null, 25],
      [72, 25],
      [null, 25],
    ]);
    assert.deepEqual(runs(all.whys), [
      ["waiting for a packet", 25],
      ["no value", 50],
    ]);
  });

  it("has no number for 127 and 511", () => {
    const all = decode(packets(noninPacket(127, 511), noninPacket(120, 0), noninPacket(97, 72)));
    assert.deepEqual(runs(column(all, SPO2)), [[null, 75]]);
    assert.deepEqual(runs(column(all, PULSE)), [[null, 75]]);
    assert.deepEqual(runs(all.whys), [
      ["waiting for a packet", 25],
      ["no value", 25],
      ["out of range", 25],
    ]);
  });

  for (const [status, why, events] of [
    [0x40, "probe off", ["probe off"]],
    [0x10, "out of track", ["out of track"]],
    [0x08, "alarm", ["alarm"]],
    [0x58, "probe off", ["probe off", "alarm", "out of track"]],
  ] as [number, string, string[]][])
    it(`has no number while the status is ${status.toString(16)}, nor one from before it after it`, () => {
      const bad: Record<number, NoninFrame> = { 10: { status }, 11: { status } };
      const [good, spoilt] = [noninPacket(97, 72), noninPacket(97, 72, bad)];
      const all = decode(packets(good, spoilt, good, good));
      const during = all.readings.slice(35, 37);
      assert.deepEqual(
        during.map(([, ...values]) => values),
        [
          [null, null, null],
          [null, null, null],
        ],
      );
      assert.deepEqual(runs(column(all, SPO2)), [
        [null, 25],
        [97, 10],
        [null, 40],
        [97, 25],
      ]);
      assert.deepEqual(new Set(all.whys), new Set(["waiting for a packet", "", why]));
      assert.deepEqual(all.events, [
        ...events.map((name): [string, boolean] => [name, true]),
        ...events.map((name): [string, boolean] => [name, false]),
      ]);
    });

  it("has no number for an artifact, and what such a frame brings is stale a packet later", () => {
    const bad = { 2: { status: 0x20 }, 3: { status: 0x20 } };
    const [good, spoilt] = [noninPacket(97, 72), noninPacket(98, 72, bad)];
    const all = decode(packets(good, spoilt, noninPacket(99, 72), good));
    assert.deepEqual(runs(column(all, SPO2)), [
      [null, 25],
      [97, 2],
      [null, 2],
      [97, 21],
      [null, 25],
      [99, 25],
    ]);
    assert.deepEqual(runs(all.whys.slice(25)), [
      ["", 2],
      ["artifact", 2],
      ["", 21],
      ["stale", 25],
      ["", 25],
    ]);
    assert.deepEqual(all.events, []);
  });

  it("drops half a frame, and what it held, at a gap", () => {
    const first = packets(noninPacket(97, 72), noninPacket(97, 72));
    const second = packets(noninPacket(98, 73), noninPacket(99, 74), noninPacket(96, 75));
    for (let cut = 1; cut < 5; cut++) {
      // The rest of the frame and nine more are lost.
      const all = decode(first, second.slice(0, cut), null, second.slice(50 - (cut % 2)));
      assert.equal(all.readings[49]![SPO2], 97);
      assert.deepEqual(all.readings[50]!.slice(1), [11, null, null], "a value of before the gap lived on");
      assert.deepEqual(runs(column(all, SPO2)).slice(-2), [
        [null, 40],
        [99, 25],
      ]);
      assert.deepEqual(all.damaged, []);
    }
  });

  it("takes no field for another when frames are missing and nobody told", () => {
    const frames = [noninPacket(97, 300), noninPacket(98, 301), noninPacket(99, 302), noninPacket(96, 303)].flat();
    for (let from = 1; from < 75; from++)
      for (const count of [1, 2, 7, 24, 26]) {
        const all = decode(frames.filter((_, i) => i < from || i >= from + count).flat());
        const [spo2, pulse] = [SPO2, PULSE].map((channel) => new Set(column(all, channel)));
        for (const value of spo2!) assert.ok([null, 97, 98, 99].includes(value as number), `${count} from ${from}`);
        for (const value of pulse!) assert.ok([null, 300, 301, 302].includes(value as number), `${count} from ${from}`);
      }
  });

  it("tells each damaged frame and finds the next one; frames and damage are what was sent", () => {
    const clean = packets(noninPacket(97, 72), noninPacket(97, 72), noninPacket(97, 72));
    const truth = decode(clean).readings;
    for (let at = 10; at < clean.length - 10; at++)
      for (const flip of [0x01, 0x80, 0xff]) {
        const bytes = [...clean];
        bytes[at]! ^= flip;
        const all = decode(bytes);
        assert.equal(all.readings.length + all.damaged.length, 75, `byte ${at} ^ ${flip}`);
        assert.equal(all.damaged.length, 1, `byte ${at} ^ ${flip}`);
        const known = new Map(truth.map(([number, pleth]) => [number, pleth]));
        for (const [number, pleth, spo2, pulse] of all.readings) {
          assert.equal(pleth, known.get(number));
          assert.ok(spo2 === null || spo2 === 97, `SpO2 ${spo2}`);
          assert.ok(pulse === null || pulse === 72, `pulse ${pulse}`);
        }
      }
  });

  it("begins in the middle of a frame", () => {
    const bytes = packets(noninPacket(97, 72));
    for (let from = 1; from < 5; from++) {
      const { readings, damaged } = decode(bytes.slice(from));
      assert.deepEqual(
        column({ readings } as Told, PLETH),
        Array.from({ length: 24 }, (_, i) => i + 2),
      );
      assert.deepEqual(damaged, []);
    }
  });

  it("tells what is no frame at all as damage, a frame's length each", () => {
    const { readings, damaged } = decode(Array.from({ length: 505 }, () => 0x55));
    assert.equal(readings.length, 0);
    assert.ok(damaged.length >= 97 && damaged.length <= 100, `${damaged.length}`);
    assert.deepEqual(new Set(damaged), new Set(["framing"]));
  });

  it("counts every frame once when bytes are lost and counted, and one beside them is wrong, and goes on with the next whole one", () => {
    checkCountedGaps(() => nonin.decoder(75), [noninPacket(97, 72), noninPacket(96, 71)].flat(), 2);
  });
});
