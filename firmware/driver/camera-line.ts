/**
 * A UART on which one asks and the other answers. An answer has a length; when it is there, or nothing more comes, whoever asked hears it. Times are
 * those of the firmware's look at the time: 50 ms more than they say.
 */
import { features } from "#features";
import { EMPTY, isEmpty, join, slice } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";

/** ms after the last byte, or the question, that an answer may take; and that a line with noise is waited for. */
const ANSWER = 200;
const LONGEST = 1000;

/** ms between two looks at the time. */
const LOOK = 50;

/**
 * The interpreter keeps so many bytes by itself while nobody listens. The rest of an answer, while that is more than `LONG`, is left to it and fetched when the last byte should be there, as a
 * listener takes for each piece as long as ten bytes do: the next question would wait for those under way.
 */
const KEPT = 512;
const LONG = 256;

/**
 * With more bytes missing the interpreter is asked when half of them should be there: it may have been busy with something before it was asked, so that the count is old. From the first time on
 * no look at the time is begun, which the next question would have to wait for; it comes behind that.
 */
const FEW = 100;

/** ms by which the interpreter is asked before: until the next question goes out takes about as long. */
const EARLY = 1.3;

/** ms until it is asked again where none came since: bytes were lost, and the silence behind them ends the answer. */
const STILL = 10;

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
  /** Bytes that are left to the interpreter; 0 while somebody listens. Those that were missing when it was asked last; when it is asked again; and ms of a byte. */
  let keeps = 0;
  let missed = 0;
  let timer = 0;
  let each = 0;
  /** The next look is left out. */
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
  const wait = (n: number): void => {
    timer = setTimeout(check, n == missed ? STILL : (n > FEW ? n / 2 : n) * each - EARLY);
    missed = n;
  };
  /** Somebody listens, or nobody, by what is missing. */
  const attend = (): void => {
    const missing = wanted - bytes;
    if (timer) clearTimeout(timer);
    timer = 0;
    if (missing > LONG && missing <= KEPT) {
      if (!keeps) port.removeAllListeners("data");
      keeps = missing;
      missed = 0;
      // Appended to: left to itself it begins with the first piece, and behind a long one drops all.
      port["\xffbuf"] = slice("ab", 1, 1);
      // Behind a listener some are in the queue.
      wait(bytes ? missing : 1.5 * missing);
    } else if (keeps) {
      keeps = 0;
      port.on("data", listener);
    }
  };
  const answered = (): void => {
    if (keeps) bytes = (received = bytes ? join(received, port.read()) : port.read()).length;
    const hear = told!;
    const answer = received;
    const n = bytes;
    if (isEmpty(line.next)) told = null;
    received = line.next = EMPTY;
    line.came += n;
    bytes = 0;
    wanted = told ? line.count : 0;
    if (features.aside && ending) {
      ending = false;
      if (kit.busy.late) {
        kit.busy.late = 0;
        setTimeout(kit.look, 0);
      } else if (kit.busy.ends) kit.busy.ends--;
    }
    attend();
    hear(answer, n);
  };
  const check = (): void => {
    const missing = keeps - port["\xffbuf"].length;
    timer = 0;
    if (missing <= 0) {
      // The line stands still until it is asked: that comes first.
      if (!isEmpty(line.next)) port.write(line.next);
      return answered();
    }
    wait(missing);
    if (!features.aside || ending) return;
    ending = true;
    kit.busy.ends++;
  };
  const listener = (data: Bytes): void => {
    if (!told) line.came++;
    else if ((bytes = (received = join(received, data)).length) >= wanted) {
      if (!isEmpty(line.next)) port.write(line.next);
      answered();
    } else if (wanted > LONG && wanted - bytes <= KEPT) attend();
  };
  port.on("data", listener);

  const line: Line = {
    came: 0,
    next: EMPTY,
    count: 0,
    baud: (speed) => {
      port.setup(speed, options);
      each = 10000 / speed;
      heard = getTime() * 1000 + SETTLED;
    },
    ask: (question, count, hear) => {
      line.came += bytes;
      bytes = 0;
      received = line.next = EMPTY;
      wanted = count;
      told = hear;
      heard = getTime() * 1000;
      port.write(question);
      attend();
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
      wanted = 0;
      attend();
      done = rested;
      silence = ms;
      end = getTime() * 1000 + LONGEST;
    },
    tick: (now) => {
      // Each byte's own time would be asked for each: what came since the last look came in the middle of that.
      const all = line.came + bytes + port.available();
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
