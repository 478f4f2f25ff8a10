/**
 * Starts of this board, counted in a file of Storage: each has a word of four bytes, and what ends it writes the last one. So a board without a second slot
 * sees a crash loop, and every board an end that nobody announced. docs/decisions/0017.
 *
 *     first word: how many such files there were with this one, the lower byte first, and 0 0
 *     each start: 0 0 0, and an `End`, or 255
 */
import { features } from "#features";
import { Mark } from "../protocols/service/boot-log.js";
import { STARTS } from "../protocols/service/starts.js";
import type { Counters } from "./io/count.js";

const BYTES = 256;
const WORD = 4;

/** Without a word's last byte: some flash takes no more than two writes of a word. */
const STARTED = "\0\0\0";
export const LAST = 3;

/** Starts that crashed before they had proved themselves, one after the other: the next one leaves devices, buses and endpoints alone. */
const CRASHES = 4;

export const enum End {
  /** Before it had proved itself. */
  early = 0,
  crash = 1,
  asked = 2,
}

/** What ran before in this Storage stopped like this: BoardInfo in protocols/service. */
export interface Crash {
  why: string;
  /** Seconds. */
  uptime: number;
  /** Of its kind, one after the other on this board. */
  count: number;
  counters: Counters;
}

/** Where there are slots the boot file must have found its log: else what is here was put there by hand. */
export const healing = features.slots ? !!$_b.note : features.watchdog;

/** Where this start's word is; 0 where there is none. */
export let at = 0;
/** Of this board, with this one; 0 where Storage has no room for that. */
export let starts = 0;
/** The start before this one was ended by a crash, by somebody who asked for it, or after its time with links only: not by its power, its watchdog or its cable. */
export let announced = false;
/** With links only, as there is no other slot that could be started. */
export let safe = features.slots && $_b.m == Mark.safe;

function count(): void {
  const storage = require("Storage");
  const log = storage.read(STARTS) || "";
  // It is also found in the end of a file that ends with the first half of it.
  at = (log.indexOf("\xff\xff") + 1) & (BYTES - WORD);
  announced = log.charCodeAt((at || BYTES) - 1) < 255;
  if (!features.slots) safe = at > 0 && !E.sum(log.substr(at - CRASHES * WORD, CRASHES * WORD));
  // A power cut may have come before the 0.
  let files = log.charCodeAt(2) ? 0 : log.charCodeAt(0) | (log.charCodeAt(1) << 8);
  try {
    if (at) storage.write(STARTS, STARTED, at);
    else storage.write(STARTS, String.fromCharCode(++files & 255, files >> 8) + "\0\0" + STARTED, 0, BYTES);
    at = at || WORD;
    starts = (files - 1) * (BYTES / WORD - 1) + at / WORD;
  } catch (e) {
    // The board starts all the same.
    at = 0;
  }
}

if (features.starts && healing) count();

export function lastEnd(file: string): Crash | undefined {
  return require("Storage").readJSON<Crash>(file, true);
}
