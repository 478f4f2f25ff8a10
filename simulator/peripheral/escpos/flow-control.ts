/** How the printer tells the board to wait: two bytes, or the level of a line. */
import type { UartLine } from "../../uart.js";

export type Flow = "xonxoff" | "rtscts" | "dtrdsr" | "none";

const XON = Uint8Array.of(0x11);
const XOFF = Uint8Array.of(0x13);

export class FlowControl {
  private line: UartLine | undefined;
  private full = false;
  private offline = false;

  constructor(private readonly flow: Flow) {}

  connect(line: UartLine): void {
    this.line = line;
  }

  get busy(): boolean {
    return this.full || this.offline;
  }

  /**
   * Says what has changed. XOFF comes when the buffer becomes full, and when the printer goes offline unless the
   * buffer is full already; XON when neither holds any more.
   * @param offline whether it is, where that counts as busy
   */
  update(full: boolean, offline: boolean): void {
    const stop = (full && !this.full) || (offline && !this.offline && !full);
    const go = this.busy && !full && !offline;
    this.full = full;
    this.offline = offline;
    if (!stop && !go) return;
    if (this.flow === "xonxoff") this.line?.write(stop ? XOFF : XON);
    else this.setLines(true);
  }

  /** Power comes or goes with an empty buffer. All lines are low without it; XON says that it is there and online. */
  power(on: boolean, offline: boolean): void {
    this.full = false;
    this.offline = offline;
    this.setLines(on);
    if (on && !offline && this.flow === "xonxoff") this.line?.write(XON);
  }

  /** A line that is not used for flow control says that there is power. */
  private setLines(powered: boolean): void {
    this.line?.set("cts", powered && !(this.busy && this.flow === "rtscts"));
    this.line?.set("dsr", powered && !(this.busy && this.flow === "dtrdsr"));
  }
}
