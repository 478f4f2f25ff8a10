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
  /** The bytes of a part, or null when they are not all there. */
  data(answer: Bytes, at: number, n: number): Bytes | null;
  /** A part was not right: it is asked for again. @param none nothing came @returns whether its bytes are others then */
  trouble(answer: Bytes, none: number): boolean;
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
  /** Bytes that have not come, and those that the link does not have. */
  let left = length;
  let held: Bytes = EMPTY;
  /** Where the link gets it in parts: it has taken the last one. No further part is asked for until it has. */
  let taken = true;
  /** The link asks again without being told. */
  let pouring = false;
  let stopped = false;
  /** Bytes of the part that is asked for, and of the one that the line asks for when that has come. */
  let count = 0;
  let ahead = 0;
  /** How a part came before, how often it was read, and how often the last times had no answer. */
  let copy: Bytes = EMPTY;
  let reads = 0;
  let silent = 0;

  const bytesOf = (rest: number): number => (rest > parts.size ? parts.size : (rest + of.chunk - 1) & -of.chunk);
  const next = (): void => {
    const at = length - left;
    if (!left || !taken || (held.length >= WAITING && held.length >= wanted)) return;
    if (!count) line.ask(of.request(at, (count = bytesOf(left))), count + of.around, came);
    if (left <= count || ahead || parts.noisy || verify) return;
    ahead = bytesOf(left - count);
    line.follow(of.request(at + count, ahead), ahead + of.around);
  };
  const again = (): void => {
    count = ahead = 0;
    next();
  };
  const came = (answer: Bytes): void => {
    const data = of.data(answer, length - left, count);
    if (data && !parts.noisy && !verify && !stopped) pass(data);
    else doubt(answer, data);
  };
  const pass = (data: Bytes): void => {
    if (data.length > left) data = slice(data, 0, left);
    left -= data.length;
    held = held.length ? join(held, data) : data;
    count = ahead;
    if (reads < 2 && parts.size < parts.most) parts.size = Math.min(parts.most, 2 * parts.size);
    copy = EMPTY;
    ahead = reads = silent = 0;
    give();
    next();
  };
  const doubt = (answer: Bytes, data: Bytes | null): void => {
    if (stopped) {
      if (!data || !ahead) return of.over("");
      // The next one is on its way.
      count = ahead;
      ahead = 0;
      return;
    }
    if (data && same(data, copy)) return pass(data);
    const none = answer.length ? 0 : silent + 1;
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
    if (of.trouble(answer, none)) copy = EMPTY;
    else if (data) copy = data;
    line.rest(QUIET, again);
  };
  const give = (): void => {
    if (!taken || held.length < (left ? wanted : 1) || (left && shot.pull(make))) return;
    const data = held;
    held = EMPTY;
    taken = false;
    shot.part(data, went);
    if (!left) of.over("");
  };
  /** The link asks for what comes at once only while there is enough: to ask in vain takes half of what a frame does. */
  const make = (n: number): Bytes => {
    let data = EMPTY;
    pouring = held.length >= (pouring ? n : 2 * n);
    if (held.length >= n) {
      data = slice(held, 0, n);
      held = slice(held, n, held.length);
    }
    wanted = n;
    if (!pouring) shot.pull(null);
    if (!ahead) next();
    return data;
  };
  const went = (): void => {
    taken = true;
    if (stopped) return;
    give();
    next();
  };

  again();
  return () => {
    stopped = true;
    if (!count) of.over("");
  };
}
