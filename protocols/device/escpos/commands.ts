/**
 * ESC/POS, the part that the board needs: what a driver sends on its own account and how it tells replies apart.
 * Facts and their sources are in docs/devices/escpos.md. Status decoding and the command scanner are the host's.
 */
import { be16, byte, join } from "../../bytes/index.js";
import type { Bytes } from "../../bytes/index.js";

/** DLE EOT n: one byte of status at once, even offline or with a full buffer. Only ever send it between commands. */
export const enum Realtime {
  /** Drawer, offline. */
  printer = 1,
  /** Why it is offline: cover, feed button, paper end, error. */
  offline = 2,
  /** Which error. */
  error = 3,
  /** Paper sensors. */
  paper = 4,
}

/** GS a n: what the printer reports of itself, four bytes at each change. The values add up. */
export const enum AutoStatus {
  none = 0,
  drawer = 1,
  online = 2,
  error = 4,
  paper = 8,
  all = 15,
}

/**
 * What a byte from the printer is. Flow control is these two bytes exactly: headers of other replies (37, 3B, 3D,
 * 5F hex) equal XON or XOFF under the mask. A status byte is told by the mask.
 */
export const enum Reply {
  xon = 0x11,
  xoff = 0x13,
  mask = 0x93,
  /** First of the four bytes of an automatic status. */
  autoStatus = 0x10,
  /** Answer to DLE EOT. */
  realtime = 0x12,
}

/** Set in the first byte of an automatic status, and in the answer to DLE EOT 1, while the printer is offline. */
export const enum Offline {
  bit = 8,
}

/** ESC @: back to the settings of power-on. */
export const INITIALIZE: Bytes = be16(0x1b40);

/** DLE EOT n. @inline */
export function askStatus(n: Realtime): Bytes {
  return join(be16(0x1004), byte(n));
}

/** GS a n. @inline */
export function autoStatus(n: AutoStatus): Bytes {
  return join(be16(0x1d61), byte(n));
}
