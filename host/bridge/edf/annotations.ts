/** Annotations of an EDF+ file as time-stamped annotation lists (TAL), and the events that wait for room in a record. */

/** Those that wait: alarms beyond it are counted and left out, gaps are added to one of the same cause from a few on. */
const MOST_WAITING = 256;
const GAPS_APART = 16;
/** Characters of a text: the longest still fits beside what a record must say. */
const LONGEST = 80;

/** @param onset in microseconds since the file's start. @param duration likewise, of something that lasts */
export function tal(onset: number, text: string, duration?: number): Buffer {
  const lasts = duration === undefined ? "" : `\x15${seconds(duration)}`;
  return Buffer.from(`${onset < 0 ? "-" : "+"}${seconds(Math.abs(onset))}${lasts}\x14${text}\x14\0`);
}

/** Bytes of control have a meaning in a TAL. */
export function plain(text: string, longest = LONGEST): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, "?").slice(0, longest);
}

function seconds(microseconds: number): string {
  return (Math.round(microseconds) / 1e6).toFixed(6).replace(/\.?0+$/, "");
}

interface Event {
  onset: number;
  duration?: number | undefined;
  text: string;
}

interface Gaps extends Event {
  cause: string;
  lost: number | null;
  count: number;
}

export class WaitingAnnotations {
  /** Notes that never found room. */
  leftOut = 0;
  private readonly waiting: (Event | Gaps)[] = [];

  get length(): number {
    return this.waiting.length;
  }

  add(onset: number, text: string): void {
    if (this.waiting.length >= MOST_WAITING) this.leftOut++;
    else this.waiting.push({ onset, text: plain(text) });
  }

  /** @param interval microseconds from reading to reading */
  addGap(onset: number, cause: string, lost: number | null, interval: number): void {
    const like =
      this.waiting.length < GAPS_APART
        ? undefined
        : this.waiting.find((event) => isGaps(event) && event.cause === cause);
    const duration = lost === null ? undefined : lost * interval;
    if (!like) {
      const gaps: Gaps = { onset, duration, text: "", cause, lost, count: 1 };
      gaps.text = inWords(gaps);
      this.waiting.push(gaps);
      return;
    }
    const gaps = like as Gaps;
    gaps.lost = gaps.lost === null || lost === null ? null : gaps.lost + lost;
    gaps.count++;
    gaps.duration = onset - gaps.onset + (duration ?? 0);
    gaps.text = inWords(gaps);
  }

  /** The next ones that fit, each as a TAL. */
  take(room: number): Buffer[] {
    const taken: Buffer[] = [];
    for (let next = this.waiting[0]; next; next = this.waiting[0]) {
      const bytes = tal(next.onset, next.text, next.duration);
      if (bytes.length > room) break;
      room -= bytes.length;
      taken.push(bytes);
      this.waiting.shift();
    }
    return taken;
  }
}

function isGaps(event: Event | Gaps): event is Gaps {
  return "cause" in event;
}

function inWords({ cause, lost, count }: Gaps): string {
  const amount = lost === null ? "nobody counted the readings" : `${lost} ${lost === 1 ? "reading" : "readings"} lost`;
  return plain(`gap: ${plain(cause, 32)}, ${amount}${count > 1 ? ` in ${count} gaps` : ""}`);
}
