/**
 * The boot file of a firmware with slots: says by a log in Storage which of them starts, and writes down that it did. docs/decisions/0013.
 * What it leaves behind is `$_b`; the program is evaluated after it, at the top level.
 */
import { board } from "#board";
import { bootState, condense, LOG_BYTES, logEntry, LOGS, Mark, STARTS, WHOLE } from "../protocols/service/boot-log.js";
import { pair } from "../protocols/bytes/index.js";

/** A new firmware or configuration that no host has said hello to after so many ms is given up. */
const TRIAL = 180000;

/** With links only, and nobody comes in: all of it is tried again after so many ms. */
const SAFE = 600000;

const storage = require("Storage");
let name = LOGS[0]!;
let state = bootState(storage.read(name));
if (!state) state = bootState(storage.read((name = LOGS[1]!)));
$_b = { s: "", c: "devsock.json" };
if (state) {
  const { good, before, staged, last, starts } = state;
  let end = state.end;
  let slots = good;
  let mark = Mark.started;
  const note = (mark: Mark, other?: number): void => {
    if (end >= WHOLE) {
      const old = name;
      name = LOGS[old == LOGS[0] ? 1 : 0]!;
      const entries = condense(bootState(storage.read(old))!);
      storage.erase(name);
      storage.write(name, entries, 0, LOG_BYTES);
      storage.write(name, pair(0, 0), WHOLE);
      storage.erase(old);
      end = entries.length;
    }
    storage.write(name, logEntry(mark, other === undefined ? slots : other), end);
    end += 2;
  };
  if (staged >= 0 && !starts) {
    slots = staged;
    mark = Mark.staged;
  } else if (good < 0) {
    slots = last;
    if (starts >= STARTS) mark = Mark.safe;
  } else if (staged >= 0) mark = Mark.back;
  else if (starts >= STARTS) {
    mark = before < 0 ? Mark.safe : Mark.back;
    if (before >= 0) slots = before;
  }
  try {
    if (mark >= Mark.safe) note(mark);
    if (mark != Mark.safe) note(Mark.started);
  } catch (e) {
    // No room for a new log: the board starts all the same.
    print(e);
  }
  // A trial that stands still ends, too.
  if (mark == Mark.staged && board.watchdog) E.enableWatchdog(board.watchdog, true);
  const restart = board.paths ? load : E.reboot;
  $_b = {
    s: slots & 1 ? ".b" : "",
    c: slots & 2 ? "devsock.b.json" : "devsock.json",
    m: mark,
    n: slots,
    note,
    t: mark == Mark.staged ? setTimeout(restart, TRIAL) : mark == Mark.safe ? setTimeout(restart, SAFE) : 0,
  };
}
