/**
 * An image on a UART that is asked for part by part: the next part is asked for as soon as one has come, and comes while the link takes that one. A part that is not whole is
 * asked for again.
 */
import { EMPTY, join, same, slice } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import type { Shot } from "./camera.js";
import { QUIET } from "./camera-line.js";
import type { Line } from "./camera-line.js";

/** Bytes that may wait for the link, or as many as are a frame of it. */
const WAITING = 1024;

/** Reads of a part, and those in a row without an answer. */
const READS = 24;
const SILENT = 6;

/** What lasts from one image to the next. */
export interface Parts {
  /** Bytes of a part, and what they may become again when there is no trouble. */
  size: number;
  most: number;
  /** Images in which each part is read until two copies in a row are the same. */
  noisy: number;
}

/** What a camera says of its parts. */
export interface PartsOf {
  /** Bytes around those of a part, and what it is a multiple of. */
  readonly around: number;
  readonly chunk: number;
  /** @param at where the part begins in the image @param n its bytes */
  request(at: number, n: number): Bytes;
  /** The bytes of a part, or null when they are not right. @param answer has all of them */
  data(answer: Bytes, at: number, n: number): Bytes | null;
  /** A part was not right: it is asked for again. @param bytes that came @param none how often in a row nothing came @returns whether its bytes are others then */
  trouble(bytes: number, none: number): boolean;
  /** All has come, or why not. */
  over(failure: string): void;
}

/**
 * Reads an image. All in one function, which is there only as long as one is read: on the board a method costs five variables, and what it closes over none more.
 * @param wanted bytes that the link gets at once; it says more
 * @param verify each part is read until two copies in a row are the same
 * @returns what to call when nobody wants the rest: `over` comes all the same, when what is asked for has come
 */
export function readParts(
  name: string,
  line: Line,
  shot: Shot,
  length: number,
  wanted: number,
  verify: boolean,
  parts: Parts,
  of: PartsOf,
): () => void {
  /** Bytes that have not come; those that the link does not have, how many they are, and the most of them with which another part is asked for. */
  let left = length;
  let held: Bytes = EMPTY;
  let holding = 0;
  let most = WAITING;
  /** Where the link gets it in parts: it has taken the last one. No further part is asked for until it has. */
  let taken = true;
  /** The link makes its frames of what is held. */
  let pulled = false;
  let stopped = false;
  /** Bytes of the part that is asked for, and of the one that the line asks for when that has come. */
  let count = 0;
  let ahead = 0;
  /** How a part came before, how often it was read, and how often the last times had no answer. */
  let copy: Bytes = EMPTY;
  let reads = 0;
  let silent = 0;

  // The interpreter takes long to say how long a string is: what is known is counted.
  const bytesOf = (rest: number): number => (rest > parts.size ? parts.size : (rest + of.chunk - 1) & -of.chunk);
  const next = (): void => {
    if (!taken || holding >= most) return;
    const at = length - left;
    if (!count) {
      if (!left) return;
      line.ask(of.request(at, (count = bytesOf(left))), count + of.around, came);
    }
    if (left <= count || parts.noisy || verify) return;
    const rest = left - count;
    ahead = rest > parts.size ? parts.size : bytesOf(rest);
    line.next = of.request(at + count, ahead);
    line.count = ahead + of.around;
  };
  const again = (): void => {
    count = ahead = 0;
    next();
  };
  const came = (answer: Bytes, bytes: number): void => {
    const data = bytes < count + of.around ? null : of.data(answer, length - left, count);
    if (data && !parts.noisy && !verify && !stopped) pass(data);
    else doubt(data, bytes);
  };
  const pass = (data: Bytes): void => {
    if (count > left) data = slice(data, 0, (count = left));
    left -= count;
    held = holding ? join(held, data) : data;
    holding += count;
    count = ahead;
    ahead = 0;
    if (parts.size < parts.most && reads < 2) parts.size = Math.min(parts.most, 2 * parts.size);
    if (reads) {
      copy = EMPTY;
      reads = silent = 0;
    }
    give();
    if (left) next();
  };
  const doubt = (data: Bytes | null, bytes: number): void => {
    if (stopped) {
      if (!data || !ahead) return of.over("");
      // The next one is on its way.
      count = ahead;
      ahead = 0;
      return;
    }
    if (data && same(data, copy)) return pass(data);
    const none = bytes ? 0 : silent + 1;
    if (reads > READS || none >= SILENT)
      return of.over(
        "EIO: " +
          name +
          " stopped within an image, at " +
          (length - left) +
          " of " +
          length +
          " bytes; check its supply",
      );
    reads++;
    silent = none;
    if (data && !copy.length) {
      copy = data;
      return again();
    }
    // Somebody has lost bytes, or changed them.
    if (of.trouble(bytes, none)) copy = EMPTY;
    else if (data) copy = data;
    line.rest(QUIET, again);
  };
  /** With how much the link makes a frame of `n` bytes: while the last part comes less will do, where both would not fit one behind it. */
  const enough = (n: number): number => (left > count ? n : left < n ? n + 1 - left : 1);
  /** The rest of what is held. */
  const rest = (): Bytes => {
    holding = 0;
    return held;
  };
  const give = (): void => {
    if (!taken || holding < (left ? enough(wanted) : 1)) return;
    if (left) {
      if (pulled) return shot.wake();
      if ((pulled = shot.pull(make))) return;
    }
    taken = false;
    shot.part(rest(), went);
    if (!left) of.over("");
  };
  const make = (n: number): Bytes => {
    let data = EMPTY;
    if (holding >= n) {
      data = slice(held, 0, n);
      held = slice(held, n, holding);
      holding -= n;
    } else if (holding >= enough(n)) shot.part(rest(), noted);
    if (most < n) most = n;
    wanted = n;
    shot.paused = holding < enough(n);
    if (!ahead && left) next();
    return data;
  };
  const went = (): void => {
    taken = true;
    if (stopped) return;
    give();
    if (!ahead) next();
  };
  /** What its reader does not take yet waits in his socket: it is the last but one of all. */
  const noted = (): void => {};

  again();
  return () => {
    stopped = true;
    if (!count) of.over("");
  };
}
