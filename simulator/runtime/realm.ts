/** The JavaScript world that the firmware runs in: a context with the interpreter's built-ins and nothing else. */
import vm from "node:vm";
import { builtins, globals } from "./builtins.js";

type AnyFunction = (...args: never[]) => unknown;

/** Constructors of the context, so that what the runtime hands in is of the firmware's own kind. */
interface Intrinsics {
  Object: ObjectConstructor;
  Array: ArrayConstructor;
  Uint8Array: Uint8ArrayConstructor;
  ArrayBuffer: ArrayBufferConstructor;
  Error: ErrorConstructor;
  TypeError: TypeErrorConstructor;
  String: StringConstructor;
  JSON: JSON;
}

export class Realm {
  readonly global: Record<string, unknown>;
  readonly intrinsics: Intrinsics;
  private readonly context: vm.Context;
  /** What a program's text becomes before it runs. */
  translate = (source: string): string => source;
  /** Does something that costs the interpreter nothing. */
  uncharged = <T>(work: () => T): T => work();
  /** A module of the interpreter's own, as the program gets it. */
  wrap = <T extends object>(_name: string, module: T): T => module;

  constructor() {
    this.context = vm.createContext({}, { codeGeneration: { strings: true, wasm: false } });
    this.global = this.evaluate("globalThis", "realm") as Record<string, unknown>;
    this.intrinsics = this.evaluate(
      "({Object,Array,Uint8Array,ArrayBuffer,Error,TypeError,String,JSON})",
      "realm",
    ) as Intrinsics;
    this.prune();
  }

  evaluate(source: string, file: string): unknown {
    return vm.runInContext(source, this.context, { filename: file });
  }

  /** Compiles text into a function with these parameter names; its lines keep their numbers. */
  compile(source: string, parameters: string[], file: string): (...args: unknown[]) => unknown {
    return vm.compileFunction(source, parameters, { filename: file, parsingContext: this.context }) as never;
  }

  object(fields: Record<string, unknown> = {}): Record<string, unknown> {
    return Object.assign(new this.intrinsics.Object() as Record<string, unknown>, fields);
  }

  array(items: Iterable<unknown>): unknown[] {
    const array = new this.intrinsics.Array() as unknown[];
    for (const item of items) array.push(item);
    return array;
  }

  bytes(data: ArrayLike<number>): Uint8Array {
    const bytes = new this.intrinsics.Uint8Array(data.length);
    bytes.set(data);
    return bytes;
  }

  error(message: string, type?: string): Error {
    const error = new this.intrinsics.Error(message);
    if (type) Object.assign(error, { type });
    return error;
  }

  /** Sets a global, or a method on an object, that no loop over the object shows. */
  define(target: object, name: string, value: unknown): void {
    Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
  }

  methods(target: object, functions: Record<string, AnyFunction>): void {
    for (const [name, value] of Object.entries(functions)) this.define(target, name, value);
  }

  private prune(): void {
    const kept = new Set(globals.split(" "));
    for (const name of Object.getOwnPropertyNames(this.global))
      if (!kept.has(name) && !builtins[name]) Reflect.deleteProperty(this.global, name);
    const inherited = new Set(["constructor", "__proto__"]);
    for (const [name, members] of Object.entries(builtins)) {
      const value = this.global[name] as { prototype?: object };
      keep(value, new Set(["prototype", "length", "name", "stackTraceLimit", ...words(members.static)]));
      for (let at = value.prototype; at; at = parentOf(at)) {
        if (at === this.intrinsics.Object.prototype && name !== "Object") break;
        keep(at, new Set([...inherited, ...words(members.prototype)]));
      }
    }
  }
}

function words(text = ""): string[] {
  return text.split(" ").filter(Boolean);
}

/** Prototypes above a typed array's or an error's own hold most of its methods. */
function parentOf(prototype: object): object | undefined {
  return (Object.getPrototypeOf(prototype) as object | null) ?? undefined;
}

function keep(target: object, names: Set<string>): void {
  for (const name of Object.getOwnPropertyNames(target)) if (!names.has(name)) Reflect.deleteProperty(target, name);
}
