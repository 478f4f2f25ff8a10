/** `require` and the cache of modules: built in, or text in Storage; `eval`, which sees the globals only; and `Function`, which takes tokens. */
import { detokenise } from "../../boards/tokens.js";
import { binary } from "./binary.js";
import type { Realm } from "./realm.js";
import type { Flash } from "./storage.js";

/** Variables of a function whose text stays in flash, with its parameters. */
const PER_FUNCTION = 4.7;

/** The same at the top level, where no function has a scope to keep. */
const PER_GLOBAL = 3.7;

export class Modules {
  private readonly cache = new Map<string, unknown>();
  private readonly native = new Map<string, () => object>();
  /** Variables that the modules' functions take, about. */
  variables = 0;

  constructor(
    private readonly realm: Realm,
    private readonly flash: Flash,
  ) {}

  /** Makes a built-in module known; it comes into being when it is first required. */
  add(name: string, make: () => object): void {
    this.native.set(name, make);
  }

  get names(): string[] {
    return [...this.native.keys()];
  }

  require(name: unknown): unknown {
    if (typeof name !== "string")
      throw new this.realm.intrinsics.TypeError("Expecting module name as a string, got " + typeof name);
    if (this.cache.has(name)) return this.cache.get(name);
    const native = this.native.get(name);
    const text = this.flash.read(name);
    if (!native && !text) throw this.realm.error(`Module "${name}" not found`);
    const exports = native ? this.realm.wrap(name, native()) : this.evaluate(detokenise(binary(text!)), name);
    this.cache.set(name, exports);
    return exports;
  }

  install(): void {
    const { realm } = this;
    const object = realm.object();
    realm.methods(object, {
      addCached: (name: unknown, source: unknown) => {
        if (typeof name !== "string" || (typeof source !== "string" && typeof source !== "function"))
          throw realm.error("args must be addCached(string, string|function)");
        const text = typeof source === "string" ? detokenise(source) : `return (${String(source)})()`;
        this.cache.set(name, this.evaluate(text, name));
      },
      getCached: () => realm.array(this.cache.keys()),
      removeCached: (name: string) => {
        if (!this.cache.delete(name)) throw realm.error(`Module "${name}" not found`);
      },
      removeAllCached: () => this.cache.clear(),
    });
    realm.define(realm.global, "Modules", object);
    realm.methods(realm.global, {
      require: (name: unknown) => this.require(name),
      eval: (text: unknown) => {
        const source = detokenise(String(text));
        // What the program evaluates later are parts of its own text: they count from the start.
        this.variables ||= functionsOf(source) * PER_GLOBAL;
        return realm.evaluate(realm.translate(source), "eval");
      },
    });
    realm.define(realm.global, "Function", this.functions());
  }

  /** Makes a function of texts, the last of which is not gone over before it is called. */
  private functions(): unknown {
    const { realm } = this;
    const { prototype } = realm.global.Function as FunctionConstructor;
    const make = function (...texts: unknown[]): unknown {
      const body = detokenise(String(texts.pop()));
      const source = realm.translate(`(function(${texts.join()}){${body}})`);
      return realm.uncharged(() => realm.evaluate(source, "Function"));
    };
    return Object.assign(make, { prototype });
  }

  private evaluate(source: string, name: string): unknown {
    this.variables += functionsOf(source) * PER_FUNCTION;
    const module = this.realm.object({ exports: this.realm.object() });
    const run = this.realm.compile(this.realm.translate(source), ["module", "exports", "require"], name);
    run.call(module.exports, module, module.exports, (id: unknown) => this.require(id));
    return module.exports;
  }
}

function functionsOf(source: string): number {
  return source.match(/\bfunction\b/g)?.length ?? 0;
}
