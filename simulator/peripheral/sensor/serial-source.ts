/** A device on a UART that sends frame after frame, unasked, at a steady rate. */
import type { Clock, Timer } from "../../clock.js";
import type { UartLine, UartPeripheral } from "../../uart.js";
import { Faults } from "./faults.js";
import type { FaultOptions } from "./faults.js";

export type SerialFault = "silent" | "babbling";

/** Noise comes in pieces of so many ms, at the line's full speed. */
const PIECE_MS = 20;
const BITS = 10;

export abstract class SerialSource<Fault extends string> implements UartPeripheral {
  /** Frames put on the line, damaged ones with them. */
  produced = 0;
  readonly faults: Faults<Fault | SerialFault>;
  private line: UartLine | undefined;
  private clock: Clock | undefined;
  private timer: Timer | undefined;
  private start = 0;
  private ticks = 0;

  /** @param rate frames a second */
  constructor(
    private readonly rate: number,
    options: FaultOptions<Fault | SerialFault>,
  ) {
    this.faults = new Faults(options);
  }

  connect(line: UartLine, clock: Clock): void {
    this.line = line;
    this.clock = clock;
    this.faults.connect(clock, (plugged) => (plugged ? this.power() : this.timer?.cancel()));
    if (this.faults.plugged) this.power();
  }

  close(): void {
    this.timer?.cancel();
  }

  /** The power comes: it begins anew. */
  protected abstract begin(): void;
  /** The next frame. @param seconds since the power came */
  protected abstract frame(seconds: number): Uint8Array;

  private power(): void {
    this.begin();
    this.start = this.clock!.now();
    this.ticks = 0;
    this.schedule();
  }

  /** From the beginning on, so that no error adds up. */
  private schedule(): void {
    const clock = this.clock!;
    const period = this.faults.fault === "babbling" ? PIECE_MS : 1000 / this.rate;
    const ms = this.start + ++this.ticks * period - clock.now();
    this.timer = (clock.within ?? clock.after).call(clock, Math.max(0, ms), this.tick);
  }

  private readonly tick = (): void => {
    const { faults } = this;
    const line = this.line!;
    if (faults.fault === "babbling") line.write(faults.noise(Math.floor((line.baud * PIECE_MS) / 1000 / BITS)));
    else if (faults.fault !== "silent") {
      const frame = this.frame((this.clock!.now() - this.start) / 1000);
      this.produced++;
      line.write(faults.damage(frame), faults.at);
    }
    this.schedule();
  };
}
