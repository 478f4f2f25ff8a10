/** Values that many parts of a configuration have, and what is said of a wrong one. */
import { z } from "zod";

/** One sentence for a value that is missing or wrong: what it has to be. */
export function must(be: string): { error: (issue: { input?: unknown }) => string } {
  return {
    error: ({ input }) => (input === undefined ? `is missing: give ${be}` : `must be ${be}, not ${show(input)}`),
  };
}

function show(input: unknown): string {
  const text = JSON.stringify(input) ?? String(input);
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}

export function integer(least: number, most: number, what: string): z.ZodInt {
  const rule = must(`${what} from ${least} to ${most}`);
  return z.int(rule).min(least, rule).max(most, rule);
}

export const port = integer(1, 65535, "a port").describe("TCP or UDP port");
export const baud = integer(1, 10_000_000, "a speed in bits a second").describe("Bits a second, 8N1");
export const uart = z
  .string(must('the name of a UART, such as "Serial1"'))
  .describe("The interpreter's name of the UART");
export const pin = z.string(must('the name of a pin, such as "B6"'));
export const path = z.string(must("the path of a terminal device")).describe("On Linux: the terminal device to open");
