/**
 * What others do on a serial line, as small models: how many bytes stand around a payload, how many are put in for those that
 * have a meaning, how many frames may be under way, and what happens when one is lost. Each is as good as its own rules
 * let it be: its receiver answers at once and knows any damage, and its frames are as long as ours, even where its rules want shorter ones.
 */
import { EventQueue } from "../../soak/queue.js";
import { random } from "../../soak/random.js";
import { MEDIA, Wire } from "../../soak/wire.js";
import type { Faults } from "../../soak/wire.js";

export interface Model {
  /** Bytes around a payload of random bytes: header, check, delimiters; and the share of bytes that have to be escaped. */
  overhead: number;
  escaped: number;
  /** Frames under way. */
  window: number;
  /** Bytes of an acknowledgement. */
  answer: number;
  /** Time after which it sends again, in ms, and how it follows the line: bounds, or fixed when they are the same. */
  timeout: { first: number; least: number; most: number };
  /** After silence all that is under way goes again, or the oldest frame alone, each after its own time. */
  again: "all" | "oldest";
  /** A frame out of turn is answered by a request for the one that is missing, once. */
  nak: boolean;
  /** The receiver says every so many ms what it expects, unasked; 0 = it does not. */
  repeat: number;
}

export const MODELS: Record<string, Model> = {
  /**
   * ASH, Silicon Labs UG101: control byte, CRC-16 and flag; 6 byte values are escaped; NAK for a frame out of turn, and then all again; window 3,
   * T_RX_ACK from 400 to 3200 ms, 1600 at first. Its data field ends at 128 bytes; here it has 256.
   */
  ash: {
    overhead: 4,
    escaped: 6 / 256,
    window: 3,
    answer: 4,
    timeout: { first: 1600, least: 400, most: 3200 },
    again: "all",
    nak: true,
    repeat: 0,
  },
  /**
   * H5, the Three-wire UART of the Bluetooth Core Specification, Volume 4 Part D: two SLIP delimiters, a header of 4 and a CRC-16; C0 and DB are
   * escaped; no NAK. Window 4 and 250 ms as in Linux' hci_h5.
   */
  h5: {
    overhead: 8,
    escaped: 2 / 256,
    window: 4,
    answer: 8,
    timeout: { first: 250, least: 250, most: 250 },
    again: "all",
    nak: false,
    repeat: 0,
  },
  /**
   * MIN with its transport, github.com/min-protocol/min, wiki Frame and target/min.c: three header bytes, id, sequence, length, CRC-32 and end; a byte
   * is put in after two header bytes in a row; the receiver takes frames in turn only, the frame sent longest ago goes again, window 4. Its 5 ms
   * are less than a frame takes at 115200: here they are 50, and 25 for the acknowledgement that its receiver repeats.
   */
  min: {
    overhead: 11,
    escaped: 1 / 65536,
    window: 4,
    answer: 11,
    timeout: { first: 50, least: 50, most: 50 },
    again: "oldest",
    nak: false,
    repeat: 25,
  },
  /** Stop and wait with our own frame, and a timeout that fits the line. */
  stopAndWait: {
    overhead: 12,
    escaped: 0,
    window: 1,
    answer: 15,
    timeout: { first: 100, least: 100, most: 100 },
    again: "all",
    nak: false,
    repeat: 0,
  },
};

/** What a frame bears in front: its number, or the number expected next with whether that one is asked for. */
const enum Offset {
  number = 0,
  asked = 3,
}

class Run {
  /** Frames that came in turn. */
  received = 0;
  private readonly queue = new EventQueue();
  private readonly there: Wire<null>;
  private readonly back: Wire<null>;
  private readonly length: number;
  private oldest = 0;
  private next = 0;
  /** Up to here frames were sent before. */
  private newest = 0;
  private readonly sentAt = new Map<number, { at: number; again: boolean }>();
  private timeout: number;
  private timer = Infinity;
  private asked = false;

  constructor(
    private readonly model: Model,
    payload: number,
    faults: Faults,
    seed: number,
  ) {
    const rand = random(seed);
    this.length = Math.max(5, Math.round((payload + model.overhead) * (1 + model.escaped)));
    this.timeout = model.timeout.first;
    // What is damaged is known to be: it does not come.
    this.there = new Wire<null>(this.queue, rand, MEDIA.serial, ({ bytes, hurt }) => {
      if (!hurt) this.came(numberOf(bytes));
    });
    this.back = new Wire<null>(this.queue, rand, MEDIA.serial, ({ bytes, hurt }) => {
      if (!hurt) this.answered(numberOf(bytes), bytes[Offset.asked] === 1);
    });
    this.there.faults = this.back.faults = faults;
    this.there.onready = () => this.send();
  }

  /** @param until in ms */
  run(until: number): void {
    this.send();
    if (this.model.repeat) this.repeat();
    while (this.queue.next <= until) this.queue.step();
    this.queue.now = until;
  }

  private send(): void {
    while (this.next < this.oldest + this.model.window && this.there.ready) this.emit(this.next++);
    this.arm();
  }

  private emit(number: number): void {
    const { now } = this.queue;
    this.sentAt.set(number, { at: now, again: number < this.newest });
    this.newest = Math.max(this.newest, number + 1);
    this.there.send(frame(this.length, number), null, null);
  }

  private arm(): void {
    const first = this.model.again === "all" ? this.sentAt.get(this.oldest) : this.longestAgo()?.sent;
    // Who has no room on the line waits for it.
    if (!first || this.oldest === this.next || !this.there.ready) return;
    const at = first.at + this.timeout;
    if (at === this.timer) return;
    this.timer = at;
    this.queue.put(at, () => {
      if (this.timer !== at) return;
      this.timer = Infinity;
      this.late();
    });
  }

  private late(): void {
    const { timeout, again } = this.model;
    if (again === "all") {
      this.timeout = Math.min(timeout.most, this.timeout * 2);
      this.next = this.oldest;
    } else if (this.there.ready) this.emit(this.longestAgo()!.number);
    this.send();
  }

  private longestAgo(): { number: number; sent: { at: number } } | undefined {
    let found: { number: number; sent: { at: number } } | undefined;
    for (let number = this.oldest; number < this.next; number++) {
      const sent = this.sentAt.get(number)!;
      if (!found || sent.at < found.sent.at) found = { number, sent };
    }
    return found;
  }

  private came(number: number): void {
    if (number === this.received) {
      this.received++;
      this.asked = false;
    } else if (!this.model.nak && this.model.again === "oldest") return;
    const ask = this.model.nak && number > this.received && !this.asked;
    if (ask) this.asked = true;
    this.answer(ask);
  }

  private answer(ask: boolean): void {
    this.back.send(frame(this.model.answer, this.received, ask), null, null);
  }

  private repeat(): void {
    this.queue.put(this.queue.now + this.model.repeat, () => {
      this.answer(false);
      this.repeat();
    });
  }

  private answered(number: number, ask: boolean): void {
    const sent = this.sentAt.get(number - 1);
    if (number > this.oldest && sent && !sent.again) this.follow(this.queue.now - sent.at);
    for (; this.oldest < number; this.oldest++) this.sentAt.delete(this.oldest);
    if (ask || this.next < this.oldest) this.next = this.oldest;
    this.send();
  }

  /** UG101, 5.6: seven eighths of the time before and half of what it took. */
  private follow(took: number): void {
    const { least, most } = this.model.timeout;
    this.timeout = Math.min(most, Math.max(least, (this.timeout * 7) / 8 + took / 2));
  }
}

function frame(length: number, number: number, asked = false): Uint8Array {
  const bytes = Buffer.alloc(length);
  bytes.writeUIntBE(number, Offset.number, Offset.asked);
  bytes[Offset.asked] = asked ? 1 : 0;
  return bytes;
}

function numberOf(bytes: Uint8Array): number {
  return Buffer.from(bytes).readUIntBE(Offset.number, Offset.asked);
}

/** Bytes of payload a second that a model gets through. */
export function goodput(model: Model, payload: number, faults: Faults, seed: number, seconds: number): number {
  const run = new Run(model, payload, faults, seed);
  run.run(seconds * 1000);
  return (run.received * payload) / seconds;
}
