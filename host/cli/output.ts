/** What commands print on stdout. */
import type { CameraStatus, DeviceInfo, PrinterStatus, SensorStatus } from "../index.js";

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

/** A device's state, one fact a line; what it has not told is left out. */
export function statusLines(device: DeviceInfo): string[] {
  return factsOf(device).flatMap(([name, value]) => (value === undefined ? [] : [`  ${name.padEnd(11)} ${value}`]));
}

type Fact = [name: string, value: string | undefined];

function factsOf(device: DeviceInfo): Fact[] {
  switch (device.kind) {
    case "printer":
      return printerFacts(device.status);
    case "sensor":
      return sensorFacts(device.status);
    case "camera":
      return cameraFacts(device.status);
  }
}

function cameraFacts({ summary, size, sizes, images, broken, bytes }: CameraStatus): Fact[] {
  return [
    ["state", summary],
    ["size", `${size} of ${sizes.join(", ")}`],
    ["images", `${images} of ${bytes} bytes`],
    ["broken", broken ? String(broken) : undefined],
  ];
}

function sensorFacts({ summary, rate, answers, units, lost, gaps }: SensorStatus): Fact[] {
  return [
    ["state", summary],
    ["rate", rate ? `${rate} a second` : undefined],
    ["answers", answers === null ? undefined : answers ? "yes" : "no"],
    ["units", String(units)],
    ["lost", lost || gaps ? `${lost} units in ${gaps} gaps` : undefined],
  ];
}

function printerFacts(status: PrinterStatus): Fact[] {
  const { summary, online, cover, paper, drawer, error, answers, busy, jobs, taken, lost } = status;
  return [
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
}
