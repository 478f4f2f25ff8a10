/**
 * The interpreter's idle loop in clock time. A turn takes what interrupts queued, runs timers that are due, serves
 * each socket once, then runs the queued events. Turns happen only when there is something to do; while the
 * interpreter is busy the turn waits where it is, and bytes keep arriving.
 */
import type { Clock, Timer } from "../clock.js";
import type { Analog } from "./analog.js";
import type { Meter } from "./costs/meter.js";
import type { EventQueue } from "./event-queue.js";
import type { Interpreter } from "./interpreter.js";
import type { Pins } from "./pins.js";
import type { SerialPorts } from "./serial.js";
import type { Timers } from "./timers.js";

/** Milliseconds of the interpreter's time. */
export interface Costs {
  /** A turn of the loop. */
  turn: number;
  /** A call of a listener. */
  callback: number;
  /** A look at the time: a program that waits in a loop must see it pass. */
  look: number;
  /**
   * Instructions that the board runs in a second, of those that the table of costs counts: each callback takes what it does. Without it,
   * what `callback` says.
   */
  instructions?: number;
}

/** What the interpreter was busy with. */
export type Work = "turn" | "uart" | "watch" | "waveform" | "timer" | "network" | "event" | "start";

/** What the loop drives. */
export interface LoopParts {
  queue: EventQueue;
  interpreter: Interpreter;
  serial: SerialPorts;
  pins: Pins;
  analog: Analog;
  timers: Timers;
  /** One turn of the network, socket by socket. @returns whether anything moved */
  network: () => Generator<void, boolean>;
  /** A turn is over. */
  done: () => void;
}

export class Loop {
  private parts: LoopParts | undefined;
  /** The interpreter's own time; ahead of the clock while it is busy. */
  private time: number;
  private wakeUp: { at: number; timer: Timer } | undefined;
  private inTurn = false;
  private moreToDo = false;
  /** What is left of a turn whose last step keeps the interpreter busy. */
  private rest: Generator<Work, void> | undefined;
  /** ms that the interpreter was busy, waits in calls included. */
  readonly spent: Partial<Record<Work, number>> = {};

  constructor(
    private readonly clock: Clock,
    private readonly costs: Costs,
    private readonly meter?: Meter,
  ) {
    this.time = clock.now();
  }

  start(parts: LoopParts): void {
    this.parts = parts;
    this.schedule();
  }

  stop(): void {
    this.parts = undefined;
    this.rest = undefined;
    this.wakeUp?.timer.cancel();
    this.wakeUp = undefined;
  }

  /** The interpreter's time in ms. */
  now(): number {
    const now = Math.max(this.time, this.clock.now());
    const metered = this.meter?.take() ?? 0;
    return metered > 0 ? (this.time = now + metered) : now;
  }

  /** Charges work to the interpreter. */
  busy(ms: number): void {
    this.time = this.now() + ms;
  }

  /** The interpreter waits inside a call, as for room in the transmit ring. */
  waitUntil(time: number): void {
    this.time = Math.max(this.now(), time);
  }

  /** The time as the program asks for it. */
  readTime(): number {
    this.busy(this.costs.look);
    return this.now();
  }

  chargeCallback(): void {
    if (this.meter) this.meter.event("callback");
    else this.busy(this.costs.callback);
  }

  /** There is something to do. */
  readonly wake = (): void => {
    this.moreToDo = true;
    this.schedule();
  };

  /** Something may be on its way: look when the next turn must be. */
  readonly look = (): void => this.schedule();

  /** An interrupt other than a UART's puts something into the queue, behind what UARTs received before it. */
  interrupt(push: () => void): void {
    this.parts?.serial.receive(this.clock.now());
    push();
    this.schedule();
  }

  /** Runs a piece of program outside the idle loop, as at start. */
  run(program: () => void): void {
    const { inTurn } = this;
    const from = this.now();
    this.inTurn = true;
    program();
    this.spent.start = (this.spent.start ?? 0) + this.now() - from;
    this.moreToDo = true;
    this.inTurn = inTurn;
    if (!inTurn) this.endTurn();
  }

  private schedule(): void {
    if (!this.parts || this.inTurn) return;
    const { queue, interpreter, timers, serial } = this.parts;
    const now = this.now();
    const pressing = this.rest !== undefined || this.moreToDo || !queue.empty || !interpreter.idle;
    let at = pressing ? now : Math.max(now, Math.min(timers.next(), serial.next()));
    if (serial.urgent) at = Math.min(at, serial.next());
    if (at === Infinity || (this.wakeUp && this.wakeUp.at <= at)) return;
    this.wakeUp?.timer.cancel();
    this.wakeUp = { at, timer: this.clock.after(at - this.clock.now(), this.turn) };
  }

  /** A turn, or what is left of one; where instructions are charged, as far as it comes before the clock has to catch up. */
  private readonly turn = (): void => {
    this.wakeUp = undefined;
    if (!this.parts) return;
    this.parts.serial.receive(this.clock.now());
    if (this.ahead) return this.schedule();
    this.inTurn = true;
    const rest = (this.rest ??= this.steps(this.parts));
    do {
      const from = this.now();
      const { done, value } = rest.next();
      this.spent[value ?? "turn"] = (this.spent[value ?? "turn"] ?? 0) + this.now() - from;
      if (!done) continue;
      this.rest = undefined;
      return this.endTurn();
    } while (!this.meter || !this.ahead);
    this.inTurn = false;
    this.schedule();
  };

  /** The interpreter is busy: its time is ahead of the clock's. */
  private get ahead(): boolean {
    return this.now() - this.clock.now() > 1e-6;
  }

  /** Each step is a callback or what calls none; each says what it was. */
  private *steps(parts: LoopParts): Generator<Work, void> {
    const { interpreter, serial, timers } = parts;
    this.moreToDo = false;
    const before = interpreter.calls;
    this.busy(this.costs.turn);
    this.meter?.event("turn");
    yield "turn";
    yield* this.takeEvents(parts);
    serial.release();
    for (const run of timers.due()) {
      run();
      yield "timer";
    }
    const network = parts.network();
    let step = network.next();
    for (; !step.done; step = network.next()) yield "network";
    for (;;) {
      parts.analog.catchUp();
      if (!interpreter.runNext()) break;
      yield "event";
    }
    interpreter.report();
    // a callback may have changed what the network finds, without a call that tells
    this.moreToDo ||= step.value || interpreter.calls > before;
  }

  private endTurn(): void {
    this.inTurn = false;
    this.parts?.done();
    this.schedule();
  }

  /** Takes no more from the queue than was in it, so that the rest of the turn comes round. */
  private *takeEvents({ queue, serial, pins, analog, interpreter }: LoopParts): Generator<Work> {
    for (let left = queue.length; left > 0; left--) {
      const event = queue.pop();
      if (!event) return;
      if (event.kind === "chars") {
        this.meter?.event("chars", event.data.length);
        serial.handle(event.port, event.data);
        yield "uart";
      } else if (event.kind === "edge") {
        this.meter?.event("edge");
        pins.handle(event);
        yield "watch";
      } else if (event.kind === "flip") {
        this.meter?.event("flip");
        analog.handle(event.waveform);
        yield "waveform";
      } else {
        const port = serial.objectOf(event.port)!;
        if (event.framing) interpreter.callNow(port, "framing", []);
        if (event.parity) interpreter.callNow(port, "parity", []);
        yield "uart";
      }
    }
  }
}
