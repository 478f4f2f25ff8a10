/** A band-pass that moves nothing in time: a biquad forwards and backwards. */

/** Of a second-order Butterworth filter. */
interface Biquad {
  b: readonly [number, number, number];
  a: readonly [number, number];
}

/** Bilinear transform of the analogue prototype, as in R. Bristow-Johnson's cookbook of filters, with Q of one over the root of two. */
function butterworth(kind: "low" | "high", corner: number, rate: number): Biquad {
  const w = (2 * Math.PI * corner) / rate;
  const alpha = Math.sin(w) / Math.SQRT2;
  const a0 = 1 + alpha;
  const middle = (kind === "low" ? 1 - Math.cos(w) : -(1 + Math.cos(w))) / a0;
  const side = Math.abs(middle) / 2;
  return { b: [side, middle, side], a: [(-2 * Math.cos(w)) / a0, (1 - alpha) / a0] };
}

/**
 * What lies between two frequencies.
 * @param low, high in Hz; `high` below half the rate
 */
export function bandPass(values: readonly number[], low: number, high: number, rate: number): number[] {
  const lowPass = butterworth("low", Math.min(high, 0.45 * rate), rate);
  const highPass = butterworth("high", low, rate);
  const once = (row: number[]): number[] => run(highPass, run(lowPass, row));
  // Mirrored about its ends for a second and more, so that the filter is at rest when the values begin.
  const margin = Math.min(values.length - 1, Math.ceil(1.5 * rate));
  const padded = mirrored(detrended(values), margin);
  const there = once(padded);
  const back = once(there.reverse()).reverse();
  return back.slice(margin, margin + values.length);
}

function run({ b, a }: Biquad, values: readonly number[]): number[] {
  let [x1, x2, y1, y2] = [0, 0, 0, 0];
  return values.map((x) => {
    const y = b[0] * x + b[1] * x1 + b[2] * x2 - a[0] * y1 - a[1] * y2;
    [x2, x1, y2, y1] = [x1, x, y1, y];
    return y;
  });
}

/** Without its mean and its slope, by least squares. */
function detrended(values: readonly number[]): number[] {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let products = 0;
  let squares = 0;
  values.forEach((value, i) => {
    products += (i - middle) * (value - mean);
    squares += (i - middle) ** 2;
  });
  const slope = squares > 0 ? products / squares : 0;
  return values.map((value, i) => value - mean - slope * (i - middle));
}

/** Turned about the values at both ends. */
function mirrored(values: readonly number[], margin: number): number[] {
  const last = values.length - 1;
  const before = Array.from({ length: margin }, (_, i) => 2 * values[0]! - values[margin - i]!);
  const after = Array.from({ length: margin }, (_, i) => 2 * values[last]! - values[last - 1 - i]!);
  return [...before, ...values, ...after];
}
