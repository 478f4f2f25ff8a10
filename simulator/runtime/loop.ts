/**
 * The interpreter's idle loop in clock time. A turn takes what interrupts queued, runs timers that are due, serves
 * each socket once, then runs the queued events. Turns happen only when there is something to do; while the
 * interpreter is busy none does, and bytes keep arriving.
 */
import type { Clock, Timer } from "../clock.js";
import type { Analog } from "./analog.js";
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
}

/** What the loop drives. */
export interface LoopParts {
  queue: EventQueue;
  interpreter: Interpreter;
  serial: SerialPorts;
  pins: Pins;
  analog: Analog;
  timers: Timers;
  /** One turn of the network. @returns whether anything moved */
  network: () => boolean;
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

  constructor(
    private readonly clock: Clock,
    private readonly costs: Costs,
  ) {
    this.time = clock.now();
  }

  start(parts: LoopParts): void {
    this.parts = parts;
    this.schedule();
  }

  stop(): void {
    this.parts = undefined;
    this.wakeUp?.timer.cancel();
    this.wakeUp = undefined;
  }

  /** The interpreter's time in ms. */
  now(): number {
    return Math.max(this.time, this.clock.now());
  }

  /** Charges work to the interpreter. */
  busy(ms: number): void {
    this.time = this.now() + ms;
  }

  /** The interpreter waits inside a call, as for room in the transmit ring. */
  waitUntil(time: number): void {
    this.time = Math.max(this.time, time);
  }

  /** The time as the program asks for it. */
  readTime(): number {
    this.busy(this.costs.look);
    return this.now();
  }

  chargeCallback(): void {
    this.busy(this.costs.callback);
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
    this.inTurn = true;
    program();
    this.moreToDo = true;
    this.endTurn();
  }

  private schedule(): void {
    if (!this.parts || this.inTurn) return;
    const { queue, interpreter, timers, serial } = this.parts;
    const now = this.now();
    const pressing = this.moreToDo || !queue.empty || !interpreter.idle;
    let at = pressing ? now : Math.max(now, Math.min(timers.next(), serial.next()));
    if (serial.urgent) at = Math.min(at, serial.next());
    if (at === Infinity || (this.wakeUp && this.wakeUp.at <= at)) return;
    this.wakeUp?.timer.cancel();
    this.wakeUp = { at, timer: this.clock.after(at - this.clock.now(), this.turn) };
  }

  private readonly turn = (): void => {
    this.wakeUp = undefined;
    if (!this.parts) return;
    const { interpreter, serial, timers } = this.parts;
    const early = this.time - this.clock.now();
    serial.receive(this.clock.now());
    if (early > 1e-6) return this.schedule();
    this.inTurn = true;
    this.moreToDo = false;
    const before = interpreter.calls;
    this.busy(this.costs.turn);
    this.takeEvents(this.parts);
    serial.release();
    timers.run();
    const moved = this.parts.network();
    interpreter.runPending();
    interpreter.report();
    // a callback may have changed what the network finds, without a call that tells
    this.moreToDo ||= moved || interpreter.calls > before;
    this.endTurn();
  };

  private endTurn(): void {
    this.inTurn = false;
    this.parts?.done();
    this.schedule();
  }

  /** Takes no more from the queue than was in it, so that the rest of the turn comes round. */
  private takeEvents({ queue, serial, pins, analog, interpreter }: LoopParts): void {
    for (let left = queue.used; left > 0;) {
      const event = queue.pop();
      if (!event) return;
      left -= event.kind === "chars" ? event.data.length + 3 : 1;
      if (event.kind === "chars") serial.handle(event.port, event.data);
      else if (event.kind === "edge") pins.handle(event);
      else if (event.kind === "flip") analog.handle(event.waveform);
      else {
        const port = serial.objectOf(event.port)!;
        if (event.framing) interpreter.callNow(port, "framing", []);
        if (event.parity) interpreter.callNow(port, "parity", []);
      }
    }
  }
}
