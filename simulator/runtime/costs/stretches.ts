/** What is being counted while a program is walked: stretches without a branch, and what each takes. */
import type { AnyNode } from "acorn";
import { add } from "./operations.js";
import type { Counts } from "./operations.js";
import type { Names } from "./names.js";
import type { Text } from "./text.js";

/** A stretch that runs as a whole, or what may give a string: then its length is charged when it runs. */
export interface Stretch {
  counts: Counts;
  /**
   * How its charge is written: in front of a statement, with braces around both, or with brackets around it and an expression.
   * `else` is one that the program does not write; the last three go around: what may be joined to a string or appended to one, and what is.
   */
  form: "before" | "braces" | "brackets" | "else" | Around;
  start: number;
  end: number;
}

/** What depends on strings. */
export type Around = "joined" | "appended" | "added";

export class Counting {
  protected readonly stretches: Stretch[] = [];
  /** Names of the functions around, the innermost last. */
  protected readonly scopes: string[][] = [];
  protected counts: Counts = {};

  constructor(
    protected readonly text: Text,
    protected readonly names: Names,
  ) {}

  /** Counts what `run` walks as a stretch of its own. */
  protected stretch(form: Stretch["form"], start: number, end: number, run: () => void): Stretch {
    const outer = this.counts;
    const stretch: Stretch = { counts: {}, form, start, end };
    this.counts = stretch.counts;
    this.stretches.push(stretch);
    run();
    this.counts = outer;
    return stretch;
  }

  protected count(counts: Counts, times = 1): void {
    add(this.counts, counts, times);
  }

  /** Reads the tokens of a node that are none of its parts'. */
  protected read(node: AnyNode, ...parts: (AnyNode | null | undefined)[]): void {
    this.count(this.text.read(node.start, node.end));
    for (const part of parts) if (part) this.count(this.text.read(part.start, part.end), -1);
  }

  /** A block that is not run is passed over, another statement is parsed. */
  protected unused(node: AnyNode): Counts {
    return node.type === "BlockStatement"
      ? this.text.read(node.start, node.end)
      : this.text.parsed(node.start, node.end);
  }

  /** What something counts, without counting it. */
  protected measured(run: () => void): Counts {
    const outer = this.counts;
    const counts = (this.counts = {});
    run();
    this.counts = outer;
    return counts;
  }
}
