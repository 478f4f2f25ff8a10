/** A board's lines of JSON on their way to a program without the library: to the failures in them is added what to do. */
import { remedied } from "../remedies.js";

/** Bytes of a line that are waited for; a longer one goes on as it is. */
const LONGEST = 16_384;

const FAILURES = /"(failed|why)":("(?:[^"\\]|\\.)*")/g;

export class AdvisedLines {
  private rest: Buffer = Buffer.alloc(0);

  /** @returns the lines that are whole now */
  push(data: Buffer): Buffer {
    const all = Buffer.concat([this.rest, data]);
    const end = all.lastIndexOf("\n") + 1 || (all.length > LONGEST ? all.length : 0);
    this.rest = all.subarray(end);
    const lines = all.subarray(0, end);
    const text = lines.toString();
    const advised = text.replace(FAILURES, (as, name: string, value: string) => {
      const failure = parsed(value);
      return failure === undefined ? as : `"${name}":${JSON.stringify(remedied(failure))}`;
    });
    // What is no UTF-8 stays as it came.
    return advised === text ? lines : Buffer.from(advised);
  }

  /** What came of a line that has no end. */
  flush(): Buffer {
    const { rest } = this;
    this.rest = Buffer.alloc(0);
    return rest;
  }
}

function parsed(value: string): string | undefined {
  try {
    return JSON.parse(value) as string;
  } catch {
    return undefined;
  }
}
