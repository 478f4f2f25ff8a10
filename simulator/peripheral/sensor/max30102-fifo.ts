/** The FIFO of the MAX30102: 32 samples, pointers that can be read and written, and a counter of what found it full. */

/** Samples. */
export const DEPTH = 32;
/** The overflow counter stays there. */
const MOST_OVERFLOW = 31;

export class SampleFifo {
  /** Samples that can be read. The pointers do not say whether none or all of them. */
  held = 0;
  /** Samples that found it full, of all time. */
  lost = 0;
  private writePointer = 0;
  private overflow = 0;
  private readPointer = 0;
  private readonly samples: Uint8Array[] = Array.from({ length: DEPTH }, () => new Uint8Array(0));
  /** What is left of the sample that is being read. */
  private rest: number[] = [];

  /** The power goes, or a reset. */
  clear(): void {
    this.held = 0;
    this.writePointer = 0;
    this.overflow = 0;
    this.readPointer = 0;
    this.rest = [];
  }

  /** Write pointer, overflow counter, read pointer: registers 04 to 06. */
  get(place: number): number {
    return [this.writePointer, this.overflow, this.readPointer][place]!;
  }

  set(place: number, value: number): void {
    if (place === 0) this.writePointer = value & 0x1f;
    else if (place === 1) this.overflow = value & 0x1f;
    else this.readPointer = value & 0x1f;
    this.held = (this.writePointer - this.readPointer) & (DEPTH - 1);
  }

  /** @param rollover a full one forgets its oldest sample, and not this one */
  push(sample: Uint8Array, rollover: boolean): void {
    if (this.held === DEPTH) {
      this.lost++;
      this.overflow = Math.min(MOST_OVERFLOW, this.overflow + 1);
      if (!rollover) return;
      this.readPointer = (this.readPointer + 1) % DEPTH;
    } else this.held++;
    this.samples[this.writePointer] = sample;
    this.writePointer = (this.writePointer + 1) % DEPTH;
  }

  /** A read begins: with a sample's first byte. */
  begin(): void {
    this.rest = [];
  }

  /** The next byte; the read pointer moves with a sample's first one. Nothing comes of an empty FIFO. */
  pop(): number {
    if (this.rest.length === 0) {
      if (this.held === 0) return 0;
      this.rest = [...this.samples[this.readPointer]!];
      this.readPointer = (this.readPointer + 1) % DEPTH;
      this.overflow = 0;
      this.held--;
    }
    return this.rest.shift()!;
  }
}
