/** Promises that are settled when something happens, or given up by a signal. */

export class Waiters {
  private readonly waiting = new Set<() => void>();

  /** Something happened: all that wait look again. */
  wake(): void {
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const wake of waiting) wake();
  }

  /**
   * Waits for the next `wake`.
   * @param aborted makes what is thrown when the signal aborts
   */
  wait(signal?: AbortSignal, aborted?: () => Error): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        signal?.removeEventListener("abort", abort);
        resolve();
      };
      const abort = (): void => {
        this.waiting.delete(settle);
        reject(aborted!());
      };
      if (signal?.aborted) return abort();
      signal?.addEventListener("abort", abort, { once: true });
      this.waiting.add(settle);
    });
  }
}
