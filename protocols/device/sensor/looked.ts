/** How late a look at bytes that the interpreter keeps was, as the flags of their batch say it. [SVC-34] */

/** Steps of 0.25 ms; the last one: nobody knows. */
const STEP = 0.25;
const UNKNOWN = 255;

/** @returns ms by which the look was late; undefined: nobody knows */
export function looked(flags: number): number | undefined {
  return flags < UNKNOWN ? flags * STEP : undefined;
}
