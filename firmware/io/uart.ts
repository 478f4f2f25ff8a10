/**
 * A UART with bounds. Receiving, by the contract of receive.ts: the interrupt's bytes are copied, counted and the reader woken; nothing is
 * parsed there. Sending: bytes go to the interpreter's transmit ring only as fast as the line takes them, because a
 * full ring stops the whole interpreter until there is room.
 */
import { byte, EMPTY, isEmpty, join, slice } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import { nothing } from "../../protocols/nothing.js";

/** Bounds of one UART, in bytes. */
export const enum Bound {
  /** Received bytes that wait for the reader; more are lost and counted. */
  receive = 1024,
  /** More than these do not wait for another turn, however long the reader takes with what is before them. */
  backlog = 512,
  /** With more than these the reader waits for no turn of his own: what comes within the next one has room. */
  press = 640,
  /** Bytes that wait to be sent: two frames. `room` says how many more are welcome. */
  send = 1100,
  /** A link's next frame is made when so few bytes wait, in queue and ring: an alarm waits for all that is there already. */
  low = 128,
  /** Small pieces that wait are joined up to this. */
  piece = 256,
}

/** ms that the interpreter may wait for the last bytes of a frame to enter the ring: less than a turn that brings them there later takes. */
const BLOCK = 4;

/**
 * Devices in the middle of something that must not stand still; and while an alarm waits in a connection, which takes a turn for each chunk, for how many looks at
 * most what takes long steps aside. How much that takes long was done in this turn of a board with a serial link; -1 without one. Answers that are about to end, each of which leaves out a look, and whether
 * one was left out since: whoever hears the answer sees to it.
 */
export const busy = { count: 0, alarm: 0, turn: -1, ends: 0, late: 0 };

/**
 * Whether something that takes long was done in this turn: then `work` is called again in the next one. The interpreter takes what interrupts have queued at the
 * beginning of a turn only, and that may be an alarm: so two such pieces of work take two turns. @resident serial
 */
export function postponed<T>(work: (of: T) => void, of: T): boolean {
  const full = busy.turn > 0;
  if (full) setTimeout(work, 0, of);
  else spent();
  return full;
}

/** Something that takes long is done in this turn. @resident */
export function spent(): void {
  // Without memory there is no timer, and nothing would end this turn.
  if (setTimeout(another, 0)) busy.turn++;
}

/** @resident serial */
function another(): void {
  busy.turn--;
}

/** What a driver sees of a UART. */
export class Uart {
  /** Bytes lost because the reader was too slow. */
  lost = 0;
  /** Bytes that have left for the line since the start. */
  sent = 0;
  /** Bytes that wait to be sent. */
  queued = 0;
  /** XON and XOFF from the line hold it: an XOFF is heard at once, before more goes out. */
  xon: boolean | undefined;
  /** Bytes from the line, joined as they came since the last wake. */
  ondata: (data: Bytes) => void = nothing;
  /** When the reader was last given bytes, in ms: all of them were there. */
  stamp = 0;
  /** `n` bytes from the line were lost: the reader was too slow. */
  onlost: (n: number) => void = nothing;
  /** `n` more bytes have left for the line. */
  onsent?: ((n: number) => void) | undefined;
  /** Bytes that have left for the line, in their order, as large as they were queued: a piece under way is told later. */
  onpassed?: (data: Bytes) => void;
  /** Fewer than `Bound.low` bytes wait. */
  onlow?: () => void;
  /** `n` bytes of the queue are about to leave: how many may. */
  onleave?: ((n: number) => number) | undefined;
  /** With what begins each piece that the reader is given in a turn of its own; without it he is given all. */
  head?: Bytes;
  /** ms that what begins to come is waited for; 0 where it is left out: a printer's XOFF waits for nothing. */
  _gather?: number;
  /** The most bytes that ever waited for their reader. */
  high = 0;
  /** How many more may be joined to those that wait; none before there are some, or behind something lost. */
  room = 0;
  _waiting: Bytes = EMPTY;
  private _over = 0;
  private _queue: Bytes[] = [];
  /** How much of the first piece has left. */
  private _at = 0;
  private _held = false;
  _timer = 0;
  /** When bytes were first given to the line since somebody set it to 0, in ms. */
  given = 1;
  /** When the ring will be empty, in ms. */
  free = 0;
  /** Bytes a ms. */
  rate: number;
  /** Most bytes of a link that may stand in the transmit ring while no other device has much to say. */
  whole: number;

  /**
   * @param port the interpreter's serial port
   * @param baud bits a second
   * @param ring most bytes that may stand in the transmit ring at once: what still goes out after a hold
   */
  constructor(
    readonly port: EspruinoSerial,
    public baud: number,
    readonly options: EspruinoSerialOptions,
    readonly ring: number,
  ) {
    this.rate = baud / 10000;
    this.whole = ring;
    // Called for each byte where those of two UARTs come by turns: no statement more than that.
    port.on("data", (data) => {
      if ((this.room -= data.length) >= 0) this._waiting = join(this._waiting, data);
      else this._put(data);
    });
    port.setup(baud, options);
  }

  /** Queues bytes for the line. The caller keeps within `Bound.send` by what `queued` says. */
  write(data: Bytes): void {
    // Nobody counts them and none are before them: a link's frame goes as it is, if there is room for it.
    if (!this.queued && !this.onsent && !this._held) {
      const now = getTime() * 1000;
      const free = Math.max(this.free, now);
      if (data.length <= (busy.count ? this.ring : this.whole) - (free - now - BLOCK) * this.rate) {
        if (!this.given) this.given = now;
        this.free = free + data.length / this.rate;
        this.sent += data.length;
        return this.port.write(data);
      }
    }
    const last = this._queue.length - 1;
    // Each piece costs variables beside its bytes: small ones are put together.
    if (last >= 0 && this._queue[last]!.length + data.length <= Bound.piece)
      this._queue[last] = join(this._queue[last]!, data);
    else this._queue.push(data);
    this.queued += data.length;
    if (!this._timer) this.pump();
  }

  /** Sends a few bytes past the queue and past a hold: real-time commands, when nothing else is under way. */
  bypass(data: Bytes): void {
    this.account();
    this.port.write(data);
    if (this.onpassed) this.onpassed(data);
    this.free = Math.max(this.free, getTime() * 1000) + data.length / this.rate;
  }

  /** Holds the line (true) or lets it go on: flow control, with at most `ring` bytes still under way. */
  hold(held: boolean): void {
    this._held = held;
    if (!held && !this._timer) this.pump();
  }

  /** Tells now what has left of the piece under way. */
  account(): void {
    const at = this._at;
    if (!at) return;
    const piece = this._queue[0]!;
    this._queue[0] = slice(piece, at, piece.length);
    this._at = 0;
    if (this.onpassed) this.onpassed(slice(piece, 0, at));
  }

  /** Forgets the next `n` of the bytes queued: something else goes out in their place. Call `account` first. */
  omit(n: number): void {
    const queue = this._queue;
    this.queued -= n;
    this.sent += n;
    for (let left = n; left > 0;) {
      const piece = queue.shift()!;
      if (piece.length > left) queue.unshift(slice(piece, left, piece.length));
      left -= piece.length;
    }
    if (this.onsent) this.onsent(n);
  }

  /** Forgets what is queued. @returns how many bytes */
  purge(): number {
    this.account();
    const n = this.queued;
    this._queue = [];
    this.queued = 0;
    return n;
  }

  /** How long, in ms, until all that was sent has left the wire. @resident */
  flight(): number {
    return this.queued ? Infinity : Math.max(0, this.free - getTime() * 1000);
  }

  /** The first bytes since the last wake, or some that are lost. @resident */
  private _put(data: Bytes): void {
    // What is behind something lost is lost with it: what is missing has one place.
    if (!isEmpty(this._waiting)) this._over += data.length;
    else {
      this._waiting = data;
      this.room = Bound.receive - data.length;
      setTimeout(wake, this._gather || 0, this);
    }
  }

  /** @resident */
  wake(): void {
    const data = this._waiting;
    const n = data.length;
    this.stamp = getTime() * 1000;
    if (n > this.high) this.high = n;
    const end = this.head && !this._over ? data.indexOf(this.head, Math.max(1, n - Bound.backlog)) : -1;
    if (end > 0) {
      this._waiting = slice(data, end, n);
      this.room += end;
      setTimeout(wake, 0, this);
      return this.ondata(slice(data, 0, end));
    }
    const over = this._over;
    this._waiting = EMPTY;
    this._over = this.room = 0;
    this.ondata(data);
    if (!over) return;
    this.lost += over;
    this.onlost(over);
  }

  /** Whether `Bound.low` bytes wait, or more. Then `onlow` hears when it is so no longer. @resident serial */
  waits(): boolean {
    const over = Math.max(0, this.free - getTime() * 1000) + (this.queued - Bound.low) / this.rate;
    if (over > 0 && !this._timer) this._timer = setTimeout(pump, over, this);
    return over > 0;
  }

  /** Gives the line what it has room for. @resident */
  pump(): void {
    this._timer = 0;
    if (this.queued && !this._held) {
      const { port, ring, rate, _queue: queue } = this;
      const now = getTime() * 1000;
      if (!this.given) this.given = now;
      if (this.free < now) this.free = now;
      let room = (ring - (this.free - now) * rate) | 0;
      if (this.onleave && room > 0) room = this.onleave(Math.min(room, this.queued));
      let n = 0;
      while (n < room && queue.length) {
        const piece = queue[0]!;
        const at = this._at;
        const to = at + room - n;
        if (to < piece.length) {
          port.write(slice(piece, at, to));
          n = room;
          this._at = to;
        } else {
          port.write(at ? slice(piece, at, to) : piece);
          n += piece.length - at;
          this._at = 0;
          queue.shift();
          if (this.onpassed) this.onpassed(piece);
        }
      }
      this.free += n / rate;
      this.queued -= n;
      this.sent += n;
      // Back when half of the ring is free: the line never runs dry, and a turn is worth its cost. The timer stands before
      // the reader of `onsent` hears: what it writes then is sent later, and not from within its own call, again and again.
      if (queue.length || this.onsent)
        this._timer = setTimeout(pump, queue.length ? Math.max(1, this.free - now - ring / 2 / rate) : 1, this);
      if (n && this.onsent) this.onsent(n);
    }
    if (this.onlow && !this.waits()) this.onlow();
  }
}

/** No other byte of a printer's answers is like it. */
const XOFF = byte(0x13);

/** As timers: a function made for each would take five variables. @resident */
function wake(uart: Uart): void {
  // What a printer answers takes as long as a frame: it has time while an alarm waits, but for a stop, and unless much has come meanwhile.
  const pressing = uart.room < Bound.receive - Bound.press || (uart.xon && uart._waiting.indexOf(XOFF) >= 0);
  if (busy.alarm && !pressing) setTimeout(wake, 0, uart);
  else if (busy.turn < 0 || pressing || !postponed(wake, uart)) uart.wake();
}

/** What a printer is given takes as long as a frame: its ring lasts for another turn while an alarm waits. @resident */
function pump(uart: Uart): void {
  if (busy.alarm) uart._timer = setTimeout(pump, 0, uart);
  else uart.pump();
}
