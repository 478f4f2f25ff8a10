/** A board's clock, as far as a host can know it. docs/clock.md. */
import type { Clock } from "./clock.js";
import { utcOf } from "./clock.js";
import type { DevsockError } from "./errors.js";
import { canceled } from "./errors.js";
import type { Bounds, Range } from "./timing/bounds.js";
import { Exchanges, FINE } from "./timing/exchanges.js";
import type { Exchanged } from "./timing/exchanges.js";
import { Waiters } from "./waiters.js";

/** How far the clock of a board that this host does not know may be from its own in speed. */
export const UNKNOWN_DRIFT = 0.02;

/** How well a clock that was just begun with is waited for, in ms, and how much it gains; and how long at the most, in ms. */
const SETTLED = 5;
const STEADY = 0.004;
const SETTLING = 2000;

/** A moment in UTC. */
export interface Timestamp {
  /** Ms since 1970, possibly fractional, by this host's clock. */
  utc: number;
  /** The moment is no further from `utc` than this, in ms; Infinity when nothing is known. */
  uncertainty: number;
}

/**
 * What is known of a board's clock, kept fresh until `dispose`. Bounds, not likely values: the truth lies within the
 * uncertainty as long as the board's clock and this host's run, unset, as close to each other's speed as the board's file says.
 */
export class BoardClock {
  private disposed = false;

  /** Made by `board.clock()`. */
  constructor(
    private readonly keeper: TimeKeeper,
    private readonly release: () => void,
  ) {}

  /** What to add to the board's time of now, in ms since its start, to have UTC in ms since 1970. */
  get offset(): number {
    const { tick, range } = this.now();
    return this.keeper.toUtc((range.least + range.most) / 2) - tick;
  }

  /** How wrong `offset` may be, in ms. */
  get uncertainty(): number {
    const { range } = this.now();
    return this.keeper.certain ? (range.most - range.least) / 2 : Infinity;
  }

  /** How much the board's clock gains on this host's: 50e-6 is 50 ppm too fast. */
  get drift(): number {
    const { least, most } = this.keeper.bounds.rate;
    return 2 / (least + most) - 1;
  }

  /** How wrong `drift` may be. */
  get driftUncertainty(): number {
    const { least, most } = this.keeper.bounds.rate;
    return (most - least) / 2;
  }

  /** When the board last told its time, as UTC in ms since 1970. */
  get measuredAt(): number {
    return this.keeper.toUtc(this.keeper.bounds.last?.came ?? NaN);
  }

  /** The shortest way there and back of those that count, in ms. */
  get roundTrip(): number {
    return this.keeper.bounds.roundTrip;
  }

  /** Another number after each start of the board. */
  get boot(): number | undefined {
    return this.keeper.exchanges.boot;
  }

  /** Requests and answers; restarts of the board; times that a clock was set or stood still. */
  get counters(): { requests: number; answers: number; restarts: number; contradictions: number } {
    const { bounds, exchanges } = this.keeper;
    return { ...exchanges.counters, contradictions: bounds.contradictions };
  }

  /**
   * When the board's clock said `tick`.
   * @param tick ms since the board's start: what a message's `tick` is, and 1000 × the `at` of a netlink record
   * @param arrived UTC in ms since 1970: when what bears the tick had come
   */
  toUtc(tick: number, arrived = Infinity): Timestamp {
    const { keeper } = this;
    const { least, most } = keeper.bounds.at(tick);
    const before = arrived - keeper.toUtc(0);
    const latest = before >= least ? Math.min(most, before) : most;
    if (!keeper.certain || least === -Infinity) return { utc: keeper.toUtc(keeper.clock.now()), uncertainty: Infinity };
    return { utc: keeper.toUtc((least + latest) / 2), uncertainty: (latest - least) / 2 };
  }

  /**
   * Waits until it is known to 5 ms, and its drift to 0.4 %, or for 2 s.
   * @throws DevsockError ECANCELED
   */
  settled(signal?: AbortSignal): Promise<void> {
    return this.keeper.settled(() => this.uncertainty <= SETTLED && this.driftUncertainty <= STEADY, signal);
  }

  /** It is not needed any more: the board is asked no further on its account. */
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.release();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** What the board's clock says now, about, and between which host times it says so. */
  private now(): { tick: number; range: Range } {
    const { bounds, clock } = this.keeper;
    const { sent, received, answered, came } = bounds.last ?? { sent: 0, received: 0, answered: 0, came: 0 };
    const { least, most } = bounds.rate;
    const tick = (received + answered) / 2 + ((clock.now() - (sent + came) / 2) * 2) / (least + most);
    return { tick, range: bounds.at(tick) };
  }
}

/** One for a board: what all who want to know its time have in common. */
export class TimeKeeper {
  readonly exchanges: Exchanges;
  /** Whether the board has told its time since it may have been started again. */
  certain = false;
  /** How closely each of those who want to know it does: see FINE. */
  private readonly users: number[] = [];
  private failure: DevsockError | undefined;
  private readonly changes = new Waiters();

  constructor(private readonly board: Exchanged) {
    this.exchanges = new Exchanges(board, {
      onanswer: () => {
        this.certain = true;
        this.changes.wake();
      },
      onlost: () => {
        this.certain = false;
        this.changes.wake();
      },
      onfailure: (error) => {
        this.failure = error;
        this.changes.wake();
      },
    });
  }

  get clock(): Clock {
    return this.board.clock;
  }

  get bounds(): Bounds {
    return this.exchanges.bounds;
  }

  /** The host's time as UTC. */
  toUtc(time: number): number {
    return utcOf(this.clock) - this.clock.now() + time;
  }

  /** Waits until the board has told its time. @param growth see FINE */
  async take(signal: AbortSignal | undefined, address: string, growth = FINE): Promise<BoardClock> {
    const givenUp = (): DevsockError => canceled(signal!, "asking for the board's time was given up", address);
    if (signal?.aborted) throw givenUp();
    if (this.users.push(growth) === 1) this.certain = false;
    this.failure = undefined;
    this.exchanges.know(Math.min(...this.users));
    this.exchanges.start();
    try {
      while (!this.certain) {
        await this.changes.wait(signal, givenUp);
        if (this.failure) throw this.failure as DevsockError;
      }
    } catch (error) {
      this.release(growth);
      throw error;
    }
    return new BoardClock(this, () => this.release(growth));
  }

  /** Waits for exchanges, as long as there are any and for `SETTLING` at the most. */
  async settled(enough: () => boolean, signal?: AbortSignal): Promise<void> {
    const { clock, changes } = this;
    const until = clock.now() + SETTLING;
    const timer = clock.after(SETTLING, () => changes.wake());
    try {
      while (this.certain && !enough() && clock.now() < until)
        await changes.wait(signal, () => canceled(signal!, "waiting for the board's time was given up"));
    } finally {
      timer.cancel();
    }
  }

  private release(growth: number): void {
    this.users.splice(this.users.indexOf(growth), 1);
    if (this.users.length === 0) this.exchanges.stop();
    else this.exchanges.know(Math.min(...this.users));
  }
}
