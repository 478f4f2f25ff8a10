/**
 * The queue between interrupts and the interpreter: one ring of bytes for all UARTs and watches.
 * A full queue drops the event and raises FIFO_FULL. Source: src/jsdevices.c of the interpreter.
 */

export type QueueEvent =
  | { kind: "chars"; port: number; data: string }
  | { kind: "status"; port: number; framing: boolean; parity: boolean }
  | { kind: "edge"; pin: string; level: boolean; at: number; data: boolean }
  | { kind: "flip"; waveform: number };

/** Length and flags in front of each event. */
const OVERHEAD = 2;
/** A UART's bytes are merged into events shorter than this. */
const MERGE_LIMIT = 64;
/** The interpreter leaves a few bytes spare. */
const SPARE = 4;
/** A time stamp. */
const STAMP = 4;
/** What a timer's event says. */
const FLIP = 1;

export class EventQueue {
  private readonly events: QueueEvent[] = [];
  private bytes = 0;
  private mergeable = false;
  /** Events that found the queue full. */
  dropped = 0;
  /** Most bytes that ever were in it. */
  most = 0;

  constructor(
    readonly size: number,
    private readonly onOverflow: () => void,
  ) {}

  get used(): number {
    return this.bytes;
  }

  get empty(): boolean {
    return this.events.length === 0;
  }

  /** Events in it. */
  get length(): number {
    return this.events.length;
  }

  /** One byte from a UART's interrupt. */
  pushChar(port: number, char: string): void {
    const last = this.events[this.events.length - 1];
    if (
      this.mergeable &&
      this.events.length > 1 && // the first one may be in the interpreter's hands already
      last?.kind === "chars" &&
      last.port === port &&
      last.data.length + 1 < MERGE_LIMIT &&
      this.free > 0
    ) {
      last.data += char;
      this.grow(1);
      return;
    }
    this.push({ kind: "chars", port, data: char }, 1);
  }

  pushStatus(port: number, errors: { framing: boolean; parity: boolean }): void {
    this.push({ kind: "status", port, ...errors }, STAMP);
  }

  pushEdge(pin: string, level: boolean, at: number, data: boolean): void {
    this.push({ kind: "edge", pin, level, at, data }, STAMP);
  }

  /** A waveform's buffers have changed places. */
  pushFlip(waveform: number): void {
    this.push({ kind: "flip", waveform }, FLIP);
  }

  pop(): QueueEvent | undefined {
    const event = this.events.shift();
    if (!event) return undefined;
    if (this.events.length === 0) this.mergeable = false;
    this.bytes -= OVERHEAD + lengthOf(event);
    return event;
  }

  private get free(): number {
    return this.size - this.bytes - SPARE;
  }

  private push(event: QueueEvent, length: number): void {
    if (this.free < length + OVERHEAD) {
      this.dropped++;
      this.onOverflow();
      return;
    }
    this.events.push(event);
    this.grow(length + OVERHEAD);
    this.mergeable = true;
  }

  private grow(bytes: number): void {
    this.bytes += bytes;
    this.most = Math.max(this.most, this.bytes);
  }
}

/** Bytes behind its length and flags. */
function lengthOf(event: QueueEvent): number {
  if (event.kind === "chars") return event.data.length;
  return event.kind === "flip" ? FLIP : STAMP;
}
