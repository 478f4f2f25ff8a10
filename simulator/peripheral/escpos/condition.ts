/** What state the printer is in, and the bytes in which it says so. The host's half is protocols/device/escpos. */

export type PaperState = "ok" | "low" | "out";

/**
 * `cutter`: jammed, DLE ENQ recovers. `recoverable`: such as a hot print head, it goes by itself.
 * `unrecoverable`: only power helps.
 */
export type Fault = "none" | "cutter" | "recoverable" | "unrecoverable";

export class Condition {
  paper: PaperState = "ok";
  coverOpen = false;
  /** The cover was opened while something was printing: an error until it is closed. */
  openedWhilePrinting = false;
  /** The feed button is held. */
  feeding = false;
  /** Level of the drawer's sensor. */
  drawerHigh = false;
  fault: Fault = "none";

  get online(): boolean {
    return this.paper !== "out" && !this.coverOpen && !this.feeding && this.fault === "none";
  }

  /** Answer to DLE EOT n, or nothing for an n that this printer does not know. */
  realtime(n: number): number | undefined {
    const fixed = 0x12;
    if (n === 1) return fixed | flag(this.drawerHigh, 0x04) | flag(!this.online, 0x08);
    if (n === 2) return fixed | this.offlineCause();
    if (n === 3) return fixed | this.error();
    if (n === 4) return fixed | flag(this.paper !== "ok", 0x0c) | flag(this.paper === "out", 0x60);
    return undefined;
  }

  private offlineCause(): number {
    const error = this.error() !== 0;
    return flag(this.coverOpen, 0x04) | flag(this.feeding, 0x08) | flag(this.paper === "out", 0x20) | flag(error, 0x40);
  }

  /** The same bits in the answer to DLE EOT 3 and in the second byte of an automatic status. */
  private error(): number {
    const recoverable = this.fault === "recoverable" || this.openedWhilePrinting;
    const { fault } = this;
    return flag(fault === "cutter", 0x08) | flag(fault === "unrecoverable", 0x20) | flag(recoverable, 0x40);
  }

  /** The answer to GS r 1. */
  sensors(): number {
    return flag(this.paper !== "ok", 0x03) | flag(this.paper === "out", 0x0c);
  }

  /** Four bytes. */
  automatic(): Uint8Array {
    const first =
      0x10 |
      flag(this.drawerHigh, 0x04) |
      flag(!this.online, 0x08) |
      flag(this.coverOpen, 0x20) |
      flag(this.feeding, 0x40);
    return Uint8Array.of(first, this.error(), this.sensors(), 0);
  }
}

function flag(on: boolean, bits: number): number {
  return on ? bits : 0;
}

/** The bits of an automatic status that each bit of GS a watches. */
const WATCHED = [
  [0x04, 0, 0],
  [0x68, 0, 0],
  [0, 0x6c, 0],
  [0, 0, 0x0f],
] as const;

/** Whether two statuses differ in something that the mask of GS a watches. */
export function differs(mask: number, one: Uint8Array, other: Uint8Array): boolean {
  return WATCHED.some((bits, i) => mask & (1 << i) && bits.some((bit, at) => (one[at]! ^ other[at]!) & bit));
}
