/** What the ArduCAM Mini 2MP keeps of its sensor: images one behind the other until it is cleared, and a place to read from. */

/** Bytes of the Mini 2MP. */
const SIZE = 0x5ffff;

export class Fifo {
  /** An image is there that nobody has cleared. */
  done = false;
  private data = new Uint8Array(0);
  private at = 0;

  get length(): number {
    return this.data.length;
  }

  /** Bytes read since its beginning. */
  get given(): number {
    return this.at;
  }

  push(image: Uint8Array): void {
    const all = new Uint8Array(Math.min(SIZE, this.data.length + image.length));
    all.set(this.data);
    all.set(image.subarray(0, all.length - this.data.length), this.data.length);
    this.data = all;
    this.done = true;
  }

  clear(): void {
    this.done = false;
    this.rewrite();
    this.rewind();
  }

  rewind(): void {
    this.at = 0;
  }

  rewrite(): void {
    this.data = new Uint8Array(0);
  }

  skip(): void {
    this.at++;
  }

  /** Behind the end comes nothing. */
  pop(): number {
    return this.data[this.at++] ?? 0;
  }
}
