/** How the printer tells the board to wait: two bytes, or the level of a line. */
import type { UartLine } from "../../uart.js";

export type Flow = "xonxoff" | "rtscts" | "dtrdsr" | "none";

const XON = Uint8Array.of(0x11);
const XOFF = Uint8Array.of(0x13);

export class FlowControl {
  private line: UartLine | undefined;
  busy = false;

  constructor(private readonly flow: Flow) {}

  connect(line: UartLine): void {
    this.line = line;
  }

  /** Says it when it changes, once. */
  update(busy: boolean): void {
    if (busy === this.busy) return;
    this.busy = busy;
    if (this.flow === "xonxoff") this.line?.write(busy ? XOFF : XON);
    else this.setLines(true);
  }

  /** Without power all lines are low. With XON/XOFF they only say that there is power, and XON says the rest. */
  power(on: boolean, busy: boolean): void {
    this.busy = busy;
    this.setLines(on);
    if (on && !busy && this.flow === "xonxoff") this.line?.write(XON);
  }

  private setLines(powered: boolean): void {
    this.line?.set("cts", powered && !(this.busy && this.flow === "rtscts"));
    this.line?.set("dsr", powered && !(this.busy && this.flow === "dtrdsr"));
  }
}
