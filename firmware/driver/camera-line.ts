/**
 * A UART on which one asks and the other answers. An answer has a length; when it is there, or nothing more comes, whoever asked hears it. Times are
 * those of the firmware's look at the time: 50 ms more than they say.
 */
import { features } from "#features";
import { EMPTY, isEmpty, join } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";

/** ms after the last byte, or the question, that an answer may take; and that a line with noise is waited for. */
const ANSWER = 200;
const LONGEST = 1000;

/** ms between two looks at the time. */
const LOOK = 50;

/**
 * A look at the time takes as long as so many bytes: while fewer are missing of an answer of more than `LONG`, behind which the next question is known, none is begun, as that question
 * would have to wait for it. The look comes behind the question.
 */
const NEAR = 64;
const LONG = 256;

/** ms of silence before a question is asked again. */
export const QUIET = 60;

/** ms without a word after each change of speed: some interpreters drop NULs for so long (docs/emulated-board.md). */
const SETTLED = 100;

export interface Line {
  /** The port goes on at this speed. */
  baud(speed: number): void;
  /** @param count bytes of the answer; what came is told all the same when there are fewer, and how many they are */
  ask(question: Bytes, count: number, told: (answer: Bytes, bytes: number) => void): void;
  /**
   * What is asked as soon as the answer that is waited for has all its bytes, before anybody hears that, and bytes of the answer; who hears it hears the answer
   * to this, too. The line takes it away.
   */
  next: Bytes;
  count: number;
  /** As `ask`, again and again until an answer is good. @param left tries more @param failed is given the last answer */
  insist(
    question: Bytes,
    count: number,
    good: (answer: Bytes) => boolean,
    told: (answer: Bytes) => void,
    failed: (answer: Bytes) => void,
    left: number,
  ): void;
  /** What nobody answers. */
  say(data: Bytes): void;
  /** Calls when the line has been silent for so many ms, after 1 s in any case. No answer is waited for. */
  rest(ms: number, done: () => void): void;
  tick(this: void, now: number): void;
  /** More than 0 when anything came. */
  came: number;
}

/** All in one function: on the board a method costs five variables, and what it closes over none more. */
export function openLine(device: DevsockDeviceConfig, kit: DevsockKit): Line {
  // What each piece needs comes first: the interpreter finds it sooner.
  let told: ((answer: Bytes, bytes: number) => void) | null = null;
  let received: Bytes = EMPTY;
  /** How many these are, and how many the answer has. */
  let bytes = 0;
  let wanted = 0;
  /** With how many of them the next look is left out, and whether there are so many. */
  let near = Infinity;
  let ending = false;
  const port = global[device["uart"] as string] as EspruinoSerial;
  const options: EspruinoSerialOptions = {};
  let done: (() => void) | null = null;
  /** What had come at the last look. */
  let seen = 0;
  /** ms: since when the line is silent, and until when; the end of a rest. */
  let heard = 0;
  let silence = 0;
  let end = 0;

  if (device["path"]) options.path = device["path"] as string;
  if (device.pins && device.pins["tx"]) options.tx = new Pin(device.pins["tx"]);
  if (device.pins && device.pins["rx"]) options.rx = new Pin(device.pins["rx"]);
  const answered = (): void => {
    const hear = told!;
    const answer = received;
    const n = bytes;
    if (isEmpty(line.next)) told = null;
    received = line.next = EMPTY;
    line.came += n;
    bytes = 0;
    wanted = line.count;
    if (features.aside) {
      if (ending) {
        ending = false;
        if (kit.busy.late) {
          kit.busy.late = 0;
          setTimeout(kit.look, 0);
        } else if (kit.busy.ends) kit.busy.ends--;
      }
      near = wanted > LONG ? wanted - NEAR : Infinity;
    }
    hear(answer, n);
  };
  port.on("data", (data) => {
    if (!told) line.came++;
    else if ((bytes = (received = join(received, data)).length) >= wanted) {
      // The line stands still until it is asked: that comes first.
      if (!isEmpty(line.next)) port.write(line.next);
      answered();
    } else if (features.aside && bytes >= near) {
      near = Infinity;
      if (isEmpty(line.next) || ending) return;
      ending = true;
      kit.busy.ends++;
    }
  });

  const line: Line = {
    came: 0,
    next: EMPTY,
    count: 0,
    baud: (speed) => {
      port.setup(speed, options);
      heard = getTime() * 1000 + SETTLED;
    },
    ask: (question, count, hear) => {
      line.came += bytes;
      bytes = 0;
      received = line.next = EMPTY;
      wanted = count;
      near = Infinity;
      told = hear;
      heard = getTime() * 1000;
      port.write(question);
    },
    insist: (question, count, good, hear, failed, left) =>
      line.ask(question, count, (answer) => {
        if (good(answer)) hear(answer);
        else if (!left) failed(answer);
        else line.rest(QUIET, () => line.insist(question, count, good, hear, failed, left - 1));
      }),
    say: (data) => port.write(data),
    rest: (ms, rested) => {
      told = null;
      done = rested;
      silence = ms;
      end = getTime() * 1000 + LONGEST;
    },
    tick: (now) => {
      // Each byte's own time would be asked for each: what came since the last look came in the middle of that.
      const all = line.came + bytes;
      if (all != seen) {
        seen = all;
        if (heard < now) heard = now - LOOK / 2;
      }
      if (told) {
        if (now - heard <= ANSWER) return;
        line.next = EMPTY;
        answered();
      } else if (done && (now - heard >= silence || now >= end)) {
        const rested = done;
        done = null;
        rested();
      }
    },
  };
  return line;
}
