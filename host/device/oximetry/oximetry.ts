/**
 * Pulse rate and oxygen saturation from the counts of two lights. NOT FOR DIAGNOSIS: nothing here is calibrated.
 *
 * Saturation is by the ratio of ratios, R = (AC/DC of red) / (AC/DC of infrared), and the line SpO2 = 110 - 25 R, an approximation in common
 * use that holds for R of 0.4 to 1 (100 to 85 %); below it is off by more, and a true device has a curve of its own, measured with volunteers
 * (J. G. Webster, ed., Design of Pulse Oximeters, 1997, chapters 4 and 10; chatppg.com/algorithms/spo2-ratio-of-ratios). DC is the mean. AC of red over AC of infrared is the slope
 * of the line through the pairs of both band-passed signals, and how well they lie on it says whether both show the same pulse (the method
 * of US patent 5,503,148, expired). The pulse is the autocorrelation's of the infrared light.
 */
import { bandPass } from "./filter.js";
import { rhythmOf } from "./pulse.js";

export interface Oximetry {
  /** Beats a minute; null: `why` says the cause. */
  pulse: number | null;
  /** Percent; null: `why` says the cause. */
  spo2: number | null;
  /** Ratio of ratios that `spo2` comes from. */
  ratio: number | null;
  /** Perfusion index: the pulse's height in the infrared light, in percent of all of it. */
  perfusion: number | null;
  /** Why something is null; empty when nothing is. */
  why: string;
}

/** What is too little, by the measured errors in test/host/oximetry. */
export const LIMITS = {
  /** Seconds of a window: four beats of the slowest pulse that is looked for. */
  window: 6,
  /** Beats a minute. */
  pulse: { least: 40, most: 220 },
  /** Counts of infrared light, of 262,143: less comes back without a finger. */
  finger: 20_000,
  /** The converter's end. */
  saturated: 0x3ffff,
  /** Percent. */
  perfusion: 0.1,
  /** Likeness of one beat to the next. */
  likeness: 0.6,
  /** Correlation of both lights. */
  agreement: 0.9,
  /** Percent that the line is said for at the least: R of 1.6. */
  spo2: 70,
} as const;

/** Hz. Red and infrared pass the same filter, so their ratio stays what it is. */
const BAND = { low: 0.5, high: 5 };

const NOTHING: Oximetry = { pulse: null, spo2: null, ratio: null, perfusion: null, why: "" };

/**
 * Of one window: the newest is what counts, so give the last 6 to 10 seconds. Not for diagnosis.
 * @param red, infrared counts in the order of their times, without gaps; null where there is no value: then there is no result
 * @param rate readings a second, 25 or more
 */
export function oximetry(
  red: readonly (number | null)[],
  infrared: readonly (number | null)[],
  rate: number,
): Oximetry {
  const fault = faultOf(red, infrared, rate);
  if (fault) return { ...NOTHING, why: fault };
  return measured(red as readonly number[], infrared as readonly number[], rate);
}

function faultOf(red: readonly (number | null)[], infrared: readonly (number | null)[], rate: number): string {
  if (!(rate >= 25)) return "too few readings a second";
  if (red.length !== infrared.length || infrared.length < LIMITS.window * rate) return "window too short";
  if ([red, infrared].some((row) => row.some((count) => count !== null && count >= LIMITS.saturated)))
    return "saturated";
  if ([red, infrared].some((row) => row.some((count) => count === null))) return "gap in the window";
  return mean(infrared as readonly number[]) < LIMITS.finger ? "no finger" : "";
}

function measured(red: readonly number[], infrared: readonly number[], rate: number): Oximetry {
  const [r, i] = [red, infrared].map((row) => bandPass(row, BAND.low, BAND.high, rate)) as [number[], number[]];
  const [rr, ii, ri] = [product(r, r), product(i, i), product(r, i)];
  // Peak to peak of a sine of that power.
  const perfusion = (100 * 2 * Math.SQRT2 * Math.sqrt(ii / i.length)) / mean(infrared);
  if (perfusion < LIMITS.perfusion) return { ...NOTHING, perfusion, why: "pulse too weak" };
  const { least, most } = LIMITS.pulse;
  const rhythm = rhythmOf(i, rate, least / 60, most / 60);
  if (!rhythm || rhythm.likeness < LIMITS.likeness) return { ...NOTHING, perfusion, why: "no regular pulse" };
  const pulse = 60 * rhythm.frequency;
  const found = { ...NOTHING, pulse, perfusion };
  if (ri / Math.sqrt(rr * ii) < LIMITS.agreement) return { ...found, why: "red and infrared disagree" };
  // Both have noise: the line that lies best between them, not the one that takes infrared for exact.
  const ratio = (bestLine(rr, ii, ri) * mean(infrared)) / mean(red);
  const spo2 = 110 - 25 * ratio;
  if (spo2 < LIMITS.spo2 || spo2 > 105) return { ...found, ratio, why: "ratio beyond what the line holds for" };
  return { ...found, ratio, spo2: Math.min(100, spo2) };
}

/** Slope of the line from which pairs of red and infrared lie least far. */
function bestLine(rr: number, ii: number, ri: number): number {
  return (rr - ii + Math.sqrt((rr - ii) ** 2 + 4 * ri * ri)) / (2 * ri);
}

function product(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, i) => sum + value * other[i]!, 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
