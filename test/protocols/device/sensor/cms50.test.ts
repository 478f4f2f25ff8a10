import assert from "node:assert/strict";
import { cms50 } from "../../../../protocols/device/sensor/cms50.js";
import { cms50Frame, checkCountedGaps, told, type Piece, type Told } from "./oximeters.js";

/** A frame counts when the next one begins: so does one here, behind all pieces. */
function decode(...pieces: Piece[]): Told {
  return told(cms50.decoder(60), [...pieces, [0x80]]);
}

const whole = cms50Frame(50, 98, 72);

describe("CMS50 table", () => {
  const vectors: [string, number[], (number | null)[], string][] = [
    ["values", [0xc7, 0x32, 0x05, 0x48, 0x62], [50, 98, 72], ""],
    ["the pulse's upper bit", cms50Frame(1, 97, 200), [1, 97, 200], ""],
    ["a search for the pulse", cms50Frame(1, 97, 72, 0, 0x20), [null, null, null], "searching"],
    ["a search that takes long", cms50Frame(1, 97, 72, 0x10), [null, null, null], "searching"],
    ["a probe's error", cms50Frame(1, 97, 72, 0x10, 0x30), [null, null, null], "probe error"],
    ["values that are missing", cms50Frame(1, 127, 255), [1, null, null], "no value"],
    ["zeros", cms50Frame(0, 0, 0), [0, null, null], "no value"],
  ];
  for (const [name, frame, values, why] of vectors)
    it(`decodes ${name}`, () => {
      const { readings, whys, damaged } = decode([...frame, ...whole]);
      assert.deepEqual(readings, [
        [4, ...values],
        [9, 50, 98, 72],
      ]);
      assert.deepEqual([whys, damaged], [[why, ""], []]);
    });

  it("tells the device's own states where they begin and end", () => {
    const frames = [0, 0x20, 0x20, 0x10, 0].map((first) => cms50Frame(9, 97, 72, first));
    assert.deepEqual(decode([...frames, cms50Frame(9, 97, 72, 0, 0x10), whole].flat()).events, [
      ["spo2 dropping", true],
      ["searching", true],
      ["spo2 dropping", false],
      ["searching", false],
      ["probe error", true],
      ["probe error", false],
    ]);
  });

  it("gives the same however the bytes are cut into batches", () => {
    const bytes = Array.from({ length: 12 }, (_, i) => cms50Frame(i, 90 + (i % 10), 70 + i)).flat();
    const all = decode(bytes);
    assert.equal(all.readings.length, 12);
    for (const size of [1, 2, 3, 7])
      assert.deepEqual(
        decode(...Array.from({ length: Math.ceil(60 / size) }, (_, i) => bytes.slice(i * size, (i + 1) * size))),
        all,
      );
  });

  it("drops half a frame at a gap, and joins no halves of two", () => {
    const other = cms50Frame(1, 80, 40);
    for (let cut = 1; cut < 5; cut++) {
      const all = decode([...whole, ...whole, ...whole.slice(0, cut)], null, [...other.slice(cut), ...other, ...other]);
      assert.deepEqual(
        all.readings.map(([, ...values]) => values),
        [
          [50, 98, 72],
          [50, 98, 72],
          [1, 80, 40],
          [1, 80, 40],
        ],
      );
      assert.deepEqual(all.damaged, []);
    }
  });

  it("tells a frame with a byte too few, or one too many, as damage, and finds the next one", () => {
    for (let at = 0; at < 5; at++) {
      const short = whole.filter((_, i) => i !== at);
      const long = [...whole.slice(0, at), 0x11, ...whole.slice(at)];
      for (const bad of [short, long]) {
        const { readings, damaged } = decode([whole, whole, bad, whole, whole].flat());
        assert.equal(readings.length + damaged.length, 5, `byte ${at} of ${bad.join(" ")}`);
        assert.ok(damaged.every((cause) => cause === "framing"));
        assert.ok(
          readings.every(([, pleth, spo2, pulse]) => pleth === 50 && spo2 === 98 && pulse === 72),
          `byte ${at} of ${bad.join(" ")} made ${JSON.stringify(readings)}`,
        );
      }
    }
  });

  it("counts every frame once when bytes are lost and counted, and one beside them is wrong, and goes on with the next whole one", () => {
    checkCountedGaps(
      () => cms50.decoder(60),
      Array.from({ length: 50 }, (_, i) => cms50Frame(i + 1, 97, 72)),
      1,
      [0x80],
    );
  });
});
