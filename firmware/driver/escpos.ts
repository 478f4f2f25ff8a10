/** A receipt printer that speaks ESC/POS on a UART. Wire facts: docs/devices/escpos.md. */
import { features, scarce } from "#features";
import { byte, EMPTY, join, slice, u8 } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import {
  askStatus,
  AutoStatus,
  autoStatus,
  INITIALIZE,
  Offline,
  Realtime,
  Reply,
} from "../../protocols/device/escpos/commands.js";
import { OpenData } from "../../protocols/device/escpos/open-data.js";
import type { Failure } from "../../protocols/errors/index.js";
import type { GapRecord, PrinterStatus } from "../../protocols/service/index.js";
import { increase } from "../io/count.js";
import { dropOverlays } from "../io/memory.js";
import { busy } from "../io/uart.js";
import type { Uart } from "../io/uart.js";

/** Times in ms. */
const enum Wait {
  /** A printer answers DLE EOT at once; this is plenty. */
  answer = 700,
  /** Between two questions to a printer that does not answer, or has nothing to do. */
  again = 2000,
  idle = 10000,
  /** A line held this long is worth a word to the client. */
  stall = 1000,
  /** A line that stood still for so long, and for the time that so many bytes take, is empty. */
  rest = 1000,
  drain = 512,
  /** A line held this long is asked whether the printer is still there, and again after four times as long. */
  held = 180000,
  /** The same within a command, where the question does harm. */
  within = 300000,
}

/** Questions in a row without an answer before a printer counts as not responding. */
const TRIES = 3;

/** NULs that end what a job left open in the printer: between commands it passes over them. */
const enum Fill {
  none = -1,
  /** Enough for the parameters of any short command. */
  least = 16,
  /** Two pages of white. What wants more is given up. */
  most = 600000,
  piece = 64,
  /** So many are queued at a time. */
  ahead = 256,
}

/** Where it is written down how far a job came, so that it is known after a power cut. */
export interface JobLog {
  /** Bytes were allowed since the job rested. */
  moved: boolean;
  /** `n` bytes, or fewer, are to go after `done` of them: how many may. */
  allow(done: number, n: number): number;
  /** All that went has left the wire: 0 between two commands, 1 within one. */
  rest(offset: number, state: number): void;
}

/** A client with a job: what the driver tells it. */
export interface Job {
  /** The name by which a client finds it again; none if it is over with its connection. */
  readonly id?: string;
  readonly log?: JobLog | null;
  /** All of the job is there when it ends. The end of a mere connection may be a client that died. */
  whole: boolean;
  /** ms after which a job that hands nothing over, all before being sent, is asked to give up its turn; 0 at once, whatever waits. */
  idle: number;
  /** Bytes of this job that have left for the printer. */
  taken: number;
  /** All of its bytes were handed over. */
  ended: boolean;
  /** Its turn: hand bytes over with `write`. */
  onstart(): void;
  /** Jobs before it. */
  onwait(ahead: number): void;
  /** `n` more bytes were taken. */
  ontaken(n: number): void;
  /** Bytes that the printer sent. */
  onback(data: Bytes): void;
  /** Bytes that the printer sent were lost. */
  ongap(gap: GapRecord): void;
  /** The printer's state changed. */
  onstatus(status: PrinterStatus): void;
  /** The job is over: "" when all of it was taken and the printer still answers. */
  ondone(failure: Failure): void;
  /** Its turn, and nothing came for `idle`. Called again and again until the job ends or goes on. */
  onidle(): void;
  /** The printer does not answer before the job began. Return true to give the job up. */
  onsilent(failure: Failure): boolean;
}

export class Escpos {
  /** Until when nothing is due, in ms: a job, or a word from the printer, ends that. */
  private _quiet = 0;
  /** Clients in the order of their turns; the first one prints. */
  readonly jobs: Job[] = [];
  /** Whether the last question got an answer; null when none was asked yet. */
  replied: boolean | null = null;
  /** Bytes under way in the line at the most. */
  readonly ring: number;
  private _asb: number[] | null = null;
  private _eot = [-1, -1, -1];
  private _busy = false;
  private _busySince = 0;
  private _told = false;
  /** When the printer that holds the line is asked. */
  private _hail = 0;
  /** Until when an XON may come without XOFF: the printer was offline. */
  private _offline = 0;
  /** By when a printer that was offline has to report that it no longer is; 0 when it need not. */
  private _doubt = 0;
  /** Bytes of an automatic status that has begun. */
  private _part: number[] = [];
  /** The next automatic status is the answer to our own GS a: no client asked for it. */
  private _own = false;
  /** What the command under way still wants. */
  private _data = new OpenData();
  /** A job was cut off: what it left open is filled before anything else. */
  private _torn = false;
  /** NULs still to be queued for that. */
  private _fill: number = Fill.none;
  private _nul = EMPTY;
  /** It was too much: the printer may take the next job's beginning for the rest of a command. */
  private _cut = false;
  /** Which answers are awaited: indexes into `_eot`. */
  private _asked: number[] = [];
  private _tries = 0;
  private _next = 0;
  /** The first job has begun. */
  private _started = false;
  /** It has handed bytes over since the last tick. */
  private _active = false;
  private _idleSince = 0;

  /**
   * @param deaf true for a printer with no wire back: nothing is asked
   */
  constructor(
    readonly name: string,
    private readonly _uart: Uart,
    private readonly _deaf: boolean,
  ) {
    this.ring = _uart.ring;
    _uart.ondata = (data) => this._received(data);
    _uart.onlost = (n) => this.noteGap({ cause: "RING_FULL", bytes: n });
    _uart.onpassed = (data) => this._data.push(data);
    _uart.onsent = (n) => {
      const job = this.jobs[0];
      if (this._fill != Fill.none) this._feed();
      else if (job && this._started) {
        job.taken += n;
        job.ontaken(n);
      }
    };
  }

  /** Puts a client at the end of the line. @resident large */
  submit(job: Job): void {
    this._quiet = 0;
    if (this.jobs.push(job) > 1) job.onwait(this.jobs.length - 1);
    else this._begin();
  }

  /** Bytes of the job whose turn it is. */
  write(data: Bytes): void {
    this._active = true;
    this._uart.write(data);
  }

  /** Bytes handed over that have not left yet. @resident */
  waiting(): number {
    return this._uart.queued;
  }

  /** A client has handed over all of its bytes. @resident */
  finish(job: Job): void {
    job.ended = true;
    this._next = 0;
  }

  /** A client gives up. What was handed over and has not left is forgotten. @returns bytes forgotten */
  cancel(job: Job): number {
    const at = this.jobs.indexOf(job);
    if (at < 0) return 0;
    let lost = 0;
    if (at == 0 && this._started) {
      lost = this._uart.purge();
      this._torn = job.taken > 0;
    }
    this._leave(at);
    return lost;
  }

  /** The printer's own line says whether it is ready. */
  lineReady(on: boolean): void {
    this._quiet = 0;
    if (this._busy == !on) return;
    this._busy = !on;
    this._busySince = getTime() * 1000;
    this._hail = this._busySince + Wait.held;
    this._uart.hold(!on);
    if (on && this._told) this._tell();
    this._told = false;
  }

  status(): PrinterStatus {
    return {
      answers: this.replied,
      asb: this._asb as PrinterStatus["asb"],
      eot: this._eot as PrinterStatus["eot"],
      busy: this._busy,
      jobs: this.jobs.length,
      taken: this._uart.sent,
      lost: this._uart.lost,
    };
  }

  /** Bytes on the way from the printer, or in it, were lost: whoever prints is told. */
  noteGap(gap: GapRecord): void {
    const job = this.jobs[0];
    if (job) job.ongap(gap);
  }

  /** Time passes: call every 50 ms or so. What is seldom due is a function of its own: the interpreter reads over what it does not run. */
  tick(now: number): void {
    if (now >= this._quiet) this._look(now);
  }

  /** @resident */
  private _look(now: number): void {
    const job = this.jobs[0];
    if (this._doubt && now > this._doubt) this._restarted();
    const uart = this._uart;
    if (features.ids && uart.onleave && job!.log!.moved && now - uart.free > Wait.rest + Wait.drain / uart.rate) {
      uart.account();
      job!.log!.rest(job!.taken, this._data.isOpen() || this._data.mayBeOpen() ? 1 : 0);
    }
    if (this._busy && !this._told && now > this._busySince + Wait.stall) {
      this._told = true;
      this._tell();
    }
    if (this._asked.length) {
      if (now >= this._next) this._silent(now);
    } else if (this._busy && now >= this._hail && (uart.queued || !job)) this._askHeld(now);
    else if (this._fill != Fill.none) this._feed();
    else if (!job) {
      // While the line is held questions would pile up in the printer's buffer, until one is cut in two.
      if (now < this._next) this._quiet = this._doubt ? 0 : this._next;
      else if (!this._busy) this._ask(now);
    } else if (!this._started) {
      if (now >= this._next) this._ask(now);
    } else if (job.ended) {
      if (uart.flight() > 0 || now < this._next) return;
      // No picture is that large: the job was no ESC/POS.
      if (job.whole || !this._data.isOpen() || this._data.left > Fill.most) this._ask(now);
      else this._mend();
    } else if (!job.idle || this._active || uart.queued) {
      this._active = false;
      this._idleSince = now;
      if (!job.idle) job.onidle();
    } else if (now >= this._idleSince + job.idle) job.onidle();
  }

  /** The next client's turn: first ask whether the printer is there. */
  private _begin(): void {
    this._started = false;
    this._tries = 0;
    if (this._fill != Fill.none) this._tell();
    else if (!this._asked.length) this._ask(getTime() * 1000);
  }

  /** Before anything else is said: a question would be taken for parameters. @resident large */
  private _mend(): void {
    increase("cut", 1);
    this._torn = false;
    this._asked = [];
    this._fill = Fill.least;
    this._nul = byte(0);
    while (this._nul.length < Fill.piece) this._nul = join(this._nul, this._nul);
    this._feed();
  }

  /** NULs as long as a command wants data, then ESC @, and then the next job. @resident large */
  private _feed(): void {
    const uart = this._uart;
    const ahead = uart.queued;
    while (this._fill > 0 && uart.queued < Fill.ahead) {
      const n = Math.min(this._fill, Fill.piece);
      this._fill -= n;
      uart.write(slice(this._nul, 0, n));
    }
    if (ahead || uart.queued) return;
    const left = this._data.left;
    if (left) {
      if (left > Fill.most) {
        this._cut = true;
        this._data = new OpenData();
      } else this._fill = left;
    } else if (this._nul.length) {
      this._nul = EMPTY;
      uart.write(INITIALIZE);
    } else if (uart.flight() <= 0) {
      this._fill = Fill.none;
      if (this.jobs.length && !this._started) this._begin();
    }
  }

  /** Asks for printer, offline cause and paper state: only here, between jobs, where no command can be cut. @resident */
  private _ask(now: number): void {
    if (this._deaf) return this._answered();
    this._asked = [0, 1, 2];
    this._next = now + Wait.answer;
    // Automatic status is asked for each time: ESC @ in a job turns it off.
    const ask = join(join(askStatus(Realtime.printer), askStatus(Realtime.offline)), askStatus(Realtime.paper));
    this._own = true;
    this._part = [];
    this._uart.bypass(join(ask, autoStatus(AutoStatus.all)));
  }

  /** Asks a printer that holds the line. Within a picture the question takes the place of some of its dots. */
  private _askHeld(now: number): void {
    if (this._deaf) return;
    const uart = this._uart;
    const held = now - this._busySince;
    uart.account();
    const within = this._data.isOpen() || this._data.mayBeOpen();
    if (within && held < Wait.within) return;
    let dots = Math.min(3, this._data.left, uart.queued);
    if (features.ids && dots && uart.onleave) dots = uart.onleave(dots);
    if (dots) uart.omit(dots);
    this._asked = [0];
    this._next = now + Wait.answer;
    this._hail = now + 3 * held;
    uart.bypass(askStatus(Realtime.printer));
    if (within && this._started) this.noteGap({ cause: "ASKED_WITHIN", bytes: dots });
  }

  private _silent(now: number): void {
    const held = this._busy && this._asked.length == 1;
    this._asked = [];
    this._next = now + Wait.again;
    if (++this._tries < TRIES) return held ? this._askHeld(now) : this._ask(now);
    const was = this.replied;
    this.replied = false;
    const job = this.jobs[0];
    // What is off takes nothing, and holds no line.
    if (this._uart.purge()) this._torn = true;
    this._fill = Fill.none;
    this.lineReady(true);
    if (was !== false) this._tell();
    if (!job) return;
    if (this._started) {
      const text =
        "EIO: " +
        this.name +
        " stopped answering; " +
        job.taken +
        " bytes of the job were sent, how many it printed is unknown";
      // It may have been switched off, or only its cable pulled: what it still wants is not known.
      if (this._data.isOpen()) this._cut = this._torn = true;
      job.ended = true;
      this._leave(0);
      job.ondone(text);
      return;
    }
    // All that wait are told: the first may be one that goes on waiting.
    const text = "EHOSTDOWN: " + this.name + " does not answer";
    for (let i = this.jobs.length - 1; i >= 0; i--) if (this.jobs[i]!.onsilent(text)) this._leave(i);
  }

  /** All answers are there, or none is expected. @resident */
  private _answered(): void {
    const job = this.jobs[0];
    const now = getTime() * 1000;
    const queued = this._uart.queued;
    if (this._tries && this._started) this.noteGap({ cause: "PRINTER_SILENT", bytes: null });
    // Its report would have come first.
    if (this._doubt) this._restarted();
    this._tries = 0;
    if (!this._deaf) this.replied = true;
    this._next = now + Wait.idle;
    if (this._uart.xon && this._busy && now > this._busySince + Wait.held) {
      // Online, and still busy: no printer prints that slowly.
      const lost = !(this._eot[0]! & Offline.bit);
      if (lost && this._started) this.noteGap({ cause: "XON_LOST", bytes: null });
      if (lost) this.lineReady(true);
      this._tell();
    }
    if (this._fill != Fill.none) return;
    if (this._torn && !this._started) return this._mend();
    if (!job) return;
    if (!this._started) {
      this._started = this._active = true;
      this._data = new OpenData();
      this._next = 0;
      busy.count++;
      const log = job.log;
      if (features.ids && log) this._uart.onleave = (n) => log.allow(job.taken, n);
      job.onstart();
      // What has begun it makes room for its bytes.
      if (scarce) dropOverlays();
      if (this._cut) job.ongap({ cause: "JOB_CUT", bytes: null });
      this._cut = false;
    } else if (job.ended && !queued) {
      this._leave(0);
      job.ondone("");
    }
  }

  /** @resident large */
  private _leave(at: number): void {
    this.jobs.splice(at, 1);
    for (let i = Math.max(1, at); i < this.jobs.length; i++) this.jobs[i]!.onwait(i);
    if (at == 0) {
      if (this._started) busy.count--;
      if (features.ids) this._uart.onleave = undefined;
      this._started = false;
      if (this._torn && this.replied !== false) this._mend();
      if (this.jobs.length) this._begin();
    }
  }

  /** The printer was switched on: what it held is gone, and so is what was open. */
  private _restarted(): void {
    this._doubt = 0;
    this._torn = this._cut = false;
    if (this._fill > 0) this._fill = 0;
    this._data = new OpenData();
    if (this._started) this.noteGap({ cause: "PRINTER_RESTARTED", bytes: null });
  }

  /** Whether it is offline, in its own words: DLE EOT 1, or the first byte of an automatic status. @resident */
  private _saw(b: number): void {
    if (b & Offline.bit) this._offline = Infinity;
    else if (this._offline == Infinity) this._offline = getTime() * 1000 + Wait.stall;
  }

  private _tell(): void {
    const job = this.jobs[0];
    if (job) job.onstatus(this.status());
  }

  /** Flow control, status, and the rest for the client. A few bytes at a time. @resident */
  private _received(data: Bytes): void {
    this._quiet = 0;
    let back = EMPTY;
    let changed = false;
    for (let i = 0; i < data.length; i++) {
      const b = u8(data, i);
      if (this._uart.xon && (b == Reply.xoff || b == Reply.xon)) {
        if (b == Reply.xon) {
          const now = getTime() * 1000;
          // XON without XOFF is what a printer says when it is switched on. One that was switched off while it was
          // offline says it instead of its automatic status.
          if (!this._busy && now > this._offline) this._restarted();
          else if (this._busy && this._asb && this._asb[0]! & Offline.bit) this._doubt = now + Wait.stall;
          this._offline = 0;
        }
        this.lineReady(b == Reply.xon);
        continue;
      }
      // The second to fourth byte have bits 7 and 4 clear: another byte means that the rest was lost.
      if (this._part.length && b & 0x90) this._part = [];
      if (this._part.length) {
        this._part.push(b);
        if (this._part.length == 4) {
          changed = changed || !this._asb || this._asb.join() != this._part.join();
          this._asb = this._part;
          this._doubt = 0;
          this._saw(this._asb[0]!);
          this._part = [];
          if (!this._own) for (let k = 0; k < 4; k++) back = join(back, byte(this._asb[k]!));
          this._own = false;
        }
      } else if ((b & Reply.mask) == Reply.realtime && this._asked.length) {
        const n = this._asked.shift()!;
        this._eot[n] = b;
        if (!n) this._saw(b);
        if (!this._asked.length) this._answered();
      } else if ((b & Reply.mask) == Reply.autoStatus) this._part = [b];
      else back = join(back, slice(data, i, i + 1));
    }
    const job = this.jobs[0];
    if (job && this._started && back.length) job.onback(back);
    if (changed) this._tell();
  }
}
