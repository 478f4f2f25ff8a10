/** The header of an EDF+ file: Kemp and Olivan, Clinical Neurophysiology 114 (2003) 1755-1761, and edfplus.info/specs. */
import { DevsockError } from "../../errors.js";
import { ANNOTATION_BYTES, NO_VALUE, numberField } from "./layout.js";
import type { EdfLayout } from "./layout.js";

/** Who and what it is; what is left out is written as X, unknown. Nothing is known unless you say it. */
export interface EdfSubject {
  /** The code by which a hospital knows the patient. */
  code?: string | undefined;
  sex?: "F" | "M" | undefined;
  /** YYYY-MM-DD. */
  birthdate?: string | undefined;
  name?: string | undefined;
  /** The hospital's code of the investigation. */
  investigation?: string | undefined;
  technician?: string | undefined;
}

/** Where the two fields are that change while a file is written. */
export const COUNT_AT = 236;
export const DURATION_AT = 244;

const BLOCK = 256;
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/**
 * @param start whole seconds of UTC, in ms
 * @throws DevsockError EINVAL for what the fields cannot hold
 */
export function encodeHeader(layout: EdfLayout, start: number, subject: EdfSubject = {}): Buffer {
  const at = new Date(start);
  const two = (value: number): string => String(value % 100).padStart(2, "0");
  const signals = layout.signals.length + 1;
  const own = layout.signals;
  const each = (width: number, values: string[], annotations: string): string =>
    [...values, annotations].map((value) => field(value, width)).join("");
  const all = (width: number, value: string, annotations = ""): string =>
    each(
      width,
      own.map(() => value),
      annotations,
    );
  const text = [
    field("0", 8),
    field(patient(subject), 80),
    field(recording(subject, at), 80),
    field([at.getUTCDate(), at.getUTCMonth() + 1, at.getUTCFullYear()].map(two).join("."), 8),
    field([at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()].map(two).join("."), 8),
    field(String(BLOCK * (signals + 1)), 8),
    field("EDF+D", 44),
    countField(0),
    durationField(layout.duration),
    field(String(signals), 4),
    each(
      16,
      own.map(({ label }) => label),
      "EDF Annotations",
    ),
    all(80, layout.title.slice(0, 80)),
    each(
      8,
      own.map(({ unit }) => unit),
      "",
    ),
    each(
      8,
      own.map(({ physicalMin }) => physicalMin),
      "-1",
    ),
    each(
      8,
      own.map(({ physicalMax }) => physicalMax),
      "1",
    ),
    all(8, String(NO_VALUE), String(NO_VALUE)),
    all(8, "32767", "32767"),
    all(80, ""),
    all(8, String(layout.readings), String(ANNOTATION_BYTES / 2)),
    all(32, ""),
  ];
  return Buffer.from(text.join(""), "latin1");
}

export function countField(records: number): string {
  return field(String(records), 8);
}

/** @param duration in microseconds */
export function durationField(duration: number): string {
  return field(numberField(duration / 1e6), 8);
}

function patient({ code, sex, birthdate, name }: EdfSubject): string {
  return [subfield(code), sex ?? "X", birthdate === undefined ? "X" : dateOfBirth(birthdate), subfield(name)].join(" ");
}

function recording({ investigation, technician }: EdfSubject, start: Date): string {
  return ["Startdate", longDate(start), subfield(investigation), subfield(technician), "devsock"].join(" ");
}

function dateOfBirth(text: string): string {
  const date = new Date(`${text}T00:00:00Z`);
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== text)
    throw new DevsockError(`EINVAL: "${text}" is no date of birth; write it as 1980-12-31`);
  return longDate(date);
}

function longDate(date: Date): string {
  const day = String(date.getUTCDate()).padStart(2, "0");
  return `${day}-${MONTHS[date.getUTCMonth()]}-${date.getUTCFullYear()}`;
}

/** Spaces part the subfields, so one has none. */
function subfield(text = ""): string {
  return text.trim().replace(/\s/g, "_") || "X";
}

function field(text: string, width: number): string {
  if (text.length > width || /[^ -~]/.test(text))
    throw new DevsockError(
      `EINVAL: "${text}" cannot stand in the header of an EDF+ file; give at most ${width} characters of ASCII`,
    );
  return text.padEnd(width);
}
