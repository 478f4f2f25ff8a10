/**
 * Overlays: functions that are read from Storage when they are called, and dropped when nobody has called them for half a second. A function costs four variables and one for each parameter as long as it is
 * there, and most are called when something opens, ends or fails. What is on the way of a byte is marked `@resident` and stays. docs/decisions/0016-overlays.md
 */
import ts from "typescript";
import { isName } from "./globals.js";

/** Functions by their names, methods by theirs with a dot in front; and the number of each. */
export type Overlays = ReadonlyMap<string, number>;

/** Calls an overlay: its number, what it is a method of, and its arguments. A name of two characters that no other has. */
const CALL = "$9";

const ARGUMENTS = [..."abcdefg"];

/**
 * What a method has for `this` as an overlay: its first parameter. As `this` the interpreter would lock it several times for each call, and what it has locked fifteen times at once,
 * as a session is in calls of calls, is never freed.
 */
const OWNER = "$";

/** Where overlays are, in two characters each: with neither zeros nor asterisks they stand in the comment that the program begins with. */
const BASE = 210;
const LEAST = 43;
const BEHIND = "/*".length;

/** What calls them. `$_r` has those that were called since the firmware last looked for some to drop, and `$_o` those before that. */
export const CALLER =
  `var $_r=[],$_o=[];function ${CALL}(n,${ARGUMENTS.join()}){` +
  "var t=$_r[n]||$_o[n];" +
  "if(!t){" +
  `var s=$_p.s,i=2*n+${BEHIND},p=s.charCodeAt(i)*${BASE}+s.charCodeAt(i+1);` +
  `$_p.t=s.substr(p-${LEAST * (BASE + 1)},s.charCodeAt(i+2)*${BASE}+s.charCodeAt(i+3)-p);` +
  "t=$" +
  "}" +
  "$_r[n]=t;" +
  `return t(${ARGUMENTS.join()})}`;

/** Overlays as they stand behind the beginning of the program: a table of where each begins and the last one ends, and their texts. */
export function overlayTexts(texts: readonly string[]): string {
  let at = BEHIND + 2 * (texts.length + 1);
  const places = [at, ...texts.map((text) => (at += text.length))];
  if (at >= BASE * BASE) throw new RangeError(`overlays end at ${at}, beyond what their table can say`);
  const table = places.map((place) => String.fromCharCode(LEAST + Math.floor(place / BASE), LEAST + (place % BASE)));
  return table.join("") + texts.join("");
}

/** The functions and methods of a readable script that stay. */
export function residents(code: string): string[] {
  const script = parse(code);
  return script.statements.flatMap((statement) => {
    if (!ts.getJSDocTags(statement).some(({ tagName }) => tagName.text === "resident")) return [];
    const defined = definition(statement);
    if (!defined) throw new Error(`only a function or a method is @resident, and not this: ${statement.getText()}`);
    return [defined.name];
  });
}

/**
 * Numbers what can be an overlay and is worth it: a function that is only called, a method whose name no other member has, and which is only called.
 * @param code minified
 * @param members names that only our own members have
 * @param stay names of others
 */
export function overlaysOf(code: string, members: ReadonlySet<string>, stay: ReadonlySet<string>): Overlays {
  const script = parse(code);
  const found = new Map<string, { variables: number; calls: number }>();
  const refused = new Set<string>(stay);
  const calls: string[] = [];
  const visit = (node: ts.Node): void => {
    const defined = node.parent === script || !ts.isFunctionDeclaration(node) ? definition(node) : undefined;
    if (defined && !ts.isStatement(node) === defined.name.startsWith(".")) {
      const { name, made } = defined;
      const method = name.startsWith(".");
      if (found.has(name) || made.parameters.length + Number(method) > ARGUMENTS.length) refused.add(name);
      if (method && !members.has(name.slice(1))) refused.add(name);
      found.set(name, { variables: 4 + made.parameters.length, calls: 0 });
      return visit(made.body!);
    }
    if (ts.isCallExpression(node)) {
      const called = calledName(node);
      if (called !== undefined) {
        calls.push(called);
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
  for (const name of calls) if (found.has(name)) found.get(name)!.calls++;
  // Each call is some four bytes longer than that of another function: Storage is as scarce as variables are.
  const worth = [...found].filter(([name, { variables, calls }]) => !refused.has(name) && calls <= 0.75 * variables);
  return new Map(worth.map(([name], number) => [name, number]));
}

/** The overlay that a statement defines. */
export function overlayOf(statement: ts.Node, overlays: Overlays): number | undefined {
  const defined = definition(statement);
  return defined && overlays.get(defined.name);
}

/**
 * The text of an overlay: a function `$`. The interpreter declares it in the function that has it evaluated, the simulator at the top level; it keeps no scope in either.
 * @param write a node's text, with its own `this` by another name
 */
export function overlayText(statement: ts.Node, write: (node: ts.Node, self: string) => string): string {
  const { name, made } = definition(statement)!;
  const owner = name.startsWith(".") ? [OWNER] : [];
  const parameters = [...owner, ...made.parameters.map((parameter) => parameter.getText())];
  return `function $(${parameters.join()})${write(made.body!, OWNER)}`;
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
  return `${before ? `(${before},${CALL})` : CALL}(${[number, ...parameters].join()})`;
}

/** A function at the top level, or a method: `X.prototype.NAME=function...`, as a statement or an expression of one. */
function definition(node: ts.Node): { name: string; made: ts.FunctionLikeDeclaration } | undefined {
  if (ts.isFunctionDeclaration(node)) return { name: node.name!.text, made: node };
  const expression = ts.isExpressionStatement(node) ? node.expression : node;
  if (!ts.isBinaryExpression(expression) || expression.operatorToken.kind !== ts.SyntaxKind.EqualsToken)
    return undefined;
  const { left, right } = expression;
  if (!ts.isPropertyAccessExpression(left) || !ts.isPropertyAccessExpression(left.expression)) return undefined;
  if (left.expression.name.text !== "prototype" || !ts.isFunctionExpression(right)) return undefined;
  return { name: `.${left.name.text}`, made: right };
}

/** The name of what is called, with a dot in front where it is a member. */
function calledName({ expression }: ts.CallExpression): string | undefined {
  if (ts.isIdentifier(expression)) return expression.text;
  return ts.isPropertyAccessExpression(expression) ? `.${expression.name.text}` : undefined;
}

function parse(code: string): ts.SourceFile {
  return ts.createSourceFile("bundle.js", code, ts.ScriptTarget.ES5, true, ts.ScriptKind.JS);
}
