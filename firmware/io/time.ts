/** The board's time: what samples, alarms and records are stamped with. */

/** When the board started, in the interpreter's seconds: those of `getTime` and of a watch's event. */
export const started = getTime();
