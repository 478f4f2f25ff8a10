/**
 * The chip's UART with time: a byte takes as long as its bits, both FIFOs hold 32, and what comes when there is no room
 * is lost; the next byte that finds some bears the flag of that. RP2040 data sheet 4.2.3.2.4. Its interrupts are not there: the interpreter polls.
 */
import { BasePeripheral } from "rp2040js";
import type { RP2040 } from "rp2040js";
import type { BoardUart } from "../wire.js";
import { Alarm } from "./time.js";
import type { EmulatedTime } from "./time.js";

const Register = {
  data: 0x00,
  status: 0x04,
  flags: 0x18,
  integerBaud: 0x24,
  fractionBaud: 0x28,
  line: 0x2c,
  control: 0x30,
} as const;

const Flag = {
  busy: 1 << 3,
  receiveEmpty: 1 << 4,
  transmitFull: 1 << 5,
  receiveFull: 1 << 6,
  transmitEmpty: 1 << 7,
} as const;

/** What is wrong with a received byte: bits beside it in the FIFO. */
export const Damage = { framing: 1 << 8, parity: 1 << 9, break: 1 << 10, overrun: 1 << 11 } as const;

/** Of the status. */
const OVERRUN = 1 << 3;
const FIFO_ENABLED = 1 << 4;
const TWO_STOP_BITS = 1 << 3;
const PARITY = 1 << 1;
const ENABLED = 1 << 0;
const RECEIVES = 1 << 9;
const FIFO = 32;
/** Speeds that differ by more are not understood: half a bit over a byte. */
const TOLERANCE = 0.05;

export class Pl011 extends BasePeripheral {
  /** Bytes that came when there was no room. */
  overruns = 0;
  /** Bytes that came behind such ones and bear the flag of that. */
  flagged = 0;
  private readonly registers = new Map<number, number>();
  private readonly received: number[] = [];
  private overrun = false;
  /** An overrun that the program has not cleared in the status. */
  private standing = false;
  /** When each byte that is on its way out will have left, in ms: the first is in the shift register. */
  private leaving: number[] = [];
  private wire: BoardUart | undefined;
  /** The speed of which was said that it is not the line's. */
  private told = 0;
  private readonly arrival: Alarm;

  constructor(
    chip: RP2040,
    name: string,
    private readonly time: EmulatedTime,
    private readonly log: (line: string) => void = () => {},
  ) {
    super(chip, name);
    this.arrival = new Alarm(time, () => this.take());
  }

  attach(wire: BoardUart): void {
    this.wire = wire;
    wire.onTraffic(() => this.look());
  }

  /** The chip is gone. */
  end(): void {
    this.arrival.cancel();
    this.wire = undefined;
  }

  /** A byte is complete at the pin. @param damage bits of `Damage` */
  receive(byte: number, damage = 0): void {
    const control = this.get(Register.control);
    if (!(control & ENABLED) || !(control & RECEIVES)) return;
    if (this.received.length >= this.depth) {
      this.overrun = this.standing = true;
      this.overruns++;
      return;
    }
    if (this.overrun) this.flagged++;
    this.received.push(byte | damage | (this.overrun ? Damage.overrun : 0));
    this.overrun = false;
  }

  /** Bits a second; 0 before the program has set it. */
  get baud(): number {
    const divisor = this.get(Register.integerBaud) + this.get(Register.fractionBaud) / 64;
    return divisor > 0 ? this.rp2040.clkPeri / (16 * divisor) : 0;
  }

  override readUint32(offset: number): number {
    if (offset === Register.data) return this.pull();
    if (offset === Register.flags) return this.flags();
    if (offset === Register.status) return this.standing ? OVERRUN : 0;
    return this.get(offset);
  }

  override writeUint32(offset: number, value: number): void {
    if (offset === Register.data) this.transmit(value & 0xff);
    else if (offset === Register.status) this.standing = false;
    else this.registers.set(offset, value);
  }

  private get(offset: number): number {
    return this.registers.get(offset) ?? 0;
  }

  private get depth(): number {
    return this.get(Register.line) & FIFO_ENABLED ? FIFO : 1;
  }

  private get byteTime(): number {
    const line = this.get(Register.line);
    const bits = 7 + ((line >> 5) & 3) + (line & PARITY ? 1 : 0) + (line & TWO_STOP_BITS ? 1 : 0);
    return (bits * 1000) / this.baud;
  }

  private pull(): number {
    return this.received.shift() ?? 0;
  }

  private flags(): number {
    const { received } = this;
    const waiting = this.underWay();
    return (
      (waiting > 0 ? Flag.busy : 0) |
      (received.length === 0 ? Flag.receiveEmpty : 0) |
      (received.length >= this.depth ? Flag.receiveFull : 0) |
      (waiting > this.depth ? Flag.transmitFull : 0) |
      (waiting <= 1 ? Flag.transmitEmpty : 0)
    );
  }

  private underWay(): number {
    const now = this.time.now();
    let gone = 0;
    while (gone < this.leaving.length && this.leaving[gone]! <= now) gone++;
    if (gone > 0) this.leaving = this.leaving.slice(gone);
    return this.leaving.length;
  }

  private transmit(byte: number): void {
    if (!(this.get(Register.control) & ENABLED) || this.underWay() > this.depth) return;
    const at = Math.max(this.time.now(), this.leaving.at(-1) ?? 0) + this.byteTime;
    this.leaving.push(at);
    const { wire } = this;
    if (!wire) return;
    this.agrees(wire);
    wire.setBaud(this.baud);
    wire.transmit(byte, at);
  }

  private look(): void {
    const next = this.wire?.nextArrival() ?? Infinity;
    if (next !== Infinity) this.time.at(this.arrival, next);
  }

  private take(): void {
    const { wire } = this;
    if (!wire) return;
    if (this.baud > 0) wire.setBaud(this.baud);
    const agreed = this.agrees(wire);
    const byte = wire.takeArrival();
    const checked = wire.parity && this.get(Register.line) & PARITY;
    if (agreed) this.receive(byte, checked && wire.damaged ? Damage.parity : 0);
    else this.receive(byte & 0x0f, Damage.framing);
    this.look();
  }

  private agrees({ baud }: BoardUart): boolean {
    const agreed = Math.abs(this.baud / baud - 1) < TOLERANCE;
    if (!agreed && this.told !== this.baud)
      this.log(
        `${this.name} runs at ${Math.round(this.baud)} bits a second and its line at ${baud}: what passes is garbled`,
      );
    this.told = agreed ? 0 : this.baud;
    return agreed;
  }
}
