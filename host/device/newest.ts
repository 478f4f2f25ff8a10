/** A place for one thing: a newer one takes it from an older one that nobody fetched. For one reader. */

export class Newest<T> {
  /** Things that a newer one replaced since the last was taken. */
  private missed = 0;
  private thing: T | undefined;
  private failure: Error | undefined;
  private wake: (() => void) | undefined;

  put(thing: T): void {
    if (this.thing !== undefined) this.missed++;
    this.thing = thing;
    this.wake?.();
  }

  /** No more will come: the reader is told once it has the last one. */
  fail(failure: Error): void {
    this.failure = failure;
    this.wake?.();
  }

  /** The newest that was not taken yet, and how many it replaced. */
  async take(): Promise<{ thing: T; skipped: number }> {
    while (this.thing === undefined) {
      if (this.failure) throw this.failure;
      await new Promise<void>((resolve) => (this.wake = resolve));
      this.wake = undefined;
    }
    const taken = { thing: this.thing, skipped: this.missed };
    this.thing = undefined;
    this.missed = 0;
    return taken;
  }
}
