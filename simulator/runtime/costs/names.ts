/** Where the interpreter finds a name: it tries those before it, one by one. */
import { builtins } from "../builtins.js";
import type { Counts } from "./operations.js";

/** The interpreter's objects: each becomes a global when it is first named. */
const OBJECTS = new Set([...Object.keys(builtins), "E", "process", "console", "Modules", "Serial", "Pin", "Waveform"]);

/** Methods and fields of the interpreter's own: sought in the prototype of their kind and in that of all objects, which are globals. */
const KINDS = new Map(
  ["Uint8Array", "Function", "Array", "String"].flatMap((kind) =>
    builtins[kind]!.prototype!.split(" ").map((name) => [name, kind] as const),
  ),
);

/** A field whose object nothing is known of. */
const SOME_FIELD = 4;

export class Names {
  private readonly globals = new Map<string, number>();
  private readonly fields = new Map<string, number>();
  /** What has made them. */
  history = "";

  copy(): Names {
    const copy = new Names();
    for (const [name, index] of this.globals) copy.globals.set(name, index);
    for (const [name, index] of this.fields) copy.fields.set(name, index);
    return copy;
  }

  get size(): number {
    return this.globals.size;
  }

  /** The program makes a global. */
  global(name: string): void {
    if (!this.globals.has(name)) this.globals.set(name, this.globals.size);
  }

  /** The program names one of the interpreter's objects, if it is one. */
  object(name: string): void {
    if (OBJECTS.has(name)) this.global(name);
  }

  /** The program gives an object its field number `index`. */
  field(name: string, index: number): void {
    if (!this.fields.has(name)) this.fields.set(name, index);
  }

  /** @param scopes of the functions around, the innermost last: their names in order */
  lookup(name: string, scopes: readonly (readonly string[])[]): Counts {
    let passed = 0;
    for (let depth = scopes.length - 1; depth >= 0; depth--) {
      const at = scopes[depth]!.indexOf(name);
      const scope = scopes.length - depth;
      if (at >= 0) return { lookup: 1, scope, passed: passed + at };
      passed += scopes[depth]!.length;
    }
    const scope = scopes.length + 1;
    this.object(name);
    const global = this.globals.get(name);
    if (global !== undefined) return { lookup: 1, scope, passed: passed + global };
    return { lookup: 1, scope, passed: passed + this.globals.size, builtin: 1 };
  }

  /** @param object its object, where that is a name */
  member(name: string, object?: string): Counts {
    if (object !== undefined && OBJECTS.has(object))
      return { member: 1, inherited: 1, passed: this.globals.get("Object") ?? this.globals.size };
    const kind = KINDS.get(name);
    if (kind === undefined) return { member: 1, passed: this.fields.get(name) ?? SOME_FIELD };
    let passed = 0;
    for (const sought of [kind, "Object"]) {
      this.global(sought);
      passed += this.globals.get(sought)!;
    }
    return { member: 1, inherited: 1, passed };
  }
}
