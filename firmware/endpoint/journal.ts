/**
 * What is known of a print job when the board's power comes back: a file in Storage for each job, written ahead of its
 * bytes. A blank byte of flash is written once, and nothing is erased for it. docs/protocol/services.md has the layout
 * [SVC-24], docs/decisions/0005 the reasons.
 *
 *     length of the text (1), 0 when the text is whole (1), device "/" content
 *     slots: offset (4), state (1), marks before it (2), 0 when the slot is whole (1)
 *     marks, inverted: each allows bytes of the job to go to the printer, before they go
 */
import { be16, be32, byte, fromText, join, pair, slice, toText, u16, u32, u8 } from "../../protocols/bytes/index.js";
import type { Failure } from "../../protocols/errors/index.js";
import type { JobLog } from "../driver/escpos.js";
import { busy } from "../io/uart.js";

/** How a job rests at a known byte. */
export const enum Rest {
  /** Between two commands, as far as the driver can tell. */
  between = 0,
  /** Within a command. */
  within = 1,
  /** It was given up, and what it left open was filled: what follows does not fit to it. */
  stopped = 2,
  /** All of it went to the printer, which still answered. */
  done = 3,
}

/** Bytes of a slot. */
const SLOT = 8;

/**
 * Shifts of `marks`: bytes of all slots, and of those that a job that rests often leaves to its end and new beginnings; jobs
 * that a board remembers.
 */
const enum Share {
  slots = 3,
  kept = 4,
  jobs = 6,
}

/** A mark's code: up to `bytes` a number of bytes, above that of steps of `step`. */
const enum Mark {
  /** Less is not worth a byte of flash. */
  least = 64,
  bytes = 127,
  step = 128,
  /** Any number of bytes. */
  rest = 254,
  blank = 255,
}

/** With an id of 24 characters a name is as long as Storage allows. */
const PREFIX = "job.";

/** Most bytes of a file's text: names of a printer and what a client says of the bytes. */
const TEXT = 64;

/** Storage for a file's entry, its text and its slots. */
const SPARE = 192;

/** Of the board, as devices.ts says: most marks of a job, what the interpreter's ring of a UART holds, and whether the line's speed empties it. */
export const journals = { marks: 0, ring: 0, paced: true };

/** A file's marks for new beginnings, after one that allows any number of bytes. */
const AGAIN = 2;

/** By file, of all printers: jobs that wait or print, and those of which it is not written yet how they ended. */
const open: Record<string, Journal> = {};

const storage = require("Storage");

export type OpenJournal = (id: string, ring: number) => Journal;

/** The journal of a job under way, or what is known of it. */
export function openJournal(id: string, ring: number): Journal {
  return open[PREFIX + id] || new Journal(id, ring);
}

export class Journal implements JobLog {
  /** Whether the board remembers the job. */
  known = false;
  /** Its printer. */
  device = "";
  /** What its client said of its bytes, `length-checksum`, or "". */
  content = "";
  /** How it rested last, or -1 when power was cut while it did not. */
  state: number = Rest.between;
  /** Bytes of the job that went to the printer: at least, and at most. */
  least = 0;
  most = 0;
  moved = false;
  /** The job is over: how is still to be written. */
  ending = false;
  private readonly _file: string;
  /** Where it rests is within a command, for all one knows: it began in the middle. */
  private _torn: Rest = Rest.between;
  private _size = 0;
  /** Where the next slot is written, the marks begin, and the next mark is written. */
  private _slot = 0;
  private _marks = 0;
  private _at = 0;
  /** Bytes may go up to here. */
  private _allowed = 0;

  /** @param _ring bytes that the driver has under way at the most */
  constructor(
    readonly id: string,
    private readonly _ring: number,
  ) {
    this._file = PREFIX + id;
    const file = storage.read(this._file);
    if (!file || u8(file, 1)) return;
    let slot = 2 + u8(file, 0);
    const text = toText(slice(file, 2, slot));
    const at = text.indexOf("/");
    this.known = true;
    this.device = text.substring(0, at);
    this.content = text.substring(at + 1);
    this._size = file.length;
    this._at = this._marks = slot + (journals.marks >> Share.slots);
    let since = 0;
    // A slot in which power was cut is neither blank nor whole.
    for (; slot < this._marks && !isBlank(file, slot); slot += SLOT)
      if (!u8(file, slot + 7)) {
        since = this.least = this.most = u32(file, slot);
        this.state = u8(file, slot + 4);
        this._at = this._marks + u16(file, slot + 5);
      }
    this._slot = slot;
    for (let code; this._at < this._size && (code = Mark.blank - u8(file, this._at)); this._at++) {
      // What the mark before allowed had been handed over by now, and had left but for what the ring held: where the line
      // empties it no more than the driver counts, and what the line may be slower than that.
      const count = _ring + ((this.most - since) >> 7);
      const ring = (journals.paced && count < journals.ring ? count : journals.ring) + 2;
      this.least = Math.max(this.least, this.most - ring);
      this.most += width(code);
      this.state = -1;
    }
    if (this.state < 0 && this.most > this.total()) this.most = this.total();
    this._allowed = this.most;
  }

  /**
   * Where it goes on: at byte `at`, as its client has decided, else where it rests between two commands. Its next byte is `least` then.
   * @returns "" or why it cannot: not said of a job that is done
   */
  resume(at: string | undefined): Failure {
    const { id, least, most, state } = this;
    const from = at ? +at : least;
    if (state != Rest.done && from >= least && from <= most && (at || (state == Rest.between && least == most))) {
      this.least = from;
      if (state != Rest.between) this._torn = Rest.within;
      // What is decided is written down when its turn has come.
      if (at) this.state = -1;
      return "";
    }
    if (!this.known) return "ENOENT: this board does not remember a job " + id;
    return (
      (state == Rest.stopped ? "ECANCELED: " + id + " was given up" : "EINTR: " + id + " was interrupted") +
      (state == Rest.within ? " within a command after " : " after ") +
      (least == most ? "exactly " + least : most == Infinity ? least + " or more" : least + " to " + most) +
      " bytes"
    );
  }

  /** Bytes of the job as its client said, NaN when it did not. */
  total(): number {
    return parseInt(this.content);
  }

  /** It waits for its turn: its file stays, and whoever else comes with its id finds it. @resident large */
  enter(device: string): void {
    this.device = device;
    open[this._file] = this;
  }

  /** It is over, and written down if it had begun. */
  leave(): void {
    delete open[this._file];
    // Everything stands still for seconds then: not while something is printed. It is called by the idle loop itself,
    // because it may move files: none of the firmware's text may be under way. A file of the next job fits after it.
    const { marks } = journals;
    if (!busy.count && storage.getFree() < marks + (marks >> Share.slots) + TEXT + SPARE)
      setTimeout(storage.compact, 0);
  }

  /**
   * Its turn: from now on it is remembered, instead of the job that is over for longest.
   * @returns "" or why it cannot be
   */
  begin(): Failure {
    if (!this.known) {
      const names = storage.list();
      let others = 0;
      for (let i = names.length - 1; i >= 0; i--) {
        const name = names[i]!;
        if (!name.indexOf(PREFIX) && !open[name] && ++others >= journals.marks >> Share.jobs) storage.erase(name);
      }
      const text = this.device + "/" + this.content;
      const each = Math.max(Mark.least, this._ring >> 1);
      this._slot = 2 + text.length;
      this._at = this._marks = this._slot + (journals.marks >> Share.slots);
      this._size = this._marks + (Math.min(journals.marks, 8 + (this.total() || Infinity) / each) | 0);
      if (storage.getFree() < this._size + SPARE) return "ENOSPC: Storage has no room for a record of the job";
      storage.write(this._file, join(pair(text.length, Mark.blank), fromText(text)), 0, this._size);
      storage.write(this._file, byte(0), 1);
      this.known = true;
    } else if (this.state < 0 && !this.rest(this.least, Rest.between))
      return "ENOSPC: the job was cut off too often to be remembered";
    return "";
  }

  /** @resident large */
  allow(done: number, n: number): number {
    const left = this._allowed - done;
    if (left > 0) return Math.min(n, left);
    // The marks that are left are enough for the rest of the job; of unknown length, for as much as there was.
    const room = this._size - this._at - 1 - AGAIN;
    const rest = this.total() - done || done + 4096;
    const wanted = Math.ceil(Math.max(n, Mark.least, rest / room));
    let code = wanted <= Mark.bytes ? wanted : Mark.bytes + Math.ceil(wanted / Mark.step);
    if (room < 1 || code > Mark.rest) code = Mark.rest;
    this._allowed = done + width(code);
    this.moved = true;
    storage.write(this._file, byte(Mark.blank - code), this._at++);
    return n;
  }

  /** @returns false when there is no room to write it down */
  rest(offset: number, state: Rest): boolean {
    const left = this._marks - this._slot;
    const marks = this._size - this._at;
    if (state >= Rest.stopped) {
      if (left < SLOT) return false;
    } else if (this.state < 0 ? left < 2 * SLOT || !marks : left < journals.marks >> Share.kept || marks <= AGAIN)
      // Where it has marks no more, what went is any number of bytes.
      return false;
    else state = state || this._torn;
    const at = this._slot;
    this._slot = at + SLOT;
    this._allowed = offset;
    this.moved = false;
    this.state = state;
    storage.write(this._file, join(join(be32(offset), byte(state)), be16(this._at - this._marks)), at);
    storage.write(this._file, byte(0), at + 7);
    return true;
  }
}

/** @inline */
function isBlank(file: string, slot: number): boolean {
  return slice(file, slot, slot + SLOT) == "\xff\xff\xff\xff\xff\xff\xff\xff";
}

/** Bytes that a mark allows. @inline */
function width(code: number): number {
  return code <= Mark.bytes ? code : code < Mark.rest ? (code - Mark.bytes) * Mark.step : Infinity;
}
