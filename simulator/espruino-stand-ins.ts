/**
 * What the real interpreter's Linux build has stubs for: objects written in JavaScript take their place, and ask the simulator for what a board's own
 * hardware would do over a terminal. The interpreter stands still until the answer is there, as a board does.
 */
import { openPty } from "./pty.js";
import type { Pty } from "./pty.js";

/** Bytes before the data of a request: whose, operation, address, whether a STOP follows, bytes to read (2), bytes to write (2). */
const HEADER = 8;

export interface Request {
  operation: number;
  address: number;
  /** Of I2C: the transfer ends with it. */
  stop: boolean;
  /** Bytes that the answer has, if it says "done". */
  count: number;
  data: Uint8Array;
}

/** What takes a stub's place. */
export interface StandIn {
  /**
   * Its text in the boot file. There `q(p,o,a,n,d)` is a request of the stand-in `p` with the operation `o`, the address `a`, which may be
   * `{address,stop}`, `n` bytes to read and the string `d` to write; it gives what was read, as a string.
   * @param p its number
   */
  text(p: number): string;
  /** A byte of 0 and what was read, or the number of a failure, 1 to 255, by itself: `failures` has its words. */
  answer(request: Request): Uint8Array;
  /** Words of exceptions: by the number of the failure, less 1, and the operation. */
  readonly failures?: readonly (readonly string[])[];
}

export class StandIns {
  private waiting = Buffer.alloc(0);

  private constructor(
    private readonly pty: Pty,
    private readonly all: readonly StandIn[],
  ) {
    pty.onData((data) => this.receive(data));
  }

  /** @returns nothing where nothing stands in for anything */
  static async open(all: readonly StandIn[]): Promise<StandIns | undefined> {
    return all.length > 0 ? new StandIns(await openPty(), all) : undefined;
  }

  /** Goes before the boot file's text. */
  bootText(): string {
    const path = JSON.stringify(this.pty.path);
    const failures = JSON.stringify(this.all.map(({ failures = [] }) => failures));
    return (
      `(function(w,r){var x=${failures};function b(n){return String.fromCharCode(n>>8,n)}` +
      // A number is not asked for members: for that the interpreter would make `Number`, which takes eight variables.
      `function q(p,o,a,n,d){var g=typeof a=="object",k;` +
      `w.write(String.fromCharCode(p,o,g?a.address:a,g&&a.stop===false?0:1)+b(n)+b(d.length)+d);` +
      `k=r.read(1).charCodeAt(0);if(k)throw new Error(x[p][k-1][o]);return n?r.read(n):""}` +
      `${this.all.map((each, p) => each.text(p)).join("")}})(E.openFile(${path},"w"),E.openFile(${path},"r"));`
    );
  }

  close(): void {
    this.pty.close();
  }

  private receive(data: Buffer): void {
    this.waiting = Buffer.concat([this.waiting, data]);
    while (this.waiting.length >= HEADER) {
      const end = HEADER + this.waiting.readUInt16BE(6);
      if (this.waiting.length < end) return;
      const request = this.waiting.subarray(0, end);
      this.waiting = this.waiting.subarray(end);
      const [whose, operation, address, stop] = request as unknown as [number, number, number, number];
      const count = request.readUInt16BE(4);
      this.pty.write(
        this.all[whose]!.answer({ operation, address, stop: stop === 1, count, data: request.subarray(HEADER) }),
      );
    }
  }
}
