/** What a board knows of its printer, in words. */
import { decodeAutoStatus, decodeRealtime } from "../../protocols/device/escpos/status.js";
import type { PrinterStatus as Decoded } from "../../protocols/device/escpos/status.js";
import type {
  CameraStatus as RawCamera,
  PrinterStatus as Raw,
  SensorStatus as RawSensor,
} from "../../protocols/service/index.js";

/** What is decoded is there only when the printer has told it. */
export interface PrinterStatus extends Partial<Decoded> {
  /** One line for people: "ready", "out of paper" ... */
  summary: string;
  /** Whether the printer's last question got an answer; null when none was asked yet, or it never answers. */
  answers: boolean | null;
  /** The printer holds the line. */
  busy: boolean;
  /** Jobs that print or wait. */
  jobs: number;
  /** Bytes sent to the printer since the board started. */
  taken: number;
  /** Bytes from the printer that were lost before anyone read them. */
  lost: number;
}

/** The questions that the board asks, in the order of their answers in `eot`: n of DLE EOT n. */
const QUESTIONS = [1, 2, 4] as const;

/** @param raw as the board reports it, its bytes being the printer's own */
export function decodeStatus(raw: Raw): PrinterStatus {
  const { answers, asb, eot, busy, jobs, taken, lost } = raw;
  const told: Partial<Decoded> = {};
  QUESTIONS.forEach((n, i) => {
    if (eot[i] !== undefined && eot[i] >= 0) Object.assign(told, decodeRealtime(n, eot[i]));
  });
  // Asking makes the printer send its automatic status too, so that one is never the older.
  if (asb) Object.assign(told, decodeAutoStatus(Uint8Array.from(asb)));
  return { summary: summary(told, raw), ...told, answers, busy, jobs, taken, lost };
}

export interface SensorStatus extends RawSensor {
  /** One line for people: "running", "does not answer" ... */
  summary: string;
}

export function describeSensor(raw: RawSensor): SensorStatus {
  const { answers, running, gaps } = raw;
  const told = gaps > 0 ? `, ${gaps} gap${gaps > 1 ? "s" : ""} so far` : "";
  if (answers === false) return { summary: `does not answer${told}`, ...raw };
  return { summary: `${running ? "running" : "nobody reads it"}${told}`, ...raw };
}

export interface CameraStatus extends RawCamera {
  /** One line for people: "ready", "does not answer" ... */
  summary: string;
}

export function describeCamera(raw: RawCamera): CameraStatus {
  const { answers, broken } = raw;
  const told = broken > 0 ? `, ${broken} image${broken > 1 ? "s" : ""} broken so far` : "";
  const state = answers === null ? "not asked yet" : answers ? "ready" : "does not answer";
  return { summary: state + told, ...raw };
}

/** Worst first. */
function summary(told: Partial<Decoded>, { answers, busy, jobs }: Raw): string {
  if (answers === false) return "does not answer";
  if (told.cover === "open") return "cover open";
  if (told.paper === "out") return "out of paper";
  if (told.error) return `${told.error} error`;
  if (told.online === false) return "offline";
  if (busy) return "busy";
  if (jobs > 0) return "printing";
  if (answers === null) return "not asked yet";
  return told.paper === "low" ? "ready, paper low" : "ready";
}
