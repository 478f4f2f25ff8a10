/** What will happen, in the order of its time; what has the same time happens in the order in which it was put in. */

interface Event {
  at: number;
  order: number;
  run: () => void;
}

export class EventQueue {
  /** Virtual time in ms. */
  now = 0;
  private readonly heap: Event[] = [];
  private order = 0;

  get size(): number {
    return this.heap.length;
  }

  /** When the next event is due, or Infinity. */
  get next(): number {
    return this.heap[0]?.at ?? Infinity;
  }

  /** @param at virtual time in ms; what is past happens now */
  put(at: number, run: () => void): void {
    const event = { at: Math.max(at, this.now), order: this.order++, run };
    const { heap } = this;
    let i = heap.length;
    while (i > 0) {
      const above = (i - 1) >> 1;
      if (!before(event, heap[above]!)) break;
      heap[i] = heap[above]!;
      i = above;
    }
    heap[i] = event;
  }

  /** Runs the next event. @returns false when there is none */
  step(): boolean {
    const { heap } = this;
    const first = heap[0];
    if (!first) return false;
    const last = heap.pop()!;
    if (heap.length > 0) this.sink(last);
    this.now = first.at;
    first.run();
    return true;
  }

  private sink(event: Event): void {
    const { heap } = this;
    let i = 0;
    for (;;) {
      let below = 2 * i + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && before(heap[below + 1]!, heap[below]!)) below++;
      if (!before(heap[below]!, event)) break;
      heap[i] = heap[below]!;
      i = below;
    }
    heap[i] = event;
  }
}

function before(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
