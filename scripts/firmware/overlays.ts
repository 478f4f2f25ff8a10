/**
 * Overlays: functions that are read from Storage when they are called, and dropped when nobody has called them for half a second. A function costs four variables and one for each parameter as long as it is
 * there, and most are called when something opens, ends or fails. What is on the way of a byte is marked `@resident` and stays. docs/decisions/0016-overlays.md
 */
import ts from "typescript";
import { features as all } from "../../boards/features.js";
import { isScarce } from "../../boards/index.js";
import type { BoardSpec, Feature } from "../../boards/index.js";
import { isName } from "./globals.js";

/** Functions by their names, methods by theirs with a dot in front; and the number of each. */
export type Overlays = ReadonlyMap<string, number>;

/** Gives an overlay, by where it begins, and reads it where it is not among the latest. Names of two characters that no other has. */
const GIVE = "$9";
const READ = "$8";

/**
 * What parameters are called in an overlay, for all of them alike. The first is what a method has for `this`: as `this` the interpreter would lock it several times for each call, and what it has locked fifteen
 * times at once, as a session is in calls of calls, is never freed.
 */
const PARAMETERS = [..."$etnrai"];
const OWNER = PARAMETERS[0]!;

/** An overlay is made with as many parameters as the first of these that is enough: each takes a variable, wanted or not. */
const GROUPS = [2, 4, PARAMETERS.length];

/** Overlays stand group by group in the comment that the program begins with, each behind its length in two digits: characters that are neither a zero, at which the interpreter would end the comment, nor an asterisk. */
const BASE = 207;
const LEAST = 48;
const DIGITS = 2;

export interface Overlay {
  /** Of its group. */
  readonly parameters: number;
  /** What it does, without braces. */
  readonly body: string;
}

/** Calls of an overlay in the program, for each of its variables: each is some bytes longer than that of another function, and where variables are scarcer than Storage, that matters less. */
export function mostCalls(board: BoardSpec): number {
  return isScarce(board) ? 3 : 0.75;
}

/**
 * What gives them. `$_r` has those that were called since the firmware last looked for some to drop, and `$_o` those before that. Made by `Function` their text is not gone over. In two functions, as the interpreter
 * goes over what it leaves out, too.
 */
export const GIVER =
  `var $_r=[],$_o=[];function ${READ}(p){` +
  "var t=$_o[p];" +
  "if(!t){" +
  `var s=$_p.s,c=s.substr(p+${DIGITS},${BASE}*s.charCodeAt(p)+s.charCodeAt(p+1)-${LEAST * (BASE + 1)});` +
  `t=${GROUPS.map(madeWith).reduceRight((more, few, i) => `p<"@${behind(GROUPS[i]!)}"?${few}:${more}`)}` +
  "}" +
  `return $_r[p]=t}function ${GIVE}(p){return $_r[p]||${READ}(p)}`;

function madeWith(parameters: number): string {
  return `Function(${PARAMETERS.slice(0, parameters)
    .map((name) => `"${name}",`)
    .join("")}c)`;
}

/** The place behind the overlays of a group. */
function behind(parameters: number): string {
  return `behind${parameters}`;
}

/**
 * Overlays as they stand behind the beginning of the program.
 * @param write a text in tokens
 * @returns also where each begins, by its number, and where each group ends
 */
export function overlayTexts(
  overlays: readonly Overlay[],
  before: string,
  write: (body: string) => string,
): { text: string; places: ReadonlyMap<string, readonly number[]> } {
  const places = new Map<string, readonly number[]>();
  let text = before;
  for (const group of GROUPS) {
    for (const [number, { parameters, body }] of overlays.entries()) {
      if (parameters !== group) continue;
      places.set(String(number), [text.length]);
      const code = write(body);
      text += String.fromCharCode(LEAST + Math.floor(code.length / BASE), LEAST + (code.length % BASE)) + code;
    }
    places.set(behind(group), [text.length]);
  }
  return { text, places };
}

/** The functions and methods of a readable script that stay: those marked `@resident`, and of those with words behind that where one of them holds: `large` of the board, or a feature of the build. */
export function residents(code: string, board: BoardSpec, features: readonly Feature[]): string[] {
  const holds = (word: string): boolean => !isScarce(board) || features.includes(word as Feature);
  const script = parse(code);
  return script.statements.flatMap((statement) => {
    const tag = ts.getJSDocTags(statement).find(({ tagName }) => tagName.text === "resident");
    if (!tag) return [];
    const defined = definition(statement);
    if (!defined) throw new Error(`only a function or a method is @resident, and not this: ${statement.getText()}`);
    const where = (ts.getTextOfJSDocComment(tag.comment) ?? "").split(/\s+/).filter(Boolean);
    for (const word of where)
      if (word !== "large" && !(word in all))
        throw new Error(`${defined.name} is @resident where ${word}: write "large" or features of a build`);
    return where.length === 0 || where.some(holds) ? [defined.name] : [];
  });
}

/**
 * Numbers what can be an overlay and is worth it: a function that is only called, a method whose name no other member has, and which is only called.
 * @param code minified
 * @param members names that only our own members have
 * @param stay names of others
 * @param most calls for each variable
 */
export function overlaysOf(
  code: string,
  members: ReadonlySet<string>,
  stay: ReadonlySet<string>,
  most: number,
): Overlays {
  const script = parse(code);
  const found = new Map<string, { parameters: number; calls: number }>();
  const refused = new Set<string>(stay);
  const calls: [name: string, given: number][] = [];
  const visit = (node: ts.Node): void => {
    const defined = node.parent === script || !ts.isFunctionDeclaration(node) ? definition(node) : undefined;
    if (defined && !ts.isStatement(node) === isMethod(defined.name)) {
      const { name, made } = defined;
      const method = isMethod(name);
      if (found.has(name) || made.parameters.length + Number(method) > PARAMETERS.length) refused.add(name);
      if (method && !members.has(name.slice(1))) refused.add(name);
      found.set(name, { parameters: made.parameters.length, calls: 0 });
      return visit(made.body!);
    }
    if (ts.isCallExpression(node)) {
      const called = calledName(node);
      if (called !== undefined) {
        calls.push([called, node.arguments.length]);
        if (ts.isPropertyAccessExpression(node.expression)) visit(node.expression.expression);
        return node.arguments.forEach(visit);
      }
    }
    if (ts.isPropertyAccessExpression(node)) refused.add(`.${node.name.text}`);
    if (ts.isPropertyAssignment(node)) refused.add(`.${node.name.getText()}`);
    if (ts.isStringLiteral(node)) refused.add(`.${node.text}`);
    if (ts.isIdentifier(node) && isName(node)) refused.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(script);
  for (const [name, given] of calls) {
    const called = found.get(name);
    if (!called) continue;
    called.calls++;
    // What it has no parameter for would be a variable's value: an overlay may have more parameters than it had.
    if (given > called.parameters) refused.add(name);
  }
  const worth = [...found].filter(
    ([name, { parameters, calls }]) => !refused.has(name) && calls <= most * (4 + parameters),
  );
  return new Map(worth.map(([name], number) => [name, number]));
}

/** The overlay that a statement defines. */
export function overlayOf(statement: ts.Node, overlays: Overlays): number | undefined {
  const defined = definition(statement);
  return defined && overlays.get(defined.name);
}

/** @param write a node's text, with its own `this` and names by others */
export function overlayFrom(
  statement: ts.Node,
  write: (node: ts.Node, self: string, names: ReadonlyMap<string, string>) => string,
): Overlay {
  const { name, made } = definition(statement)!;
  const owner = isMethod(name) ? [OWNER] : [];
  const parameters = [...owner, ...made.parameters.map((parameter) => parameter.getText())];
  return {
    parameters: GROUPS.find((most) => parameters.length <= most)!,
    body: write(made.body!, OWNER, renamed(parameters)).slice(1, -1),
  };
}

/** Gives parameters the names that all have. A name that another one has in there gets one that is free now, so that none is taken twice. */
function renamed(parameters: readonly string[]): ReadonlyMap<string, string> {
  const wanted = PARAMETERS.slice(0, parameters.length);
  const free = parameters.filter((name) => !wanted.includes(name));
  const others = wanted.filter((name) => !parameters.includes(name));
  return new Map([
    ...parameters.map((name, i) => [name, wanted[i]!] as const),
    ...others.map((name, i) => [name, free[i]!] as const),
  ]);
}

/** What a call of an overlay is, or undefined for any other: the text before its own arguments. @param load what has to be called before */
export function overlayCall(
  call: ts.CallExpression,
  overlays: Overlays,
  write: (node: ts.Node) => string,
  load: (name: string) => string,
): string | undefined {
  const name = calledName(call);
  const number = name === undefined ? undefined : overlays.get(name);
  if (number === undefined) return undefined;
  const { expression } = call;
  const before = ts.isPropertyAccessExpression(expression) ? "" : load(name!);
  const owner = ts.isPropertyAccessExpression(expression) ? [expression.expression] : [];
  const parameters = [...owner, ...call.arguments].map(write);
  const given = `${GIVE}("@${number}")`;
  return `${before ? `(${before},${given})` : given}(${parameters.join()})`;
}

/** A function at the top level, or a method: `X.prototype.NAME=function...`, as a statement or an expression of one. */
export function definition(node: ts.Node): { name: string; made: ts.FunctionLikeDeclaration } | undefined {
  if (ts.isFunctionDeclaration(node)) return { name: node.name!.text, made: node };
  const expression = ts.isExpressionStatement(node) ? node.expression : node;
  if (!ts.isBinaryExpression(expression) || expression.operatorToken.kind !== ts.SyntaxKind.EqualsToken)
    return undefined;
  const { left, right } = expression;
  if (!ts.isPropertyAccessExpression(left) || !ts.isPropertyAccessExpression(left.expression)) return undefined;
  if (left.expression.name.text !== "prototype" || !ts.isFunctionExpression(right)) return undefined;
  return { name: `.${left.name.text}`, made: right };
}

/** Whether a name is a method's, and not a function's. */
export function isMethod(name: string): boolean {
  return name.startsWith(".");
}

/** The name of what is called, with a dot in front where it is a member. */
function calledName({ expression }: ts.CallExpression): string | undefined {
  if (ts.isIdentifier(expression)) return expression.text;
  return ts.isPropertyAccessExpression(expression) ? `.${expression.name.text}` : undefined;
}

function parse(code: string): ts.SourceFile {
  return ts.createSourceFile("bundle.js", code, ts.ScriptTarget.ES5, true, ts.ScriptKind.JS);
}
