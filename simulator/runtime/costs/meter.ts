/** What the program has done and nobody has charged yet, in instructions. */
import { createHash } from "node:crypto";
import type { Realm } from "../realm.js";
import { instrument } from "./instrument.js";
import { Names } from "./names.js";
import { chargeNatives } from "./natives.js";
import type { CostTable } from "./natives.js";
import type { Counts, Operation } from "./operations.js";

/** What the program's text calls the meter, and what it calls for what may be a string. */
const COUNTER = "meter$";
const STRINGS = { joined: "joined$", appended: "appended$", added: "added$" } as const;

/** Programs with their charges, by what ran before them and their own text: boards start again and again. */
const kept = new Map<string, { text: string; names: Names }>();
const MOST_KEPT = 300;

/** Of what is no string and joined to one. */
const DIGITS = 4;

export class Meter {
  private names = new Names();
  private readonly counter: { n: number };

  /** @param rate instructions a second */
  constructor(
    private readonly realm: Realm,
    private readonly table: CostTable,
    private readonly rate: number,
  ) {
    const { base, kept, added } = table.joined;
    const charge = (cost: string): string => `(v)=>{if(typeof v==="string")${COUNTER}.n+=${cost};return v}`;
    const length = `${COUNTER}.added`;
    realm.evaluate(
      `const ${COUNTER}={n:0,added:0};const ${STRINGS.added}=(v)=>{${length}=typeof v==="string"?v.length:${DIGITS};return v};` +
        `const ${STRINGS.appended}=${charge(`${base}+${added}*${length}`)};` +
        `const ${STRINGS.joined}=${charge(`${base}+${added}*${length}+${kept}*(v.length-${length})`)}`,
      "meter",
    );
    this.counter = realm.evaluate(COUNTER, "meter") as { n: number };
  }

  /** From now on texts are charged, and the interpreter's own functions. */
  install(): void {
    const { realm } = this;
    const natives = (objects?: Record<string, object>): void =>
      chargeNatives(realm, this.table, (instructions) => void (this.counter.n += instructions), objects);
    realm.translate = (source) => this.text(source);
    realm.uncharged = (work) => {
      const { n } = this.counter;
      try {
        return work();
      } finally {
        this.counter.n = n;
      }
    };
    realm.wrap = (name, module) => {
      natives({ [name]: module });
      for (const [inner, value] of Object.entries(Object.getOwnPropertyDescriptors(module)))
        if (typeof value.value === "object" && value.value !== null) natives({ [inner]: value.value as object });
      return module;
    };
    natives();
  }

  /** What the interpreter does around an event. @param bytes that come with it */
  event(kind: string, bytes = 0): void {
    const cost = this.table.events[kind];
    if (cost) this.counter.n += cost.base + (cost.each ?? 0) * bytes;
  }

  /** ms of what has been charged since the last call. */
  take(): number {
    const { n } = this.counter;
    if (n === 0) return 0;
    this.counter.n = 0;
    return (n * 1000) / this.rate;
  }

  /** A program's text with its charges. */
  private text(source: string): string {
    const key = createHash("sha256").update(this.names.history).update(source, "latin1").digest("hex");
    let found = kept.get(key);
    if (!found) {
      const names = this.names.copy();
      const text = instrument(source, names, { charge: ({ counts }) => this.charge(counts), strings: STRINGS });
      names.history = key;
      found = { text, names };
      kept.set(key, found);
      if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!);
    }
    this.names = found.names;
    return found.text;
  }

  private charge(counts: Counts): string {
    let sum = 0;
    for (const [name, count] of Object.entries(counts) as [Operation, number][])
      sum += this.table.operations[name] * count;
    return `${COUNTER}.n+=${Math.round(sum)}`;
  }
}
