/** TypeScript to ES5 modules, as the board gets them: its own bytes, its own board file, flat classes. */
import { dirname, join, relative, resolve, sep } from "node:path";
import ts from "typescript";
import { flattenClasses } from "./classes.js";
import { distinctNames } from "./distinct.js";
import { namesOf, sharedNames } from "./names.js";
import type { Shared } from "./names.js";

export interface Compiled {
  modules: Modules;
  /** Names of members that the bundle may shorten. */
  shortenable: string[];
  /** And those that all bundles shorten to the same. */
  shared: Shared;
}

/** ES5 modules by path relative to the repository, without extension: `protocols/link/frame`. */
export type Modules = Map<string, string>;

export class CompileError extends Error {}

/** The module that holds the board's form of bytes. */
export const BOARD_BYTES = "protocols/bytes/espruino";

/** What the interpreter has, and what the firmware and its modules have in common. */
const DECLARATIONS = ["firmware/espruino.d.ts", "firmware/modules.d.ts"];

/** Files that entries have in common are read once. */
const parsed = new Map<string, ts.SourceFile>();

/** The module that an import leads to in the firmware, given the one that it names: of twins the board's. */
export function redirect(path: string): string {
  return path.replace(/^(protocols\/(?:bytes|crypto)\/)node$/, "$1espruino");
}

/**
 * Compiles an entry file and all it imports, and the boards, of which each bundle takes one.
 * @throws CompileError with TypeScript's own messages
 */
export function compile(root: string, entry: string, boards: readonly string[]): Compiled {
  const options = firmwareOptions(root);
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (file, version) => {
    const known = parsed.get(file) ?? read(file, version);
    if (known) parsed.set(file, known);
    return known;
  };
  host.resolveModuleNameLiterals = (literals, from) =>
    literals.map(({ text }) => {
      const found = ts.resolveModuleName(text, from, options, host);
      if (found.resolvedModule) {
        const path = toPath(root, found.resolvedModule.resolvedFileName);
        const replaced = redirect(path);
        if (replaced !== path) found.resolvedModule.resolvedFileName = join(root, `${replaced}.ts`);
      }
      return found;
    });
  const files = [entry, ...DECLARATIONS, "boards/features.ts", ...boards.map((id) => `boards/${id}.ts`)];
  const program = ts.createProgram(
    files.map((file) => resolve(root, file)),
    options,
    host,
  );
  const modules: Modules = new Map();
  const emitted = program.emit(
    undefined,
    (file, text) => modules.set(toPath(options.outDir!, file), text),
    undefined,
    false,
    { before: [distinctNames(program)], after: [flattenClasses] },
  );
  const faults = [...ts.getPreEmitDiagnostics(program), ...emitted.diagnostics];
  if (faults.length > 0) throw new CompileError(describe(root, faults));
  const { faults: kept, ...names } = namesOf(program, resolve(root, entry));
  if (kept.length > 0)
    throw new CompileError(
      `${entry}: ${kept.join()} must be short in all scripts, and here is something else of that name: give it another one`,
    );
  return { modules, ...names };
}

/** How each script writes what it has in common with others. */
export function sharedBy(root: string): Shared {
  const host = ts.createCompilerHost({}, true);
  return sharedNames(DECLARATIONS.map((file) => host.getSourceFile(resolve(root, file), ts.ScriptTarget.ES5)!));
}

function firmwareOptions(root: string): ts.CompilerOptions {
  const file = join(root, "firmware/tsconfig.json");
  const parsed = ts.parseJsonConfigFileContent(
    ts.readConfigFile(file, (path) => ts.sys.readFile(path)).config,
    ts.sys,
    dirname(file),
  );
  if (parsed.errors.length > 0) throw new CompileError(describe(root, parsed.errors));
  return { ...parsed.options, noEmit: false, noEmitOnError: false, rootDir: root, outDir: join(root, "dist/board") };
}

/** `/repo/protocols/link/frame.ts` -> `protocols/link/frame` */
function toPath(root: string, file: string): string {
  return relative(root, file)
    .split(sep)
    .join("/")
    .replace(/(\.d)?\.[jt]s$/, "");
}

function describe(root: string, faults: readonly ts.Diagnostic[]): string {
  return ts.formatDiagnostics(ts.sortAndDeduplicateDiagnostics(faults), {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => root,
    getNewLine: () => "\n",
  });
}
