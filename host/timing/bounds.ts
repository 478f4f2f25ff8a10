/**
 * Where a board's clock is, as bounds that hold and not as a likely value. Each exchange says two things for sure: the
 * board had the request no earlier than it was sent, and its answer came no earlier than it left. How far the two clocks
 * may drift apart between exchanges is bounded too: by what crystals and RC oscillators do at the worst, and closer by the
 * exchanges themselves, the more so the farther they lie apart. Any bound is the best that any kept exchange gives. Pure: all
 * times come in, in ms: the host's by its own clock, the board's since its start.
 */

/** One request and its answer. */
export interface Exchange {
  /** Host: the request was not with the board before this. */
  sent: number;
  /** Board: it came. */
  received: number;
  /** Board: the answer left. */
  answered: number;
  /** Host: the answer was on its way until this at the latest. */
  came: number;
  /** How long both ways took, as far as the answer itself said. */
  took: number;
}

/** Between which two values something lies. */
export interface Range {
  least: number;
  most: number;
}

/** How much that may change in one ms of time: a fifth of a millionth a second, several times what warming does to a crystal. */
const WANDER = 0.2e-9;

/** Exchanges older than this say nothing new, in ms. */
const WINDOW = 120_000;

/** More than these are not kept. */
const MOST = 64;

/** A tick stands for so long a time, in ms: the coarsest clock of a board counts 32768ths of a second. */
const GRAIN = 0.05;

export class Bounds {
  private kept: Exchange[] = [];
  /** Host's ms in one of the board's. */
  private slope: Range;

  /** How often an exchange contradicted those before it: a clock was set, or stood still. */
  contradictions = 0;

  /** @param drift how far a board's clock may be from the host's in speed: an RC oscillator is within 1 %, and the host's is not perfect */
  constructor(private readonly drift: () => number) {
    this.slope = this.any;
  }

  get count(): number {
    return this.kept.length;
  }

  get last(): Exchange | undefined {
    return this.kept.at(-1);
  }

  /** Host's ms in one of the board's, between these. */
  get rate(): Readonly<Range> {
    return this.slope;
  }

  /** The shortest way there and back of the kept exchanges, in ms. */
  get roundTrip(): number {
    return Math.min(...this.kept.map(roundTripOf));
  }

  /** The same of what the answers themselves said. */
  get shortest(): number {
    return Math.min(...this.kept.map(({ took }) => took));
  }

  /** How long ago, by the board's clock, the oldest kept exchange was when the newest came. */
  get span(): number {
    return this.kept.length ? this.last!.answered - this.kept[0]!.received : 0;
  }

  clear(): void {
    this.kept = [];
    this.slope = this.any;
  }

  /** Takes one more, newer than all before. @returns false when it contradicts them: then it stands alone */
  add(exchange: Exchange): boolean {
    const fits =
      this.kept.length === 0 ||
      (this.at(exchange.received).most >= exchange.sent && this.at(exchange.answered).least <= exchange.came);
    if (fits) this.keep(exchange);
    if (fits && this.slope.least <= this.slope.most) return true;
    this.contradictions++;
    this.clear();
    this.kept = [exchange];
    return false;
  }

  /** The newest exchange's answer left no earlier than this, by the board's clock. */
  leftAt(tick: number): void {
    const { last } = this;
    if (!last || tick <= last.answered || this.at(tick).least > last.came) return;
    last.answered = tick;
    this.slope = this.reckoned();
  }

  /** The host's time when the board's clock said `tick`. Without an exchange nothing is known of it. */
  at(tick: number): Range {
    const { kept } = this;
    const range = { least: -Infinity, most: Infinity };
    if (kept.length === 0) return range;
    const beyond = Math.max(0, tick - this.last!.answered, kept[0]!.received - tick);
    const { least, most } = this.widened(this.slope, WANDER * beyond);
    for (const { sent, received, answered, came } of kept) {
      const after = tick - received - GRAIN;
      const since = tick + GRAIN - answered;
      range.least = Math.max(range.least, sent + after * (after > 0 ? least : most));
      range.most = Math.min(range.most, came + since * (since > 0 ? most : least));
    }
    return range;
  }

  private keep(exchange: Exchange): void {
    const { kept } = this;
    kept.push(exchange);
    while (exchange.answered - kept[0]!.answered > WINDOW) kept.shift();
    if (kept.length > MOST) kept.splice(widest(kept), 1);
    this.slope = this.reckoned();
  }

  /** What each two exchanges say of the rate, as far as it may have changed since the oldest one. */
  private reckoned(): Range {
    const { kept } = this;
    const range = this.any;
    for (const [i, first] of kept.entries())
      for (let j = i + 1; j < kept.length; j++) {
        const second = kept[j]!;
        const outer = second.answered - first.received - GRAIN;
        const inner = second.received - first.answered + GRAIN;
        if (outer > 0) range.most = Math.min(range.most, (second.came - first.sent) / outer);
        if (inner > 0) range.least = Math.max(range.least, (second.sent - first.came) / inner);
      }
    return this.widened(range, WANDER * this.span);
  }

  private widened({ least, most }: Range, by: number): Range {
    const { any } = this;
    return { least: Math.max(any.least, least - by), most: Math.min(any.most, most + by) };
  }

  private get any(): Range {
    const drift = this.drift();
    return { least: 1 - drift, most: 1 + drift };
  }
}

function roundTripOf({ sent, received, answered, came }: Exchange): number {
  return came - sent - (answered - received);
}

/** Which of them says least; the newest stays. */
function widest(exchanges: readonly Exchange[]): number {
  const trips = exchanges.slice(0, -1).map(roundTripOf);
  return trips.indexOf(Math.max(...trips));
}
