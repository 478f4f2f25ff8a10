/** What a board writes down of its starts and ends, as files of its Storage. docs/decisions/0017. */

/** How many starts there were, and how each ended. */
export const STARTS = "starts";

/** Why it went down last: by itself, and when it was asked to. */
export const CRASH = "crash.json";
export const ASKED = "asked.json";
