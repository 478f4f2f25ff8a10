/**
 * When each unit of a sensor was. The board stamps a batch when the interpreter hears of it, never too early and late by as much as the
 * interpreter was busy; the device's own rhythm is steady. So the truth is a line below all stamps: the edge of their lower
 * convex hull above their middle is the line that leaves the least between. Where a driver knows that no stamp is later than so much, the truth is
 * a line above all stamps less that, too, and half way between the two is nearest to it; all stamps say then how steep it is, not the two earliest alone.
 */

/** Batches that the line is made of: long enough for its slope, short enough to follow a device that warms up. */
const MOST = 64;

/** Fewer say nothing of the slope. */
const LEAST = 8;

/** A device's rhythm is no further from its nominal one than this, and by so much it usually is. */
const TOLERANCE = 0.05;
const USUAL = 0.002;

/** No stamp is better known than this, in ms. */
const SHARP = 0.1;

interface Point {
  /** Units since the first batch. */
  unit: number;
  /** Ms since the board's start. */
  tick: number;
  /** Units by which it is late at the most; infinite: by as much as the board was busy. */
  late: number;
}

export class SampleClock {
  private points: Point[] = [];
  private period: number;
  private offset = 0;
  private error = 0;
  /** Number of the unit that counting began with, modulo 2^32. */
  private first: number | undefined;
  private last = 0;

  /** @param nominal ms from unit to unit */
  constructor(private readonly nominal: number) {
    this.period = nominal;
  }

  /**
   * A batch whose last unit has this number was heard of at `tick`.
   * @param late units by which that may be late at the most; left out: by as much as the board was busy
   */
  add(number: number, tick: number, late = Infinity): void {
    this.points.push({ unit: this.count(number), tick, late });
    if (this.points.length > MOST) this.points.shift();
    this.fit();
  }

  /** Whether it cannot be on the line that those before are on: later than that by so many units, however late its stamp may be. */
  leaps(number: number, tick: number, late: number, units: number): boolean {
    if (!this.points.length) return false;
    return tick - this.period * (late + units) > this.tickOf(number) + this.error;
  }

  /** When a unit of the last batch was, in ms since the board's start. */
  tickOf(number: number): number {
    return this.offset + this.period * this.count(number);
  }

  /** The rhythm is another one, or begins anew. */
  reset(): void {
    this.points = [];
    this.period = this.nominal;
    this.first = undefined;
  }

  /**
   * How far the line may be from the truth, in ms: half of the room that bounded stamps leave it. Of others how far they lie above it, half of
   * them less than this. What is stated of a reading's time rests on it.
   */
  get uncertainty(): number {
    return this.error;
  }

  /** Numbers go on where they turn over. */
  private count(number: number): number {
    if (this.first === undefined) {
      this.first = number;
      this.last = 0;
    }
    const turned = (number - this.first - this.last) | 0;
    this.last += turned;
    return this.last;
  }

  private fit(): void {
    const { points } = this;
    const bounded = points.filter(({ late }) => late < Infinity);
    // Where few are bounded, the others are exact or very late: neither says anything of the line above it.
    const within = bounded.length * 2 > points.length;
    const line = within ? amid(bounded, this.nominal, points.at(-1)!.unit) : below(points);
    // Stamps of a few batches may lie: a rhythm that no device has is none.
    if (line && Math.abs(line.period / this.nominal - 1) <= TOLERANCE) this.period = line.period;
    const above = points.map(({ unit, tick }) => tick - this.period * unit);
    const most = Math.min(...above);
    const least = within
      ? Math.max(...bounded.map(({ unit, tick, late }) => tick - this.period * (unit + late)))
      : Infinity;
    const holds = least <= most;
    this.offset = holds ? (least + most) / 2 : most;
    this.error = holds ? (most - least) / 2 : above.sort((a, b) => a - b)[above.length >> 1]! - most;
    if (line) this.error += line.error;
  }
}

/** A rhythm in ms a unit, and how far that leads away from the truth until the last point, in ms: two standard deviations. */
interface Line {
  period: number;
  error: number;
}

/** How steep the line below all points is; undefined as long as they say nothing of it. */
function below(points: readonly Point[]): Line | undefined {
  if (points.length < LEAST) return undefined;
  const hull = lowerHull(points);
  const middle = mean(points.map(({ unit }) => unit));
  const at = Math.max(
    1,
    hull.findIndex(({ unit }) => unit >= middle),
  );
  const [from, to] = [hull[at - 1]!, hull[at]!];
  return { period: (to.tick - from.tick) / (to.unit - from.unit), error: 0 };
}

/**
 * The same where any lateness up to `late` units is as likely as another: the line of the least squares. As long as there are few points it is drawn towards
 * the nominal rhythm, by as much as their spread is likely to mislead it.
 */
function amid(points: readonly Point[], nominal: number, last: number): Line {
  const weights = points.map(({ late }) => 12 / Math.max(late * nominal, SHARP) ** 2);
  const unit = mean(
    points.map((point) => point.unit),
    weights,
  );
  const above = points.map((point) => point.tick - nominal * (point.unit + point.late / 2));
  const tick = mean(above, weights);
  let [product, square] = [0, 1 / (USUAL * nominal) ** 2];
  for (const [i, point] of points.entries()) {
    product += weights[i]! * (point.unit - unit) * (above[i]! - tick);
    square += weights[i]! * (point.unit - unit) ** 2;
  }
  return { period: nominal + product / square, error: (2 / Math.sqrt(square)) * (last - unit) };
}

function mean(values: readonly number[], weights: readonly number[] = values.map(() => 1)): number {
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  return values.reduce((sum, value, i) => sum + value * weights[i]!, 0) / all;
}

/** Points in the order of their units. */
function lowerHull(points: readonly Point[]): Point[] {
  const hull: Point[] = [];
  for (const point of points) {
    while (hull.length >= 2 && !turnsUp(hull[hull.length - 2]!, hull[hull.length - 1]!, point)) hull.pop();
    hull.push(point);
  }
  return hull;
}

function turnsUp(a: Point, b: Point, c: Point): boolean {
  return (b.unit - a.unit) * (c.tick - a.tick) > (b.tick - a.tick) * (c.unit - a.unit);
}
