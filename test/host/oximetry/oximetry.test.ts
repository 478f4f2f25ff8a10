import assert from "node:assert/strict";
import { bandPass } from "../../../host/device/oximetry/filter.js";
import { oximetry } from "../../../host/index.js";

const RATE = 100;
const SEED = 7;

/** Numbers of a seed, evenly between 0 and 1. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Finger {
  pulse: number;
  spo2: number;
  /** Percent of the infrared light. */
  perfusion: number;
  /** Counts, standard deviation. */
  noise: number;
  seconds?: number;
  /** Counts by which the whole level sways with the breath. */
  breath?: number;
  seed?: number;
}

/** A pulse with its second wave, on the light that a finger gives back; red by the ratio that the saturation says. */
function finger({ pulse, spo2, perfusion, noise, seconds = 8, breath = 0, seed = SEED }: Finger) {
  const next = random(seed);
  const gauss = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const ratio = (110 - spo2) / 25;
  const start = next();
  const [red, infrared]: [number[], number[]] = [[], []];
  for (let i = 0; i < seconds * RATE; i++) {
    const phase = 2 * Math.PI * (start + (pulse / 60) * (i / RATE));
    const wave = -(Math.sin(phase) + 0.4 * Math.sin(2 * phase + 0.8) + 0.15 * Math.sin(3 * phase)) / 2.2;
    const sway = 1 + (breath / 1e5) * Math.sin((2 * Math.PI * 0.2 * i) / RATE);
    infrared.push(Math.round(110_000 * sway * (1 + (perfusion / 100) * wave) + noise * gauss()));
    red.push(Math.round(80_000 * sway * (1 + ((perfusion * ratio) / 100) * wave) + noise * gauss()));
  }
  return { red, infrared };
}

const of = (given: Finger) => {
  const { red, infrared } = finger(given);
  return oximetry(red, infrared, RATE);
};

/** The worst errors over pulses, saturations and seeds. */
function worst(perfusion: number, noise: number, breath: number): { pulse: number; spo2: number; none: number } {
  const errors = { pulse: 0, spo2: 0, none: 0 };
  for (const pulse of [42, 55, 72, 90, 120, 160, 200])
    for (const spo2 of [72, 80, 88, 94, 97, 99.5])
      for (const seed of [1, 2, 3]) {
        const found = of({ pulse, spo2, perfusion, noise, breath, seed });
        if (found.pulse !== null) errors.pulse = Math.max(errors.pulse, Math.abs(found.pulse - pulse));
        if (found.spo2 !== null) errors.spo2 = Math.max(errors.spo2, Math.abs(found.spo2 - spo2));
        if (found.pulse === null || found.spo2 === null) errors.none++;
      }
  return errors;
}

describe("oximetry", () => {
  for (const [title, perfusion, noise, breath, pulse, spo2] of [
    ["a strong pulse without noise", 2, 0, 0, 0.5, 0.3],
    ["an ordinary pulse with the noise of a converter and a breath", 1, 30, 300, 1, 0.7],
    ["a weak pulse with noise", 0.3, 30, 100, 1.5, 2],
  ] as const)
    it(`finds pulses of 42 to 200 and saturations of 72 to 99.5 % in ${title}: within ${pulse} /min and ${spo2} %`, () => {
      const errors = worst(perfusion, noise, breath);
      assert.ok(errors.pulse <= pulse && errors.spo2 <= spo2 && errors.none === 0, JSON.stringify(errors));
    });

  it("gives nothing rather than a wrong number, with the cause", () => {
    const good = finger({ pulse: 72, spo2: 97, perfusion: 1, noise: 20 });
    const changed = (at: number, value: number | null) => good.infrared.map((count, i) => (i === at ? value : count));
    const next = random(3);
    const noise = (level: number, width: number) => Array.from({ length: 800 }, () => level + width * (next() - 0.5));
    const cases: [string, readonly (number | null)[], readonly (number | null)[], string][] = [
      ["a missing reading", good.red, changed(400, null), "gap in the window"],
      ["a converter at its end", good.red, changed(400, 0x3ffff), "saturated"],
      ["too little time", good.red.slice(0, 590), good.infrared.slice(0, 590), "window too short"],
      ["no finger", noise(400, 30), noise(600, 30), "no finger"],
      ["a flat signal", noise(80_000, 20), noise(110_000, 20), "pulse too weak"],
      ["movement", noise(80_000, 9000), noise(110_000, 9000), "no regular pulse"],
    ];
    for (const [title, red, infrared, why] of cases) {
      const found = oximetry(red, infrared, RATE);
      assert.deepEqual([found.pulse, found.spo2, found.why], [null, null, why], title);
    }
  });

  it("gives a pulse without a saturation when the colours disagree, or the ratio is beyond its line", () => {
    const one = finger({ pulse: 72, spo2: 97, perfusion: 1, noise: 20 });
    const other = finger({ pulse: 95, spo2: 97, perfusion: 1, noise: 20 });
    const apart = oximetry(other.red, one.infrared, RATE);
    assert.deepEqual([Math.round(apart.pulse!), apart.spo2, apart.why], [72, null, "red and infrared disagree"]);
    const low = of({ pulse: 72, spo2: 60, perfusion: 1, noise: 20 });
    assert.deepEqual([Math.round(low.pulse!), low.spo2], [72, null]);
    assert.equal(low.why, "ratio beyond what the line holds for");
    assert.ok(Math.abs(low.ratio! - 2) < 0.05);
  });

  it("finds neither pulse nor saturation in 300 windows of mere noise, white and wandering", () => {
    for (let seed = 1; seed <= 300; seed++) {
      const next = random(seed);
      let walk = 0;
      const row = (): number[] =>
        Array.from(
          { length: 800 },
          () => 100_000 + (seed % 2 ? 3000 * (next() - 0.5) : (walk += 200 * (next() - 0.5))),
        );
      const { pulse, spo2 } = oximetry(row(), row(), RATE);
      assert.deepEqual([pulse, spo2], [null, null], `seed ${seed}`);
    }
  });

  it("has a band-pass that lets a pulse pass where it was, and no slope or hum", () => {
    const wave = (hz: number) => Array.from({ length: 1000 }, (_, i) => Math.sin((2 * Math.PI * hz * i) / RATE));
    const power = (row: number[]) =>
      Math.sqrt(row.slice(150, 850).reduce((sum, value) => sum + value * value, 0) / 700);
    const pulse = bandPass(wave(1.5), 0.5, 5, RATE);
    assert.ok(wave(1.5).every((value, i) => i < 100 || i > 900 || Math.abs(value - pulse[i]!) < 0.06));
    assert.ok(power(bandPass(wave(0.1), 0.5, 5, RATE)) < 0.02 && power(bandPass(wave(40), 0.5, 5, RATE)) < 0.02);
    assert.ok(
      power(
        bandPass(
          Array.from({ length: 1000 }, (_, i) => 3 * i),
          0.5,
          5,
          RATE,
        ),
      ) < 1e-6,
    );
  });
});
