/** Errors as values that travel: an errno name, a colon, a sentence that says what to do. */

/** Where an error arose. */
export type Origin = "local" | "peer" | "link" | "device";

/** `"EBUSY: printer0 has a job; try again when it is done"` */
export type Failure = string;

/** The errno name of a failure. @resident */
export function codeOf(failure: Failure): string {
  return failure.substring(0, failure.indexOf(":"));
}

/** The sentence of a failure. */
export function sentenceOf(failure: Failure): string {
  return failure.substring(failure.indexOf(":") + 2);
}
