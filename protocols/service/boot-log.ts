/**
 * What a board starts: which of its slots, and whether that one proved itself. A log in Storage that is only appended to, an entry
 * at a time, so that a power cut at any moment leaves the entries before it. docs/decisions/0013.
 *
 *     entries (2 each): code, 255 - code
 *     code: mark << 2 | configuration's slot << 1 | firmware's slot
 *     the last two bytes: written when the first entries are there
 */
import { EMPTY, join, pair, u8 } from "../bytes/index.js";
import type { Bytes } from "../bytes/index.js";

/** Two files take turns: the next one is whole before the last is erased. */
export const LOGS = ["boot.0", "boot.1"];

/** Bytes of a log. */
export const LOG_BYTES = 256;

/** Starts that were not confirmed, one after the other, until something else is started. */
export const STARTS = 4;

export const enum Mark {
  /** To be tried at the next start. */
  staged = 1,
  started = 2,
  /** A host said hello, or it ran for a while. */
  good = 3,
  /** Started with links only. */
  safe = 4,
  /** What was tried, or good, did not prove itself: these slots are started instead. */
  back = 5,
  /** One of the slots is about to be written: what was good before is not whole any more. */
  gone = 6,
}

/** A log counts once its last two bytes, at WHOLE, are 0 and 0. */
export const WHOLE = LOG_BYTES - 2;

/** @param slots the firmware's, and twice the configuration's @returns an entry */
export function logEntry(mark: Mark, slots: number): Bytes {
  const code = (mark << 2) | slots;
  return pair(code, 255 - code);
}

/** Slots as numbers of 0 to 3, -1 where there are none. */
export interface BootState {
  /** Confirmed last. */
  good: number;
  /** Confirmed before those, and still whole. */
  before: number;
  /** To be tried. */
  staged: number;
  /** Started last. */
  last: number;
  /** Starts of what was not confirmed since: of `staged`, if there is any. */
  starts: number;
  /** Where the next entry goes. */
  end: number;
}

/** @returns null where there is no log, or a power cut left it without its end */
export function bootState(log: Bytes | undefined): BootState | null {
  if (!log || u8(log, WHOLE) || u8(log, WHOLE + 1)) return null;
  const state = { good: -1, before: -1, staged: -1, last: 0, starts: 0, end: 0 };
  for (; state.end < WHOLE && u8(log, state.end) + u8(log, state.end + 1) < 510; state.end += 2) {
    const code = u8(log, state.end);
    // A power cut in the middle of an entry: it was not made.
    if (code + u8(log, state.end + 1) != 255) continue;
    const mark = code >> 2;
    const slots = (state.last = code & 3);
    if (mark == Mark.started) state.starts++;
    else state.starts = 0;
    if (mark == Mark.staged) state.staged = slots;
    else if (mark != Mark.started) state.staged = -1;
    if (mark == Mark.good || mark == Mark.back) {
      if (state.good != slots) state.before = mark == Mark.back ? -1 : state.good;
      state.good = slots;
    }
    if (mark == Mark.gone) state.before = -1;
  }
  return state;
}

/** @returns a new log's entries, that say the same */
export function condense(state: BootState): Bytes {
  const { before, good, last } = state;
  if (good < 0) return logEntry(Mark.safe, last);
  return join(before < 0 ? EMPTY : logEntry(Mark.good, before), logEntry(Mark.good, good));
}
