/** What a printer received, held against the jobs that were sent to it. */
import assert from "node:assert/strict";

/** What the board asks the printer before and after a job: DLE EOT 1, 2 and 4, and GS a 15. */
const QUESTION = Buffer.from("\x10\x04\x01\x10\x04\x02\x10\x04\x04\x1da\x0f", "latin1");

/** What the board sends after a job that ended within a command: NULs that end it, and ESC @. */
const FILL = /^\0{16,}\x1b@/;

/** A job that was given up: its first bytes were printed, nobody knows how many. */
export interface Cut {
  cut: Uint8Array;
}

/**
 * Exactly these jobs, in this order, with the board's questions nowhere but between them.
 * @returns how many bytes of each were printed
 */
export function assertPrinted(received: Buffer, jobs: readonly (Uint8Array | Cut)[]): number[] {
  let at = 0;
  const questions = (): void => {
    for (at += fillAt(received, at); isQuestion(received, at); at += fillAt(received, at)) at += QUESTION.length;
  };
  const lengths = jobs.map((job, i) => {
    questions();
    const bytes = "cut" in job ? job.cut : job;
    const rest = received.subarray(at);
    let length = common(rest, bytes);
    if ("cut" in job) length = beforeQuestion(rest, length);
    else if (length < bytes.length) assert.fail(`job ${i + 1} of ${jobs.length}: ${difference(rest, bytes, length)}`);
    at += length;
    return length;
  });
  questions();
  const rest = received.subarray(at);
  assert.equal(rest.length, 0, `after the last job came ${rest.length} bytes: ${hex(rest)}`);
  return lengths;
}

/** How many bytes two texts have in common at their begin. */
function common(received: Uint8Array, sent: Uint8Array): number {
  const at = sent.findIndex((byte, i) => byte !== received[i]);
  return at < 0 ? sent.length : at;
}

/** Where a job was cut off, when the job would have gone on with bytes that also begin what the board says then. */
function beforeQuestion(received: Buffer, length: number): number {
  for (let at = length; at >= 0 && (at > length - QUESTION.length || received[at] === 0); at--)
    if (isQuestion(received, at + fillAt(received, at))) return at;
  return length;
}

function isQuestion(received: Buffer, at: number): boolean {
  return received.subarray(at, at + QUESTION.length).equals(QUESTION);
}

function fillAt(received: Buffer, at: number): number {
  return received[at] === 0 ? (FILL.exec(received.subarray(at).toString("latin1"))?.[0].length ?? 0) : 0;
}

function difference(received: Buffer, sent: Uint8Array, at: number): string {
  const printed = received.length > at ? hex(received.subarray(at)) : "nothing";
  return `byte ${at} of ${sent.length} is wrong: printed ${printed}, sent ${hex(sent.subarray(at))}`;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, 16)).toString("hex");
}
