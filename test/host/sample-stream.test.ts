import assert from "node:assert/strict";
import { SampleStream } from "../../host/device/sample-stream.js";
import { max30102 } from "../../protocols/device/sensor/max30102.js";
import { nonin } from "../../protocols/device/sensor/nonin.js";
import { Random } from "../../simulator/random.js";
import { noninPacket } from "../protocols/device/sensor/oximeters.js";

const FRAMES = noninPacket(97, 72).length * 40;
const FRAME_BYTES = 5;

/** What a reader gets of a Nonin's bytes in batches of random sizes, some of which the board or the link loses. */
function lossy(seed: number, losses: number): { known: number; readings: number; wrong: number } {
  const random = new Random(seed);
  const bytes = Array.from({ length: 40 }, () => noninPacket(97, 72)).flat(2);
  const stream = new SampleStream(nonin, 75, { toUtc: (tick) => ({ utc: tick, uncertainty: 1 }) });
  let [known, readings, wrong] = [0, 0, 0];
  for (let number = 0, size = 0; number < bytes.length; number += size) {
    size = Math.min(bytes.length - number, 1 + (random.next() % 60));
    const at = { tick: (number * 1000) / 375, boot: 1, number };
    // What begins and ends it is there.
    const lose: boolean = number > 100 && number + size < bytes.length && random.chance(losses);
    if (lose && random.chance(0.5)) continue;
    const data = Uint8Array.from(bytes.slice(number, number + size));
    const message = lose
      ? ({ kind: "gap", ...at, lost: size, cause: "RING_FULL" } as const)
      : ({ kind: "batch", ...at, flags: 0, data } as const);
    for (const item of stream.take({ message, arrived: at.tick })) {
      if (item.kind === "gap") known += item.lost ?? NaN;
      if (item.kind !== "reading") continue;
      known++;
      readings++;
      const [pleth, spo2, pulse] = item.values;
      const frame = bytes.slice(item.number - 4, item.number + 1);
      if (pleth !== frame[2] || (spo2 ?? 97) !== 97 || (pulse ?? 72) !== 72) wrong++;
    }
  }
  return { known, readings, wrong };
}

/** Flags of an oximeter's batch: how late somebody looked, in steps of 0.25 ms. */
const NOBODY_KNOWS = 255;

describe("a sensor's samples", () => {
  it("are each delivered or in a gap, once, whatever the board or the link loses, and none is wrong", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { known, readings, wrong } = lossy(seed, 0.2);
      assert.deepEqual([known, wrong], [FRAMES, 0], `seed ${seed}`);
      assert.ok(readings > FRAMES / 2 && readings < FRAMES, `seed ${seed}: ${readings} readings`);
    }
    assert.equal(lossy(1, 0).readings, FRAMES);
    assert.equal(FRAMES * FRAME_BYTES, 5000);
  });

  it("keep their times behind a silence that nobody counted: its rhythm is no longer theirs", () => {
    const stream = new SampleStream(nonin, 75, { toUtc: (tick) => ({ utc: tick, uncertainty: 0.5 }) });
    const bytes = Array.from({ length: 200 }, () => noninPacket(97, 72)).flat(2);
    const period = 1000 / 375;
    let number = 0;
    let [readings, wrong] = [0, 0];
    /** In batches of 15 frames, each stamped when its last byte was there, as are readings. */
    const send = (from: number, to: number): void => {
      for (let at = from; at < to; at += 75 * period) {
        const tick = at + 74 * period;
        const data = Uint8Array.from(bytes.slice(number, number + 75));
        for (const item of stream.take({
          message: { kind: "batch", tick, boot: 1, number, flags: NOBODY_KNOWS, data },
          arrived: tick,
        })) {
          if (item.kind !== "reading") continue;
          readings++;
          if (Math.abs(item.utc - (at + (item.number - number) * period)) > item.uncertainty) wrong++;
        }
        number += 75;
      }
    };
    send(0, 20_000);
    const gap = { kind: "gap", tick: 20_000, boot: 1, number, lost: null, cause: "SILENT" } as const;
    assert.equal([...stream.take({ message: gap, arrived: 20_000 })].length, 1);
    send(24_000, 44_000);
    assert.deepEqual([readings > 2900, wrong], [true, 0]);
  });

  it("of a device that sends five bytes at once are those of their last bytes, wherever its batches end", () => {
    const period = 1000 / 75;
    const each = 10_000 / 9600;
    /** When byte `number` has come. */
    const was = (number: number): number =>
      1000 + Math.floor(number / FRAME_BYTES) * period + (number % FRAME_BYTES) * each;
    for (const ends of [() => 0, () => 4, (i: number) => i % FRAME_BYTES]) {
      const stream = new SampleStream(nonin, 75, { toUtc: (tick) => ({ utc: tick, uncertainty: 0 }) });
      const bytes = Array.from({ length: 40 }, () => noninPacket(97, 72)).flat(2);
      let [readings, wrong] = [0, 0];
      for (let number = 0, i = 0; number < bytes.length; i++) {
        const last = Math.min(number + 75 - (number % FRAME_BYTES) + ends(i), bytes.length - 1);
        const data = Uint8Array.from(bytes.slice(number, last + 1));
        const message = { kind: "batch", tick: was(last), boot: 1, number, flags: NOBODY_KNOWS, data } as const;
        for (const item of stream.take({ message, arrived: was(last) })) {
          if (item.kind !== "reading") continue;
          readings++;
          if (Math.abs(item.utc - was(item.number)) > item.uncertainty || item.uncertainty > 1.5) wrong++;
        }
        number = last + 1;
      }
      assert.deepEqual([readings, wrong], [FRAMES, 0]);
    }
  });

  it("of such a device are within their uncertainty, at whatever time somebody looks, late or not, and behind a cable that was out for 100 ms", () => {
    const period = 1000 / 75;
    const each = 10_000 / 9600;
    for (let seed = 1; seed <= 20; seed++) {
      const random = new Random(seed);
      const out = 500 + (random.next() % 400);
      const was = (number: number): number => {
        const frame = Math.floor(number / FRAME_BYTES);
        return 1000 + frame * period * (1 + 100e-6) + (number % FRAME_BYTES) * each + (frame >= out ? 100 : 0);
      };
      const stream = new SampleStream(nonin, 75, { toUtc: (tick) => ({ utc: tick, uncertainty: 0 }) });
      const bytes = Array.from({ length: 40 }, () => noninPacket(97, 72)).flat(2);
      const said: number[] = [];
      let outside = 0;
      for (let number = 0, due = 1100; number < bytes.length;) {
        // Most looks are on time, some very late.
        const late = random.chance(0.7) ? random.next() % 2 : random.next() % 50;
        const tick = due + (late * (random.next() % 1000)) / 1000;
        let last = number - 1;
        while (last + 1 < bytes.length && was(last + 1) <= tick) last++;
        if (last >= number) {
          const flags = Math.min(NOBODY_KNOWS, Math.ceil((tick - due) * 4));
          const data = Uint8Array.from(bytes.slice(number, last + 1));
          // Nothing came since the last look.
          const unknown = tick - was(last) > 27;
          const message = {
            kind: "batch",
            tick,
            boot: 1,
            number,
            flags: unknown ? NOBODY_KNOWS : flags,
            data,
          } as const;
          for (const item of stream.take({ message, arrived: tick })) {
            if (item.kind !== "reading") continue;
            said.push(item.uncertainty);
            if (Math.abs(item.utc - was(item.number)) > item.uncertainty) outside++;
          }
          number = last + 1;
        }
        due += 189;
      }
      assert.ok(said.length > FRAMES - 2, `${said.length} readings`);
      assert.ok(outside <= 0.01 * said.length, `seed ${seed}: ${outside} of ${said.length}`);
      const median = said.sort((a, b) => a - b)[said.length >> 1]!;
      assert.ok(median < 3.5, `seed ${seed}: ${median} ms stated`);
    }
  });

  it("of a MAX30102 are within their uncertainty, whether its interrupt tells when they were, or somebody looks at its FIFO", () => {
    const PERIOD = 10;
    /** @param told how often its interrupt is heard @param drift of the chip's clock */
    const stray = (
      seed: number,
      told: number,
      drift: number,
    ): { outside: number; readings: number; stated: number } => {
      const random = new Random(seed);
      const stream = new SampleStream(max30102, 100, { toUtc: (tick) => ({ utc: tick, uncertainty: 0 }) });
      const was = (number: number): number => 1000 + number * PERIOD * (1 + drift);
      const result = { outside: 0, readings: 0, stated: 0 };
      for (let number = 0, units = 0; number < 1000; number += units) {
        const flags = random.chance(told) ? 0 : 1;
        units = flags ? 8 + (random.next() % 12) : 17;
        const tick = was(number + units - 1) + (flags * PERIOD * (random.next() % 1000)) / 1000;
        const data = new Uint8Array(6 * units).fill(1);
        const message = { kind: "batch", tick, boot: 1, number, flags, data } as const;
        for (const item of stream.take({ message, arrived: tick })) {
          if (item.kind !== "reading") continue;
          result.readings++;
          result.stated += item.uncertainty;
          if (Math.abs(item.utc - was(item.number)) > item.uncertainty) result.outside++;
        }
      }
      return result;
    };
    for (const [told, most] of [
      [0, 5],
      [0.5, 3],
      [0.95, 1.5],
      [1, 1.5],
    ] as const) {
      const all = Array.from({ length: 20 }, (_, i) => stray(i + 1, told, i % 2 ? 0.002 : -0.002));
      const sum = (of: keyof (typeof all)[0]): number => all.reduce((total, one) => total + one[of], 0);
      const readings = sum("readings");
      assert.ok(sum("outside") < 0.01 * readings, `${told}: ${sum("outside")} of ${readings}`);
      // They would be, too, if anything was stated.
      assert.ok(sum("stated") < most * readings, `${told}: ${sum("stated") / readings} ms`);
    }
  });
});
