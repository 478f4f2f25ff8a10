/** A UART's bytes. The contract is in receive.ts. */
import { EMPTY, join, slice } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import type { Receiver, Taker } from "./receive.js";

/**
 * What the interpreter has kept of a UART's bytes. It begins to keep what comes next here: left to itself it begins with the first piece, and if that is long
 * enough to be a flat string, to which nothing can be appended, all that comes behind it is dropped without a word.
 */
export function fetch(port: EspruinoSerial): Bytes {
  const data = port.read();
  port["\xffbuf"] = slice("ab", 1, 1);
  return data;
}

export class Ring implements Receiver {
  high = 0;
  /** When the first and the last piece that wait came, in seconds. */
  since = 0;
  at = 0;
  data: Bytes = EMPTY;
  private _over = 0;
  private _cause = "";
  private _lost = 0;

  /** @param size most bytes that wait */
  constructor(readonly size: number) {}

  put(piece: Bytes, at: number): void {
    const length = this.data.length + piece.length;
    if (this._over || length > this.size) return this.lose(piece.length, "RING_FULL", at);
    if (!this.data.length) this.since = at;
    this.data = join(this.data, piece);
    this.at = at;
    if (length > this.high) this.high = length;
  }

  /** Bytes that never came, or are not to be believed. @param units -1 when nobody knows how many */
  lose(units: number, cause: string, at: number): void {
    if (!this._over) {
      this._cause = cause;
      this._lost = at;
    }
    this._over = units < 0 || this._over < 0 ? -1 : this._over + units;
  }

  /** @param flags of the batch */
  drain(taker: Taker, flags: number): void {
    const { data, _over } = this;
    this.data = EMPTY;
    this._over = 0;
    if (data.length) taker.batch(data, data.length, this.at, flags);
    if (_over) taker.gap(_over, this._cause, this._lost);
  }

  /** Nobody wants what waits. */
  clear(): void {
    this.data = EMPTY;
    this._over = 0;
  }
}
