/** Emulated time: one queue of alarms under the chip, the wires and the peripherals, in nanoseconds since power on. */
import type { Clock, Timer } from "../clock.js";

const NS_PER_MS = 1e6;

/** Something that happens once, later. */
export class Alarm {
  /** Absolute, in ns; Infinity while it is not set. */
  at = Infinity;
  next: Alarm | undefined;

  constructor(
    private readonly time: EmulatedTime,
    readonly run: () => void,
  ) {}

  /** Sets it anew. @param ns from now */
  schedule(ns: number): void {
    this.scheduleAt(this.time.nanos + ns);
  }

  scheduleAt(ns: number): void {
    this.cancel();
    this.at = ns;
    this.time.link(this);
  }

  cancel(): void {
    if (this.at !== Infinity) this.time.unlink(this);
  }
}

/** Alarms run in the order of their time, then of their setting: the same program gives the same run. */
export class EmulatedTime implements Clock {
  nanos = 0;
  /** When the next alarm is due. */
  due = Infinity;
  private first: Alarm | undefined;

  /** Moves on, and runs what falls due on the way at its own time. An alarm may move time on itself: a chip that stands still. */
  advance(ns: number): void {
    this.advanceTo(this.nanos + ns);
  }

  advanceTo(end: number): void {
    while (this.due <= end) {
      const alarm = this.first!;
      this.nanos = Math.max(this.nanos, alarm.at);
      this.unlink(alarm);
      alarm.run();
    }
    this.nanos = Math.max(this.nanos, end);
  }

  now(): number {
    return this.nanos / NS_PER_MS;
  }

  after(ms: number, run: () => void): Timer {
    const alarm = new Alarm(this, run);
    alarm.schedule(Math.max(0, ms) * NS_PER_MS);
    return alarm;
  }

  /** Sets an alarm to a time of the peripherals' clock. @param ms as `now` tells it */
  at(alarm: Alarm, ms: number): void {
    alarm.scheduleAt(Math.max(this.nanos, Math.round(ms * NS_PER_MS)));
  }

  link(alarm: Alarm): void {
    let before: Alarm | undefined;
    let after = this.first;
    while (after && after.at <= alarm.at) [before, after] = [after, after.next];
    alarm.next = after;
    if (before) before.next = alarm;
    else this.first = alarm;
    this.due = this.first!.at;
  }

  unlink(alarm: Alarm): void {
    let before: Alarm | undefined;
    let at = this.first;
    while (at && at !== alarm) [before, at] = [at, at.next];
    if (before) before.next = alarm.next;
    else this.first = alarm.next;
    alarm.at = Infinity;
    alarm.next = undefined;
    this.due = this.first?.at ?? Infinity;
  }
}

/** The clock of one boot of the chip: it begins at 0, and what it has set is over when the chip is. */
export class ChipClock {
  /** Alarms are due at a whole microsecond, and never before it: the chip's timer counts those. */
  wholeMicros = false;
  private readonly base: number;
  private alive = true;

  constructor(private readonly time: EmulatedTime) {
    this.base = time.nanos;
  }

  get nanos(): number {
    return this.time.nanos - this.base;
  }

  createAlarm(run: () => void): { schedule(ns: number): void; cancel(): void } {
    const alarm = new Alarm(this.time, () => {
      if (this.alive) run();
    });
    return {
      schedule: (ns) => {
        const at = this.nanos + ns;
        alarm.scheduleAt(this.base + (this.wholeMicros ? Math.ceil(at / 1000) * 1000 : at));
      },
      cancel: () => alarm.cancel(),
    };
  }

  end(): void {
    this.alive = false;
  }
}
