/** One data record that is being filled: a place for each reading of its time, and words for each place without a value. */
import { plain, tal } from "./annotations.js";
import { ANNOTATION_BYTES, NO_VALUE } from "./layout.js";
import type { EdfLayout } from "./layout.js";

/** Room that is kept for a record's own words, beside events: its time, and one annotation for all its stretches. */
const OWN = 20 + 100;
const LONGEST_WHY = 40;

interface Stretch {
  from: number;
  to: number;
  /** Of which signals, "" for all. */
  signals: string;
  why: string;
}

export class EdfRecord {
  /** Places that are taken. */
  next = 0;
  private readonly samples: Int16Array[];
  private readonly stretches: Stretch[] = [];
  private events: Buffer[] = [];

  /** @param onset in microseconds since the file's start; it may be moved as long as no place is taken */
  constructor(
    private readonly layout: EdfLayout,
    public onset: number,
  ) {
    this.samples = layout.signals.map(() => new Int16Array(layout.readings).fill(NO_VALUE));
  }

  get full(): boolean {
    return this.next >= this.layout.readings;
  }

  /** A reading in the next place. */
  put(values: readonly (number | null)[], why: string): void {
    const absent: string[] = [];
    this.layout.signals.forEach((signal, i) => {
      const value = values[i] ?? null;
      const digital = value === null ? null : signal.digital(value);
      if (digital !== null) this.samples[i]![this.next] = digital;
      else absent.push(signal.name);
      if (value !== null && digital === null) why = "out of range";
    });
    if (absent.length)
      this.without(1, why || "no reason told", absent.length === this.layout.signals.length ? "" : absent.join(" "));
    else this.next++;
  }

  /** Places, as many as there are, in which nothing has a value. */
  pad(places: number, why: string): void {
    const room = this.layout.readings - this.next;
    if (Math.min(places, room) > 0) this.without(Math.min(places, room), why, "");
  }

  /** Room for events, which stay with this record. */
  get room(): number {
    return ANNOTATION_BYTES - OWN - this.events.reduce((sum, { length }) => sum + length, 0);
  }

  note(events: Buffer[]): void {
    this.events = [...this.events, ...events];
  }

  /** The record as it is now; what is not taken yet has no value, for the reason given. */
  encode(rest: string): Buffer {
    const samples = Buffer.alloc(this.layout.readings * 2 * this.samples.length);
    this.samples.forEach((values, i) =>
      values.forEach((value, at) => samples.writeInt16LE(value, 2 * (i * this.layout.readings + at))),
    );
    const annotations = Buffer.alloc(ANNOTATION_BYTES);
    const open: Stretch[] = this.full ? [] : [{ from: this.next, to: this.layout.readings, signals: "", why: rest }];
    const told = this.inWords([...this.stretches, ...open]);
    const words = Buffer.concat([tal(this.onset, ""), ...this.events]);
    const room = ANNOTATION_BYTES - 1 - words.length;
    const apart = Buffer.concat(told);
    Buffer.concat([words, apart.length <= room ? apart : this.merged([...this.stretches, ...open])]).copy(annotations);
    return Buffer.concat([samples, annotations]);
  }

  private without(places: number, why: string, signals: string): void {
    const last = this.stretches.at(-1);
    const to = this.next + places;
    if (last && last.to === this.next && last.why === why && last.signals === signals) last.to = to;
    else this.stretches.push({ from: this.next, to, signals, why });
    this.next = to;
  }

  private inWords(stretches: Stretch[]): Buffer[] {
    return stretches.map(({ from, to, signals, why }) =>
      this.interval(from, to, `no value${signals && ` in ${plain(signals, LONGEST_WHY)}`}: ${plain(why, LONGEST_WHY)}`),
    );
  }

  /** One for all, where they do not fit: the samples themselves say where. */
  private merged(stretches: Stretch[]): Buffer {
    const [first, last] = [stretches[0]!, stretches.at(-1)!];
    return this.interval(first.from, last.to, `no value at times: ${plain(first.why, LONGEST_WHY)}`);
  }

  private interval(from: number, to: number, text: string): Buffer {
    const each = this.layout.duration / this.layout.readings;
    return tal(this.onset + from * each, text, (to - from) * each);
  }
}
