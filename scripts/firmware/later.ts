/**
 * Functions that a board may never need cost it variables only once they are called. `@later NAME` above a function puts it
 * into the part NAME of the program, with all that nothing else uses. A part stays in Storage until the first of its marked
 * functions is called: the build puts the loader in front of each such call. A method that is marked comes with its part, and is called only behind one of these functions.
 * docs/decisions/0006-parts-loaded-when-called.md
 */
import ts from "typescript";
import { isName } from "./globals.js";
import { definition, GIVER, isMethod, overlayCall, overlayFrom, overlayOf } from "./overlays.js";
import type { Overlay, Overlays } from "./overlays.js";

/** Marked functions and, with a dot in front, methods; and the part that each belongs to. */
export type Marks = ReadonlyMap<string, string>;

export interface Split {
  /** What the board evaluates when it starts. */
  main: string;
  /** By their names. Where a part begins in Storage is open yet: see `fill`. */
  parts: ReadonlyMap<string, string>;
  /** By their numbers. */
  overlays: readonly Overlay[];
}

export class LaterError extends Error {}

/**
 * Its names hold what the minifier's do not, an underscore. `eval` that the interpreter calls, and not a program by its name, works at the top level: what it makes keeps no scope.
 * So a setter calls it.
 */
const MODULES = "$_p={m:{}}";
const loader = (program: string): string =>
  `var ${MODULES};` +
  'Object.defineProperty($_p,"t",{set:eval});' +
  `$_p.s=require("Storage").read(${program});` +
  "function $_l(t,n){if(!$_p[t]){$_p[t]=1;$_p.t=$_p.s.substr(t,n)}}";

/** Without a boot file that says which slots, the first ones are. */
const SLOTS = 'typeof $_b=="undefined"&&($_b={s:"",c:"devsock.json"});';

/** A program with modules of its own already loaded. */
export function withModules(program: string, modules: readonly string[]): string {
  return program.replace(MODULES, (text) => `${text};${modules.join("")}`);
}

/** The functions and methods of a readable script that are marked. */
export function laterMarks(code: string): Marks {
  const marks = new Map<string, string>();
  for (const statement of parse(code).statements) {
    const name = definition(statement)?.name;
    if (name === undefined) continue;
    const tag = ts.getJSDocTags(statement).find(({ tagName }) => tagName.text === "later");
    if (!tag) continue;
    const part = ts.getTextOfJSDocComment(tag.comment);
    if (!part || !/^[a-z]+$/.test(part))
      throw new LaterError(`${name} is marked @later: write the name of its part behind that`);
    marks.set(name, part);
  }
  return marks;
}

/** Keeps the minifier from putting a marked function in the place of its call. */
export function keepCalls(code: string, marks: Marks): string {
  const names = [...marks.keys()]
    .filter((name) => !isMethod(name))
    .join("|")
    .replace(/\$/g, "\\$");
  return names ? code.replace(new RegExp(`(?<![\\w$.]|function )(?:${names})\\(`, "g"), "/*@__NOINLINE__*/$&") : code;
}

/**
 * Takes the parts out of a minified script. What is used other than by a call, as a value, stays: no loader can stand in front of it.
 * @param roots names that stay, as programs on the board use them
 * @param slots whether the boot file says where in Storage the program is
 * @throws LaterError where a marked function is not there any more
 */
export function splitLater(
  code: string,
  marks: Marks,
  roots: readonly string[],
  slots: boolean,
  overlays: Overlays,
): Split {
  const units = unitsOf(parse(code), marks);
  const byName = new Map(units.map((unit) => [unit.name, unit]));
  const late = new Map<Unit, string>();
  for (const [name, part] of marks) {
    const unit = byName.get(name);
    if (!unit) throw new LaterError(`the minifier has no function ${name} left to load later: take its mark away`);
    if (isMethod(name) && unit.statements.length > 1)
      throw new LaterError(`several classes have a method ${name}, which is marked @later: give it a name of its own`);
    if (!roots.includes(name) && !units.some(({ values }) => values.has(name))) late.set(unit, part);
  }
  // What nothing loads in this build stays, too.
  const loading = new Set([...late].filter(([{ name }]) => !isMethod(name)).map(([, part]) => part));
  for (const [unit, part] of late) if (!loading.has(part)) late.delete(unit);
  /** All that these use, but for what is loaded when it is called. */
  const reach = (from: Iterable<Unit>): Set<Unit> => {
    const found = new Set(from);
    for (const { uses } of found)
      for (const name of uses) {
        const used = byName.get(name);
        if (used && !late.has(used)) found.add(used);
      }
    return found;
  };
  const stays = reach(units.filter((unit) => !late.has(unit) && (unit.runs || roots.includes(unit.name))));
  const homes = new Map<Unit, Set<string>>();
  const parts = [...new Set(late.values())];
  for (const part of parts)
    for (const unit of reach([...late.keys()].filter((each) => late.get(each) === part)))
      homes.set(unit, (homes.get(unit) ?? new Set()).add(part));
  const homeOf = (unit: Unit): string | undefined => {
    const [home, second] = stays.has(unit) ? [] : (homes.get(unit) ?? []);
    return second === undefined ? home : undefined;
  };
  const isOverlay = (statement: ts.Node): boolean => overlayOf(statement, overlays) !== undefined;
  // A part of overlays alone has nothing to load.
  const full = new Set(units.filter(({ statements }) => !statements.every(isOverlay)).map(homeOf));
  const texts: Overlay[] = [];
  const text = (part: string | undefined): string => {
    const calls = new Map(
      [...late]
        .filter(([unit, home]) => homeOf(unit) !== part && full.has(home))
        .map(([{ name }, home]) => [name, home]),
    );
    return units
      .filter((unit) => homeOf(unit) === part)
      .flatMap(({ statements }) => statements)
      .sort((a, b) => a.pos - b.pos)
      .map((statement) => {
        const number = overlayOf(statement, overlays);
        if (number === undefined) return written(statement, calls, overlays, part !== undefined);
        texts[number] = overlayFrom(statement, (node, self, names) => withLoader(node, calls, overlays, self, names));
        return "";
      })
      .join("");
  };
  const main = text(undefined);
  const loaded = parts.map((part) => [part, text(part)] as const).filter(([, code]) => code !== "");
  const program = loader(slots ? '"devsock"+$_b.s' : '"devsock"') + (overlays.size > 0 ? GIVER : "");
  const before = (slots ? SLOTS : "") + (parts.length + overlays.size > 0 ? program : "");
  return { main: before + main, parts: new Map(loaded), overlays: texts };
}

/** Says in a text where things are in Storage: of parts their first byte and how many there are, of overlays where they begin, and where each group of them ends. */
export function fill(text: string, places: ReadonlyMap<string, readonly number[]>): string {
  return text.replace(/"@(\w+)"/g, (_text, name: string) => (places.get(name) ?? [0]).join());
}

/** A script as one that is evaluated later, at the top level: what it declares is assigned to. */
export function assigned(code: string): string {
  return parse(code)
    .statements.map((statement) => written(statement, new Map(), new Map(), true))
    .join("");
}

/** What goes together into one text: a function or a variable, a class with its methods, or statements that run at the start. */
interface Unit {
  name: string;
  /** Statements, or the expressions of one. */
  statements: ts.Node[];
  /** It does something when it is evaluated. */
  runs: boolean;
  /** Names that it mentions, and those of them that it does not call. */
  uses: Set<string>;
  values: Set<string>;
}

/** @param marks methods that are units by themselves */
function unitsOf(script: ts.SourceFile, marks: Marks): Unit[] {
  const units = new Map<string, Unit>();
  for (const statement of script.statements.flatMap(piecesOf)) {
    const method = definition(statement)?.name;
    const name = method !== undefined && marks.has(method) ? method : nameOf(statement);
    const known = units.get(name);
    const unit = known ?? {
      name,
      statements: [],
      runs: name === "",
      uses: new Set<string>(),
      values: new Set<string>(),
    };
    unit.statements.push(statement);
    collect(statement, unit);
    if (!known) units.set(name, unit);
  }
  return [...units.values()];
}

/** The minifier makes one statement of several expressions. */
export function piecesOf(node: ts.Node): ts.Node[] {
  if (ts.isExpressionStatement(node)) return piecesOf(node.expression);
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.CommaToken)
    return [...piecesOf(node.left), ...piecesOf(node.right)];
  return [node];
}

/** The name under which a statement goes with others, or "" for one that does something at the start. */
function nameOf(statement: ts.Node): string {
  if (ts.isFunctionDeclaration(statement)) return statement.name!.text;
  if (ts.isVariableStatement(statement)) {
    const [declaration, second] = statement.declarationList.declarations;
    const { name, initializer } = declaration!;
    return !second && (!initializer || isPlain(initializer)) ? name.getText() : "";
  }
  const method = /^(?:Object\.defineProperty\()?([\w$]+)\.prototype(?:\.[\w$]+=function|,)/.exec(statement.getText());
  return method ? method[1]! : "";
}

/** Whether making it later makes no difference. */
function isPlain(node: ts.Node): boolean {
  if (ts.isFunctionLike(node)) return true;
  if (ts.isCallOrNewExpression(node) || ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node))
    return false;
  return !ts.forEachChild(node, (child) => !isPlain(child));
}

function collect(node: ts.Node, unit: Unit): void {
  if (ts.isIdentifier(node) && isName(node)) {
    const { parent, text } = node;
    unit.uses.add(text);
    if (!ts.isFunctionDeclaration(parent) && !isCalled(node)) unit.values.add(text);
  }
  ts.forEachChild(node, (child) => collect(child, unit));
}

function isCalled(node: ts.Identifier): boolean {
  return ts.isCallExpression(node.parent) && node.parent.expression === node;
}

/** @param later its names are assigned to, not declared: a `var` would be one of the function that loads them */
function written(statement: ts.Node, calls: Marks, overlays: Overlays, later: boolean): string {
  const text = withLoader(statement, calls, overlays);
  // At the beginning of a statement `function` would declare one.
  if (!ts.isStatement(statement)) return `${/^function\b/.test(text) ? "!" : ""}${text};`;
  if (!later) return text;
  if (ts.isFunctionDeclaration(statement)) return `${text.replace(/^function ([\w$]+)/, "$1=function")};`;
  return text.replace(/^var ([\w$]+);/, "$1=void 0;").replace(/^var /, "");
}

/**
 * A node's text, with the loader in front of each call of these functions, and overlays called where they are.
 * @param self what `this` becomes, but for that of functions within it
 * @param names what names become, in functions within it, too
 */
function withLoader(
  node: ts.Node,
  calls: Marks,
  overlays: Overlays,
  self = "this",
  names: ReadonlyMap<string, string> = new Map(),
): string {
  const load = (name: string): string => (calls.has(name) ? `$_l("@${calls.get(name)!}")` : "");
  const write = (part: ts.Node): string =>
    withLoader(part, calls, overlays, ts.isFunctionLike(part) ? undefined : self, names);
  if (node.kind === ts.SyntaxKind.ThisKeyword) return self;
  if (ts.isIdentifier(node)) {
    const before = isName(node) && isCalled(node) ? load(node.text) : "";
    const text = (isName(node) && names.get(node.text)) || node.text;
    return before ? `(${before},${text})` : text;
  }
  const call = ts.isCallExpression(node) ? overlayCall(node, overlays, write, load) : undefined;
  if (call !== undefined) return call;
  const code = node.getSourceFile().text;
  let out = "";
  let at = node.getStart();
  ts.forEachChild(node, (child) => {
    out += code.slice(at, child.getStart()) + write(child);
    at = child.end;
  });
  return out + code.slice(at, node.end);
}

function parse(code: string): ts.SourceFile {
  return ts.createSourceFile("bundle.js", code, ts.ScriptTarget.ES5, true, ts.ScriptKind.JS);
}
