/** Versions of the interpreter: which of them are refused, and why. Source: its ChangeLog. */
import { DevsockError } from "../errors.js";

/** What was wrong up to a minor version of 2, the oldest first. */
const FAULTS: readonly [minor: number, fault: string][] = [
  [24, "answers no packets at its console"],
  [28, "may crash when it moves two strings of its memory that lie end to end"],
];

/** @param version as `process.env.VERSION` has it: 2v29, or 2v29.277 @throws DevsockError ENOTSUP */
export function checkVersion(version: string): void {
  const [, major, minor] = /^(\d+)v(\d+)/.exec(version) ?? [];
  const fault =
    major === undefined || Number(major) < 2
      ? "is none that devsock knows"
      : FAULTS.find(([last]) => major === "2" && Number(minor) <= last)?.[1];
  if (fault)
    throw new DevsockError(
      `ENOTSUP: Espruino ${version} ${fault}; put 2v29 or later onto the board first: espruino.com/Download`,
    );
}
