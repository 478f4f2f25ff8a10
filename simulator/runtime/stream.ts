/**
 * What arrives while an object has no `data` listener: 512 bytes are kept, the rest is lost with BUFFER_FULL. What is kept is a child of the object,
 * with a name that programs do not see by themselves. If it begins with a long piece, which is a flat string, nothing can be appended, and what comes behind it is lost
 * without a word.
 */
import type { Interpreter } from "./interpreter.js";

const LIMIT = 512;

/** Name of the child. */
const CHILD = "\xffbuf";

/** A string of more bytes is flat: what two variables of a board hold. */
const FLAT = 20;

export class StreamBuffer {
  /** The flat strings that begin what is kept. */
  private readonly flat = new WeakMap<object, string>();

  constructor(private readonly interpreter: Interpreter) {}

  /**
   * Hands data to the listeners at once, or keeps it.
   * @param force keep what fits and lose the rest; else nothing is kept that does not fit whole
   * @returns false when not all of it was kept
   */
  push(target: object, data: string, force: boolean): boolean {
    if (this.interpreter.callNow(target, "data", [data])) return true;
    const before = this.kept(target);
    if (before === undefined) {
      this.keep(target, data);
      if (data.length > FLAT) this.flat.set(target, data);
      return true;
    }
    const fits = before.length + data.length <= LIMIT;
    if (!fits && force) this.interpreter.raise("BUFFER_FULL");
    const rigid = before.length > FLAT && this.flat.get(target) === before;
    if ((fits || force) && !rigid) this.keep(target, (before + data).slice(0, Math.max(LIMIT, before.length)));
    return fits;
  }

  available(target: object): number {
    return this.kept(target)?.length ?? 0;
  }

  /** @param count bytes to take; all of them when it is 0 */
  read(target: object, count: number): string {
    const data = this.kept(target) ?? "";
    if (count <= 0 || count >= data.length) {
      this.takeAll(target);
      return data;
    }
    this.keep(target, data.slice(count));
    return data.slice(0, count);
  }

  /** An empty string is some, too. */
  takeAll(target: object): string | undefined {
    const data = this.kept(target);
    delete (target as { [CHILD]?: unknown })[CHILD];
    return data;
  }

  private kept(target: object): string | undefined {
    const child = (target as { [CHILD]?: unknown })[CHILD];
    return typeof child === "string" ? child : undefined;
  }

  private keep(target: object, data: string): void {
    this.flat.delete(target);
    (target as { [CHILD]?: unknown })[CHILD] = data;
  }
}
