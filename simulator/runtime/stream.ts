/** What arrives while an object has no `data` listener: 512 bytes are kept, the rest is lost with BUFFER_FULL. */
import type { Interpreter } from "./interpreter.js";

const LIMIT = 512;

export class StreamBuffer {
  private readonly kept = new WeakMap<object, string>();

  constructor(private readonly interpreter: Interpreter) {}

  /**
   * Hands data to the listeners at once, or keeps it.
   * @param force keep what fits and lose the rest; else nothing is kept that does not fit whole
   * @returns false when not all of it was kept
   */
  push(target: object, data: string, force: boolean): boolean {
    if (this.interpreter.callNow(target, "data", [data])) return true;
    const before = this.kept.get(target);
    if (before === undefined) {
      this.kept.set(target, data);
      return true;
    }
    const fits = before.length + data.length <= LIMIT;
    if (!fits && force) this.interpreter.raise("BUFFER_FULL");
    if (fits || force) this.kept.set(target, (before + data).slice(0, Math.max(LIMIT, before.length)));
    return fits;
  }

  available(target: object): number {
    return this.kept.get(target)?.length ?? 0;
  }

  /** @param count bytes to take; all of them when it is 0 */
  read(target: object, count: number): string {
    const data = this.kept.get(target) ?? "";
    if (count <= 0 || count >= data.length) {
      this.kept.delete(target);
      return data;
    }
    this.kept.set(target, data.slice(count));
    return data.slice(0, count);
  }

  takeAll(target: object): string | undefined {
    const data = this.kept.get(target);
    this.kept.delete(target);
    return data;
  }
}
