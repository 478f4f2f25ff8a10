/** The receive buffer: as many bytes as it has, and not one more. */

/** When the printer says that its buffer is full, and when that it has room again, in free bytes. */
export interface Thresholds {
  busyAt: number;
  readyAt: number;
}

/**
 * Thresholds of a buffer of this size when none are given. Sources: docs/devices/escpos.md. A buffer of any other
 * size has a sixteenth and an eighth of it.
 */
export function defaultThresholds(size: number): Thresholds {
  if (size === 45) return { busyAt: 16, readyAt: 26 };
  if (size === 4096) return { busyAt: 256, readyAt: 528 };
  return { busyAt: Math.ceil(size / 16), readyAt: Math.ceil(size / 8) };
}

export class ReceiveBuffer {
  private readonly bytes: Uint8Array;
  private head = 0;
  length = 0;
  /** The most that was ever in it. */
  peak = 0;
  /** It said full and has not said ready again. */
  full = false;

  constructor(
    readonly size: number,
    private readonly thresholds: Thresholds,
  ) {
    this.bytes = new Uint8Array(size);
  }

  get free(): number {
    return this.size - this.length;
  }

  /** @returns false when there is no room: the byte is lost */
  push(b: number): boolean {
    if (this.length === this.size) return false;
    this.bytes[(this.head + this.length) % this.size] = b;
    this.length++;
    this.peak = Math.max(this.peak, this.length);
    if (this.free <= this.thresholds.busyAt) this.full = true;
    return true;
  }

  /** The oldest byte. */
  shift(): number {
    const b = this.bytes[this.head]!;
    this.head = (this.head + 1) % this.size;
    this.length--;
    if (this.free >= this.thresholds.readyAt) this.full = false;
    return b;
  }

  /** Takes the newest bytes back. */
  unpush(count: number): void {
    this.length -= Math.min(count, this.length);
  }

  clear(): void {
    this.length = 0;
    this.full = false;
  }
}
