/** Errors as values that travel: an errno name, a colon, what is wrong, and perhaps `; ` and what to do about it. */

/** Where an error arose. */
export type Origin = "local" | "peer" | "link" | "device";

/** `"EBUSY: printer0 has a job"`: boards say what is wrong in few words, and hosts what to do (host/remedies.ts). */
export type Failure = string;

/** The errno name of a failure. @resident large */
export function codeOf(failure: Failure): string {
  return failure.substring(0, failure.indexOf(":"));
}

/** The sentence of a failure. */
export function sentenceOf(failure: Failure): string {
  return failure.substring(failure.indexOf(":") + 2);
}
