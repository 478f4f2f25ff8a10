/** What commands print on stdout. */
import type { PrinterStatus } from "../index.js";

export function printJson(value: object): void {
  process.stdout.write(JSON.stringify(value) + "\n");
}

export function printLines(lines: string[]): void {
  process.stdout.write(lines.map((line) => line.trimEnd() + "\n").join(""));
}

/** Columns as wide as their widest cell. */
export function table(rows: string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join("  "));
}

/** A printer's state, one fact a line; what it has not told is left out. */
export function statusLines(status: PrinterStatus): string[] {
  const { summary, online, cover, paper, drawer, error, answers, busy, jobs, taken, lost } = status;
  const facts: [string, string | undefined][] = [
    ["state", summary],
    ["online", online === undefined ? undefined : online ? "yes" : "no"],
    ["cover", cover],
    ["paper", paper],
    ["drawer pin", drawer],
    ["error", error],
    ["answers", answers === null ? "not asked yet" : answers ? "yes" : "no"],
    ["flow", busy ? "holds the line" : undefined],
    ["jobs", String(jobs)],
    ["bytes sent", String(taken)],
    ["bytes lost", lost ? String(lost) : undefined],
  ];
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [`  ${name.padEnd(11)} ${value}`]));
}
