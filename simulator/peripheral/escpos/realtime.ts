/** Real-time commands: recognised byte by byte on reception, wherever they stand. */

export type RealtimeCommand =
  { kind: "status"; n: number } | { kind: "recover"; clear: boolean } | { kind: "clear" } | { kind: "none" };

const CLEAR = Buffer.from("10140801031401060208", "hex");
const NONE: RealtimeCommand = { kind: "none" };

export class RealtimeRecogniser {
  private readonly last: number[] = [];

  /** Takes the next byte. @returns the command that ends with it */
  take(b: number): RealtimeCommand {
    this.last.push(b);
    if (this.last.length > CLEAR.length) this.last.shift();
    const [dle, second] = this.last.slice(-3, -1);
    if (dle === 0x10 && second === 0x04 && b >= 1 && b <= 4) return { kind: "status", n: b };
    if (dle === 0x10 && second === 0x05 && (b === 1 || b === 2)) return { kind: "recover", clear: b === 2 };
    if (b === 0x08 && CLEAR.equals(Uint8Array.from(this.last))) return { kind: "clear" };
    return NONE;
  }

  reset(): void {
    this.last.length = 0;
  }
}
