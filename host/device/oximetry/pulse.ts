/** How often a signal repeats itself. */

export interface Rhythm {
  /** Repetitions a second. */
  frequency: number;
  /** How alike the signal is to itself one period later: 1 is the same, 0 nothing. */
  likeness: number;
}

/** Of the highest peak: an earlier one that is almost as high is one period, and that is two. */
const ALMOST = 0.85;

/**
 * By the autocorrelation, normalised to the energy of the two stretches compared: its first high peak, put between two lags by a parabola.
 * @param values without a mean
 * @param slowest, fastest repetitions a second that are looked for
 */
export function rhythmOf(values: readonly number[], rate: number, slowest: number, fastest: number): Rhythm | null {
  const first = Math.max(2, Math.floor(rate / fastest));
  const last = Math.min(Math.ceil(rate / slowest), Math.floor(values.length / 2));
  const at = Array.from({ length: Math.max(0, last + 2 - (first - 1)) }, (_, i) => correlation(values, first - 1 + i));
  const peaks: Rhythm[] = [];
  for (let i = 1; i + 1 < at.length; i++) {
    const [before, here, after] = [at[i - 1]!, at[i]!, at[i + 1]!];
    if (here <= 0 || here < before || here <= after) continue;
    const bend = before - 2 * here + after;
    const shift = bend === 0 ? 0 : (0.5 * (before - after)) / bend;
    peaks.push({ frequency: rate / (first - 1 + i + shift), likeness: here });
  }
  const highest = peaks.reduce((most, { likeness }) => Math.max(most, likeness), 0);
  return peaks.find(({ likeness }) => likeness >= ALMOST * highest) ?? null;
}

function correlation(values: readonly number[], lag: number): number {
  let products = 0;
  let early = 0;
  let late = 0;
  for (let i = lag; i < values.length; i++) {
    products += values[i]! * values[i - lag]!;
    early += values[i - lag]! ** 2;
    late += values[i]! ** 2;
  }
  const energy = Math.sqrt(early * late);
  return energy > 0 ? products / energy : 0;
}
