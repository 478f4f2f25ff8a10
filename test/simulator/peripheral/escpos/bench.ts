/** A printer on a workbench in virtual time: a line of some speed, and a board that obeys flow control or does not. */
import { VirtualClock } from "../../../../simulator/clock.js";
import { Bitmap } from "../../../../simulator/peripheral/escpos/bitmap.js";
import type { EscposOptions } from "../../../../simulator/peripheral/escpos/index.js";
import { EscposPrinter } from "../../../../simulator/peripheral/escpos/index.js";
import type { UartLine } from "../../../../simulator/uart.js";

export interface BenchOptions extends EscposOptions {
  lineBaud?: number;
  /** Bytes that the board still sends after it was told to wait. Infinity: it never listens. */
  slack?: number;
}

/** What the printer said. */
export interface Said {
  time: number;
  bytes: number[];
}

export class Bench {
  readonly clock = new VirtualClock();
  readonly printer: EscposPrinter;
  readonly said: Said[] = [];
  /** Free bytes in the printer's buffer when it said that it is busy, and when that it is ready. */
  readonly free = { busy: new Set<number>(), ready: new Set<number>() };
  readonly levels = { cts: false, dsr: false };
  private readonly byteTime: number;
  private readonly slack: number;
  private deliver: (data: Uint8Array) => void = () => {};
  private held = false;
  private allowance = 0;
  private queue: number[] = [];
  private sending = false;

  constructor(options: BenchOptions = {}) {
    const { lineBaud = 115200, slack = 0, ...printer } = options;
    this.byteTime = 10_000 / lineBaud;
    this.slack = slack;
    this.printer = new EscposPrinter(printer);
    const line: UartLine = {
      baud: lineBaud,
      farBaud: lineBaud,
      setBaud: () => {},
      write: (data) => this.hear(data),
      onData: (listener) => (this.deliver = listener),
      set: (name, level) => {
        this.levels[name] = level;
        if (printer.flow === "rtscts" && name === "cts") this.hold(!level);
        if (printer.flow === "dtrdsr" && name === "dsr") this.hold(!level);
      },
      onLine: () => {},
    };
    this.printer.connect(line, this.clock);
  }

  private hear(data: Uint8Array): void {
    this.said.push({ time: this.clock.now(), bytes: [...data] });
    if (data.length === 1 && (data[0] === 0x13 || data[0] === 0x11)) this.hold(data[0] === 0x13);
  }

  private hold(on: boolean): void {
    if (on !== this.held) this.free[on ? "busy" : "ready"].add(this.printer.buffer.free);
    this.held = on;
    this.allowance = this.slack;
    if (!on && !this.sending) this.next();
  }

  /** Puts bytes into the board's queue. */
  send(...parts: (string | Uint8Array | number[])[]): void {
    for (const part of parts)
      for (const b of typeof part === "string" ? Buffer.from(part, "latin1") : part) this.queue.push(b);
    if (!this.sending) this.next();
  }

  /** One byte that no flow control holds, such as a request for status. */
  sendNow(bytes: number[]): void {
    this.deliver(Uint8Array.from(bytes));
  }

  private next(): void {
    this.sending = false;
    if (this.queue.length === 0 || (this.held && this.allowance-- <= 0)) return;
    this.sending = true;
    this.clock.after(this.byteTime, () => {
      this.deliver(Uint8Array.of(this.queue.shift()!));
      this.next();
    });
  }

  get unsent(): number {
    return this.queue.length;
  }

  /** Until all is sent and worked off. */
  async finish(limit = 600_000): Promise<void> {
    await this.clock.runUntil(() => this.queue.length === 0 && this.printer.idle, limit);
  }

  /** Everything the printer said but flow control, since the last call. */
  replies(): number[] {
    const flow = (bytes: number[]): boolean => bytes.length === 1 && (bytes[0] === 0x11 || bytes[0] === 0x13);
    return this.said.splice(0).flatMap(({ bytes }) => (flow(bytes) ? [] : bytes));
  }
}

/** A picture from text: one line a row, "#" is ink. */
export function picture(text: string): Bitmap {
  const lines = text.split("\n");
  const dots = Uint8Array.from(lines.join(""), (dot) => Number(dot === "#"));
  return new Bitmap(lines[0]!.length, lines.length, dots);
}

export const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replace(/\s/g, ""), "hex"));
