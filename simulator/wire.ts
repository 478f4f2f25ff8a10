/** A UART cable: bytes travel at the line's speed in both directions, control lines at once, and it can be pulled. */
import type { Clock, Timer } from "./clock.js";
import type { Parity, UartLine } from "./uart.js";

/** The board's end of the wire: it takes bytes when it looks, and stamps what it sends. */
export interface BoardUart {
  /** Speed of the far end. */
  readonly baud: number;
  /** This end's UART is set up at a speed. */
  setBaud(baud: number): void;
  readonly parity: Parity | undefined;
  /** Whether the byte taken last had a wrong bit. */
  readonly damaged: boolean;
  /** Sends a byte that has fully arrived at the far end at time `at`. */
  transmit(byte: number, at: number): void;
  /** Time at which the next byte from the far end is complete; Infinity when none is on its way. */
  nextArrival(): number;
  takeArrival(): number;
  /** Called when bytes were put on the way, so that the board looks again. */
  onTraffic(listener: () => void): void;
  set(line: "dtr" | "rts", level: boolean): void;
  onLine(listener: (line: "cts" | "dsr", level: boolean) => void): void;
}

export interface WireCounters {
  toBoard: number;
  toPeripheral: number;
  /** Bytes that were on the wire or sent while it was unplugged, or before the board set its UART up. */
  lost: number;
}

/** Ends whose speeds differ by more do not understand each other: half a bit over a byte. */
const TOLERANCE = 0.05;

interface Moving {
  at: number;
  byte: number;
  /** Speed of its sender. */
  baud: number;
  /** A bit of it is wrong. */
  damaged?: boolean;
}

export class UartWire {
  readonly counters: WireCounters = { toBoard: 0, toPeripheral: 0, lost: 0 };
  readonly peripheral: UartLine & { readonly backlog: number; onTaken(listener: () => void): void };
  readonly board: BoardUart;
  /** How long each break from the board was, in ms. */
  readonly breaks: number[] = [];

  private plugged = true;
  /** Since when the board holds the line low. */
  private low: number | undefined;
  /** A UART that the board has not set up takes no bytes. */
  private listening = false;
  /** Bytes towards the board with their times of arrival; `head` is the next to take. */
  private arrivals: Moving[] = [];
  private head = 0;
  private damaged = false;
  private lineFree = 0;
  private departures: Moving[] = [];
  private timer: Timer | undefined;
  private boardLooks: () => void = () => {};
  private readonly taken: (() => void)[] = [];
  private readonly dataListeners: ((data: Uint8Array) => void)[] = [];
  private boardLine: (line: "cts" | "dsr", level: boolean) => void = () => {};
  private readonly peripheralLine: ((line: "dtr" | "rts", level: boolean) => void)[] = [];
  private readonly driven = { cts: true, dsr: true };

  /** Speed of the board's end, once it is known. */
  private boardBaud: number | undefined;

  /** @param baud of the far end, until that changes it */
  constructor(
    private baud: number,
    private readonly clock: Clock,
    /** What hangs on it is a part of the simulator. */
    private readonly inside = false,
    private readonly parity?: Parity,
  ) {
    this.peripheral = this.peripheralEnd();
    this.board = this.boardEnd();
  }

  /** Milliseconds a byte takes from the far end. */
  get byteTime(): number {
    return (this.parity ? 11_000 : 10_000) / this.baud;
  }

  /** Pulls the cable: what is on it is lost, and lines that the far end drove fall. */
  unplug(): void {
    if (!this.plugged) return;
    this.plugged = false;
    this.counters.lost += this.arrivals.length - this.head + this.departures.length;
    this.clear();
    this.boardLine("cts", false);
    this.boardLine("dsr", false);
  }

  plug(): void {
    if (this.plugged) return;
    this.plugged = true;
    this.boardLine("cts", this.driven.cts);
    this.boardLine("dsr", this.driven.dsr);
  }

  /** The board holds its line low, or lets it go: what its UART sends meanwhile does not come to the pin. */
  hold(low: boolean): void {
    const { low: since } = this;
    if (low === (since !== undefined)) return;
    const now = this.clock.now();
    if (since !== undefined) this.breaks.push(now - since);
    this.low = low ? now : undefined;
  }

  /** Forgets the board and what is on the way to it, as when its power goes. */
  detachBoard(): void {
    this.clear();
    this.listening = false;
    this.boardBaud = undefined;
    this.boardLooks = () => {};
    this.boardLine = () => {};
    for (const listener of this.peripheralLine) {
      listener("dtr", false);
      listener("rts", false);
    }
  }

  private clear(): void {
    this.arrivals = [];
    this.head = 0;
    this.departures = [];
    this.timer?.cancel();
    this.timer = undefined;
    for (const listener of this.taken) listener();
  }

  private peripheralEnd(): UartWire["peripheral"] {
    const backlog = (): number => this.arrivals.length - this.head;
    const baud = (): number => this.baud;
    const farBaud = (): number => this.boardBaud ?? this.baud;
    return {
      get baud() {
        return baud();
      },
      get farBaud() {
        return farBaud();
      },
      get backlog() {
        return backlog();
      },
      setBaud: (speed) => void (this.baud = speed),
      write: (data, damaged) => this.send(data, damaged),
      onData: (listener) => void this.dataListeners.push(listener),
      set: (line, level) => {
        this.driven[line] = level;
        if (this.plugged) this.boardLine(line, level);
      },
      onLine: (listener) => void this.peripheralLine.push(listener),
      onTaken: (listener) => void this.taken.push(listener),
    };
  }

  private send(data: Uint8Array, damaged?: number): void {
    if (!this.plugged || !this.listening) {
      this.counters.lost += data.length;
      return;
    }
    let at = Math.max(this.lineFree, this.clock.now());
    const { baud, byteTime } = this;
    for (const [i, byte] of data.entries())
      this.arrivals.push({ at: (at += byteTime), byte, baud, damaged: i === damaged });
    this.lineFree = at;
    this.boardLooks();
  }

  private boardEnd(): BoardUart {
    const baud = (): number => this.baud;
    const damaged = (): boolean => this.damaged;
    return {
      get baud() {
        return baud();
      },
      parity: this.parity,
      get damaged() {
        return damaged();
      },
      setBaud: (speed) => void (this.boardBaud = speed),
      transmit: (byte, at) => this.depart(byte, at),
      nextArrival: () => this.arrivals[this.head]?.at ?? Infinity,
      takeArrival: () => this.take(),
      onTraffic: (listener) => {
        this.listening = true;
        this.boardLooks = listener;
      },
      set: (line, level) => {
        if (this.plugged) for (const listener of this.peripheralLine) listener(line, level);
      },
      onLine: (listener) => {
        this.boardLine = listener;
        listener("cts", this.plugged && this.driven.cts);
        listener("dsr", this.plugged && this.driven.dsr);
      },
    };
  }

  private take(): number {
    const arrival = this.arrivals[this.head++]!;
    this.damaged = arrival.damaged === true;
    if (this.head > 1024 || this.head === this.arrivals.length) {
      this.arrivals = this.arrivals.slice(this.head);
      this.head = 0;
    }
    this.counters.toBoard++;
    for (const listener of this.taken) listener();
    return heardAt(arrival, this.boardBaud ?? arrival.baud);
  }

  private depart(byte: number, at: number): void {
    if (!this.plugged || this.low !== undefined) {
      this.counters.lost++;
      return;
    }
    this.departures.push({ at, byte, baud: this.boardBaud ?? this.baud });
    this.timer ??= this.schedule(at);
  }

  private schedule(at: number): Timer {
    const { clock } = this;
    const ms = at - clock.now();
    return this.inside && clock.within ? clock.within(ms, this.deliver) : clock.after(ms, this.deliver);
  }

  private readonly deliver = (): void => {
    const now = this.clock.now() + 1e-6;
    let count = 0;
    while (count < this.departures.length && this.departures[count]!.at <= now) count++;
    const due = this.departures.splice(0, count);
    const next = this.departures[0];
    this.timer = next && this.schedule(next.at);
    if (count === 0) return;
    this.counters.toPeripheral += count;
    const data = Uint8Array.from(due, (departure) => heardAt(departure, this.baud));
    for (const listener of this.dataListeners) listener(data);
  };
}

/** What comes of a byte at an end of some speed: at the sender's own the byte, at any other one some other byte. */
function heardAt({ byte, baud }: Moving, speed: number): number {
  return Math.abs(baud / speed - 1) <= TOLERANCE ? byte : ((byte * 167) ^ 0x5b) & 0xff;
}
