/** ES5 modules to one minified script, as the board keeps it in Storage. */
import { posix } from "node:path";
import { rollup } from "rollup";
import type { Plugin } from "rollup";
import { minify } from "terser";
import { boards, isScarce } from "../../boards/index.js";
import type { Build, Feature } from "../../boards/index.js";
import { BOARD_BYTES, redirect } from "./compile.js";
import type { Compiled, Modules } from "./compile.js";
import { constructorsToMethods, withoutPrototypes } from "./constructors.js";
import { flagsAsNumbers } from "./flags.js";
import { reserveGlobals } from "./globals.js";
import { inlineMarked, markExports } from "./inline.js";
import { assigned, keepCalls, laterMarks, splitLater } from "./later.js";
import type { Split } from "./later.js";
import { nameNatives } from "./natives.js";
import { isMethod, mostCalls, overlaysOf, residents } from "./overlays.js";
import { touchUp } from "./peephole.js";
import { writePrototypes } from "./prototypes.js";
import { withoutUncalled } from "./uncalled.js";
import { declareFirst } from "./variables.js";

/**
 * What becomes of a script: it is evaluated at the top level, and its exports are globals; or it is run before that, and leaves no names behind; or a module is asked for; or the program evaluates it at the top
 * level beside itself.
 */
export type Form = "program" | "boot" | "module" | Beside;

export interface Beside {
  /** Its exports are the members of `$_p.m.NAME`. */
  readonly name: string;
  /** Its own names begin with `$` and this: none of the program's has a digit there. */
  readonly number: number;
}

export interface Bundle extends Split {
  /** All of it in one text. */
  code: string;
}

/** @param entry the entry's path without extension @param build of the board */
export async function bundle(
  compiled: Compiled,
  entry: string,
  board: string,
  build: Build,
  form: Form,
): Promise<Bundle> {
  const { code, exports } = await link(compiled.modules, entry, board, build, form);
  const spec = boards.find(({ id }) => id === board)!;
  const { crypto } = spec;
  if (form === "boot") {
    const { small } = await shrink(code, compiled, []);
    const whole = touchUp(small);
    return { code: whole, main: whole, parts: new Map(), overlays: [] };
  }
  if (form !== "program") {
    // Most modules ask nothing of their board: what reads the same is made once.
    const key = `${crypto} ${entry} ${code}`;
    const made = modules.get(key) ?? bundleModule(code, compiled, crypto, form);
    modules.set(key, made);
    return made;
  }
  const marked = laterMarks(code);
  const { small, names, members } = await shrink(keepCalls(code, marked), compiled, exports);
  const { code: methods, classes, constructors } = constructorsToMethods(touchUp(reserveGlobals(small)));
  const own = new Set([...members.values(), ...constructors]);
  const roots = exports.map((name) => `$${name}`);
  const { code: called, dropped } = withoutUncalled(methods, own, new Set(roots));
  const whole = nameNatives(called, crypto);
  const shortOf = (name: string): string =>
    isMethod(name) ? `.${members.get(name.slice(1)) ?? name.slice(1)}` : `$${names(name)}`;
  const marks = new Map(
    [...marked].map(([name, part]) => [shortOf(name), part] as const).filter(([name]) => !dropped.has(name)),
  );
  const stay = residents(code, spec, build.features).map(shortOf);
  const methodsLater = [...marks.keys()].filter(isMethod);
  const numbers = overlaysOf(whole, own, new Set([...roots, ...stay, ...methodsLater]), mostCalls(spec));
  const { main, parts, overlays } = splitLater(whole, marks, roots, build.features.includes("slots"), numbers);
  const finish = (text: string): string => withoutPrototypes(writePrototypes(text), classes);
  return {
    overlays: overlays.map(({ parameters, body }) => ({ parameters, body: withoutPrototypes(body, classes) })),
    code: finish(whole),
    main: finish(main),
    parts: new Map([...parts].map(([name, text]) => [name, finish(text)])),
  };
}

const modules = new Map<string, Promise<Bundle>>();

async function bundleModule(
  code: string,
  compiled: Compiled,
  crypto: boolean,
  form: "module" | Beside,
): Promise<Bundle> {
  const { small } = await shrink(code, compiled, []);
  const finish = (text: string): string => {
    const { code: methods, classes } = constructorsToMethods(text);
    return withoutPrototypes(writePrototypes(nameNatives(methods, crypto)), classes);
  };
  if (form === "module") {
    const whole = finish(touchUp(small));
    return { code: whole, main: whole, parts: new Map(), overlays: [] };
  }
  const own = finish(reserveGlobals(touchUp(small), `$${form.number}`));
  const whole = own.replace(/\bexports(?=\.)/, `($_p.m.${form.name}={})`);
  if (/\bexports\b/.test(whole)) throw new Error(`the module ${form.name} exports more than one name`);
  return { code: whole, main: assigned(whole), parts: new Map(), overlays: [] };
}

/** Exports that only the module `sockets` asks for. */
const FOR_PROGRAMS = new Set(["openSocket", "programs"]);

/** One script, readable, with the calls of marked functions inlined. */
export async function link(
  modules: Modules,
  entry: string,
  board: string,
  { features }: Build,
  form: Form,
): Promise<{ code: string; exports: string[] }> {
  const build = await rollup({
    input: entry,
    plugins: [fromMemory(modules, board, features)],
    treeshake: { moduleSideEffects: true },
    onwarn: (warning) => {
      throw new Error(warning.message);
    },
  });
  const { output } = await build.generate({
    format: form === "program" ? "es" : form === "boot" ? "iife" : "cjs",
    generatedCode: { preset: "es5", symbols: false },
    strict: false,
    esModule: false,
    externalLiveBindings: false,
    freeze: false,
    exports: "auto",
  });
  await build.close();
  const [{ code, exports }] = output;
  // A program's exports are its own names.
  const left = features.includes("programs") ? exports : exports.filter((name) => !FOR_PROGRAMS.has(name));
  return { code: inlineMarked(code.replace(/^export \{[\w, ]*\};$/m, "")), exports: left };
}

/** The module that says what a build has, in place of the one that has all. */
const FEATURES = "boards/features";

/** The module that says whether a firmware asks for sessions. */
const ROLES = "protocols/session/roles";

function featuresText(modules: Modules, board: string, has: readonly Feature[]): string {
  return modules
    .get(FEATURES)!
    .replace(/(\w+): true/g, (text, name: Feature) => (has.includes(name) ? text : `${name}: false`))
    .replace("scarce = false", `scarce = ${isScarce(boards.find(({ id }) => id === board)!)}`);
}

function fromMemory(modules: Modules, board: string, features: readonly Feature[]): Plugin {
  return {
    name: "compiled-modules",
    resolveId(specifier, from) {
      if (from === undefined) return specifier;
      const path = posix.join(posix.dirname(from), specifier.replace(/\.js$/, ""));
      const target = { "#board": `boards/${board}`, "#features": FEATURES }[specifier] ?? redirect(path);
      if (!modules.has(target)) throw new Error(`${from} imports ${specifier}, which is no file of the firmware`);
      return target;
    },
    load(id) {
      const code = modules.get(id);
      if (code === undefined) throw new Error(`nothing was compiled for ${id}`);
      if (id === FEATURES) return featuresText(modules, board, features);
      if (id === ROLES && !features.includes("peers")) return code.replace("initiates = true", "initiates = false");
      return id === BOARD_BYTES ? markExports(code) : code;
    },
  };
}

/**
 * @param compiled members that get short names, like those that begin with `_`
 * @param exports names that stay, and what bears them
 * @returns also how a name at the top level reads now, and members that were shortened, but for those that others have, too
 */
async function shrink(
  code: string,
  { shortenable, shared }: Compiled,
  exports: string[],
): Promise<{ small: string; names: (long: string) => string; members: ReadonlyMap<string, string> }> {
  const shortened = ["_[a-z]\\w*", ...shortenable, ...shared.keys()].join("|");
  const nameCache: { vars?: { props: Record<string, string> }; props: { props: Record<string, string> } } = {
    props: { props: Object.fromEntries([...shared].map(([long, short]) => [`$${long}`, short])) },
  };
  const { code: small } = await minify(code, {
    ecma: 5,
    toplevel: true,
    nameCache,
    compress: {
      passes: 3,
      top_retain: exports,
      // A variable is there only once its `var` has run: it stays where it is.
      join_vars: false,
      // The interpreter does not hoist: each function must stand before its first use.
      hoist_funs: true,
      // A function moved into its only caller would be made anew at each call.
      reduce_funcs: false,
      // `return a += b` grows a string in place, `return a + b` copies it.
      dead_code: false,
      // `1/0` is an operation, `Infinity` a name.
      keep_infinity: true,
      // Members are read without effect, and modules got.
      pure_getters: true,
      pure_funcs: ["require"],
      keep_fargs: false,
    },
    mangle: {
      toplevel: true,
      reserved: exports,
      nth_identifier: { get: shortName },
      properties: { regex: new RegExp(`^(?:${shortened})$`), builtins: true },
    },
    // Raw UTF-8 would turn "\xff" into two bytes.
    format: { comments: false, ascii_only: true },
  });
  const members = new Map(
    Object.entries(nameCache.props.props)
      .map(([long, short]) => [long.slice(1), short] as const)
      .filter(([long]) => !shared.has(long)),
  );
  return {
    small: flagsAsNumbers(declareFirst(small ?? ""), new Set(members.values()), exports),
    names: (long) => nameCache.vars?.props[`$${long}`] ?? long,
    members,
  };
}

const LETTERS = "etnraiscoludhmpfgvybSTENRIAOCwxkDLPUMBFGjqzHVWKXYJZQ";

/** A name without `$`: a, b ... aa, ab ... */
function shortName(n: number): string {
  const name = LETTERS[n % LETTERS.length]!;
  return n < LETTERS.length ? name : shortName(Math.floor(n / LETTERS.length) - 1) + name;
}
