/** What runs callbacks: the queue of asynchronous events, exceptions that are printed, error flags. */
import type { Realm } from "./realm.js";

export type Callback = (...args: unknown[]) => unknown;

export type ErrorFlag =
  "FIFO_FULL" | "BUFFER_FULL" | "CALLBACK" | "LOW_MEMORY" | "MEMORY" | "MEMORY_BUSY" | "UART_OVERFLOW";

const FLAG_ORDER: ErrorFlag[] = [
  "FIFO_FULL",
  "BUFFER_FULL",
  "CALLBACK",
  "LOW_MEMORY",
  "MEMORY",
  "MEMORY_BUSY",
  "UART_OVERFLOW",
];

interface PendingEvent {
  target: unknown;
  callbacks: unknown;
  args: unknown[];
}

/** Listeners live on the object under this prefix, where the program can see them, as on a board. */
export const EVENT_PREFIX = "#on";

export class Interpreter {
  private readonly pending: PendingEvent[] = [];
  private readonly flags = new Set<ErrorFlag>();
  private reported = new Set<ErrorFlag>();
  private thrown: { value: unknown } | undefined;
  private stopped = false;
  /** Uncaught exceptions so far; the interpreter prints only the last one of a turn. */
  exceptions = 0;
  /** Callbacks so far: whether a turn ran any. */
  calls = 0;

  constructor(
    private readonly realm: Realm,
    private readonly charge: () => void,
    private readonly print: (line: string) => void,
  ) {}

  get idle(): boolean {
    return this.pending.length === 0 && !this.thrown && this.flags.size === this.reported.size;
  }

  /** Calls a listener, a list of them, or evaluates a string; an exception is kept for the end of the turn. */
  call(target: unknown, callbacks: unknown, args: unknown[]): void {
    this.stopped = false;
    this.each(target, callbacks, args);
  }

  /** The rest of the listeners of the event in hand are not called. */
  stopPropagation(): void {
    this.stopped = true;
  }

  /** The listeners that an object has for an event. */
  listeners(target: object, event: string): unknown {
    return (target as Record<string, unknown>)[EVENT_PREFIX + event];
  }

  /** Calls the listeners at once. @returns whether there were any */
  callNow(target: object, event: string, args: unknown[]): boolean {
    const callbacks = this.listeners(target, event);
    if (callbacks === undefined) return false;
    this.call(target, callbacks, args);
    return true;
  }

  /** Queues the listeners that the object has now. */
  emit(target: object, event: string, args: unknown[]): void {
    const callbacks = this.listeners(target, event);
    if (callbacks !== undefined) this.queue(target, callbacks, args);
  }

  queue(target: unknown, callbacks: unknown, args: unknown[]): void {
    this.pending.push({ target, callbacks, args });
  }

  /** Runs the first of what is queued. @returns whether there was any */
  runNext(): boolean {
    const event = this.pending.shift();
    if (event) this.call(event.target, event.callbacks, event.args);
    return event !== undefined;
  }

  raise(flag: ErrorFlag): void {
    this.flags.add(flag);
  }

  /** E.getErrorFlags: the flags so far, which are then cleared. */
  takeFlags(): ErrorFlag[] {
    const flags = FLAG_ORDER.filter((flag) => this.flags.has(flag));
    this.flags.clear();
    return flags;
  }

  /** Keeps an exception that the program threw outside a callback. */
  caught(value: unknown): void {
    this.thrown = { value };
    this.exceptions++;
  }

  /** End of a turn: reports the exception and the new error flags. */
  report(): void {
    if (this.thrown) this.reportException(this.thrown.value);
    const fresh = FLAG_ORDER.filter((flag) => this.flags.has(flag) && !this.reported.has(flag));
    this.reported = new Set(this.flags);
    if (fresh.length === 0) return;
    const E = this.realm.global.E;
    if (E) this.callNow(E, "errorFlag", [this.realm.array(fresh)]);
    this.print(`New interpreter error: ${fresh.join()}`);
  }

  private reportException(value: unknown): void {
    this.thrown = undefined;
    const process = this.realm.global.process;
    if (process && this.callNow(process, "uncaughtException", [value]) && !this.thrown) return;
    this.thrown = undefined;
    this.print(`Uncaught ${describe(value)}`);
  }

  private each(target: unknown, callbacks: unknown, args: unknown[]): void {
    if (Array.isArray(callbacks)) {
      for (const callback of [...(callbacks as unknown[])]) {
        if (this.stopped) return;
        this.each(target, callback, args);
      }
      return;
    }
    this.charge();
    this.calls++;
    try {
      if (typeof callbacks === "string") this.realm.evaluate(this.realm.translate(callbacks), "event");
      else (callbacks as Callback).apply(target, args);
    } catch (error) {
      this.caught(error);
    }
  }
}

/** An exception with the lines of the program it passed through. */
function describe(value: unknown): string {
  const stack = (value as { stack?: unknown } | null)?.stack;
  if (typeof stack !== "string") return String(value);
  const own = stack.split("\n    at ").filter((line, index) => index === 0 || !/node:|simulator/.test(line));
  return own.join("\n    at ");
}
