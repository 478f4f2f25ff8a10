/** The chip's I2C controller with time and chips on its bus. RP2040 data sheet 4.3. */
import { I2CMode, RPI2C } from "rp2040js";
import type { RP2040 } from "rp2040js";
import type { I2cChip } from "../bus.js";
import { Alarm } from "./time.js";
import type { EmulatedTime } from "./time.js";

const ENABLE = 0x6c;
const TRANSMIT_LEVEL = 0x74;
const TRANSMIT_EMPTY = 1 << 4;
const STOP_DETECTED = 1 << 9;
/** How often a bus that is held low is looked at again. */
const AGAIN_NS = 100_000;

export class I2cPort extends RPI2C {
  chips: readonly I2cChip[] = [];
  private chip: I2cChip | undefined;
  private next: () => void = () => {};
  /** A byte is on the wire: the transmitter is not empty. */
  private sending = false;
  /** The bus was held low since the START: the program has waited too long, or will have. */
  private held = false;
  private readonly alarm: Alarm;

  constructor(chip: RP2040, name: string, irq: number, time: EmulatedTime) {
    super(chip, name, irq);
    this.alarm = new Alarm(time, () => this.proceed());
    this.onStart = () => this.later(1, () => this.completeStart());
    this.onConnect = (address, mode) => this.later(9, () => this.connect(address, mode === I2CMode.Read));
    this.onWriteByte = (byte) => {
      this.sending = true;
      this.later(9, () => this.wrote(byte));
    };
    this.onReadByte = () => this.later(9, () => this.completeRead(this.chip?.read() ?? 0xff));
    this.onStop = () => this.later(1, () => this.stopped());
  }

  end(): void {
    this.alarm.cancel();
  }

  override writeUint32(offset: number, value: number): void {
    super.writeUint32(offset, value);
    if (offset !== ENABLE || value & 1 || !this.held) return;
    // The program has given the transfer up: the controller forgets it.
    this.alarm.cancel();
    this.held = this.sending = false;
    this.chip?.stop();
    this.chip = undefined;
    this.completeStop();
    this.clearInterrupts(STOP_DETECTED);
  }

  /** Programs wait for the transmitter to be empty, which here it must not be before its last byte is acknowledged. */
  protected override setInterrupts(mask: number): void {
    super.setInterrupts(this.sending ? mask & ~TRANSMIT_EMPTY : mask);
  }

  /** An abort empties the transmitter. */
  protected override abort(reason: number): void {
    super.abort(reason);
    this.setInterrupts(TRANSMIT_EMPTY);
  }

  private later(bits: number, next: () => void): void {
    this.next = next;
    const bitNs = ((this.sclHighPeriod + this.sclLowPeriod) * 1e9) / this.rp2040.clkSys;
    this.alarm.schedule(bits * bitNs);
  }

  private proceed(): void {
    const stuck = this.chips.some((chip) => chip.stuck);
    this.held ||= stuck;
    if (stuck) this.alarm.schedule(AGAIN_NS);
    else this.next();
  }

  private connect(address: number, reading: boolean): void {
    this.chip = this.chips.find((chip) => chip.address === address && chip.start(reading));
    this.completeConnect(this.chip !== undefined);
  }

  private wrote(byte: number): void {
    const acknowledged = this.chip?.write(byte) ?? false;
    this.sending = false;
    this.completeWrite(acknowledged);
    if (this.readUint32(TRANSMIT_LEVEL) === 0) this.setInterrupts(TRANSMIT_EMPTY);
  }

  private stopped(): void {
    this.chip?.stop();
    this.chip = undefined;
    this.held = false;
    this.completeStop();
  }
}
