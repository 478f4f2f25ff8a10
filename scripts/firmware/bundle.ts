/** ES5 modules to one minified script, as the board keeps it in Storage. */
import { posix } from "node:path";
import { rollup } from "rollup";
import type { Plugin } from "rollup";
import { minify } from "terser";
import { boards } from "../../boards/index.js";
import { BOARD_BYTES, redirect } from "./compile.js";
import type { Compiled, Modules } from "./compile.js";
import { reserveGlobals } from "./globals.js";
import { inlineMarked, markExports } from "./inline.js";
import { nameNatives, namePrototypes } from "./natives.js";
import { touchUp } from "./peephole.js";

/** What becomes of a script: it is evaluated at the top level, and its exports are globals; or a module is asked for. */
export type Form = "program" | "module";

/** @param entry the entry's path without extension */
export async function bundle(compiled: Compiled, entry: string, board: string, form: Form): Promise<string> {
  const { code, exports } = await link(compiled.modules, entry, board, form);
  const small = await shrink(code, compiled.shortenable, form === "program" ? exports : []);
  const script = namePrototypes(touchUp(form === "program" ? reserveGlobals(small) : small));
  return nameNatives(script, boards.find(({ id }) => id === board)!.crypto);
}

/** One script, readable, with the calls of marked functions inlined. */
export async function link(
  modules: Modules,
  entry: string,
  board: string,
  form: Form,
): Promise<{ code: string; exports: string[] }> {
  const build = await rollup({
    input: entry,
    plugins: [fromMemory(modules, board)],
    treeshake: { moduleSideEffects: true },
    onwarn: (warning) => {
      throw new Error(warning.message);
    },
  });
  const { output } = await build.generate({
    format: form === "program" ? "es" : "cjs",
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
  return { code: inlineMarked(code.replace(/^export \{[\w, ]*\};$/m, "")), exports };
}

function fromMemory(modules: Modules, board: string): Plugin {
  return {
    name: "compiled-modules",
    resolveId(specifier, from) {
      if (from === undefined) return specifier;
      const path = posix.join(posix.dirname(from), specifier.replace(/\.js$/, ""));
      const target = specifier === "#board" ? `boards/${board}` : redirect(path);
      if (!modules.has(target)) throw new Error(`${from} imports ${specifier}, which is no file of the firmware`);
      return target;
    },
    load(id) {
      const code = modules.get(id);
      if (code === undefined) throw new Error(`nothing was compiled for ${id}`);
      return id === BOARD_BYTES ? markExports(code) : code;
    },
  };
}

/**
 * @param shortenable members that get short names, like those that begin with `_`
 * @param exports names that stay, and what bears them
 */
async function shrink(code: string, shortenable: string[], exports: string[]): Promise<string> {
  const names = ["_[a-z]\\w*", ...shortenable].join("|");
  const { code: small } = await minify(code, {
    ecma: 5,
    toplevel: true,
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
    },
    mangle: {
      toplevel: true,
      reserved: exports,
      nth_identifier: { get: shortName },
      properties: { regex: new RegExp(`^(?:${names})$`), builtins: true },
    },
    // Raw UTF-8 would turn "\xff" into two bytes.
    format: { comments: false, ascii_only: true },
  });
  return small ?? "";
}

const LETTERS = "etnraiscoludhmpfgvybSTENRIAOCwxkDLPUMBFGjqzHVWKXYJZQ";

/** A name without `$`: a, b ... aa, ab ... */
function shortName(n: number): string {
  const name = LETTERS[n % LETTERS.length]!;
  return n < LETTERS.length ? name : shortName(Math.floor(n / LETTERS.length) - 1) + name;
}
