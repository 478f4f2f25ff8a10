/** What valgrind's callgrind writes: instructions by function, and by who called whom. */

/** Calls of one function by another. */
export interface Arc {
  calls: number;
  /** Instructions inside these calls, those of further calls included. */
  instructions: number;
}

export class Profile {
  private readonly arcs = new Map<string, Arc>();
  private readonly self = new Map<string, number>();

  /** @param text a dump that was made with `--dump-line=no` and counts instructions only */
  constructor(text: string) {
    const names = new Map<string, string>();
    const name = (text: string): string => {
      const [, id, given] = /^\((\d+)\)(?: (.*))?$/.exec(text) ?? [];
      if (id === undefined) return text;
      // gcc's clones of a function have suffixes; callgrind marks levels of recursion.
      if (given !== undefined) names.set(id, given.replace(/\.(isra|part|constprop|lto_priv|cold).*|'\d+$/, ""));
      return names.get(id) ?? id;
    };
    let caller = "";
    let callee = "";
    let calls = -1;
    for (const line of text.split("\n")) {
      const mark = line.indexOf("=");
      const key = mark < 0 ? "" : line.slice(0, mark);
      if (key === "fn") caller = name(line.slice(3));
      else if (key === "cfn") callee = name(line.slice(4));
      else if (key === "calls") calls = parseInt(line.slice(6));
      else if (/^[\d+*-]/.test(line)) {
        const cost = Number(line.split(" ")[1] ?? 0);
        if (calls >= 0) this.add(`${caller}>${callee}`, calls, cost);
        else this.self.set(caller, (this.self.get(caller) ?? 0) + cost);
        calls = -1;
      }
    }
  }

  arc(caller: string, callee: string): Arc {
    return this.arcs.get(`${caller}>${callee}`) ?? { calls: 0, instructions: 0 };
  }

  /** All calls of a function, from anywhere. Recursion is counted at each level. */
  to(callee: string): Arc {
    const sum: Arc = { calls: 0, instructions: 0 };
    for (const [key, arc] of this.arcs)
      if (key.endsWith(`>${callee}`)) {
        sum.calls += arc.calls;
        sum.instructions += arc.instructions;
      }
    return sum;
  }

  /** Instructions of each function without those it calls, most first. */
  hottest(): [name: string, instructions: number][] {
    return [...this.self].sort(([, a], [, b]) => b - a);
  }

  private add(key: string, calls: number, instructions: number): void {
    const arc = this.arcs.get(key);
    if (!arc) this.arcs.set(key, { calls, instructions });
    else {
      arc.calls += calls;
      arc.instructions += instructions;
    }
  }
}
