/** ESC/POS, what the printer says: its bytes split into replies, and their bits decoded. Host side. */
import { byte, EMPTY, join, u8 } from "../../bytes/index.js";
import type { Bytes } from "../../bytes/index.js";
import { Realtime, Reply } from "./commands.js";

/** Worst first, as they are reported when several hold: `unspecified` is all that DLE EOT 2 can tell. */
export type PrinterError = "unrecoverable" | "cutter" | "mechanical" | "recoverable" | "unspecified";

/** The printer as one automatic status (four bytes) describes it. */
export interface PrinterStatus {
  online: boolean;
  cover: "closed" | "open";
  /** `low`: the near-end sensor; the printer goes on printing. `out`: it stops. */
  paper: "ok" | "low" | "out";
  /** The feed button is moving paper. */
  feeding: boolean;
  /** Level of pin 3 of the drawer's connector; what it means depends on the drawer. */
  drawer: "low" | "high";
  error?: PrinterError;
}

/** Four bytes after GS a, or at any enabled change. */
export function decodeAutoStatus(b: Bytes): PrinterStatus {
  const first = u8(b, 0);
  const second = u8(b, 1);
  const third = u8(b, 2);
  const status: PrinterStatus = {
    online: !(first & 0x08),
    cover: first & 0x20 ? "open" : "closed",
    paper: third & 0x0c ? "out" : third & 0x03 ? "low" : "ok",
    feeding: !!(first & 0x40),
    drawer: first & 0x04 ? "high" : "low",
  };
  const error = errorOf(second);
  if (error) status.error = error;
  return status;
}

/** The answer to DLE EOT n: only what that n tells. */
export function decodeRealtime(n: Realtime, b: number): Partial<PrinterStatus> {
  switch (n) {
    case Realtime.printer:
      return { online: !(b & 0x08), drawer: b & 0x04 ? "high" : "low" };
    case Realtime.offline:
      return offlineCause(b);
    case Realtime.error: {
      const error = errorOf(b & ~0x04);
      return error ? { error } : {};
    }
    case Realtime.paper:
      return { paper: b & 0x60 ? "out" : b & 0x0c ? "low" : "ok" };
  }
}

/** Paper is told only when it is out: this answer knows nothing of the near-end sensor. */
function offlineCause(b: number): Partial<PrinterStatus> {
  const status: Partial<PrinterStatus> = { cover: b & 0x04 ? "open" : "closed", feeding: !!(b & 0x08) };
  if (b & 0x20) status.paper = "out";
  if (b & 0x40) status.error = "unspecified";
  return status;
}

function errorOf(bits: number): PrinterError | undefined {
  if (bits & 0x20) return "unrecoverable";
  if (bits & 0x08) return "cutter";
  if (bits & 0x04) return "mechanical";
  if (bits & 0x40) return "recoverable";
  return undefined;
}

/** One thing that the printer said. */
export type PrinterReply =
  | { kind: "autoStatus"; status: PrinterStatus }
  /** Which n it answers is known to whoever asked: answers come in the order of the questions. */
  | { kind: "realtime"; value: number }
  | { kind: "flow"; ready: boolean }
  /** A text reply (GS I, GS g 2 ...): the byte that says which, and the bytes up to NUL. */
  | { kind: "block"; header: number; data: Bytes }
  /** Any other single byte, such as the answer to GS r or GS I 1. */
  | { kind: "byte"; value: number };

/** Longest text reply that is kept, in bytes: a longer one comes in several parts. */
export const LONGEST_BLOCK = 256;

const BLOCK_HEADERS = [0x37, 0x3b, 0x3d, 0x5f];

/** Bits that are clear in the second to fourth byte of an automatic status: a byte with one of them is no such byte. */
const NOT_CONTINUED = 0x90;

/** Splits what the printer sends. An automatic status may have XON or XOFF between its bytes, and nothing else. */
export class ReplyReader {
  private status: Bytes = EMPTY;
  private header = 0;
  private block: Bytes = EMPTY;

  push(bytes: Bytes): PrinterReply[] {
    const replies: PrinterReply[] = [];
    for (let i = 0; i < bytes.length; i++) {
      const reply = this.take(u8(bytes, i));
      if (reply) replies.push(reply);
    }
    return replies;
  }

  private take(b: number): PrinterReply | undefined {
    if (b === Reply.xon || b === Reply.xoff) return { kind: "flow", ready: b === Reply.xon };
    if (this.header) return this.takeBlock(b);
    if (this.status.length > 0 && !(b & NOT_CONTINUED)) return this.takeStatus(b);
    this.status = EMPTY;
    if (BLOCK_HEADERS.indexOf(b) >= 0) {
      this.header = b;
      return undefined;
    }
    if ((b & Reply.mask) === Reply.autoStatus) return this.takeStatus(b);
    if ((b & Reply.mask) === Reply.realtime) return { kind: "realtime", value: b };
    return { kind: "byte", value: b };
  }

  private takeStatus(b: number): PrinterReply | undefined {
    this.status = join(this.status, byte(b));
    if (this.status.length < 4) return undefined;
    const status = decodeAutoStatus(this.status);
    this.status = EMPTY;
    return { kind: "autoStatus", status };
  }

  private takeBlock(b: number): PrinterReply | undefined {
    if (b !== 0) this.block = join(this.block, byte(b));
    if (b !== 0 && this.block.length < LONGEST_BLOCK) return undefined;
    const reply: PrinterReply = { kind: "block", header: this.header, data: this.block };
    if (b === 0) this.header = 0;
    this.block = EMPTY;
    return reply;
  }
}
