/** setTimeout, setInterval and their kin. Timers that are due in one turn run in the order they were made. */
import type { Interpreter } from "./interpreter.js";
import type { Realm } from "./realm.js";

interface Entry {
  at: number;
  /** Undefined for a timeout. */
  interval: number | undefined;
  callback: unknown;
  args: unknown[];
}

const SHORTEST = 0.1;
const LONGEST = 3_153_600_000_000;

export class Timers {
  private readonly entries = new Map<number, Entry>();
  private made = 0;

  constructor(
    private readonly realm: Realm,
    private readonly interpreter: Interpreter,
    private readonly now: () => number,
  ) {}

  get size(): number {
    return this.entries.size;
  }

  /** When the next one is due. */
  next(): number {
    let next = Infinity;
    for (const entry of this.entries.values()) next = Math.min(next, entry.at);
    return next;
  }

  /** What is due, each to be called in order. One that a callback adds or makes due waits for the next turn at the earliest. */
  due(): (() => void)[] {
    const now = this.now();
    const due = [...this.entries].filter(([, entry]) => entry.at <= now);
    return due.map(([id, entry]) => () => {
      if (this.entries.get(id) !== entry) return;
      this.interpreter.call(undefined, entry.callback, entry.args);
      if (entry.interval === undefined) this.entries.delete(id);
      else entry.at += entry.interval;
    });
  }

  install(): void {
    const { realm } = this;
    const clear = (name: string) => {
      return (...args: unknown[]): void => {
        if (args.length === 0) this.entries.clear();
        else if (args[0] === undefined || args[0] === null)
          throw realm.error(`${name}(undefined) not allowed. Use ${name}() instead`);
        else this.entries.delete(args[0] as number);
      };
    };
    realm.methods(realm.global, {
      setTimeout: (callback: unknown, ms?: number, ...args: unknown[]) => this.add(callback, ms, undefined, args),
      setInterval: (callback: unknown, ms?: number, ...args: unknown[]) => this.add(callback, ms, bounded(ms), args),
      clearTimeout: clear("clearTimeout"),
      clearInterval: clear("clearInterval"),
      changeInterval: (id: number, ms: number) => {
        const entry = this.entries.get(id);
        if (!entry) throw realm.error("Unknown Interval");
        entry.interval = bounded(ms);
        entry.at = this.now() + entry.interval;
      },
    });
  }

  private add(callback: unknown, ms: number | undefined, interval: number | undefined, args: unknown[]): number {
    if (typeof callback !== "function" && typeof callback !== "string")
      throw this.realm.error("Function or String not supplied!");
    if (bounded(ms) > LONGEST) throw this.realm.error("Interval is too long (>100 years)");
    const id = ++this.made;
    this.entries.set(id, { at: this.now() + bounded(ms), interval, callback, args });
    return id;
  }
}

function bounded(ms: number | undefined): number {
  return ms !== undefined && ms >= SHORTEST ? ms : SHORTEST;
}
