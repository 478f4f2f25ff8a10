/** One record on its way in. */
import { DevsockError } from "./errors.js";

export class IncomingRecord implements AsyncIterable<Buffer> {
  /** Bytes that were read of it. */
  bytesRead = 0;
  /** Whether it was read to its end. */
  ended = false;
  private kept: Buffer[] = [];

  /** @param piece gives the next piece, null at the end */
  constructor(
    private readonly piece: (signal?: AbortSignal) => Promise<Buffer | null>,
    private readonly address: string,
  ) {}

  /** The next piece, or null at the record's end. */
  async read(signal?: AbortSignal): Promise<Buffer | null> {
    if (this.ended) return null;
    const piece = await this.piece(signal);
    if (piece) this.bytesRead += piece.length;
    else this.ended = true;
    return piece;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void> {
    for (let piece; (piece = await this.read());) yield piece;
  }

  /**
   * All of it. When the signal aborts it may be called again, and nothing is lost.
   * @param limit bytes that the caller has room for
   * @throws DevsockError EMSGSIZE when it is longer; the rest is skipped
   */
  async whole(limit: number, signal?: AbortSignal): Promise<Buffer> {
    for (let piece; (piece = await this.read(signal));)
      if (this.bytesRead <= limit) this.kept.push(piece);
      else this.kept = [];
    if (this.bytesRead > limit)
      throw new DevsockError(
        `EMSGSIZE: the record has ${this.bytesRead} bytes, more than ${limit}; allow more (maxRecord) or read it in pieces`,
        { origin: "peer", address: this.address },
      );
    const whole = Buffer.concat(this.kept);
    this.kept = [];
    return whole;
  }

  /** What is left of it is dropped. */
  async skip(signal?: AbortSignal): Promise<void> {
    while (await this.read(signal));
  }
}
